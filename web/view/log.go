package view

import (
	"time"

	"tandem/core"
)

const (
	// Window is how many rows of a conversation the page holds: more make every
	// redraw noticeable (go-app compares rows one by one).
	Window = 200
	// group is how far apart two messages of one side may be and still share
	// one time and one status.
	group = 5 * time.Minute
)

// LogRow is one line of a conversation: a day or a message.
type LogRow struct {
	Day string // set: the row is a heading and nothing else

	Message core.Message
	Time    Time
	First   bool // of a group
	Last    bool
	Mark    Mark // own messages only
}

// Mark is the sign of an own message's status: an icon and its word.
type Mark struct{ Icon, Word string }

// MarkOf is the mark of a status.
func MarkOf(s core.Status) Mark {
	switch s {
	case core.Queued:
		return Mark{"clock", "Waiting to be sent"}
	case core.Stored:
		return Mark{"tick", "Sent"}
	case core.Delivered:
		return Mark{"ticks", "Delivered"}
	case core.Read:
		return Mark{"read", "Read"}
	case core.Failed:
		return Mark{"fail", "Not sent"}
	}
	return Mark{"clock", "Unknown"}
}

// Log lays the newest messages out, oldest first.
func Log(messages []core.Message, now core.Millis, loc *time.Location) []LogRow {
	if n := len(messages); n > Window {
		messages = messages[n-Window:]
	}
	rows := make([]LogRow, 0, len(messages)+8)
	today := moment(now, loc)
	for i, m := range messages {
		t := moment(m.Sent, loc)
		first := i == 0 || !together(messages[i-1], m, loc)
		if i == 0 || days(moment(messages[i-1].Sent, loc), t) != 0 {
			rows = append(rows, LogRow{Day: dayOf(t, today)})
		}
		row := LogRow{
			Message: m, Time: messageTime(t, today), First: first,
			Last: i == len(messages)-1 || !together(m, messages[i+1], loc),
		}
		if m.Direction == core.Out {
			row.Mark = MarkOf(m.Status)
		}
		rows = append(rows, row)
	}
	return rows
}

// messageTime is relative under an hour and the clock before: the day stands
// above.
func messageTime(t, now time.Time) Time {
	m := At(core.Millis(t.UnixMilli()), core.Millis(now.UnixMilli()), t.Location())
	if now.Sub(t) >= time.Hour {
		m.Short = t.Format("15:04")
	}
	return m
}

// together reports whether two neighbours are one group: one side, one day,
// within five minutes.
func together(a, b core.Message, loc *time.Location) bool {
	ta, tb := moment(a.Sent, loc), moment(b.Sent, loc)
	gap := tb.Sub(ta)
	return a.Direction == b.Direction && gap < group && gap > -group && days(ta, tb) == 0
}
