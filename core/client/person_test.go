package client_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
)

// person sits in front of a device, does what its page asks for, and switches
// it on again when it has died.
type person struct {
	*tab
	// joins is the account that this person's device shall join; zero: it
	// registers one.
	joins  core.ID
	again  bool     // press Link again after an attempt that failed
	notes  []string // to write, in this order, once the device has an account
	deaths int
	ends   map[client.Cause]int // attempts that failed, by cause
}

func newPerson(d *tab) *person { return &person{tab: d, again: true, ends: map[client.Cause]int{}} }

// act does one thing, if there is one to do. Errors that the page explains are
// no reason to give up.
func (p *person) act(others ...*person) {
	if p.disk.died() {
		p.deaths++
		p.stop()
		p.start()
		return
	}
	p.fine(p.choose(p.Snapshot(), others))
}

// fine accepts what may happen to a person whose device dies or whose disk is
// full.
func (p *person) fine(err error) {
	for _, known := range []error{nil, client.ErrStore, client.ErrNotNow, client.ErrClosed, client.ErrOffline} {
		if errors.Is(err, known) {
			return
		}
	}
	p.t.Errorf("%s: %v", p.name, err)
}

func (p *person) choose(s *client.Snapshot, others []*person) error {
	switch s.Phase {
	case client.Welcome:
		if p.joins.IsZero() {
			return p.Register("Ada")
		}
		return p.Join(p.joins.Hex())
	case client.Words:
		return p.ConfirmWords()
	case client.Key:
		return p.ConfirmKey()
	case client.Joining:
		return p.whileJoining(s)
	case client.Main:
		return p.atHome(s, others)
	case client.Starting, client.Elsewhere, client.Broken, client.Erased:
	}
	return nil
}

func (p *person) whileJoining(s *client.Snapshot) error {
	switch s.Join.Stage {
	case client.JoinHolding:
		return p.Finish()
	case client.JoinGone:
		if !p.again {
			return nil
		}
		err := p.Acknowledge()
		if err == nil {
			p.ends[s.Join.Cause]++
		}
		return err
	case client.JoinNone, client.JoinAsking, client.JoinWords, client.JoinEnding:
	}
	return nil
}

// atHome: take in who asks, if the words match, and write.
func (p *person) atHome(s *client.Snapshot, others []*person) error {
	if s.Dialog.Stage == client.DialogWords && s.Dialog.Open {
		first := s.Dialog.Askers[0]
		for _, o := range others {
			if v := o.Snapshot(); strings.Join(v.Join.Words, " ") == strings.Join(first.Words, " ") {
				return p.Authorise(first.Attempt, "")
			}
		}
		return nil
	}
	if s.Role == core.Primary && !s.Dialog.Open && !linked(1+len(others))(s) {
		return p.OpenDialog()
	}
	if len(s.Devices) < 2 {
		return nil // a new device gets what is written from Authorise on
	}
	have := "|" + texts(s) + "|"
	for _, text := range p.notes {
		if !strings.Contains(have, "|"+text+"|") {
			return p.SendNote(text)
		}
	}
	return nil
}

// live lets people act until all of them are content, and fails when that takes
// longer than patience.
func live(t *testing.T, patience time.Duration, content func(*client.Snapshot) bool, people ...*person) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		for i, p := range people {
			others := append(append([]*person{}, people[:i]...), people[i+1:]...)
			p.act(others...)
		}
		done := true
		for _, p := range people {
			done = done && !p.disk.died() && content(p.Snapshot())
		}
		if done {
			return
		}
		if time.Now().After(deadline) {
			for _, p := range people {
				t.Errorf("%s, %d deaths, attempts that ended %v: %s", p.name, p.deaths, p.ends, p.state())
			}
			t.FailNow()
		}
		wait(100 * time.Millisecond)
	}
}
