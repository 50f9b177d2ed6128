package plain

import (
	"context"
	"errors"

	"tandem/core"
	"tandem/core/snode"
)

// lifetime is how long Session's clients ask for (network.md §8, 7).
const lifetime = 14 * core.Day

var errNetwork = errors.New("plain: the network refused")

// Send leaves any Content in an account's mailbox and says when: it is stamped
// with the envelope's time.
func (c *Client) Send(ctx context.Context, to core.ID, content []byte) (sent core.Millis, err error) {
	sent = max(c.net.Now(), c.last+1)
	c.last = sent
	data := c.seal(to, sent, uintField(content, 15, uint64(sent)))
	return sent, c.Store(ctx, to, data)
}

// Store leaves any bytes in an account's mailbox.
func (c *Client) Store(ctx context.Context, to core.ID, data []byte) error {
	call := snode.Store(core.Mailbox{Owner: to}, data, c.net.Now(), lifetime, nil)
	swarm, err := c.swarm(ctx, to)
	if err != nil {
		return err
	}
	_, err = c.call(ctx, swarm[0], call)
	return err
}

// retrieve brings all that lies in the account's mailbox.
func (c *Client) retrieve(ctx context.Context) ([]snode.Message, error) {
	from := core.Mailbox{Owner: c.ID()}
	swarm, err := c.swarm(ctx, c.ID())
	if err != nil {
		return nil, err
	}
	var all []snode.Message
	for _, node := range swarm {
		for last, more := "", true; more; {
			body, err := c.call(ctx, node, snode.Retrieve(from, last, 0, c.net.Now(), c.account))
			if err != nil {
				return all, err
			}
			var some []snode.Message
			if some, more, err = snode.ParseRetrieved(body, from); err != nil {
				return all, err
			}
			all = append(all, some...)
			if len(some) == 0 {
				break
			}
			last = some[len(some)-1].Hash
		}
	}
	return all, nil
}

// swarm asks any node who keeps an account's mailbox.
func (c *Client) swarm(ctx context.Context, owner core.ID) ([]core.EdKey, error) {
	body, err := c.call(ctx, c.net.Nodes()[0].Ed, snode.GetSwarm(owner))
	if err != nil {
		return nil, err
	}
	nodes, err := snode.ParseSwarm(body)
	if err != nil || len(nodes) == 0 {
		return nil, errNetwork
	}
	var out []core.EdKey
	for _, n := range nodes {
		out = append(out, n.Ed)
	}
	return out, nil
}

// call asks a node, without any onion: a test has nobody to hide from.
func (c *Client) call(ctx context.Context, node core.EdKey, call snode.Call) ([]byte, error) {
	status, body, err := c.net.Transport().Post(ctx, "/"+node.Hex()+"/storage_rpc/v1", call.Body())
	if err != nil {
		return nil, err
	}
	if status != 200 {
		return nil, errNetwork
	}
	return body, nil
}
