package client

import (
	"testing"

	"tandem/core"
	"tandem/core/store"
)

func anEnding() ending {
	id := core.MessageID{Device: core.ID{5, 1}, Counter: 2}
	return ending{conversation: core.ID{5, 3}, place: store.Position{Sent: 4, ID: id}, lasts: 5, ends: 6}
}

// When a message ends is the same after a reload.
func TestEndingRecord(t *testing.T) {
	for _, e := range []ending{anEnding(), {}} {
		if got, err := parseEnding(e.marshal()); err != nil || got != e {
			t.Errorf("%+v became %+v, %v", e, got, err)
		}
	}
}

func FuzzParseEnding(f *testing.F) {
	f.Add(anEnding().marshal())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := parseEnding(b)
		if err != nil {
			return
		}
		if again, err := parseEnding(e.marshal()); err != nil || again != e {
			t.Fatalf("read again it is different: %+v, %+v", e, again)
		}
	})
}
