package demo

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	world "tandem/core/demo"
	"tandem/web/part"
	"tandem/web/tag"
)

// killedAtOnce is how many nodes one press kills.
const killedAtOnce = 3

// delayStep is what one step of the slider is: all sliders go from 0 to 100.
const delayStep = world.MaxDelay / 100

// faults is the panel of what can go wrong, and the counters that say what became
// of it.
type faults struct {
	app.Compo

	Faults  world.Faults
	Counts  world.Counts
	Devices [3]world.Device
	Aim     world.Seat // whom the buttons are about
	Dead    int        // nodes
	Away    bool       // somebody is, and days pass
	Refused string     // why the last press did nothing

	world World
	aim   func(s world.Seat)
}

func (p *faults) Render() app.UI {
	return tag.Section().Class("card demo-faults").Aria("labelledby", "demo-hard").Body(
		tag.In("div spread", tag.H2().ID("demo-hard").Text("Make it hard"), counters(p.Counts)),
		tag.In("div faults",
			p.slider("Loss", "f-loss", p.Faults.Loss, percent(p.Faults.Loss), p.loss),
			p.slider("Delay", "f-delay", int(p.Faults.Delay/delayStep), strconv.Itoa(int(p.Faults.Delay))+" ms", p.delay),
			p.slider("Duplicates", "f-duplicates", p.Faults.Duplicate, percent(p.Faults.Duplicate), p.duplicates),
			p.slider("Corruption", "f-corruption", p.Faults.Corrupt, percent(p.Faults.Corrupt), p.corruption),
		),
		choice{Label: "Which device", Names: p.titles(), Chosen: int(p.Aim), Test: "demo-aim", Choose: p.choose}.draw(),
		tag.In("div actions", p.buttons()...),
		part.AlertIf(p.Refused),
	)
}

// counters are what was typed, and what became of it.
func counters(c world.Counts) app.UI {
	return tag.In("dl counters",
		counter("Sent", "demo-sent", c.Sent, ""),
		counter("Shown", "demo-shown", c.Shown, ""),
		counter("Lost", "demo-lost", c.Lost, grade(c.Lost)),
		counter("Twice", "demo-twice", c.Twice, grade(c.Twice)),
	)
}

func counter(name, test string, n int, class string) app.UI {
	return tag.In("div", tag.Say("dt", name), tag.Dd().Class(class).DataSet("testid", test).Text(n))
}

func grade(n int) string {
	if n > 0 {
		return "bad"
	}
	return "good"
}

func (p *faults) slider(name, id string, value int, says string, moved func(n int)) app.UI {
	return tag.In("div fault",
		tag.Label().Attr("for", id).Text(name),
		app.Elem("output").Attr("for", id).Text(says),
		tag.Input("range").ID(id).Attr("value", value).Aria("valuetext", says).OnInput(func(ctx app.Context, _ app.Event) {
			if n, err := strconv.Atoi(part.Typed(ctx)); err == nil {
				moved(n)
			}
		}, app.EventScope(id)),
	)
}

func percent(n int) string { return strconv.Itoa(n) + " %" }

func (p *faults) loss(n int)       { p.set(func(f *world.Faults) { f.Loss = n }) }
func (p *faults) duplicates(n int) { p.set(func(f *world.Faults) { f.Duplicate = n }) }
func (p *faults) corruption(n int) { p.set(func(f *world.Faults) { f.Corrupt = n }) }
func (p *faults) delay(n int) {
	p.set(func(f *world.Faults) { f.Delay = core.Millis(n) * delayStep })
}

// set changes one of the values as they are now.
func (p *faults) set(change func(f *world.Faults)) {
	f := p.world.State().Faults
	change(&f)
	p.world.SetFaults(f)
}

func (p *faults) titles() []string {
	var names []string
	for _, d := range p.Devices {
		names = append(names, d.Title)
	}
	return names
}

func (p *faults) choose(i int) { p.aim(world.Seat(i)) }

func (p *faults) buttons() []app.UI {
	d := p.Devices[p.Aim]
	return []app.UI{
		either(d.Alive, "fault", "Kill this device", "Start this device again", p.life),
		either(d.Skewed == 0, "clock", "Skew its clock by a day", "Set its clock right", p.skew),
		part.IconNameButton("offline", "Go offline 20 days", "btn-small", p.leave).Attr("disabled", p.Away || !d.Alive),
		part.IconNameButton("trash", "Remove a stored message", "btn-small", p.remove),
		part.IconNameButton("path", "Kill "+strconv.Itoa(killedAtOnce)+" nodes", "btn-small", p.killNodes),
		tag.Either(p.Dead > 0, part.IconNameButton("refresh", "Start all nodes again", "btn-small", p.reviveNodes), tag.Span().Hidden(true)),
	}
}

// either is a button that does one thing or undoes it.
func either(do bool, icon, name, undo string, press app.EventHandler) app.UI {
	if !do {
		name = undo
	}
	return part.IconNameButton(icon, name, "btn-small", press)
}

func (p *faults) life(app.Context, app.Event) {
	if p.Devices[p.Aim].Alive {
		p.world.Kill(p.Aim)
		return
	}
	p.world.Revive(p.Aim)
}

func (p *faults) skew(app.Context, app.Event)        { p.world.Skew(p.Aim, p.Devices[p.Aim].Skewed == 0) }
func (p *faults) leave(app.Context, app.Event)       { p.world.Away(p.Aim) }
func (p *faults) killNodes(app.Context, app.Event)   { p.world.KillNodes(killedAtOnce) }
func (p *faults) reviveNodes(app.Context, app.Event) { p.world.ReviveNodes() }

func (p *faults) remove(app.Context, app.Event) {
	p.Refused = ""
	if err := p.world.Remove(p.Aim); err != nil {
		p.Refused = "There is no typed message in the store of this device."
	}
}
