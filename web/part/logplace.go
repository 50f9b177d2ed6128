package part

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
)

const (
	logID = "chat-log"
	// stick is how near the end counts as being at the end, in pixels: the log
	// then follows new messages.
	stick = 80
	// atOnce is how many rows are drawn before the page is first painted: all 200
	// would keep a person waiting.
	atOnce = 50
	// near is how near the beginning asks for older messages, in pixels.
	near = 300
)

// box is the element that scrolls.
func (l *Log) box() app.Value { return l.JSValue().Get("firstElementChild") }

// Hidden reports whether nobody can see the page.
func Hidden() bool { return app.Window().Get("document").Get("hidden").Truthy() }

func isAway(log app.Value) bool {
	return log.Get("scrollHeight").Float()-log.Get("scrollTop").Float()-log.Get("clientHeight").Float() > stick
}

func (l *Log) scrollToEnd() {
	if log := l.box(); log.Truthy() {
		log.Set("scrollTop", log.Get("scrollHeight"))
	}
}

// toNewLine puts the line above what is new into the upper third. It reports
// whether there is one.
func (l *Log) toNewLine() bool {
	log := l.box()
	if !log.Truthy() {
		return false
	}
	line := log.Call("querySelector", ".new-line")
	if !line.Truthy() {
		return false
	}
	log.Set("scrollTop", log.Get("scrollTop").Float()+top(line)-top(log)-log.Get("clientHeight").Float()/3)
	return true
}

func top(e app.Value) float64 { return e.Call("getBoundingClientRect").Get("top").Float() }

// messagesIn are the elements of drawn, in its order.
func messagesIn(log app.Value) app.Value { return log.Call("querySelectorAll", ".msg") }

// hold remembers where the first message in view stands. The browser's own
// anchors cannot do that: elements are told apart by their place, and a new page
// above moves every message into another element.
func (l *Log) hold() (id core.MessageID, at float64, ok bool) {
	log := l.box()
	if !log.Truthy() {
		return
	}
	rows, from := messagesIn(log), top(log)
	for i := range min(rows.Get("length").Int(), len(l.drawn)) {
		rect := rows.Call("item", i).Call("getBoundingClientRect")
		if rect.Get("bottom").Float() > from {
			return l.drawn[i].ID, rect.Get("top").Float(), true
		}
	}
	return
}

// restore puts a message where it was, if it is still there.
func (l *Log) restore(id core.MessageID, at float64) {
	log := l.box()
	if !log.Truthy() {
		return
	}
	for i, m := range l.drawn {
		if m.ID == id {
			if row := messagesIn(log).Call("item", i); row.Truthy() {
				log.Set("scrollTop", log.Get("scrollTop").Float()+top(row)-at)
			}
			return
		}
	}
}

// message is the one that an element belongs to.
func (l *Log) message(e app.Value) (core.Message, bool) {
	row := e.Call("closest", ".msg")
	log := l.box()
	if !row.Truthy() || !log.Truthy() {
		return core.Message{}, false
	}
	rows := messagesIn(log)
	for i, m := range l.drawn {
		if rows.Call("item", i).Equal(row) {
			return m, true
		}
	}
	return core.Message{}, false
}

// clicked finds out which button of which message was pressed.
func (l *Log) clicked(ctx app.Context, e app.Event) {
	ctx.PreventUpdate()
	button := e.Get("target").Call("closest", "button")
	if !button.Truthy() {
		return
	}
	classes := button.Get("classList")
	switch {
	case classes.Call("contains", "older").Bool():
		l.away = true // what is looked at keeps its place
		l.more(ctx)
	case classes.Call("contains", "msg-more").Bool():
		l.act(Options, button)
	case classes.Call("contains", "msg-retry").Bool():
		l.act(Retry, button)
	case classes.Call("contains", "msg-delete").Bool():
		l.act(Delete, button)
	case classes.Call("contains", "msg-react").Bool():
		if m, ok := l.message(button); ok && m.Post != nil {
			l.Host.React(m, button.Get("dataset").Get("emoji").String())
		}
	case classes.Call("contains", "msg-join").Bool():
		if m, ok := l.message(button); ok {
			l.Host.JoinFrom(m)
		}
	}
}

func (l *Log) act(act LogAct, e app.Value) {
	if m, ok := l.message(e); ok {
		l.Host.Act(act, m)
	}
}

// key walks through the messages: the log is one stop of the Tab key, however
// many there are.
func (l *Log) key(ctx app.Context, e app.Event) {
	ctx.PreventUpdate()
	target := e.Get("target")
	here := target.Call("closest", ".msg")
	if !here.Truthy() && !target.Equal(l.box()) || here.Truthy() && !here.Equal(target) {
		return // a button or a link
	}
	switch key := e.Get("key").String(); {
	case key == "ArrowUp" || key == "ArrowDown":
		l.walk(here, key == "ArrowUp")
	case here.Truthy() && key == "Enter": // released
	case here.Truthy() && key == "ContextMenu":
		l.act(Options, here)
	case here.Truthy() && key == "Delete":
		l.act(Delete, here)
	default:
		return
	}
	e.PreventDefault()
}

// released opens what can be done to a message when Enter goes up: the dialog has
// the focus on Cancel, which the same Enter would press.
func (l *Log) released(ctx app.Context, e app.Event) {
	ctx.PreventUpdate()
	target := e.Get("target")
	if here := target.Call("closest", ".msg"); here.Truthy() && here.Equal(target) && e.Get("key").String() == "Enter" {
		l.act(Options, here)
	}
}

// walk moves the focus to a neighbour of here; from the log itself, to the last
// message.
func (l *Log) walk(here app.Value, up bool) {
	rows := messagesIn(l.box())
	i := len(l.drawn) - 1
	for j := 0; here.Truthy() && j < len(l.drawn); j++ {
		if rows.Call("item", j).Equal(here) {
			if i = j + 1; up {
				i = j - 1
			}
			break
		}
	}
	if row := rows.Call("item", max(i, 0)); row.Truthy() {
		row.Call("focus")
	}
}
