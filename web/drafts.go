package web

import (
	"strings"
	"time"

	"tandem/core"
)

// saveAfter is how long a pause in typing is, after which the draft is saved.
const saveAfter = 250 * time.Millisecond

// drafts holds what stands in each conversation's box, and sends it. It
// outlives the page of the conversation: what was sent while one leaves is
// sent, and what the engine refuses comes back into the box.
//
// Texts of one conversation are sent one after the other, so their order is
// that of the keyboard.
type drafts struct {
	send func(conversation core.ID, text string) error
	// answer sends a text that replies to a message.
	answer func(to core.MessageID, text string) error
	keep   func(conversation core.ID, text string) error     // across reloads
	kept   func(conversation core.ID) string                 // what was kept
	wait   func(pause time.Duration, f func()) (stop func()) // f on the UI
	// run calls command beside the UI, then done on it.
	run func(command func() error, done func(error))

	of map[core.ID]*draft
}

type draft struct {
	text     string
	reply    core.Message // that the text answers; the zero one = none
	queue    []outgoing   // sent by the person, not durable yet
	busy     bool
	err      error // why the last text came back
	returned int   // how often a text came back: the box has to be filled again

	saved  string // what keep has
	saving bool
	stop   func() // ends the wait for a pause
}

// outgoing is a text on its way, and what it answers.
type outgoing struct {
	text  string
	reply core.Message
}

func (d *drafts) at(conversation core.ID) *draft {
	if d.of == nil {
		d.of = map[core.ID]*draft{}
	}
	if d.of[conversation] == nil {
		a := &draft{}
		if d.kept != nil {
			a.text = d.kept(conversation)
			a.saved = a.text
		}
		d.of[conversation] = a
	}
	return d.of[conversation]
}

// forget lets go of all texts: the device is locked.
func (d *drafts) forget() {
	for _, a := range d.of {
		a.cancel()
	}
	d.of = nil
}

// follow takes what was kept by another tab of this device, wherever nothing
// waits to be kept by this one.
func (d *drafts) follow() {
	for conversation, a := range d.of {
		text := d.kept(conversation)
		if text == a.saved || a.saving || a.busy || a.stop != nil || a.whole() != a.saved {
			continue
		}
		a.text, a.saved = text, text
		a.returned++
	}
}

// Type notes what stands in the box now, and keeps it after a pause.
func (d *drafts) Type(conversation core.ID, text string) {
	a := d.at(conversation)
	a.text = text
	d.later(conversation, a)
}

// flush keeps all texts at once: the page may end.
func (d *drafts) flush() {
	for conversation, a := range d.of {
		if a.stop != nil {
			a.cancel()
			d.save(conversation, a)
		}
	}
}

func (a *draft) cancel() {
	if a.stop != nil {
		a.stop()
		a.stop = nil
	}
}

func (d *drafts) later(conversation core.ID, a *draft) {
	if d.wait == nil {
		return
	}
	a.cancel()
	a.stop = d.wait(saveAfter, func() {
		a.stop = nil
		d.save(conversation, a)
	})
}

// save keeps what would be lost: what was sent and is not durable yet, and what
// is being typed. One text of a conversation at a time, so the last one stays.
// What could not be kept is tried again with the next change.
func (d *drafts) save(conversation core.ID, a *draft) {
	text := a.whole()
	if a.saving || text == a.saved {
		return
	}
	a.saving = true
	d.run(func() error { return d.keep(conversation, text) }, func(err error) {
		a.saving = false
		if err != nil {
			return
		}
		a.saved = text
		d.save(conversation, a)
	})
}

// whole is all that was not sent, the oldest first.
func (a *draft) whole() string {
	var texts []string
	for _, o := range a.queue {
		texts = append(texts, o.text)
	}
	if a.text != "" {
		texts = append(texts, a.text)
	}
	return strings.Join(texts, "\n")
}

// Send takes the text out of the box.
func (d *drafts) Send(conversation core.ID, text string) {
	a := d.at(conversation)
	a.queue = append(a.queue, outgoing{text, a.reply})
	a.text, a.reply, a.err = "", core.Message{}, nil
	if !a.busy {
		d.next(conversation, a)
	}
}

func (d *drafts) next(conversation core.ID, a *draft) {
	if len(a.queue) == 0 {
		return
	}
	a.busy = true
	o := a.queue[0]
	d.run(func() error {
		if o.reply.Post != nil {
			return d.answer(o.reply.ID, o.text)
		}
		return d.send(conversation, o.text)
	}, func(err error) {
		a.busy = false
		d.later(conversation, a)
		if err != nil {
			a.comeBack(err)
			return
		}
		a.queue = a.queue[1:]
		d.next(conversation, a)
	})
}

// comeBack puts all that was not sent before what is being typed.
func (a *draft) comeBack(err error) {
	if a.reply.Post == nil {
		a.reply = a.queue[0].reply
	}
	a.text, a.queue, a.err = a.whole(), nil, err
	a.returned++
}
