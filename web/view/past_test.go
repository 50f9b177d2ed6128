package view

import (
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/client"
)

func TestPast(t *testing.T) {
	d := client.Dialog{Month: client.Amount{Messages: 1, Bytes: 900}, All: client.Amount{Messages: 12_345, Bytes: 7 << 20}}
	for past, want := range map[client.Past]string{
		client.PastNone: "only what is written from now on", client.PastMonth: "1 message, less than 1 MB.", client.PastAll: "12,345 messages, about 7 MB.",
	} {
		if got := PastAmount(d, past); !strings.Contains(got, want) {
			t.Errorf("choice %d: %q", past, got)
		}
		on := ""
		for _, c := range PastChoices(past) {
			if c.On {
				on += c.Name
			}
		}
		if want := map[client.Past]string{client.PastNone: "None", client.PastMonth: "Last 30 days", client.PastAll: "Everything"}[past]; on != want {
			t.Errorf("chosen: %q, want %q", on, want)
		}
	}
	id := core.ID{5}
	for _, tt := range []struct {
		row  client.PastRow
		want string
	}{
		{client.PastRow{Device: id, Coming: true}, "awake"},
		{client.PastRow{Device: id, Coming: true, Begun: true, Done: 214, Total: 1380}, "214 of 1,380. "},
		{client.PastRow{Device: id}, "as soon as it asks"},
		{client.PastRow{Device: id, Begun: true, Done: 2, Total: 3}, "2 of 3 are there"},
	} {
		if got := PastLine(tt.row); !strings.Contains(got, tt.want) {
			t.Errorf("%+v: %q", tt.row, got)
		}
		s := &client.Snapshot{Past: []client.PastRow{tt.row}}
		if (PastComing(s) != nil) != tt.row.Coming || (PastOf(s, id) != nil) == tt.row.Coming {
			t.Errorf("%+v is found where it is not", tt.row)
		}
	}
}
