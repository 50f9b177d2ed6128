package testnet

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tandem/core"
)

// inProcess is a stand without sockets: a new network for each case.
type inProcess struct {
	t   *testing.T
	tr  *transcript
	net *Network
}

// bubbleNow is the clock of a bubble, which starts in 2000, moved to the years
// of the recordings: a time in seconds must look as it did then.
func bubbleNow() core.Millis { return realNow() + 27*365*core.Day }

func (s *inProcess) prepare(c *recordedCase, _ []*recordedCase) bool {
	n, err := build(Options{Now: bubbleNow}, s.tr.specs(s.t))
	if err != nil {
		s.t.Fatal(err)
	}
	s.net = n
	for _, name := range c.State.Freeze {
		n.Faults().Freeze(s.node(name).info.Ed)
	}
	for _, name := range c.State.Resume {
		n.Faults().Freeze(s.node(name).info.Ed)
		n.Faults().Revive(s.node(name).info.Ed)
	}
	for _, name := range c.State.Stop {
		n.Faults().Kill(s.node(name).info.Ed)
	}
	return true
}

func (s *inProcess) node(name string) *Node {
	s.t.Helper()
	r, ok := s.tr.Network.Nodes[name]
	if !ok {
		s.t.Fatalf("no node %q", name)
	}
	return s.net.Node(core.EdKey(unhex(s.t, r.Ed)))
}

func (s *inProcess) nodes() map[string]recordedNode { return s.tr.Network.Nodes }
func (s *inProcess) now() core.Millis               { return s.net.Now() }
func (s *inProcess) slack() core.Millis             { return 0 }

func (s *inProcess) send(node string, r *recordedRequest, body []byte) (httpAnswer, error) {
	method, path, header := "POST", pathRPC, Header{}
	if r.HTTP != "" {
		method, path = r.HTTP, r.Path
	}
	for k, v := range r.Headers {
		header[strings.ToLower(k)] = v
	}
	a := s.node(node).Serve(context.Background(), method, path, header, body)
	out := httpAnswer{status: a.Status, body: a.Body}
	for _, h := range a.Header {
		out.header = append(out.header, [2]string{strings.ToLower(h[0]), h[1]})
	}
	// The door adds this one, beside that of a server outside.
	out.header = append(out.header, [2]string{"content-length", strconv.Itoa(len(a.Body))})
	return out, nil
}

// upstream registers a server; it speaks no TLS, and is slow on the network's
// clock.
func (s *inProcess) upstream(u *upstreamSpec) *upstream {
	up := &upstream{port: 38765}
	serve := func(ctx context.Context, r ServerRequest) (Response, error) {
		up.received = append(up.received, r)
		if r.Protocol == "https" {
			return Response{}, errors.New("wrong version number")
		}
		if err := s.net.wait(ctx, core.Millis(u.DelayS)*core.Second); err != nil {
			return Response{}, err
		}
		return u.answer(s.t)
	}
	for _, host := range []string{"127.0.0.1", "localhost"} {
		s.net.RegisterServer(host+":"+strconv.Itoa(up.port), serve)
	}
	return up
}

// answer is what the server outside sends, with the headers that the recorded
// one added.
func (u *upstreamSpec) answer(t testing.TB) (Response, error) {
	t.Helper()
	if u.Close {
		return Response{}, errors.New("Empty reply from server")
	}
	body := unhex(t, u.BodyHex)
	if u.BodyFill > 0 {
		body = []byte(strings.Repeat("u", u.BodyFill))
	}
	header := append(slices.Clone(u.Headers), [2]string{"Content-Length", strconv.Itoa(len(body))}, [2]string{"Connection", "close"})
	return Response{Status: u.Status, Header: header, Body: body}, nil
}
