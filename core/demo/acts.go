package demo

import (
	"slices"

	"tandem/core"
	"tandem/core/client"
)

// What the script types. No text comes twice.
const (
	firstNote  = "Bread, stamps, call the harbour office"
	secondNote = "This was typed on the laptop"
	thirdNote  = "And this on the phone"
	hello      = "Hello Ada, it is Ines. We met at the harbour."
	greeting   = "Ines! I read this on the laptop"
	reply      = "And I thought you only had a phone"
	last       = "Now I have both, and they are one"
)

// Names of the two people, as they register.
const (
	Ada  = "Ada"
	Ines = "Ines Moreau"
)

// enter makes an account.
func (w *World) enter(s Seat, name string) (progress, error) {
	d := w.devices[s]
	switch d.Snapshot().Phase {
	case client.Welcome:
		return acted, d.Register(name)
	case client.Words:
		return acted, d.ConfirmWords()
	case client.Key:
		return acted, d.ConfirmKey()
	case client.Main:
		return done, nil
	}
	return waiting, nil
}

func (w *World) register() (progress, error) { return w.enter(Phone, Ada) }

// linked reports whether both are devices of one account, and know it.
func (w *World) linked() bool {
	p, l := w.see(Phone), w.see(Laptop)
	whole := func(s *client.Snapshot) bool {
		return s.Phase == client.Main && len(s.Devices) > 1 &&
			!slices.ContainsFunc(s.Devices, func(d client.DeviceRow) bool { return d.Unconfirmed })
	}
	return whole(p) && whole(l) && p.Account == l.Account
}

// linkEnded reports whether the laptop's attempt is over without a link.
func (w *World) linkEnded() bool {
	l := w.see(Laptop)
	return l.Phase == client.Welcome || l.Phase == client.Joining && l.Join.Stage == client.JoinGone
}

func (w *World) paste() (progress, error) {
	switch l := w.see(Laptop); {
	case l.Phase == client.Welcome:
		return acted, w.devices[Laptop].Join(w.see(Phone).Account.Hex())
	case l.Phase == client.Joining && l.Join.Stage == client.JoinGone:
		return acted, w.devices[Laptop].Acknowledge()
	case l.Phase == client.Joining && l.Join.Stage == client.JoinEnding:
		return waiting, nil
	case l.Phase == client.Joining, l.Phase == client.Main:
		return done, nil
	}
	return waiting, nil
}

func (w *World) open() (progress, error) {
	if d := w.see(Phone).Dialog; w.linked() || d.Open && !d.Over {
		return done, nil
	}
	return acted, w.devices[Phone].OpenDialog()
}

func (w *World) meet() (progress, error) {
	if _, ok := w.asker(); ok || w.linked() {
		return done, nil
	}
	if how, err := w.open(); how == acted { // it was closed, or is over
		return how, err
	}
	return waiting, nil
}

// asker is the laptop as the phone's dialog shows it, once both show the same
// words.
func (w *World) asker() (a client.Asker, ok bool) {
	words := w.see(Laptop).Join.Words
	for _, a := range w.see(Phone).Dialog.Askers {
		if len(words) > 0 && slices.Equal(a.Words, words) {
			return a, true
		}
	}
	return a, false
}

func (w *World) compare() (progress, error) {
	if _, ok := w.asker(); ok || w.linked() {
		return done, nil
	}
	return waiting, nil
}

func (w *World) authorise() (progress, error) {
	if w.see(Laptop).Join.Stage == client.JoinHolding || w.linked() {
		return done, nil
	}
	if a, ok := w.asker(); ok && a.Stage == client.DialogWords {
		return acted, w.devices[Phone].Authorise(a.Attempt, "")
	}
	return waiting, nil
}

func (w *World) finish() (progress, error) {
	if w.linked() {
		for _, s := range []Seat{Phone, Laptop} {
			if w.see(s).Success {
				return acted, w.devices[s].DismissSuccess()
			}
		}
		return done, nil
	}
	if w.see(Laptop).Join.Stage == client.JoinHolding {
		return acted, w.devices[Laptop].Finish()
	}
	return waiting, nil
}

// saying is one line of a dialogue.
type saying struct {
	seat Seat
	to   core.ID
	body string
}

// say goes through a dialogue: each line is typed when the one before it is
// wherever it belongs.
func (w *World) say(lines ...saying) (progress, error) {
	w.count()
	for _, l := range lines {
		typed, arrived := w.typed.stands(w.devices[l.seat].who().account, l.body)
		if !typed {
			w.at(l.seat)
			if l.to == w.devices[l.seat].who().account {
				return acted, w.devices[l.seat].SendNote(l.body)
			}
			return acted, w.devices[l.seat].Send(l.to, l.body)
		}
		if !arrived {
			return waiting, nil
		}
	}
	return done, nil
}

func (w *World) talk() (progress, error) {
	self := w.see(Phone).Account
	return w.say(saying{Phone, self, firstNote}, saying{Laptop, self, secondNote}, saying{Phone, self, thirdNote})
}

func (w *World) befriend() (progress, error) {
	if how, err := w.enter(Friend, Ines); how != done {
		return how, err
	}
	a, i := w.see(Phone).Account, w.see(Friend).Account
	switch w.friendship(Friend, a) {
	case client.NotAsked:
		return acted, w.devices[Friend].Befriend(a.Hex(), hello)
	case client.Blocked:
		return waiting, nil
	}
	for _, r := range w.see(Laptop).Requests {
		if r.Account == i {
			if w.at(Laptop) {
				return acted, nil // so that the request can be seen there before it is answered
			}
			return acted, w.devices[Laptop].Accept(i)
		}
	}
	if w.friendship(Friend, a) != client.Friends || w.friendship(Phone, i) != client.Friends || w.friendship(Laptop, i) != client.Friends {
		return waiting, nil
	}
	return w.say(saying{Friend, a, hello}, saying{Laptop, i, greeting}, saying{Friend, a, reply}, saying{Phone, i, last})
}

// friendship is how a device stands with an account.
func (w *World) friendship(s Seat, account core.ID) client.Friendship {
	for _, row := range w.see(s).Chats {
		if row.Conversation == account {
			return row.Friendship
		}
	}
	return client.NotAsked
}
