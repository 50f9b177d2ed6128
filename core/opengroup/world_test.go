package opengroup

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"testing"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/onion"
	"tandem/core/testnet"
)

// place is a server with a room, and how late it is there.
type place struct {
	t   *testing.T
	g   *testnet.Groups
	now core.Millis
}

func newPlace(t *testing.T, plain bool) *place {
	t.Helper()
	p := &place{t: t, now: 1_790_000_000_000}
	net, err := testnet.New(testnet.Options{Nodes: 3, Swarms: 1, Now: func() core.Millis { return p.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { net.Close() })
	p.g, err = net.NewGroups(testnet.GroupOptions{Seed: [32]byte{4}, Host: "groups.example", Plain: plain})
	if err != nil {
		t.Fatal(err)
	}
	p.g.Open("lobby", "The lobby", "Come in")
	return p
}

// join makes a member that has polled.
func (p *place) join(a *identity.Account) (*Server, *View) {
	p.t.Helper()
	r, err := ParseURL(p.g.URL("lobby"))
	if err != nil {
		p.t.Fatal(err)
	}
	s := NewServer(r.Host, a)
	v := s.Add(r.Token)
	p.poll(s)
	if !v.Loaded {
		p.t.Fatal("nothing was loaded")
	}
	return s, v
}

// ask carries a call.
func (p *place) ask(c Call) onion.V4Response {
	p.now += 100
	return p.g.Ask(c.Request(p.now))
}

func (p *place) poll(s *Server) {
	p.t.Helper()
	for range 20 {
		poll := s.Poll()
		again, err := s.Polled(poll, p.ask(poll.Call))
		if err != nil {
			p.t.Fatal(err)
		}
		if !again {
			return
		}
	}
	p.t.Fatal("it polls for ever")
}

func (p *place) ok(r onion.V4Response) {
	p.t.Helper()
	if err := Check(r.Code); err != nil {
		p.t.Fatalf("%d %s", r.Code, r.Body)
	}
}

func (p *place) say(s *Server, v *View, text string) {
	p.t.Helper()
	r := p.ask(s.Post("lobby", Words(text, "Somebody", p.now)))
	if err := v.Posted(r); err != nil || r.Code != 201 {
		p.t.Fatalf("%d %v", r.Code, err)
	}
}

func said(v *View) (out []string) {
	for _, m := range v.Rows {
		out = append(out, m.Body)
	}
	return out
}

func newAccount() *identity.Account { return identity.NewRoot().Account() }

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
