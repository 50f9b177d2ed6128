package demo

import (
	"context"
	"errors"
	"fmt"
	"html"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	world "tandem/core/demo"
	"tandem/web/view"
)

// twin is a world that notes what it was asked.
type twin struct {
	World // whatever a test does not expect is nil

	state world.State
	snaps [3]*client.Snapshot // by seat
	asked []string
	err   error
}

func (w *twin) State() *world.State        { return &w.state }
func (w *twin) ask(what ...any)            { w.asked = append(w.asked, fmt.Sprint(what...)) }
func (w *twin) Play()                      { w.ask("play") }
func (w *twin) Pause()                     { w.ask("pause") }
func (w *twin) Restart()                   { w.ask("restart") }
func (w *twin) SetSpeed(s world.Speed)     { w.ask("speed ", s) }
func (w *twin) SetFaults(f world.Faults)   { w.ask(f); w.state.Faults = f }
func (w *twin) Kill(s world.Seat)          { w.ask("kill ", s) }
func (w *twin) Revive(s world.Seat)        { w.ask("revive ", s) }
func (w *twin) Skew(s world.Seat, on bool) { w.ask("skew ", s, " ", on) }
func (w *twin) Away(s world.Seat)          { w.ask("away ", s) }
func (w *twin) KillNodes(n int)            { w.ask("kill nodes ", n) }
func (w *twin) ReviveNodes()               { w.ask("revive nodes") }
func (w *twin) Remove(s world.Seat) error  { w.ask("remove ", s); return w.err }
func (w *twin) Engine(s world.Seat) client.Engine {
	return engine{snap: w.snaps[s]}
}

// engine is a device that shows a snapshot.
type engine struct {
	client.Engine // whatever a test does not expect is nil

	snap *client.Snapshot
}

func (e engine) Snapshot() *client.Snapshot { return e.snap }

// screen is a frame that notes where it was led.
type screen struct {
	frame // whatever a test does not expect is nil

	led []string
}

func (s *screen) Go(place string) { s.led = append(s.led, place) }

// takes fails unless the world was asked exactly this since the last time.
func (w *twin) takes(t *testing.T, want ...string) {
	t.Helper()
	if got := strings.Join(w.asked, "|"); got != strings.Join(want, "|") {
		t.Errorf("the world was asked %q, want %q", got, want)
	}
	w.asked = nil
}

// node is a key that names a node.
func node(i byte) core.EdKey { return core.EdKey{i} }

// quiet is a state of six nodes in two swarms.
func quiet() world.State {
	s := world.State{Swarms: 2}
	for i := range byte(6) {
		s.Nodes = append(s.Nodes, world.Node{Ed: node(i + 1), Swarm: int(i) % 2})
	}
	for seat, title := range []string{"Ada’s phone", "Ada’s laptop", "Ines, a friend"} {
		s.Devices[seat] = world.Device{Title: title, Alive: true}
	}
	return s
}

// says is the text of a drawing, without its elements.
func says(u app.UI) string {
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(app.HTMLString(u), " ")
	return strings.Join(strings.Fields(html.UnescapeString(text)), " ")
}

// drawing is a drawing whose attributes have one order, which go-app's have not.
func drawing(u app.UI) string {
	words := strings.Fields(strings.ReplaceAll(app.HTMLString(u), ">", " > "))
	slices.Sort(words)
	return strings.Join(words, " ")
}

