package web

import (
	"strings"

	"tandem/core"
)

// drafts holds what stands in each conversation's box, and sends it. It
// outlives the page of the conversation: what was sent while one leaves is
// sent, and what the engine refuses comes back into the box.
//
// Texts of one conversation are sent one after the other, so their order is
// that of the keyboard.
type drafts struct {
	send func(conversation core.ID, text string) error
	// run calls command beside the UI, then done on it.
	run func(command func() error, done func(error))

	of map[core.ID]*draft
}

type draft struct {
	text     string
	queue    []string // sent by the person, not durable yet
	busy     bool
	err      error // why the last text came back
	returned int   // how often a text came back: the box has to be filled again
}

func (d *drafts) at(conversation core.ID) *draft {
	if d.of == nil {
		d.of = map[core.ID]*draft{}
	}
	if d.of[conversation] == nil {
		d.of[conversation] = &draft{}
	}
	return d.of[conversation]
}

// forget lets go of all texts: the device is locked.
func (d *drafts) forget() { d.of = nil }

// Send takes the text out of the box.
func (d *drafts) Send(conversation core.ID, text string) {
	a := d.at(conversation)
	a.text, a.err = "", nil
	a.queue = append(a.queue, text)
	if !a.busy {
		d.next(conversation, a)
	}
}

func (d *drafts) next(conversation core.ID, a *draft) {
	if len(a.queue) == 0 {
		return
	}
	a.busy = true
	text := a.queue[0]
	d.run(func() error { return d.send(conversation, text) }, func(err error) {
		a.busy = false
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
	lost := a.queue
	if a.text != "" {
		lost = append(lost, a.text)
	}
	a.text, a.queue, a.err = strings.Join(lost, "\n"), nil, err
	a.returned++
}
