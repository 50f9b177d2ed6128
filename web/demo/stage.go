package demo

import (
	"sync/atomic"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	world "tandem/core/demo"
	"tandem/web"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// pane is what a narrow window shows of the stage.
type pane uint8

const (
	phonePane pane = iota
	networkPane
	laptopPane
	friendPane
)

// String is the word used in data-pane.
func (p pane) String() string {
	switch p {
	case phonePane:
		return "phone"
	case networkPane:
		return "network"
	case laptopPane:
		return "laptop"
	}
	return "friend"
}

// frame is what the page needs of a web.Frame.
type frame interface {
	UI() app.UI
	Go(place string)
	Type(text string)
	Fit()
}

var _ frame = (*web.Frame)(nil)

// stage is the whole page.
type stage struct {
	app.Compo

	world  World
	state  *world.State
	frames [3]frame

	pane   pane       // in a narrow window
	desk   world.Seat // which of two devices stands on the right
	aim    world.Seat // which device the buttons of the panel are about
	life   int        // how often all had begun anew
	step   int        // of the script, that the panes follow
	seat   world.Seat // where its step happens now
	shown  [3]string  // the last page that the script opened, by seat
	queued atomic.Bool
	stop   func()
	used   app.Func // somebody works in a device, or beside it
	sheet  app.Value
}

func newStage(w World, paste Paste) *stage {
	s := &stage{world: w, state: w.State(), desk: world.Laptop}
	for _, seat := range world.Seats() {
		s.frames[seat] = web.NewFrame(w.Engine(seat), pasteOnly{paste})
	}
	return s
}

// OnMount begins to listen.
func (s *stage) OnMount(ctx app.Context) {
	ctx.Page().SetTitle("Demo · Tandem")
	s.stop = s.world.Watch(func() {
		if s.queued.CompareAndSwap(false, true) {
			ctx.Dispatch(s.refresh)
		}
	})
	s.used = app.FuncOf(func(_ app.Value, args []app.Value) any {
		markUsed(args[0].Get("target"))
		return nil
	})
	for _, event := range []string{"pointerdown", "focusin"} {
		app.Window().Call("addEventListener", event, s.used, true)
	}
	s.refresh(ctx)
}

// OnDismount ends what OnMount began.
func (s *stage) OnDismount() {
	if s.stop != nil {
		s.stop()
		for _, event := range []string{"pointerdown", "focusin"} {
			app.Window().Call("removeEventListener", event, s.used, true)
		}
		s.used.Release()
	}
}

// markUsed notes in which device somebody works: only that one moves the focus.
func markUsed(target app.Value) {
	old := app.Window().Get("document").Call("querySelectorAll", part.UsedFrame)
	for i := range old.Get("length").Int() {
		if e := old.Call("item", i); !e.Equal(target) {
			e.Get("dataset").Delete("used")
		}
	}
	if target.Get("shadowRoot").Truthy() {
		target.Get("dataset").Set("used", "true")
	}
}

func (s *stage) refresh(ctx app.Context) {
	s.queued.Store(false)
	s.state = s.world.State()
	p := s.state.Play
	if p.Life != s.life {
		s.life = p.Life
		s.anew()
	}
	if p.Step != s.step || p.Seat != s.seat {
		s.step, s.seat = p.Step, p.Seat
		if p.Step > 0 {
			s.show(paneOf(p.Seat))
		}
	}
	if p.Running {
		s.open(p.Step)
	}
}

// anew has the devices show their first page, since all begins anew.
func (s *stage) anew() {
	s.step, s.shown = 0, [3]string{}
	for _, f := range s.frames {
		f.Go(view.AtStart)
	}
}

// open opens the pages that a step is about. Whoever goes elsewhere meanwhile is
// left there until the next one.
func (s *stage) open(step int) {
	phone := s.world.Engine(world.Phone).Snapshot()
	for _, seat := range world.Seats() {
		here := s.world.Engine(seat).Snapshot()
		if place, ok := scene(step, seat, here); ok && place != s.shown[seat] {
			s.shown[seat] = place
			s.frames[seat].Go(place)
		}
		if text := typed(step, seat, phone, here); text != "" {
			s.frames[seat].Type(text)
		}
	}
}

func paneOf(seat world.Seat) pane {
	switch seat {
	case world.Laptop:
		return laptopPane
	case world.Friend:
		return friendPane
	}
	return phonePane
}

// show brings a pane to the front.
func (s *stage) show(p pane) {
	s.pane = p
	switch p {
	case laptopPane:
		s.desk = world.Laptop
	case friendPane:
		s.desk = world.Friend
	}
}

func (s *stage) Render() app.UI {
	st := s.state
	return tag.In("div app",
		tag.In("div topbar demo-top",
			part.Mark(""),
			tag.In("div who", part.Heading("", "Demo")),
			tag.In("span badge badge-accent", part.Icon("shield"), app.Text("Nothing leaves this tab")),
			part.IconButton("close", "Leave the demo", "", leave),
		),
		tag.Div().Class("demo scroll").Role("group").Aria("label", "Demo stage").TabIndex(0).DataSet("testid", "demo").Body(
			&bar{Play: st.Play, Speed: st.Speed, world: s.world},
			tag.In("div demo-panes", choice{Label: "What is shown", Names: s.paneNames(), Chosen: int(s.pane), Test: "demo-pane", Choose: s.choosePane}.draw()),
			tag.Div().Class("stagewise").DataSet("pane", s.pane.String()).Body(
				tag.In("div phone", s.device(world.Phone)),
				&swarm{State: st},
				tag.Div().Class("desk").DataSet("seat", s.desk.String()).Body(
					tag.In("div desk-bar", choice{
						Label: "Device shown here", Names: []string{st.Devices[world.Laptop].Title, st.Devices[world.Friend].Title},
						Chosen: int(s.desk - world.Laptop), Test: "demo-desk", Choose: s.chooseDesk,
					}.draw()),
					s.device(world.Laptop),
					s.device(world.Friend),
				),
			),
			&faults{
				Faults: st.Faults, Counts: st.Counts, Devices: st.Devices, Aim: s.aim, Dead: dead(st), Away: away(st),
				world: s.world, aim: s.chooseAim,
			},
		),
	)
}

func (s *stage) device(seat world.Seat) app.UI {
	return &device{Seat: seat, State: s.state.Devices[seat], Days: s.state.Days, frame: s.frames[seat], revive: s.world.Revive, style: s.style}
}

// style is the style of all devices, made once.
func (s *stage) style() app.Value {
	if s.sheet == nil {
		s.sheet = sheet()
	}
	return s.sheet
}

func (s *stage) paneNames() []string {
	d := s.state.Devices
	return []string{d[world.Phone].Title, "Network", d[world.Laptop].Title, d[world.Friend].Title}
}

func (s *stage) choosePane(i int) { s.show(pane(i)) }

func (s *stage) chooseDesk(i int) { s.show(paneOf(world.Laptop + world.Seat(i))) }

func (s *stage) chooseAim(seat world.Seat) { s.aim = seat }

func dead(s *world.State) int {
	n := 0
	for _, node := range s.Nodes {
		if node.Dead {
			n++
		}
	}
	return n
}

func away(s *world.State) bool {
	for _, d := range s.Devices {
		if d.Away {
			return true
		}
	}
	return false
}

// leave goes to the app, which is another program.
func leave(app.Context, app.Event) { app.Window().Get("location").Call("assign", "/") }