func TestEveryStepOfTheScriptHasItsPages(t *testing.T) {
	w, err := world.New(world.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if steps := w.State().Play.Steps; steps != scenes {
		t.Errorf("the script has %d steps, there are pages for %d", steps, scenes)
	}
}

func TestScenes(t *testing.T) {
	account, friend := core.IDFromX25519([32]byte{1}), core.IDFromX25519([32]byte{2})
	fresh := &client.Snapshot{Phase: client.Welcome}
	owner := &client.Snapshot{Phase: client.Main, Account: account, Chats: []client.ChatRow{{Conversation: account, Note: true}}}
	asked := &client.Snapshot{Phase: client.Main, Account: account, Chats: owner.Chats, Requests: []client.RequestRow{{Account: friend}}}
	friends := &client.Snapshot{Phase: client.Main, Account: account, Chats: append(owner.Chats[:1:1], client.ChatRow{Conversation: friend})}
	for _, tt := range []struct {
		step  int
		seat  world.Seat
		snap  *client.Snapshot
		place string // "-": left alone
		typed string
	}{
		{copyKey, world.Phone, fresh, view.AtRegister, "Ada"},
		{copyKey, world.Phone, owner, view.AtSettings, ""},
		{copyKey, world.Laptop, fresh, "-", ""},
		{pasteKey, world.Laptop, fresh, view.AtLink, account.Hex()},
		{linkDevice, world.Phone, owner, view.AtDevices, ""},
		{linkDevice, world.Laptop, fresh, "-", ""},
		{finish, world.Laptop, &client.Snapshot{Phase: client.Joining}, "-", ""},
		{finish, world.Laptop, owner, view.AtStart, ""},
		{oneAccount, world.Laptop, owner, view.AtNote, ""},
		{oneAccount, world.Friend, fresh, "-", ""},
		{aFriend, world.Friend, fresh, view.AtRegister, "Ines Moreau"},
		{aFriend, world.Friend, owner, view.AtNew, ""},
		{aFriend, world.Laptop, owner, "-", ""},
		{aFriend, world.Laptop, asked, view.AtRequests, ""},
		{aFriend, world.Laptop, friends, view.PlaceOf(friends, friend), ""},
	} {
		place, ok := scene(tt.step, tt.seat, tt.snap)
		if !ok {
			place = "-"
		}
		if text := typed(tt.step, tt.seat, owner, tt.snap); place != tt.place || text != tt.typed {
			t.Errorf("step %d, %v: %q and %q, want %q and %q", tt.step, tt.seat, place, text, tt.place, tt.typed)
		}
	}
}

// The stage follows the script from device to device, also within a step, and opens
// the pages that it is about, each once. Between two turns it stays as it was put.
// When all begins anew the devices do, too.
func TestTheStageFollowsTheScript(t *testing.T) {
	var none app.Context
	account, friend := core.IDFromX25519([32]byte{1}), core.IDFromX25519([32]byte{2})
	main := &client.Snapshot{Phase: client.Main, Account: account, Chats: []client.ChatRow{{Conversation: account, Note: true}}}
	asked := &client.Snapshot{Phase: client.Main, Account: account, Chats: main.Chats, Requests: []client.RequestRow{{Account: friend}}}
	w := &twin{state: quiet(), snaps: [3]*client.Snapshot{main, asked, main}}
	s := newStage(w, nil)
	screens := [3]*screen{{}, {}, {}}
	for i, c := range screens {
		s.frames[i] = c
	}
	led := func(what string, want ...[]string) {
		t.Helper()
		for i, c := range screens {
			if !slices.Equal(c.led, want[i]) {
				t.Errorf("%s: %v was led to %q, want %q", what, world.Seat(i), c.led, want[i])
			}
			c.led = nil
		}
	}
	stands := func(what string, p pane, desk world.Seat, shown ...string) {
		t.Helper()
		s.refresh(none)
		if s.pane != p || s.desk != desk || strings.Join(s.shown[:], "|") != strings.Join(shown, "|") {
			t.Errorf("%s: pane %v, desk %v, pages %q", what, s.pane, s.desk, s.shown)
		}
	}
	stands("before it", phonePane, world.Laptop, "", "", "")
	w.state.Play = world.Play{Step: aFriend, Seat: world.Friend}
	stands("paused at the friend", friendPane, world.Friend, "", "", "")
	w.state.Play.Running = true
	stands("she asks", friendPane, world.Friend, "", view.AtRequests, view.AtNew)
	w.state.Play.Seat = world.Laptop
	stands("the laptop answers", laptopPane, world.Laptop, "", view.AtRequests, view.AtNew)
	s.chooseDesk(1)
	stands("somebody looks at her", friendPane, world.Friend, "", view.AtRequests, view.AtNew)
	s.choosePane(int(networkPane))
	w.state.Play.Seat = world.Phone
	stands("the phone follows", phonePane, world.Friend, "", view.AtRequests, view.AtNew)
	led("until then", nil, []string{view.AtRequests}, []string{view.AtNew})
	w.state.Play = world.Play{Life: 1, Step: copyKey, Seat: world.Phone, Running: true}
	stands("played again", phonePane, world.Friend, view.AtSettings, "", "")
	stands("and on", phonePane, world.Friend, view.AtSettings, "", "")
	led("played again", []string{view.AtStart, view.AtSettings}, []string{view.AtStart}, []string{view.AtStart})
	s.choosePane(int(networkPane))
	w.state.Play.Life++
	stands("and again, from the same step", phonePane, world.Friend, view.AtSettings, "", "")
	led("and again, from the same step", []string{view.AtStart, view.AtSettings}, []string{view.AtStart}, []string{view.AtStart})
	w.state.Play = world.Play{Life: 3}
	stands("anew", phonePane, world.Friend, "", "", "")
	led("anew", []string{view.AtStart}, []string{view.AtStart}, []string{view.AtStart})
	w.state.Play = world.Play{Life: 3, Step: copyKey, Seat: world.Phone, Running: true}
	stands("from the beginning", phonePane, world.Friend, view.AtSettings, "", "")
	led("from the beginning", []string{view.AtSettings}, nil, nil)
}

// A request is drawn where it is: at what it reached, or half way to the next.
func TestAPacketIsWhereItsRequestIs(t *testing.T) {
	s := quiet()
	c := draw(&s)
	for i, p := range c.nodes {
		m := c.swarms[s.Nodes[i].Swarm]
		if d := math.Hypot(p.x-m.x, p.y-m.y); math.Abs(d-nodeRadius) > .01 {
			t.Errorf("node %d stands %v from the middle of its swarm", i, d)
		}
	}
	hops := func(back ...core.Millis) (h []world.Hop) {
		for i, b := range back {
			h = append(h, world.Hop{Node: node(byte(i + 1)), At: 1, Back: b})
		}
		return h
	}
	home := door(world.Phone)
	for _, tt := range []struct {
		name string
		trip world.Trip
		want point
	}{
		{"sent", world.Trip{Next: node(1)}, between(home, c.nodes[0])},
		{"at the first", world.Trip{Hops: hops(0)}, c.nodes[0]},
		{"to the second", world.Trip{Hops: hops(0), Next: node(2)}, between(c.nodes[0], c.nodes[1])},
		{"carried out", world.Trip{Hops: hops(0, 0, 0), What: "store"}, c.nodes[2]},
		{"the answer has left", world.Trip{Hops: hops(0, 0, 5)}, between(c.nodes[2], c.nodes[1])},
		{"almost home", world.Trip{Hops: hops(5, 5, 5)}, between(c.nodes[0], home)},
		{"answered", world.Trip{Hops: hops(5, 5, 5), Fate: world.Answered}, home},
		{"lost at once", world.Trip{Fate: world.LostThere}, home},
	} {
		if got := c.packet(tt.trip); got != tt.want {
			t.Errorf("%s: at %v, want %v", tt.name, got, tt.want)
		}
	}
	if got := path([]point{{1, 2.04}, {-3.06, 4}}); got != "M1 2L-3.1 4" {
		t.Errorf("a line is %q", got)
	}
}

// The picture is a function of the world's events: without a new one it is the
// same picture, however late it is.
func TestTheSwarmsShowWhatHappened(t *testing.T) {
	s := quiet()
	still := drawing(&swarm{State: &s})
	if strings.Contains(still, "net-packet") || !strings.Contains(says(&swarm{State: &s}), "No request yet") {
		t.Error("requests are drawn that nobody sent")
	}
	s.Now += core.Day
	if drawing(&swarm{State: &s}) != still {
		t.Error("the picture moves by itself")
	}
	s.Nodes[5].Dead = true
	s.Trips = []world.Trip{{Number: 7, Seat: world.Laptop, Hops: []world.Hop{{Node: node(1)}, {Node: node(2)}}, What: "store", Members: []core.EdKey{node(4)}, Again: true, Fate: world.LostBack}}
	page := app.HTMLString(&swarm{State: &s})
	for want, n := range map[string]int{
		`class="net-node on"`: 3, `class="net-node dead"`: 1, `class="net-swarm on"`: 1, `class="net-packet"`: 1, `data-fate="lost-back"`: 2,
	} {
		if got := strings.Count(page, want); got != n {
			t.Errorf("%s is there %d times, want %d", want, got, n)
		}
	}
	if text := says(&swarm{State: &s}); !strings.Contains(text, "Ada’s laptop: a message to keep · a duplicate · its answer was lost") {
		t.Errorf("the picture says %q", text)
	}
	for hops, want := range []string{"a request · lost on the way there", "at 1 node · lost on the way there", "at 2 nodes · lost on the way there"} {
		s.Trips = []world.Trip{{Seat: world.Phone, Hops: make([]world.Hop, hops), Fate: world.LostThere}}
		if text := newest(&s); text != "Ada’s phone: "+want {
			t.Errorf("%d hops: the picture says %q", hops, text)
		}
	}
}

func TestWhatTheBarSays(t *testing.T) {
	var none app.Context
	var press app.Event
	w := &twin{}
	for _, tt := range []struct {
		play  world.Play
		says  string
		asked string
	}{
		{world.Play{Steps: 9}, "Play The setup guide", "play"},
		{world.Play{Steps: 9, Step: 2, Running: true, Title: "Paste it.", Text: "Why."}, "Pause Step 2 of 9 Paste it. Why.", "pause"},
		{world.Play{Steps: 9, Step: 2, Title: "Paste it."}, "Go on Step 2 of 9 Paste it.", "play"},
		{world.Play{Steps: 9, Step: 9, Done: true}, "Play again The guide is done Now it is yours.", "restart|play"},
		{world.Play{Steps: 9, Step: 3, Stuck: true}, "Play again Not as planned", "restart|play"},
	} {
		b := &bar{Play: tt.play, Speed: world.Fast, world: w}
		if got := says(b); !strings.HasPrefix(got, tt.says) {
			t.Errorf("the bar says %q, want %q first", got, tt.says)
		}
		if page := app.HTMLString(b); strings.Count(page, "aria-pressed")-strings.Count(page, `aria-pressed="false"`) != 1 {
			t.Error("not one speed is chosen")
		}
		b.press(none, press)
		w.takes(t, strings.Split(tt.asked, "|")...)
	}
	b := &bar{world: w}
	b.speed(2)
	b.again(none, press)
	w.takes(t, "speed 2", "restart")
}

func TestThePanelDoesWhatItSays(t *testing.T) {
	var none app.Context
	var press app.Event
	w := &twin{state: quiet()}
	w.state.Counts = world.Counts{Sent: 5, Shown: 4, Lost: 1}
	var aimed world.Seat
	p := func() *faults {
		s := w.State()
		return &faults{Faults: s.Faults, Counts: s.Counts, Devices: s.Devices, Aim: world.Laptop, Dead: dead(s), Away: away(s), world: w, aim: func(s world.Seat) { aimed = s }}
	}
	page := app.HTMLString(p())
	for _, want := range []string{
		`data-testid="demo-sent"`, `data-testid="demo-shown"`, `data-testid="demo-lost"`, `data-testid="demo-twice"`,
	} {
		if strings.Count(page, want) != 1 {
			t.Errorf("%s is not there once", want)
		}
	}
	if strings.Count(page, `class="bad"`) != 1 || strings.Count(page, `class="good"`) != 1 {
		t.Error("a loss looks like none")
	}
	if got := says(p()); !strings.HasPrefix(got, "Make it hard Sent 5 Shown 4 Lost 1 Twice 0") {
		t.Errorf("the panel says %q", got)
	}

	p().loss(30)
	p().delay(14)
	p().duplicates(20)
	p().corruption(5)
	if want := (world.Faults{Loss: 30, Delay: 700, Duplicate: 20, Corrupt: 5}); w.state.Faults != want {
		t.Errorf("the sliders made %v", w.state.Faults)
	}
	if got := says(p()); !strings.Contains(got, "Loss 30 % Delay 700 ms Duplicates 20 % Corruption 5 %") {
		t.Errorf("the sliders say %q", got)
	}
	w.asked = nil

	p().life(none, press)
	p().skew(none, press)
	p().leave(none, press)
	p().killNodes(none, press)
	w.takes(t, "kill laptop", "skew laptop true", "away laptop", "kill nodes 3")
	d := &w.state.Devices[world.Laptop]
	d.Alive, d.Skewed, w.state.Nodes[0].Dead = false, world.SkewAhead, true
	if got := says(p()); !strings.HasSuffix(got, "Start this device again Set its clock right Go offline 20 days Remove a stored message Kill 3 nodes Start all nodes again") {
		t.Errorf("the buttons are %q", got)
	}
	p().life(none, press)
	p().skew(none, press)
	p().reviveNodes(none, press)
	w.takes(t, "revive laptop", "skew laptop false", "revive nodes")

	one := p()
	one.remove(none, press)
	if one.Refused != "" {
		t.Error("a removal that worked is refused")
	}
	w.err = errors.New("there is none")
	one.remove(none, press)
	if !strings.Contains(says(one), "There is no typed message") {
		t.Error("a removal that did nothing says nothing")
	}
	one.choose(2)
	if aimed != world.Friend {
		t.Errorf("the buttons are about %v", aimed)
	}
}

func TestTheDevicesGetTextByTheClipboardAlone(t *testing.T) {
	p := pasteOnly{func(context.Context) (string, error) { return "key", nil }}
	if p.Ways() != (view.Ways{Clipboard: true}) {
		t.Error("a device of the demo looks through the camera")
	}
	if text, err := p.Clipboard(t.Context()); text != "key" || err != nil {
		t.Error(text, err)
	}
	_, camera := p.Camera(t.Context(), "")
	_, picture := p.Picture(t.Context(), "")
	if camera == nil || picture == nil {
		t.Error("what is not offered works")
	}
}
