package web

import (
	"fmt"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// askerCard is one device that asks, at one stage: what it says of itself, the
// words, the name that it gets, yes and no. Another stage is another component,
// so that no button turns into another under a finger.
type askerCard struct {
	app.Compo

	Asker  view.Asker
	Dialog client.Dialog // that it stands in

	doer
	engine client.Engine
	name   string // as typed
	past   client.Past
}

// CompoID tells attempts and stages apart.
func (c *askerCard) CompoID() string {
	return fmt.Sprintf("%d/%x", c.Asker.Stage, c.Asker.Attempt)
}

// OnMount offers the name that the device gave itself.
func (c *askerCard) OnMount(ctx app.Context) {
	c.doer.OnMount(ctx)
	c.name = c.Asker.Name
	ctx.Defer(func(app.Context) { part.Fill(c.JSValue(), nameBoxID, c.name) })
}

func (c *askerCard) Render() app.UI {
	switch c.Asker.Stage {
	case client.DialogChallenge:
		return tag.In("div form",
			tag.Say("p lead", "A device asks to be linked. The words are on their way…"),
			c.who(),
		)
	case client.DialogSending:
		return tag.In("div form",
			tag.Say("p lead", "Authorised. Now press Finish on the other device."),
			c.who(),
			part.Notice("clock", "You may close this. Until the other device has finished, the list of devices calls it not confirmed."),
		)
	case client.DialogWords, client.DialogWaiting, client.DialogDone, client.DialogEnded:
	}
	// No form: Enter in the box must not authorise anybody.
	return tag.In("div form",
		tag.Say("p lead", view.CheckWords),
		part.Words(c.Asker.Words),
		c.who(),
		part.Box{
			ID: nameBoxID, Label: "Device name", Hint: "Your devices call it so. You can change it later.",
			Error: view.DeviceNameSentence(c.err), Invalid: view.Mistyped(c.err), Complete: "off", OnInput: c.typed,
		}.Draw(),
		c.pastChoice(),
		tag.In("div actions link-decide",
			part.Button("Authorise", "btn-primary grow", c.authorise),
			part.Button("Reject", "btn-danger", c.reject),
		),
	)
}

// who is what the device says about itself; any device can say anything.
func (c *askerCard) who() app.UI {
	return tag.In("div asker",
		tag.In("span tile", part.Icon(c.Asker.Icon)),
		tag.In("div",
			tag.Theirs("b", c.Asker.Name),
			tag.Theirs("span small", c.Asker.Line),
			provedBadge(c.Asker),
		),
	)
}

func (c *askerCard) typed(ctx app.Context, _ app.Event) { c.name, c.err = part.Typed(ctx), nil }

func (c *askerCard) authorise(app.Context, app.Event) {
	attempt, name, past := c.Asker.Attempt, strings.TrimSpace(c.name), c.past
	err := view.CheckDeviceName(name)
	c.do(func() error {
		if err != nil && name != "" { // without a name it keeps its own
			return err
		}
		if past != client.PastMonth { // which it gets without a word
			if err := c.engine.ChoosePast(past); err != nil {
				return err
			}
		}
		return c.engine.Authorise(attempt, name)
	})
}

func (c *askerCard) reject(app.Context, app.Event) {
	attempt := c.Asker.Attempt
	c.do(func() error { return c.engine.Reject(attempt) })
}
