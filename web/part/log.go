package part

import (
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/web/tag"
	"tandem/web/view"
)

// LogAct is what one does to a message.
type LogAct uint8

// Acts. Options is all that can be done to it.
const (
	Options LogAct = iota + 1
	Retry
	Delete
)

// LogHost is the page around a Log. Older and Newest block, as the engine's do.
type LogHost interface {
	Older() error
	Newest() error
	Act(act LogAct, m core.Message)
	React(m core.Message, emoji string) // adds it, or takes one's own back
	JoinFrom(m core.Message)
}

// Log is the messages of one conversation. It opens at the first new one, stays
// at the end while one is there, keeps its place otherwise, and then offers a
// way to the end.
//
// Rows are drawn without handlers of their own, because there are up to 200 of
// them: the log finds out which message an event is about.
type Log struct {
	app.Compo

	Conversation core.ID
	Label        string
	Messages     []core.Message // oldest first
	First        core.MessageID // the first unread one, as the engine says
	Unread       int            // likewise
	Missing      int
	Device       core.ID     // this one
	Older, Newer bool        // there is more on either side of Messages
	Now          core.Millis // to the minute: every other value redraws all rows
	Empty        string      // what to say before the first message
	Host         LogHost

	few      bool           // just opened: only the newest rows are drawn, the others after them
	away     bool           // scrolled up
	asked    bool           // an older page is on its way
	leap     bool           // to the end, as soon as it is here
	marks    view.LogMarks  // they stay while the page is open
	end      core.MessageID // the newest message that was seen at the end
	drawn    []core.Message // the messages in the document
	resized  app.Func
	observer app.Value
}

// CompoID makes another conversation another log.
func (l *Log) CompoID() string { return l.Conversation.Hex() }

// OnInit puts the line above what is new.
func (l *Log) OnInit() {
	l.marks.First, l.marks.New = l.First, l.Unread
	l.few = l.Unread < atOnce/2
}

// OnMount begins at what is new, or at the end, and stays there when a keyboard
// or a growing box takes room away.
func (l *Log) OnMount(ctx app.Context) {
	ctx.Defer(func(ctx app.Context) {
		if l.toNewLine() {
			l.away = isAway(l.box())
		} else {
			l.scrollToEnd()
		}
		ctx.Dispatch(func(ctx app.Context) {
			l.keepPlace(ctx)
			l.few = false
		})
	})
	l.resized = app.FuncOf(func(app.Value, []app.Value) any {
		ctx.Dispatch(func(ctx app.Context) {
			if !l.away {
				l.scrollToEnd()
			}
			ctx.PreventUpdate()
		})
		return nil
	})
	l.observer = app.Window().Get("ResizeObserver").New(l.resized)
	l.observer.Call("observe", l.box())
}

// OnDismount ends the watch.
func (l *Log) OnDismount() {
	if l.observer != nil {
		l.observer.Call("disconnect")
		l.resized.Release()
	}
}

// OnUpdate runs before the rows change: what is at the end now, stays there, and
// what is looked at keeps its place. One's own new message is always shown.
func (l *Log) OnUpdate(ctx app.Context) {
	l.follow()
	if l.leap && !l.Newer || l.justSent() {
		l.leap, l.away = false, false
	}
	l.keepPlace(ctx)
}

// keepPlace is called before the rows change.
func (l *Log) keepPlace(ctx app.Context) {
	if !l.away {
		ctx.Defer(func(app.Context) { l.scrollToEnd() })
		return
	}
	if id, top, ok := l.hold(); ok {
		ctx.Defer(func(app.Context) { l.restore(id, top) })
	}
}

// follow moves the line to what came while nobody looked. What comes before
// one's eyes is not new.
func (l *Log) follow() {
	switch {
	case l.Unread == 0 || !l.away && !Hidden():
	case l.First == l.marks.First:
		l.marks.New = max(l.marks.New, l.Unread)
	default:
		l.marks.First, l.marks.New = l.First, l.Unread
	}
}

// justSent: the newest message is one's own and was not here before.
func (l *Log) justSent() bool {
	n := len(l.Messages)
	if n == 0 || l.Messages[n-1].Direction != core.Out || l.Newer {
		return false
	}
	was := len(l.drawn)
	return l.Messages[n-1].Status == core.Queued && (was == 0 || l.drawn[was-1].ID != l.Messages[n-1].ID)
}

// Render draws the window of rows.
func (l *Log) Render() app.UI {
	l.drawn, l.marks.Missing, l.marks.Own = view.Windowed(l.Messages), l.Missing, l.Device
	if l.few {
		l.drawn = l.drawn[max(0, len(l.drawn)-atOnce):]
	}
	if n := len(l.drawn); n > 0 && !l.away && !l.Newer {
		l.end = l.drawn[n-1].ID
	}
	live := "polite"
	if l.away {
		live = "off" // older pages are no news
	}
	return tag.In("div log-frame",
		tag.Div().ID(logID).Class("log").Role("log").Aria("live", live).Aria("relevant", "additions").TabIndex(0).Aria("label", l.Label).
			DataSet("testid", "chat-log").OnScroll(l.scrolled, app.PassiveEvent()).OnClick(l.clicked).OnKeyDown(l.key).OnKeyUp(l.released).
			Body(l.rows()...),
		app.If(l.away || l.Newer, l.jumper),
	)
}

func (l *Log) jumper() app.UI {
	name, count := "Jump to latest", ""
	if n := view.NewerThan(l.Messages, l.end); n > 0 && !l.Newer {
		count = strconv.Itoa(n)
		name += ", " + count + " new"
	}
	return tag.Button().Class("btn btn-small jump").Aria("label", name).OnClick(l.jump).Body(Icon("down"), app.Text(count))
}

func (l *Log) rows() []app.UI {
	rows := view.Log(l.drawn, l.marks, l.Now, time.Local)
	body := make([]app.UI, 0, len(rows)+1)
	if len(rows) == 0 {
		body = append(body, tag.Say("p lead log-empty", l.Empty))
	}
	if l.Older {
		body = append(body, tag.Button().Class("btn btn-small btn-quiet older").Text("Show older messages"))
	}
	for _, r := range rows {
		body = append(body, logRow(r))
	}
	return body
}

// scrolled redraws only when the end comes into view or leaves it.
func (l *Log) scrolled(ctx app.Context, _ app.Event) {
	if ctx.JSSrc().Get("scrollTop").Float() < near {
		l.more(ctx)
	}
	if away := isAway(ctx.JSSrc()); away != l.away {
		l.away = away
		return
	}
	ctx.PreventUpdate()
}

// more asks for an older page, once at a time.
func (l *Log) more(ctx app.Context) {
	if !l.Older || l.asked || l.few {
		return
	}
	l.asked = true
	ctx.Async(func() {
		err := l.Host.Older()
		ctx.Dispatch(func(ctx app.Context) {
			l.asked = false
			if err == nil {
				ctx.PreventUpdate() // the page comes with the next snapshot
			}
		})
	})
}

func (l *Log) jump(ctx app.Context, _ app.Event) {
	FocusOn(ctx, logID)
	if !l.Newer {
		l.away = false
		ctx.Defer(func(app.Context) { l.scrollToEnd() })
		return
	}
	l.leap = true
	ctx.Async(func() { _ = l.Host.Newest() }) // it stays where it is, and the button too
}
