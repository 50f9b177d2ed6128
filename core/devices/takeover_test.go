package devices

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"tandem/core"
)

// Who takes an account over becomes its only primary; whoever is not named as
// out stays, with the consent that it gave; and the list is one that everybody
// accepts.
func TestTakenOverByWhom(t *testing.T) {
	h := newHouse(t, 1)
	three, six := h.list(t, 5, 3), h.list(t, 5, MaxDevices)
	fresh := h.entry(t, 120, core.Secondary)
	nobody := func(core.ID) bool { return false }
	only := func(id core.ID) func(core.ID) bool { return func(d core.ID) bool { return d == id } }
	thief := three
	thief.Removed = []Removed{{ID: fresh.ID, At: noon}}
	crowded := three
	for i := range MaxRemoved {
		crowded.Removed = append(crowded.Removed, Removed{ID: h.entry(t, byte(130+i), core.Secondary).ID, At: noon - core.Millis(i)})
	}
	for name, c := range map[string]struct {
		list     List
		by       Entry
		out      func(core.ID) bool
		devices  int
		removed  int
		snapshot uint64
		err      error
	}{
		"keeps all":                       {three, fresh, nobody, 4, 0, 0, nil},
		"keeps one place":                 {h.list(t, 5, MaxDevices-1), fresh, nobody, MaxDevices, 0, 0, nil},
		"no place":                        {six, fresh, nobody, 0, 0, 0, ErrFull},
		"a place is made":                 {six, fresh, only(six.Devices[3].ID), MaxDevices, 1, 9, nil},
		"removes all":                     {six, fresh, func(core.ID) bool { return true }, 1, MaxDevices, 9, nil},
		"a secondary takes it back":       {three, three.Devices[2], only(three.Devices[0].ID), 2, 1, 9, nil},
		"never removes itself":            {three, three.Devices[2], func(core.ID) bool { return true }, 1, 2, 9, nil},
		"a removed device":                {thief, fresh, nobody, 0, 0, 0, ErrList},
		"the oldest name makes room":      {crowded, fresh, only(three.Devices[0].ID), 3, MaxRemoved, 9, nil},
		"a first list, of a device alone": {List{Account: h.id, Devices: []Entry{fresh}}, fresh, nobody, 1, 0, 0, nil},
	} {
		before := fmt.Sprint(c.list)
		l, err := c.list.TakenOver(c.by, c.out, 9, noon+1)
		if fmt.Sprint(c.list) != before {
			t.Errorf("%s: the old list is changed", name)
		}
		if !errors.Is(err, c.err) || err != nil {
			if !errors.Is(err, c.err) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if l.Primary().ID != c.by.ID || len(l.Devices) != c.devices || len(l.Removed) != c.removed || l.SnapshotEpoch != c.snapshot || l.Epoch != 9 {
			t.Errorf("%s: %+v", name, l)
		}
		for _, e := range c.list.Devices {
			kept, listed := l.Find(e.ID)
			gone := e.ID != c.by.ID && c.out(e.ID)
			if listed == gone || l.Removes(e.ID) != gone || listed && (kept.Added == 0 || !slices.Equal(kept.Consent, e.Consent)) {
				t.Errorf("%s: %v listed %v", name, e.ID, listed)
			}
		}
		if _, err := Parse(h.sign(t, l), h.id); err != nil {
			t.Errorf("%s: others refuse it", name)
		}
	}
}
