package web

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// accountKey shows the account ID once, with what it is for. After Restore it
// also asks what becomes of the account's other devices.
type accountKey struct {
	app.Compo

	Snap *client.Snapshot
	Now  core.Millis

	doer
	engine client.Engine
	remove bool    // Remove them; otherwise Keep
	drop   core.ID // the one that makes room
}

func (p *accountKey) Render() app.UI {
	restored, ok := view.RestoredOf(p.Snap, p.Now, time.Local)
	title, lead := "This is your public key", "Share it with friends so that they can write to you. You will also need it to link another device."
	if ok {
		title, lead = restored.Title, "This is your public key."
	}
	return wizard(
		stepBar(3, nil),
		stepHead("Step 3 of 3", title, lead),
		keyCard(p.Snap.Account.Hex()),
		tag.Form("form", p.submit,
			tag.Either(ok, p.others(restored), tag.Span()),
			part.AlertIf(view.Sentence(p.err)),
			part.Primary("Continue"),
		),
		tag.Either(ok, found(restored), tag.Span()),
	)
}

// found is what is known of the other devices so far. It stands below the
// button, because it grows by itself, and nothing may move under a finger.
func found(r view.Restored) app.UI {
	return tag.In("div form",
		tag.Live(
			tag.When(r.Trouble != "", part.Notice("offline", r.Trouble)),
		),
		tag.Either(len(r.Others) > 0, tag.Ul().Class("rows").Role("list").Aria("label", "Your other devices").Body(
			app.Range(r.Others).Slice(func(i int) app.UI { return otherDevice(r.Others[i]) }),
		), tag.Span()),
	)
}

// others is how many there are, and the choice.
func (p *accountKey) others(r view.Restored) app.UI {
	return tag.In("div form",
		tag.Live(tag.Say("p lead", r.Line)),
		tag.Either(r.Choose, p.choice(), tag.Span()),
		tag.When(r.Choose && r.Full && !p.remove, p.drops(r.Others)),
	)
}

func otherDevice(d view.DeviceRow) app.UI {
	return tag.In("li row",
		part.Icon(d.Icon),
		tag.In("div", tag.Theirs("span", d.Name), tag.Say("span small", d.Role+lined(d.Line))),
	)
}

// lined puts what is known of a device behind its role.
func lined(line string) string {
	if line == "" {
		return ""
	}
	return " · " + line
}

func (p *accountKey) choice() app.UI {
	return tag.In("fieldset field",
		tag.Say("legend", "What about your other devices?"),
		tag.In("div rows",
			option("others", view.KeepThem, view.KeepMeans, !p.remove, p.keepThem),
			option("others", view.RemoveThem, view.RemoveMeans, p.remove, p.removeThem),
		),
	)
}

// drops: with six listed, one makes room.
func (p *accountKey) drops(others []view.DeviceRow) app.UI {
	options := make([]app.UI, len(others))
	for i, d := range others {
		options[i] = option("drop", d.Name, d.Role+lined(d.Line), p.drop == d.ID, func(app.Context, app.Event) {
			p.drop, p.err = d.ID, nil
		})
	}
	return tag.In("fieldset field",
		tag.Say("legend", view.DropOne),
		tag.In("div rows", options...),
	)
}

// option is one line of a choice.
func option(group, name, means string, on bool, choose app.EventHandler) app.UI {
	return tag.In("label row",
		tag.Input("radio").Attr("name", group).Attr("checked", on).OnChange(choose),
		tag.In("span", tag.Theirs("span", name), tag.Say("span small", means)),
	)
}

func (p *accountKey) keepThem(app.Context, app.Event)   { p.remove, p.err = false, nil }
func (p *accountKey) removeThem(app.Context, app.Event) { p.remove, p.err = true, nil }

func (p *accountKey) submit(_ app.Context, e app.Event) {
	e.PreventDefault()
	r, remove, drop := p.Snap.Restore, p.remove, p.drop
	p.do(func() error {
		switch {
		case r.Stage == client.RestoreNone:
			return p.engine.ConfirmKey()
		case r.Full && !remove && drop.IsZero():
			return view.ErrNoDrop
		case remove || !r.Full:
			drop = core.ID{}
		}
		return p.engine.ConfirmRestore(remove, drop)
	})
}

// keyCard is the account ID with a way to copy it.
func keyCard(key string) app.UI {
	return tag.In("div keycard",
		tag.P().Class("key").DataSet("testid", "account-id").Text(key),
		&part.Copier{Name: "Copy public key", Text: key},
	)
}
