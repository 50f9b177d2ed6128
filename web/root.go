package web

import (
	"sync/atomic"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

const (
	// twoPanes is the width from which the list and a page fit side by side, in
	// px; the same number stands in app.css.
	twoPanes = 720
	// refreshEvery keeps "5 min" true on a page where nothing happens.
	refreshEvery = 20 * time.Second
)

// root is the only component that listens to the engine. It picks the page for
// the newest snapshot and the place in the address, and moves the focus when
// that page is another one.
type root struct {
	app.Compo

	engine client.Engine
	intake Intake
	frame  *Frame // that it is in; nil: it has the document for itself
	host   Host   // nil in a frame

	snap   *client.Snapshot
	place  string
	wide   bool
	now    core.Millis
	trail  trail
	drafts drafts
	guest  invitation
	moves  moves
	mark   mark
	badge  int // as it was shown last

	step   string      // of the page that has the focus
	viewed core.ID     // the conversation that the engine takes for looked at
	queued atomic.Bool // a refresh is on its way
	stop   func()
	timer  *time.Timer
	hiding app.Func // the page is shown, hidden or left
	keys   app.Func // a key is pressed, wherever the focus is
}

// OnInit gives the first drawing something to draw. The page that stood there before
// is laid out already: to ask for a width later would lay out the new one at once.
func (r *root) OnInit() {
	r.snap, r.now = r.engine.Snapshot(), clock()
	r.wide = app.IsServer || r.frame != nil || app.Window().Get("document").Get("documentElement").Get("clientWidth").Int() >= twoPanes
}

// OnMount begins to listen.
func (r *root) OnMount(ctx app.Context) {
	r.drafts.send, r.drafts.answer = r.sendText, r.answer
	r.drafts.run = func(command func() error, done func(error)) {
		ctx.Async(func() {
			err := command()
			ctx.Dispatch(func(app.Context) { done(err) })
		})
	}
	r.drafts.keep = r.engine.SetDraft
	r.drafts.kept = func(conversation core.ID) string { return r.snap.Drafts[conversation] }
	r.drafts.wait = func(pause time.Duration, f func()) func() {
		timer := time.AfterFunc(pause, func() { ctx.Dispatch(func(ctx app.Context) { ctx.PreventUpdate(); f() }) })
		return func() { timer.Stop() }
	}
	r.moves.ctx, r.moves.engine, r.moves.host, r.mark.host = ctx, r.engine, r.host, r.host
	r.watchHiding(ctx)
	r.watchKeys(ctx)
	if r.frame == nil {
		r.place = ctx.Page().URL().Fragment
	} else {
		r.measure()
		r.frame.mounted(ctx)
	}
	r.stop = r.engine.Watch(func() {
		// However many changes there are, one refresh shows them all.
		if r.queued.CompareAndSwap(false, true) {
			ctx.Dispatch(r.refresh)
		}
	})
	r.timer = time.AfterFunc(refreshEvery, func() { ctx.Dispatch(r.tick) })
	r.refresh(ctx)
}

// OnDismount ends what OnMount began.
func (r *root) OnDismount() {
	if r.stop != nil {
		r.stop()
		r.timer.Stop()
		r.onHiding("removeEventListener")
		r.hiding.Release()
		if r.frame == nil {
			app.Window().Call("removeEventListener", "keydown", r.keys)
		}
		r.keys.Release()
	}
}

// watchHiding saves what is typed before the page may end, and tells the engine
// when nobody looks.
func (r *root) watchHiding(ctx app.Context) {
	r.hiding = app.FuncOf(func(app.Value, []app.Value) any {
		ctx.Dispatch(func(ctx app.Context) {
			ctx.PreventUpdate()
			r.drafts.flush()
			r.look()
		})
		return nil
	})
	r.onHiding("addEventListener")
}

// onHiding is about the events by which a page is shown or hidden, and the last
// one that a page gets.
func (r *root) onHiding(call string) {
	app.Window().Get("document").Call(call, "visibilitychange", r.hiding)
	app.Window().Call(call, "pagehide", r.hiding)
}

// watchKeys leads from chat to chat by Alt and the arrows up and down, as the list
// has them. A dialog keeps its keys.
func (r *root) watchKeys(ctx app.Context) {
	r.keys = app.FuncOf(func(_ app.Value, args []app.Value) any {
		e := args[0]
		key := e.Get("key").String()
		if !e.Get("altKey").Bool() || key != "ArrowUp" && key != "ArrowDown" || r.JSValue().Call("querySelector", "dialog[open]").Truthy() {
			return nil
		}
		e.Call("preventDefault")
		ctx.Dispatch(func(ctx app.Context) { r.nextChat(ctx, key == "ArrowDown") })
		return nil
	})
	r.keyboard().Call("addEventListener", "keydown", r.keys)
}

// keyboard is where keys come from: wherever the focus is, but in a frame only
// while it is there.
func (r *root) keyboard() app.Value {
	if r.frame != nil {
		return r.JSValue()
	}
	return app.Window()
}

func (r *root) nextChat(ctx app.Context, down bool) {
	if place := view.NextChat(r.snap, r.place, down); place != r.place && place != "" {
		r.trail.Enter(ctx, place)
	}
}

// look tells the engine which conversation is open and looked at.
func (r *root) look() {
	var viewed core.ID
	if !part.Hidden() && !r.covered() {
		viewed = view.Viewed(r.snap, r.place)
	}
	if viewed != r.viewed {
		r.viewed = viewed
		r.engine.Viewing(viewed)
	}
}

// covered reports whether the frame around the app is not shown.
func (r *root) covered() bool { return r.frame != nil && r.JSValue().Get("clientWidth").Int() == 0 }

// OnNav follows the address.
func (r *root) OnNav(ctx app.Context) {
	if r.frame == nil {
		r.arrive(ctx, ctx.Page().URL().Fragment)
	}
}

func (r *root) arrive(ctx app.Context, place string) {
	r.place = place
	r.trail.arrive(place)
	r.settle(ctx)
}

// OnResize follows the window.
func (r *root) OnResize(app.Context) { r.measure() }

// measure finds out whether two panes fit. A page that is not shown stays as it is:
// what was typed there would be in another box.
func (r *root) measure() {
	if !r.covered() {
		r.wide = r.JSValue().Get("clientWidth").Int() >= twoPanes
	}
}

func (r *root) tick(app.Context) {
	r.now = clock()
	r.timer.Reset(refreshEvery)
}

func (r *root) refresh(ctx app.Context) {
	r.queued.Store(false)
	before := r.snap
	r.snap, r.now = r.engine.Snapshot(), clock()
	r.mark.follow(r.snap.Phase)
	r.ring(ctx, before)
	if r.snap.Phase == client.Locked {
		r.drafts.forget()
	}
	r.drafts.follow()
	r.settle(ctx)
}

// settle names the tab and moves the focus, if this is another page now. The
// very first page leaves the focus where the browser has it.
func (r *root) settle(ctx app.Context) {
	r.look()
	if place := r.guest.follow(r.snap.Phase, r.place); place != "" {
		r.trail.Instead(place)
	}
	opened := view.Step(&client.Snapshot{Phase: client.Starting}, "")
	step, page := view.Step(r.snap, r.place), view.PageOf(r.snap, r.place)
	if r.frame == nil {
		ctx.Page().SetTitle(view.TabTitle(page, r.snap))
	}
	if step == r.step {
		return
	}
	if r.step != "" && r.step != opened {
		part.FocusPage(ctx)
	}
	r.step = step
}

// ring tells a person who looks elsewhere what has come.
func (r *root) ring(ctx app.Context, before *client.Snapshot) {
	if r.host == nil {
		return
	}
	for _, ring := range view.Rings(before, r.snap) {
		r.host.Ring(ring, func() { ctx.Dispatch(func(ctx app.Context) { r.trail.Enter(ctx, ring.Place) }) })
	}
	if n := view.Unread(r.snap); n != r.badge {
		r.badge = n
		r.host.Badge(n)
	}
}

// sendText sends a message, or a friend request where there is no friend, and
// leads back to the end of a log, where it will stand.
func (r *root) sendText(conversation core.ID, text string) error {
	s := r.engine.Snapshot()
	var err error
	switch row, ok := view.OpenChat(s, view.PlaceOf(s, conversation)); {
	case conversation == s.Account:
		err = r.engine.SendNote(text)
	case ok && view.StandingOf(row).Box == view.AskBox:
		err = r.engine.Befriend(conversation.Hex(), text)
	default:
		err = r.engine.Send(conversation, text)
	}
	if err == nil && s.Newer[conversation] {
		_ = r.engine.Newest(conversation) // the text is sent, wherever the page stands
	}
	return err
}

// answer sends a post that replies to another one.
func (r *root) answer(to core.MessageID, text string) error {
	err := r.engine.Group(client.GroupOrder{Verb: client.ReplyToPost, Message: to, Text: text})
	if err == nil && r.engine.Snapshot().Newer[to.Device] {
		_ = r.engine.Newest(to.Device)
	}
	return err
}

// Render draws the page.
func (r *root) Render() app.UI {
	return tag.In("div app", r.page())
}

func (r *root) page() app.UI {
	page := view.PageOf(r.snap, r.place)
	if r.moves.now.On && r.moves.now.first || page == view.ImportFirst {
		// As long as a file comes in, that is what there is to see, although the
		// account that it brings is here before its history.
		return &take{First: true, Move: r.moves.now.Transfer, moves: &r.moves, trail: &r.trail}
	}
	switch page {
	case view.Opening:
		return &opening{}
	case view.OtherTab:
		return &otherTab{}
	case view.CannotOpen:
		return &cannotOpen{Fault: r.snap.Fault}
	case view.Welcome:
		if r.mark.evicted {
			return &evicted{trail: &r.trail, forget: r.mark.forget}
		}
		return &welcome{trail: &r.trail, Invited: r.guest.place != "", Framed: r.frame != nil}
	case view.Register:
		return &register{engine: r.engine, trail: &r.trail}
	case view.Restore, view.RestoreName:
		return &restore{engine: r.engine, trail: &r.trail, Named: page == view.RestoreName}
	case view.LinkHere:
		return &linkHere{engine: r.engine, intake: r.intake, trail: &r.trail}
	case view.SeedWords:
		return &seedWords{engine: r.engine, Words: r.snap.Seed}
	case view.AccountKey:
		return &accountKey{engine: r.engine, Snap: r.snap, Now: r.now}
	case view.Joining:
		return &joining{engine: r.engine, trail: &r.trail, Snap: r.snap, Now: r.now}
	case view.Locked:
		return &locked{Lock: r.snap.Lock, engine: r.engine, trail: &r.trail}
	case view.Leaving:
		return &leaving{}
	case view.Unlinked:
		return &unlinked{engine: r.engine, trail: &r.trail}
	case view.Chats, view.Chat, view.Contact, view.NewChat, view.Requests, view.Settings, view.Devices, view.Network, view.Lock, view.Program,
		view.Storage, view.Export, view.Import, view.ImportFirst, view.Notices:
	}
	return &panes{
		engine: r.engine, trail: &r.trail, drafts: &r.drafts, host: r.host, moves: &r.moves,
		Snap: r.snap, Move: r.moves.now.Transfer, Place: r.place, Wide: r.wide, Now: r.now,
	}
}

// clock is the local time of a page.
func clock() core.Millis { return core.Millis(time.Now().UnixMilli()) }
