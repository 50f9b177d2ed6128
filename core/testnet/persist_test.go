//go:build !js

package testnet

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/snode"
)

func TestMessagesSurviveARestart(t *testing.T) {
	clock := NewClock(1_800_000_000_000)
	o := Options{Dir: t.TempDir(), Now: clock.Now, After: clock.After, Seed: [32]byte{3}}
	n := newTest(t, o)
	p := newPhone(t, n)
	m := p.swarm()[0]
	for _, text := range []string{"one", "two", "three"} {
		p.must(m, p.store(text))
	}
	_, hash := storedHash(p, "two")
	p.must(m, snode.Delete(p.dev.ID(), []string{hash}, p.dev))
	_, hash = storedHash(p, "three")
	p.must(m, snode.Expire(p.dev.ID(), []string{hash}, n.Now()+core.Hour, snode.Shorten, p.dev))
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}

	again := newTest(t, o)
	p.net = again
	m = again.Node(m.info.Ed)
	p.wantInbox(m, "one", "three")
	body := p.must(m, snode.GetExpiries(p.dev.ID(), []string{hash}, again.Now(), p.dev))
	if e, err := snode.ParseExpiries(body); err != nil || e[hash] != again.Now()+core.Hour {
		t.Errorf("the new expiry is forgotten: %v %v", e, err)
	}
	clock.Advance(2 * core.Hour)
	p.wantInbox(m, "one")
}

// storedHash is a message's data and the name that the network gives it.
func storedHash(p phone, text string) ([]byte, string) {
	return []byte(text), snode.MessageHash(p.dev.ID(), core.Inbox, []byte(text))
}

func TestRevocationsSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	n := newTest(t, Options{Dir: dir})
	s := n.all[0].shelf
	owner := core.ID{3, 1}
	token, other := tokenBytes{3, 1}, tokenBytes{3, 2}
	r := request{auth: auth{owner: owner}}
	if _, err := s.store(0, r.message([]byte("x")), 1<<60); err != nil {
		t.Fatal(err)
	}
	s.revoke(0, owner, []tokenBytes{token, other})
	s.unrevoke(0, owner, []tokenBytes{other})
	n.Close()
	s = newTest(t, Options{Dir: dir}).all[0].shelf
	if !s.isRevoked(0, owner, token) || s.isRevoked(0, owner, other) {
		t.Error("the revocations are not those of before")
	}
}

// files are the nodes' files, first node first.
func files(t *testing.T, n *Network, dir string) []string {
	t.Helper()
	var out []string
	for _, node := range n.all {
		out = append(out, filepath.Join(dir, node.info.Ed.Hex()+".jsonl"))
	}
	return out
}

func TestTornLineIsForgottenAndDamageIsNot(t *testing.T) {
	dir := t.TempDir()
	n := newTest(t, Options{Dir: dir})
	p := newPhone(t, n)
	m := p.swarm()[0]
	p.must(m, p.store("one"))
	p.must(m, p.store("two"))
	n.Close()
	path := files(t, n, dir)[m.info.Index]
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(b string) {
		if err := os.WriteFile(path, []byte(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(string(whole[:len(whole)-7]))
	p.net = newTest(t, Options{Dir: dir})
	p.wantInbox(p.net.Node(m.info.Ed), "one")
	p.net.Close()

	for _, bad := range []string{"x\n", "{}\n", `{"op":"put"}` + "\n", `{"op":"drop","hash":"?"}` + "\n"} {
		write(bad + string(whole))
		if _, err := New(Options{Dir: dir}); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q was read: %v", bad, err)
		}
	}
}

func TestStaleFilesAreWrittenAnew(t *testing.T) {
	dir := t.TempDir()
	n := newTest(t, Options{Dir: dir})
	s := n.all[0].shelf
	r := request{auth: auth{owner: core.ID{5}}}
	m := r.message([]byte("the same again and again"))
	for i := range 3 * slackLines {
		if _, err := s.store(0, m, core.Millis(i+1)); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(files(t, n, dir)[0])
	if lines := strings.Count(string(b), "\n"); err != nil || lines > slackLines+2 {
		t.Errorf("one message takes %d lines: %v", lines, err)
	}
}
