package part

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
)

func said(direction core.Direction, n uint64) core.Message {
	return core.Message{ID: core.MessageID{Counter: n}, Direction: direction, Body: "text", Status: core.Queued}
}

// The line above what is new stays while one reads, and moves only to what came
// while nobody looked.
func TestTheLineStaysWhileOneReads(t *testing.T) {
	l := &Log{Messages: []core.Message{said(core.In, 1), said(core.In, 2)}, First: core.MessageID{Counter: 2}, Unread: 1}
	l.OnInit()
	shows := func(what, want string) {
		t.Helper()
		got := ""
		if page := app.HTMLString(l.Render()); strings.Contains(page, "new-line") {
			got = strings.TrimSpace(strings.SplitN(strings.SplitN(page, `class="new-line"`, 2)[1], "<", 2)[0])
			got = strings.TrimSpace(strings.TrimPrefix(got, ">"))
		}
		if got != want {
			t.Errorf("%s: the line says %q, want %q", what, got, want)
		}
	}
	shows("opened", "1 new message")
	l.First, l.Unread = core.MessageID{}, 0
	l.follow()
	shows("read", "1 new message")
	l.Messages = append(l.Messages, said(core.In, 3))
	l.First, l.Unread = core.MessageID{Counter: 3}, 1
	l.follow()
	shows("one comes before one’s eyes", "1 new message")
	if l.marks.First.Counter != 2 {
		t.Error("the line moved before one’s eyes")
	}
	l.away = true
	l.Messages = append(l.Messages, said(core.In, 4))
	l.Unread = 2
	l.follow()
	shows("two came meanwhile", "2 new messages")
}

func TestJumpCountsWhatCame(t *testing.T) {
	l := &Log{Messages: []core.Message{said(core.In, 1)}}
	l.OnInit()
	if page := app.HTMLString(l.Render()); strings.Contains(page, "Jump") || !strings.Contains(page, `aria-live="polite"`) {
		t.Error("at the end there is nowhere to jump")
	}
	l.away = true
	if page := app.HTMLString(l.Render()); !strings.Contains(page, `aria-label="Jump to latest"`) || !strings.Contains(page, `aria-live="off"`) {
		t.Errorf("scrolled up: %s", page)
	}
	l.Messages = append(l.Messages, said(core.In, 2), said(core.Out, 3), said(core.In, 4))
	if page := app.HTMLString(l.Render()); !strings.Contains(page, `aria-label="Jump to latest, 2 new"`) {
		t.Error("what came is not counted")
	}
	l.Newer, l.Older = true, true
	if page := app.HTMLString(l.Render()); !strings.Contains(page, `aria-label="Jump to latest"`) || !strings.Contains(page, "Show older messages") {
		t.Error("between the pages")
	}
	l.away, l.Newer = false, false
	app.HTMLString(l.Render())
	if l.end.Counter != 4 {
		t.Errorf("the newest that was seen is %d", l.end.Counter)
	}
}

// One's own new message leads to the end; an old one that still waits does not.
func TestOnlyAJustSentMessageLeadsToTheEnd(t *testing.T) {
	l := &Log{Messages: []core.Message{said(core.Out, 1)}}
	app.HTMLString(l.Render())
	for _, tt := range []struct {
		what string
		more []core.Message
		want bool
	}{
		{"nothing new", nil, false},
		{"one of a friend", []core.Message{said(core.In, 2)}, false},
		{"one's own", []core.Message{said(core.Out, 3)}, true},
	} {
		l.Messages = append(l.Messages, tt.more...)
		if got := l.justSent(); got != tt.want {
			t.Errorf("%s: %v", tt.what, got)
		}
	}
	l.Newer = true
	if l.justSent() {
		t.Error("on an old page")
	}
}

// A long log opens with its newest rows; the others follow.
func TestALongLogOpensWithItsNewestRows(t *testing.T) {
	l := &Log{Unread: 1, First: core.MessageID{Counter: 120}}
	for n := range uint64(121) {
		l.Messages = append(l.Messages, said(core.In, n))
	}
	l.OnInit()
	if page := app.HTMLString(l.Render()); strings.Count(page, `data-testid="message"`) != atOnce || l.drawn[atOnce-1].ID.Counter != 120 || !strings.Contains(page, "new-line") {
		t.Errorf("%d rows at once", len(l.drawn))
	}
	l.few = false
	if page := app.HTMLString(l.Render()); strings.Count(page, `data-testid="message"`) != 121 {
		t.Errorf("%d rows then", len(l.drawn))
	}
	l.Unread = atOnce
	if l.OnInit(); l.few {
		t.Error("what is new may lie above the newest rows")
	}
}
