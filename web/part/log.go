package part

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/web/tag"
	"tandem/web/view"
)

const (
	logID = "chat-log"
	// stick is how near the end counts as being at the end, in pixels: the log
	// then follows new messages.
	stick = 80
)

// Log is the messages of one conversation. It stays at the end while one is
// there, keeps its place otherwise, and then offers a way to the end.
type Log struct {
	app.Compo

	Conversation core.ID
	Label        string
	Messages     []core.Message // oldest first
	Now          core.Millis    // to the minute: every other value redraws all rows
	Empty        string         // what to say before the first message

	away     bool // scrolled up
	resized  app.Func
	observer app.Value
}

// CompoID makes another conversation another log.
func (l *Log) CompoID() string { return l.Conversation.Hex() }

// OnMount begins at the newest message, and stays there when a keyboard or a
// growing box takes room away.
func (l *Log) OnMount(ctx app.Context) {
	l.toEnd(ctx)
	l.resized = app.FuncOf(func(app.Value, []app.Value) any {
		ctx.Dispatch(func(ctx app.Context) {
			if !l.away {
				scrollToEnd()
			}
			ctx.PreventUpdate()
		})
		return nil
	})
	l.observer = app.Window().Get("ResizeObserver").New(l.resized)
	l.observer.Call("observe", app.Window().GetElementByID(logID))
}

// OnDismount ends the watch.
func (l *Log) OnDismount() {
	if l.observer != nil {
		l.observer.Call("disconnect")
		l.resized.Release()
	}
}

// OnUpdate runs before the rows change: what is at the end now, stays there.
// One's own new message is always shown.
func (l *Log) OnUpdate(ctx app.Context) {
	if n := len(l.Messages); !l.away || n > 0 && l.Messages[n-1].Status == core.Queued {
		l.toEnd(ctx)
	}
}

// Render draws the window of rows.
func (l *Log) Render() app.UI {
	return tag.Div().Class("log-frame").Body(
		tag.Div().ID(logID).Class("log").Role("log").TabIndex(0).Aria("label", l.Label).
			DataSet("testid", "chat-log").OnScroll(l.scrolled, app.PassiveEvent()).
			Body(l.rows()...),
		app.If(l.away, func() app.UI {
			return tag.Button().Class("btn btn-small jump").
				Aria("label", "Jump to the newest message").OnClick(l.jump).Body(Icon("down"))
		}),
	)
}

func (l *Log) rows() []app.UI {
	rows := view.Log(l.Messages, l.Now, time.Local)
	if len(rows) == 0 {
		return []app.UI{tag.P().Class("lead log-empty").Text(l.Empty)}
	}
	body := make([]app.UI, len(rows))
	for i, r := range rows {
		body[i] = logRow(r)
	}
	return body
}

func logRow(r view.LogRow) app.UI {
	if r.Day != "" {
		return tag.P().Class("day").Text(r.Day)
	}
	m := tag.Div().Class("msg").DataSet("testid", "message").
		DataSet("direction", directionWord(r.Message.Direction)).DataSet("status", r.Message.Status.String())
	if r.First {
		m = m.DataSet("first", true)
	}
	if r.Last {
		m = m.DataSet("last", true)
	}
	return m.Body(
		tag.Div().Class("bubble").Body(
			tag.Span().Class("text").Dir("auto").Text(r.Message.Body),
			app.Text(" "),
			tag.Span().Class("meta").Body(
				tag.Time().Attr("datetime", r.Time.Stamp).Title(r.Time.Full).Text(r.Time.Short),
				app.If(r.Mark.Icon != "", func() app.UI { return Sign(r.Mark.Icon, r.Mark.Word) }),
			),
		),
		app.If(r.Message.Status == core.Failed, func() app.UI {
			return tag.P().Class("failed").Body(app.Text("Not sent. "), tag.Span().Dir("auto").Text(r.Message.Cause))
		}),
	)
}

func directionWord(d core.Direction) string {
	if d == core.Out {
		return "out"
	}
	return "in"
}

// scrolled redraws only when the end comes into view or leaves it.
func (l *Log) scrolled(ctx app.Context, _ app.Event) {
	log := ctx.JSSrc()
	left := log.Get("scrollHeight").Float() - log.Get("scrollTop").Float() - log.Get("clientHeight").Float()
	if away := left > stick; away != l.away {
		l.away = away
		return
	}
	ctx.PreventUpdate()
}

func (l *Log) jump(ctx app.Context, _ app.Event) {
	l.toEnd(ctx)
	FocusOn(ctx, logID)
}

func (l *Log) toEnd(ctx app.Context) {
	ctx.Defer(func(app.Context) { scrollToEnd() })
}

func scrollToEnd() {
	if log := app.Window().GetElementByID(logID); log.Truthy() {
		log.Set("scrollTop", log.Get("scrollHeight"))
	}
}
