package view

import (
	"testing"
	"time"

	"tandem/core"
)

func messages(rows []LogRow) []LogRow {
	var out []LogRow
	for _, r := range rows {
		if r.Day == "" && r.New == "" && r.Hole == "" {
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

func TestLogMarksWhatIsNewAndMissing(t *testing.T) {
	now := at("2026-11-18 14:31:00")
	id := func(n uint64) core.MessageID { return core.MessageID{Counter: n} }
	log := []core.Message{
		{ID: id(1), Direction: core.In, Sent: now - 3*core.Minute, Body: "a"},
		{ID: id(2), Direction: core.In, Sent: now - 2*core.Minute, Body: "b", Ends: now + 90*core.Second},
		{ID: id(3), Direction: core.In, Sent: now - core.Minute, Unable: "attachment", Body: "https://a.example"},
	}
	rows := Log(log, LogMarks{First: id(2), New: 2, Missing: 1}, now, time.UTC)
	if len(rows) != 6 || rows[2].New != "2 new messages" || rows[5].Hole != "1 message is missing here" {
		t.Fatalf("%+v", rows)
	}
	if !rows[1].Last || !rows[3].First || rows[3].Last || !rows[4].Last {
		t.Error("the line does not part the group")
	}
	if rows[3].Ends != "disappears in 1 minute" || rows[4].Kind != "Attachment" || len(rows[4].Body) != 1 || !rows[4].Body[0].Link || rows[1].Kind != "" {
		t.Errorf("%+v", rows[3:5])
	}
	for _, marks := range []LogMarks{{}, {First: id(9), New: 3}, {First: id(2)}} {
		if rows := Log(log, marks, now, time.UTC); len(rows) != 4 {
			t.Errorf("%+v: %+v", marks, rows)
		}
	}
	log = append(log, core.Message{ID: id(4), Direction: core.Out}, core.Message{ID: id(5), Direction: core.In})
	for n, want := range map[uint64]int{5: 0, 3: 1, 1: 3, 99: 0} {
		if got := NewerThan(log, id(n)); got != want {
			t.Errorf("after %d: %d, want %d", n, got, want)
		}
	}
}
