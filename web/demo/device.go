package demo

import (
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	world "tandem/core/demo"
	"tandem/web/part"
	"tandem/web/tag"
)

// device is the screen of one device: the app's pages in a tree of their own, and
// a cover while the device is off.
type device struct {
	app.Compo

	Seat  world.Seat
	State world.Device
	Days  int // of the days away

	frame  frame
	revive func(s world.Seat)
	style  func() app.Value // the page's, for the tree

	watch []app.Value // observers of the tree
	funcs []app.Func
}

// OnMount moves the pages into a tree of their own: a shadow root, in which ids,
// labels and radio buttons are theirs alone. go-app keeps changing the same
// elements there.
func (d *device) OnMount(ctx app.Context) {
	host := d.host()
	tree := host.Call("attachShadow", map[string]any{"mode": "open"})
	tree.Get("adoptedStyleSheets").Call("push", d.style())
	tree.Call("append", host.Get("firstElementChild"))
	d.observe("ResizeObserver", func() { ctx.Dispatch(d.fit) }, host)
	d.observe("MutationObserver", func() { shield(tree) }, tree, map[string]any{"subtree": true, "childList": true, "attributeFilter": []any{"open"}})
	escape := app.FuncOf(func(_ app.Value, args []app.Value) any {
		leaveDialog(tree, args[0])
		return nil
	})
	d.funcs = append(d.funcs, escape)
	tree.Call("addEventListener", "keydown", escape)
}

// OnDismount ends what OnMount began.
func (d *device) OnDismount() {
	for _, w := range d.watch {
		w.Call("disconnect")
	}
	for _, f := range d.funcs {
		f.Release()
	}
}

// observe calls f whenever an observer of this kind has seen something.
func (d *device) observe(kind string, f func(), args ...any) {
	seen := app.FuncOf(func(app.Value, []app.Value) any { f(); return nil })
	o := app.Window().Get(kind).New(seen)
	o.Call("observe", args...)
	d.watch, d.funcs = append(d.watch, o), append(d.funcs, seen)
}

func (d *device) fit(ctx app.Context) {
	ctx.PreventUpdate()
	d.frame.Fit()
}

// host is the element whose tree the pages are.
func (d *device) host() app.Value { return d.JSValue().Get("firstElementChild") }

func (d *device) Render() app.UI {
	return tag.Div().Class("device-frame").Role("group").Aria("label", d.State.Title).DataSet("seat", d.Seat.String()).Body(
		tag.Div().Class("frame-host").Body(d.frame.UI()),
		tag.Either(!d.State.Alive, d.cover(), tag.Span().Hidden(true)),
		tag.Either(d.State.Alive && d.State.Away, tag.In("div away badge", part.Icon("offline"), app.Text("Offline: day "+strconv.Itoa(d.Days)+" of "+strconv.Itoa(world.DaysAway))), tag.Span().Hidden(true)),
	)
}

// cover lies over a device that is off.
func (d *device) cover() app.UI {
	return tag.In("div device-off",
		part.Icon("fault"),
		tag.Say("p", "Killed in the middle of what it did. Its storage is as it was then."),
		part.Button("Start it again", "btn-primary", d.start),
	)
}

func (d *device) start(app.Context, app.Event) { d.revive(d.Seat) }

// sheet is the style of the page, for a tree that styles of the page do not reach.
func sheet() app.Value {
	var text strings.Builder
	sheets := app.Window().Get("document").Get("styleSheets")
	for i := range sheets.Get("length").Int() {
		rules := sheets.Call("item", i).Get("cssRules")
		for j := range rules.Get("length").Int() {
			text.WriteString(rules.Call("item", j).Get("cssText").String() + "\n")
		}
	}
	s := app.Window().Get("CSSStyleSheet").New()
	s.Call("replaceSync", text.String())
	return s
}

// shield makes everything of a device inert but its open dialog, as showModal
// would do for a whole page. Call it also when elements came or went: a dialog goes
// with its page, open as it is.
func shield(tree app.Value) {
	old := tree.Call("querySelectorAll", "[data-shut]")
	for i := range old.Get("length").Int() {
		old.Call("item", i).Call("removeAttribute", "inert")
		old.Call("item", i).Call("removeAttribute", "data-shut")
	}
	for e := tree.Call("querySelector", "dialog[open]"); e.Truthy() && e.Get("parentElement").Truthy(); e = e.Get("parentElement") {
		beside := e.Get("parentElement").Get("children")
		for i := range beside.Get("length").Int() {
			if b := beside.Call("item", i); !b.Equal(e) && !b.Call("hasAttribute", "inert").Bool() {
				b.Call("setAttribute", "inert", "")
				b.Call("setAttribute", "data-shut", "")
			}
		}
	}
}

// leaveDialog is what Esc does to a dialog that covers a page: the dialog is asked
// to close.
func leaveDialog(tree app.Value, e app.Value) {
	dialog := tree.Call("querySelector", "dialog[open]")
	if e.Get("key").String() != "Escape" || !dialog.Truthy() {
		return
	}
	dialog.Call("dispatchEvent", app.Window().Get("Event").New("cancel", map[string]any{"cancelable": true}))
}
