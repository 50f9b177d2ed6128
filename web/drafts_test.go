package web

import (
	"errors"
	"slices"
	"testing"

	"tandem/core"
)

// slow runs one command at a time, when told.
type slow struct{ waiting []func() }

func (s *slow) run(command func() error, done func(error)) {
	s.waiting = append(s.waiting, func() { done(command()) })
}

func (s *slow) step() {
	f := s.waiting[0]
	s.waiting = s.waiting[1:]
	f()
}

func TestDraftsAreSentInTheOrderOfTheKeyboard(t *testing.T) {
	var sent []string
	var loop slow
	d := drafts{run: loop.run, send: func(_ core.ID, text string) error {
		sent = append(sent, text)
		return nil
	}}
	d.Send(account, "a")
	d.Send(account, "b")
	d.Send(account, "c")
	if len(loop.waiting) != 1 {
		t.Fatalf("%d commands run at once", len(loop.waiting))
	}
	for len(loop.waiting) > 0 {
		loop.step()
	}
	if !slices.Equal(sent, []string{"a", "b", "c"}) {
		t.Errorf("sent %q", sent)
	}
}

func TestRefusedTextComesBack(t *testing.T) {
	var loop slow
	refusal := errors.New("full")
	d := drafts{run: loop.run, send: func(core.ID, string) error { return refusal }}
	d.Send(account, "a")
	d.Send(account, "b")
	d.at(account).text = "being typed"
	loop.step()
	got := d.at(account)
	if got.text != "a\nb\nbeing typed" || !errors.Is(got.err, refusal) || got.returned != 1 || len(loop.waiting) != 0 {
		t.Errorf("%+v", got)
	}
	refusal = nil
	d.Send(account, got.text)
	loop.step()
	if got.text != "" || got.err != nil {
		t.Errorf("after it was sent: %+v", got)
	}
}

func TestDraftsOfTwoConversationsDoNotWait(t *testing.T) {
	var loop slow
	d := drafts{run: loop.run, send: func(core.ID, string) error { return nil }}
	d.Send(account, "a")
	d.Send(core.IDFromX25519([32]byte{9}), "b")
	if len(loop.waiting) != 2 {
		t.Errorf("%d under way", len(loop.waiting))
	}
}
