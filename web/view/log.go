package view

import (
	"time"
	"unicode"
	"unicode/utf8"

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

// LogRow is one line of a conversation: a day, the line above what is new, what
// is missing, or a message.
type LogRow struct {
	Day  string // set: the row is a heading and nothing else
	New  string // likewise
	Hole string // likewise

	Message core.Message
	Body    []Segment
	Kind    string // what it is, where this version cannot show it
	Ends    string // when it disappears; "" = it stays
	Time    Time
	First   bool // of a group
	Last    bool
	Mark    Mark // own messages only
	Author  Author
	Join    bool // it is the address of an open group
	Again   bool // it failed, and can be sent again here
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

// LogMarks is what stands between the messages.
type LogMarks struct {
	First   core.MessageID // the first one that is new; zero = none
	New     int            // how many are
	Missing int            // messages that are known to be missing
	Own     core.ID        // this device, which alone can send its messages again
}

// Log lays the newest messages out, oldest first.
func Log(messages []core.Message, marks LogMarks, now core.Millis, loc *time.Location) []LogRow {
	messages = Windowed(messages)
	rows := make([]LogRow, 0, len(messages)+8)
	today := moment(now, loc)
	for i, m := range messages {
		t := moment(m.Sent, loc)
		first := i == 0 || !together(messages[i-1], m, loc)
		if i == 0 || days(moment(messages[i-1].Sent, loc), t) != 0 {
			rows = append(rows, LogRow{Day: dayOf(t, today)})
		}
		if m.ID == marks.First && marks.New > 0 {
			rows, first = append(rows, LogRow{New: plural(marks.New, "new message", "new messages")}), true
		}
		row := LogRow{
			Message: m, Body: Segments(m.Body), Time: messageTime(t, today), First: first,
			Last: i == len(messages)-1 || !together(m, messages[i+1], loc) || messages[i+1].ID == marks.First && marks.New > 0,
		}
		if m.Unable != "" {
			row.Kind = kindOf(m.Unable)
		}
		if m.Post != nil {
			row.Author = AuthorOf(m.Post)
		}
		if row.Join = !Invited(m).IsZero(); row.Join {
			row.Body = []Segment{{Text: m.Body}} // a browser shows nothing there
		}
		if m.Ends > 0 {
			row.Ends = lasts(m.Ends - now)
		}
		if m.Direction == core.Out {
			row.Mark = MarkOf(m.Status)
			row.Again = m.Status == core.Failed && (m.ID.Device == marks.Own || m.Post != nil)
		}
		rows = append(rows, row)
	}
	if marks.Missing > 0 {
		rows = append(rows, LogRow{Hole: plural(marks.Missing, "message is", "messages are") + " missing here"})
	}
	return rows
}

// Windowed are the newest messages, no more than a page holds.
func Windowed(messages []core.Message) []core.Message {
	return messages[max(0, len(messages)-Window):]
}

// NewerThan counts what others wrote after a message; 0 if that is not here.
func NewerThan(messages []core.Message, id core.MessageID) int {
	n := 0
	for i := len(messages) - 1; i >= 0; i-- {
		if messages[i].ID == id {
			return n
		}
		if messages[i].Direction == core.In {
			n++
		}
	}
	return 0
}

// HoleTruth is what is done about a hole.
const HoleTruth = "Getting them from the other devices…"

// Unverified is the line under a message that any holder of the account's key
// may have sent.
const Unverified = "Sent by an unverified client of this account"

// cannotOpen is what one is told of a message of a kind that Tandem lacks.
const cannotOpen = "This version cannot open it"

// KindTruth is cannotOpen as a sentence.
const KindTruth = cannotOpen + "."

// kindOf names such a kind at the beginning of a line.
func kindOf(unable string) string {
	unable = oneLine(unable)
	r, size := utf8.DecodeRuneInString(unable)
	return string(unicode.ToUpper(r)) + unable[size:]
}

// lasts is for how long a message will still be there.
func lasts(left core.Millis) string {
	switch {
	case left < core.Minute:
		return "disappears within a minute"
	case left < core.Hour:
		return "disappears in " + plural(int(left/core.Minute), "minute", "minutes")
	case left < core.Day:
		return "disappears in " + plural(int(left/core.Hour), "hour", "hours")
	}
	return "disappears in " + plural(int(left/core.Day), "day", "days")
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
	if a.Post != nil && b.Post != nil && a.Post.Author != b.Post.Author {
		return false
	}
	return a.Direction == b.Direction && gap < group && gap > -group && days(ta, tb) == 0
}
