package view

import (
	"testing"
	"time"

	"tandem/core"
)

func messages(rows []LogRow) []LogRow {
	var out []LogRow
	for _, r := range rows {
		if r.Day == "" {
			out = append(out, r)
		}
	}
	return out
}

func TestLogGroupsAndDays(t *testing.T) {
	now := at("2026-11-18 14:31:00")
	rows := Log([]core.Message{
		{Direction: core.In, Sent: at("2026-11-17 23:58:00"), Body: "a"},
		{Direction: core.In, Sent: at("2026-11-18 00:01:00"), Body: "b"}, // near, but another day
		{Direction: core.In, Sent: at("2026-11-18 00:05:59"), Body: "c"},
		{Direction: core.In, Sent: at("2026-11-18 00:10:59"), Body: "d"}, // five minutes later
		{Direction: core.Out, Sent: at("2026-11-18 00:11:00"), Body: "e", Status: core.Failed},
	}, LogMarks{}, now, time.UTC)
	var got string
	for _, r := range rows {
		switch {
		case r.Day != "":
			got += "[" + r.Day + "]"
		default:
			if r.First {
				got += "<"
			}
			got += r.Message.Body
			if r.Last {
				got += ">"
			}
		}
	}
	if want := "[Yesterday]<a>[Today]<bc><d><e>"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	m := messages(rows)
	if m[0].Mark != (Mark{}) || m[4].Mark != (Mark{"fail", "Not sent"}) {
		t.Errorf("marks: %v, %v", m[0].Mark, m[4].Mark)
	}
	if m[0].Time.Short != "23:58" {
		t.Errorf("yesterday’s message shows %q, though the day stands above it", m[0].Time.Short)
	}
}

func TestLogIsAWindow(t *testing.T) {
	all := make([]core.Message, Window+300)
	for i := range all {
		all[i] = core.Message{ID: core.MessageID{Counter: uint64(i)}, Sent: core.Millis(i) * core.Minute}
	}
	rows := messages(Log(all, LogMarks{}, 0, time.UTC))
	if len(rows) != Window || rows[Window-1].Message.ID.Counter != uint64(len(all)-1) {
		t.Errorf("%d rows, the last is %d", len(rows), rows[len(rows)-1].Message.ID.Counter)
	}
	if Log(nil, LogMarks{}, 0, time.UTC) == nil || len(Log(nil, LogMarks{}, 0, time.UTC)) != 0 {
		t.Error("an empty log is not empty")
	}
}

func TestEveryStatusHasItsMark(t *testing.T) {
	seen := map[Mark]bool{}
	for s := core.Queued; s <= core.Failed; s++ {
		seen[MarkOf(s)] = true
	}
	if len(seen) != 5 || seen[MarkOf(99)] {
		t.Errorf("marks: %v", seen)
	}
}
