package part

import (
	"fmt"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/web/tag"
	"tandem/web/view"
)

// Countdown shows the time left until a deadline, as a ring and in words.
type Countdown struct {
	app.Compo

	Deadline core.Millis // local clock, ms
	Caption  string      // under the time
	Of       int         // seconds of the whole ring; 0: those of an attempt to link

	now   core.Millis
	timer *time.Timer
}

// OnInit reads the clock before the first drawing.
func (c *Countdown) OnInit() { c.now = clock() }

// OnMount starts the ticks.
func (c *Countdown) OnMount(ctx app.Context) {
	c.timer = time.AfterFunc(time.Second, func() { ctx.Dispatch(c.tick) })
}

// OnDismount ends them.
func (c *Countdown) OnDismount() {
	if c.timer != nil {
		c.timer.Stop()
	}
}

func (c *Countdown) tick(app.Context) {
	c.now = clock()
	c.timer.Reset(time.Second)
}

// Render draws the ring with as many seconds as are left.
func (c *Countdown) Render() app.UI {
	left, whole := view.Until(c.Deadline, c.now), c.Of
	if whole == 0 {
		whole = view.AttemptSeconds
	}
	return tag.In("div countdown",
		shape("svg").Class("ring").Attr("viewBox", "0 0 44 44").Attr("aria-hidden", "true").Body(
			ring(),
			ring().Attr("pathLength", whole).
				Attr("stroke-dasharray", fmt.Sprintf("%d %d", min(left.Seconds, whole), whole)),
		),
		tag.In("div",
			tag.B().Role("timer").Aria("label", "Time left").Text(left.Clock),
			tag.Say("span small", c.Caption),
			Say(left.Say),
		),
	)
}

func ring() app.HTMLElem {
	return shape("circle").Attr("cx", "22").Attr("cy", "22").Attr("r", "19")
}

// clock is the local time of a page.
func clock() core.Millis { return core.Millis(time.Now().UnixMilli()) }
