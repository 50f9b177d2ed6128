package courier

import (
	"context"
	"errors"
	"time"

	"tandem/core"
	"tandem/core/onion"
	"tandem/core/snode"
	"tandem/core/swarm"
)

// Errors of a call to a server outside the network.
var (
	// ErrServerDown: the network works and the server does not answer.
	ErrServerDown = errors.New("courier: the server does not answer")
	// ErrServerKey: something answers there that does not have the server's key.
	ErrServerKey = errors.New("courier: the server has another key")
	// ErrServerReply: the answer is larger than 10 MiB, or none.
	ErrServerReply = errors.New("courier: the server's answer is not usable")
)

const (
	// serverDeadline of one attempt: the last node waits 25 s for a server
	// (network.md §6.2).
	serverDeadline = 30 * time.Second
	// serverAttempts of one call that may be repeated; two where the server is what
	// failed, because the last node of a path can say so of any.
	serverAttempts = 3
)

// ServerOrder is a request to a server outside the network, as an open group's.
type ServerOrder struct {
	To onion.Server
	// Request is made anew for each attempt: signatures carry the time and a
	// number that is used once.
	Request func(now core.Millis) onion.V4Request
	// Once: what is asked for must not be done twice, so there is no second attempt
	// after one that may have arrived.
	Once bool
}

// Ask brings a request to a server and its answer back. A server that is down,
// slow or somebody else costs the nodes of the path nothing: they are blamed only
// for what they have done themselves.
//
// Error: *Error, about one of ErrServerDown, ErrServerKey, ErrServerReply, or the
// network.
func (c *Courier) Ask(ctx context.Context, o ServerOrder) (onion.V4Response, error) {
	before := c.answered()
	r, err := c.ask(ctx, o)
	err = c.fail("server", err)
	if err == nil || !ofServer(err) {
		c.finish(before, err)
	} else {
		c.save()
	}
	if err != nil {
		return onion.V4Response{}, err
	}
	return r, nil
}

func ofServer(err error) bool {
	return errors.Is(err, ErrServerDown) || errors.Is(err, ErrServerKey) || errors.Is(err, ErrServerReply)
}

func (c *Courier) ask(ctx context.Context, o ServerOrder) (r onion.V4Response, err error) {
	var t trip
	for i := range serverAttempts {
		if i > 0 {
			if err := pause(ctx, i); err != nil {
				return r, err
			}
		}
		var arrived bool
		if r, arrived, err = c.askOnce(ctx, &t, o); err == nil || ctx.Err() != nil {
			return r, err
		}
		if i > 0 && ofServer(err) || arrived && o.Once || errors.Is(err, swarm.ErrNoPath) || errors.Is(err, ErrTooLarge) || errors.Is(err, ErrServerReply) {
			return r, err
		}
	}
	return r, err
}

// askOnce is one attempt by one path. arrived: the server may have it.
func (c *Courier) askOnce(ctx context.Context, t *trip, o ServerOrder) (r onion.V4Response, arrived bool, err error) {
	w, err := c.chooseOut(t)
	if err != nil {
		return r, false, err
	}
	guard := w.path.Guard()
	packet, reply, err := onion.BuildServer(w.hops, o.To, onion.EncodeV4Request(o.Request(c.Now())))
	if errors.Is(err, onion.ErrKey) {
		return r, false, ErrServerKey
	}
	if err != nil {
		return r, false, ErrTooLarge
	}
	inner, cancel := context.WithTimeout(ctx, serverDeadline)
	defer cancel()
	status, answer, err := c.post(inner, guard, packet)
	if ctx.Err() != nil {
		return r, true, ctx.Err()
	}
	if r, err = c.readServer(w, reply, status, answer, err); err != nil {
		if !ofServer(err) {
			t.guards = append(t.guards, guard.Ed)
		}
		return r, !errors.Is(err, ErrNoAnswer), err
	}
	c.working(w)
	return r, true, nil
}

// chooseOut finds a way to the world outside.
func (c *Courier) chooseOut(t *trip) (way, error) {
	for range maxChoices {
		c.mu.Lock()
		path, err := c.net.Path(core.EdKey{}, t.guards...)
		rebuilt := c.rebuilt
		c.mu.Unlock()
		if err != nil {
			return way{}, err
		}
		if hops := c.hops(path.Nodes...); hops != nil {
			return way{path: path, hops: hops, rebuilt: rebuilt}, nil
		}
	}
	return way{}, errPath
}

// readServer opens an answer, or says who failed.
func (c *Courier) readServer(w way, reply onion.ServerReply, status int, answer []byte, err error) (onion.V4Response, error) {
	var none onion.V4Response
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		c.failed(w.path, snode.Node{}, swarm.AtGuard())
		return none, ErrNoAnswer
	}
	if err != nil {
		return none, ErrServerDown // or a node is silent, which other requests find out
	}
	if len(answer) > onion.MaxBody {
		return none, ErrServerReply
	}
	if fault, err := pathFault(status, answer, nil); err != nil {
		return none, c.outside(w, fault, status, err)
	}
	r, err := reply.Open(answer)
	var hop *onion.HopError
	switch {
	case errors.As(err, &hop):
		c.failed(w.path, snode.Node{}, swarm.At(w.path.Nodes[hop.Hop].Ed))
		return none, errPath
	case errors.Is(err, onion.ErrReply), errors.Is(err, onion.ErrTooLarge):
		c.working(w)
		return none, ErrServerReply
	case err != nil:
		return none, ErrServerKey
	}
	return r, nil
}

// outside tells a path that failed from a server that did: the last node answers
// for it in the same words as for the next node.
func (c *Courier) outside(w way, fault swarm.Fault, status int, err error) error {
	var unknown *snode.NodeUnknown
	var notReady *snode.NotReady
	switch {
	case errors.As(err, &unknown), errors.As(err, &notReady), errors.Is(err, snode.ErrFirstRefused):
		c.failed(w.path, snode.Node{}, fault)
		return err
	case errors.Is(err, snode.ErrUnreadable):
		return err
	case status == 400:
		return ErrServerKey // what answers there cannot read the request
	}
	return ErrServerDown
}
