package demo

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	world "tandem/core/demo"
	"tandem/web/part"
	"tandem/web/tag"
)

// bar is above the devices: Play, what is going on, and how fast.
type bar struct {
	app.Compo

	Play  world.Play
	Speed world.Speed

	world World
}

func (b *bar) Render() app.UI {
	c := caption(b.Play)
	return tag.In("div demo-bar",
		b.button(),
		tag.P().Class("demo-say").Role("status").DataSet("testid", "demo-say").DataSet("step", b.Play.Step).DataSet("done", b.Play.Done).Body(
			tag.Say("span eyebrow", c.eyebrow), app.Elem("br"), tag.Say("b", c.title), app.Text(" "+c.text),
		),
		tag.Either(b.Play.Step > 0, part.IconNameButton("refresh", "Start over", "btn-small btn-quiet", b.again), tag.Span().Hidden(true)),
		choice{Label: "Speed", Names: []string{"1×", "4×", "Unthrottled"}, Chosen: int(b.Speed), Test: "demo-speed", Choose: b.speed}.draw(),
	)
}

// button is Play, or Pause.
func (b *bar) button() app.UI {
	icon, name := "play", "Play"
	switch {
	case b.Play.Running:
		icon, name = "pause", "Pause"
	case b.Play.Done, b.Play.Stuck:
		name = "Play again"
	case b.Play.Step > 0:
		name = "Go on"
	}
	return part.IconNameButton(icon, name, "btn-primary", b.press).DataSet("testid", "demo-play")
}

func (b *bar) press(app.Context, app.Event) {
	switch {
	case b.Play.Running:
		b.world.Pause()
	case b.Play.Done, b.Play.Stuck:
		b.world.Restart()
		b.world.Play()
	default:
		b.world.Play()
	}
}

func (b *bar) again(app.Context, app.Event) { b.world.Restart() }

func (b *bar) speed(i int) { b.world.SetSpeed(world.Speed(i)) }

// caption says what is going on.
type captionText struct{ eyebrow, title, text string }

func caption(p world.Play) captionText {
	switch {
	case p.Stuck:
		return captionText{"Not as planned", "A device stands elsewhere than the guide could bring it, or has a passphrase.", "Press Play again to begin anew, or go on by yourself."}
	case p.Done:
		return captionText{"The guide is done", "Now it is yours.", "Write on any device, and try to lose a message."}
	case p.Step == 0:
		return captionText{"The setup guide", "Two devices, one account, and a friend.", "Press Play to watch it step by step, or use the devices yourself."}
	}
	return captionText{"Step " + strconv.Itoa(p.Step) + " of " + strconv.Itoa(p.Steps), p.Title, p.Text}
}

// choice is one of a few, each a button that can be seen to be pressed.
type choice struct {
	Label  string
	Names  []string
	Chosen int
	Test   string // data-testid
	Choose func(i int)
}

func (c choice) draw() app.HTMLElem {
	body := make([]app.UI, len(c.Names))
	for i, name := range c.Names {
		body[i] = tag.Button().Class("segment").Aria("pressed", i == c.Chosen).Text(name).
			OnClick(func(app.Context, app.Event) { c.Choose(i) }, app.EventScope(i))
	}
	return tag.Div().Class("segments").Role("group").Aria("label", c.Label).DataSet("testid", c.Test).Body(body...)
}
