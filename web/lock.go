package web

import (
	"errors"
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// Ids in Settings > Lock.
const (
	autoLockID = "auto-lock"
	oldID      = "passphrase-now"
	nextID     = "passphrase-new"
	againID    = "passphrase-again"
)

// change is what is being done to the passphrase.
type change uint8

const (
	changeNone change = iota
	changeIt
	changeAway
)

// lock is Settings > Lock: the passphrase, and when this device locks itself.
type lock struct {
	app.Compo

	Snap  *client.Snapshot
	Alone bool

	doer
	engine client.Engine
	trail  *trail
	form   change
	typed  struct{ old, next, again string }
	said   string // for those who do not see the page change
}

func (p *lock) Render() app.UI {
	on := p.Snap.Lock.On
	return pane("Back to Settings", p.back, "Lock", p.Alone, p.Snap.Network,
		tag.In("div", app.If(on, p.locking)),
		tag.In("div", app.If(on, p.changing).Else(p.setting)),
		tag.In("section card",
			tag.Say("h2", "What a passphrase does"),
			tag.Say("p small", view.LockLead),
			tag.Ul().Class("truths").Role("list").Body(app.Range(view.LockTruths()).Slice(func(i int) app.UI {
				return tag.Say("li", view.LockTruths()[i])
			})),
		),
		part.Say(p.said),
	)
}

// locking is what a device with a passphrase offers first.
func (p *lock) locking() app.UI {
	choices := view.AutoLocks(p.Snap.Lock)
	return tag.In("section card",
		tag.In("div field",
			tag.Label().Attr("for", autoLockID).Text("Lock by itself when nobody uses this page"),
			tag.Select().ID(autoLockID).Class("input").OnChange(p.choose).Body(app.Range(choices).Slice(func(i int) app.UI {
				return tag.Option().Attr("value", strconv.Itoa(choices[i].Minutes)).Attr("selected", choices[i].Chosen).Text(choices[i].Name)
			})),
		),
		tag.In("div actions", part.IconNameButton("lock", "Lock now", "btn-primary", p.now)),
		tag.When(p.form == changeNone, part.AlertIf(view.Sentence(p.err))),
	)
}

// setting asks for a first passphrase.
func (p *lock) setting() app.UI {
	return tag.Form("card", p.set,
		tag.Say("h2", "Set a passphrase"),
		p.nextBox(), p.againBox(),
		tag.In("div actions", p.submit("Set passphrase")),
	)
}

// changing are the two things to do to a passphrase, one at a time.
func (p *lock) changing() app.UI {
	switch p.form {
	case changeIt:
		return tag.Form("card", p.set,
			tag.Say("h2", "Change the passphrase"),
			p.oldBox(), p.wait(), p.nextBox(), p.againBox(),
			tag.In("div actions", p.submit("Change passphrase"), part.Button("Cancel", "", p.cancel)),
		)
	case changeAway:
		return tag.Form("card", p.set,
			tag.Say("h2", "Take the passphrase away"),
			tag.Say("p small", "What is stored here is then open to whoever uses this browser."),
			p.oldBox(), p.wait(),
			tag.In("div actions", p.submit("Take it away"), part.Button("Cancel", "", p.cancel)),
		)
	case changeNone:
	}
	return tag.In("div rows",
		part.Row("to-change", "edit", "Change the passphrase", p.open(changeIt)),
		part.Row("to-away", "trash", "Take the passphrase away", p.open(changeAway)),
	)
}

func (p *lock) submit(verb string) app.UI {
	if p.busy {
		verb = "Working…"
	}
	return tag.Submit().Class("btn btn-primary").Text(verb)
}

func (p *lock) oldBox() app.UI {
	return p.box(oldID, "Passphrase now", "", "current-password", &p.typed.old,
		client.ErrPassphrase, client.ErrPassphraseWait)
}

func (p *lock) nextBox() app.UI {
	return p.box(nextID, "New passphrase", view.PassphraseHint, "new-password", &p.typed.next,
		client.ErrPassphraseShort, client.ErrPassphraseLong, client.ErrStore, client.ErrNotNow, client.ErrClosed)
}

func (p *lock) againBox() app.UI {
	return p.box(againID, "New passphrase again", "", "new-password", &p.typed.again, view.ErrDiffer)
}

// box is one of the boxes; about are the errors that belong to it. What is not
// there to be typed shows any error.
func (p *lock) box(id, label, hint, complete string, typed *string, about ...error) app.UI {
	var err error
	for _, e := range about {
		if errors.Is(p.err, e) || p.form == changeAway {
			err = p.err
		}
	}
	sentence := view.Sentence(err)
	return part.Box{
		ID: id, Label: label, Hint: hint, Secret: true, Complete: complete,
		Error: sentence, Invalid: view.Mistyped(err) || errors.Is(err, view.ErrDiffer),
		OnInput: func(ctx app.Context, _ app.Event) { *typed, p.err = part.Typed(ctx), nil },
	}.Draw()
}

// wait counts down to the next try of the old passphrase.
func (p *lock) wait() app.UI {
	return tag.In("div", tag.When(p.Snap.Lock.Wait > 0, &part.Countdown{Deadline: p.Snap.Lock.Wait, Of: 60, Caption: "until the next try"}))
}

func (p *lock) set(_ app.Context, e app.Event) {
	e.PreventDefault()
	t, away := p.typed, p.form == changeAway
	p.said = ""
	p.do(func() error {
		if away {
			t.next, t.again = "", ""
		} else if t.next == "" {
			return client.ErrPassphraseShort // nothing here takes a passphrase away by an empty box
		}
		if t.next != t.again {
			return view.ErrDiffer
		}
		<-time.After(painted)
		return p.engine.SetPassphrase(t.old, t.next)
	}, func(err error) { p.done(err, away) })
}

// done empties the boxes after a change, and otherwise leads to the box that is
// to blame.
func (p *lock) done(err error, away bool) {
	switch {
	case errors.Is(err, client.ErrPassphrase), errors.Is(err, client.ErrPassphraseWait):
		part.FocusOn(p.ctx, oldID)
	case errors.Is(err, view.ErrDiffer):
		part.FocusOn(p.ctx, againID)
	case err != nil && !away:
		part.FocusOn(p.ctx, nextID)
	case err == nil:
		p.said = "The passphrase is set."
		if away {
			p.said = "The passphrase is taken away."
		}
		p.empty()
		part.FocusPage(p.ctx)
	}
}

// empty forgets what was typed, in the document too.
func (p *lock) empty() {
	p.form, p.typed.old, p.typed.next, p.typed.again = changeNone, "", "", ""
	for _, id := range []string{oldID, nextID, againID} {
		part.Fill(p.JSValue(), id, "")
	}
}

func (p *lock) open(form change) app.EventHandler {
	return func(app.Context, app.Event) {
		p.empty()
		p.form, p.err, p.said = form, nil, ""
		part.FocusOn(p.ctx, oldID)
	}
}

func (p *lock) cancel(app.Context, app.Event) {
	p.empty()
	p.err = nil
	part.FocusPage(p.ctx)
}

func (p *lock) choose(ctx app.Context, _ app.Event) {
	minutes, err := strconv.Atoi(part.Typed(ctx))
	if err != nil {
		return
	}
	p.do(func() error { return p.engine.SetAutoLock(minutes) })
}

func (p *lock) back(app.Context, app.Event) { p.trail.Back(view.AtSettings) }
func (p *lock) now(app.Context, app.Event)  { p.do(p.engine.Lock) }
