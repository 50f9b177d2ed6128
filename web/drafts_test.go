package web

import (
	"errors"
	"slices"
	"testing"
	"time"

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

// Whatever is typed survives the page: it is kept after a pause and when the page
// ends, also what was sent and is not durable yet.
func TestDraftsAreKept(t *testing.T) {
	var loop slow
	var pauses []func()
	var kept []string
	var refusal error
	d := drafts{
		run:  loop.run,
		send: func(core.ID, string) error { return refusal },
		keep: func(_ core.ID, text string) error { kept = append(kept, text); return nil },
		kept: func(core.ID) string { return "from before" },
		wait: func(pause time.Duration, f func()) func() {
			if pause != saveAfter {
				t.Errorf("a pause of %v", pause)
			}
			on := true
			pauses = append(pauses, func() {
				if on {
					f()
				}
			})
			return func() { on = false }
		},
	}
	run := func() {
		for _, f := range pauses {
			f()
		}
		pauses = nil
		for len(loop.waiting) > 0 {
			loop.step()
		}
	}
	expect := func(what string, want ...string) {
		t.Helper()
		if !slices.Equal(kept, want) {
			t.Errorf("%s: kept %q, want %q", what, kept, want)
		}
		kept = nil
	}
	if got := d.at(account).text; got != "from before" {
		t.Errorf("after a reload the box holds %q", got)
	}
	d.Type(account, "from before")
	run()
	expect("nothing changed")
	d.Type(account, "a")
	d.Type(account, "ab")
	run()
	expect("one pause", "ab")
	d.Type(account, "abc")
	d.flush()
	run()
	expect("the page ends", "abc")
	d.flush()
	run()
	expect("and ends again")

	d.Send(account, "abc")
	d.Type(account, "next")
	for _, f := range pauses {
		f()
	}
	if loop.waiting[1](); !slices.Equal(kept, []string{"abc\nnext"}) {
		t.Errorf("before it is durable: %q", kept)
	}
	loop.waiting, kept = loop.waiting[:1], nil
	run()
	run()
	expect("after it is durable", "next")
	refusal = errors.New("full")
	d.Send(account, "next")
	run()
	run()
	if got := d.at(account); got.text != "next" || got.saved != "next" {
		t.Errorf("what came back: %+v", got)
	}
	d.Type(account, "secret")
	d.forget()
	run()
	expect("locked")
}

// What is typed in another tab stands in the box of this one, unless somebody
// types here.
func TestDraftsOfAnotherTab(t *testing.T) {
	var loop slow
	var pauses []func()
	kept := map[core.ID]string{account: "typed before", ines: ""}
	d := drafts{
		run: loop.run, kept: func(c core.ID) string { return kept[c] },
		keep: func(c core.ID, text string) error {
			kept[c] = text
			return nil
		},
		send: func(c core.ID, _ string) error {
			kept[c] = ""
			return nil
		},
		wait: func(_ time.Duration, f func()) func() {
			pauses = append(pauses, f)
			return func() {}
		},
	}
	follows := func(what, text string, returned int) {
		t.Helper()
		d.follow()
		if got := d.at(account); got.text != text || got.returned != returned {
			t.Errorf("%s: the box holds %q, filled %d times; want %q, %d times", what, got.text, got.returned, text, returned)
		}
	}
	d.at(account)
	follows("at first", "typed before", 0)
	kept[account] = "typed there"
	follows("typed there", "typed there", 1)
	d.Type(account, "typed here")
	kept[account] = "typed there, more"
	follows("while somebody types here", "typed here", 1)
	pauses[0]()
	follows("while it is being saved", "typed here", 1)
	loop.step()
	follows("once it is saved", "typed here", 1)
	kept[account] = ""
	follows("sent there", "", 2)
	d.Send(account, "sent here")
	kept[account] = "typed there again"
	follows("while it is being sent", "", 2)
	loop.step()
	follows("when it is sent", "", 2)
	pauses[1]()
	follows("with nothing left to save", "", 2)
}
