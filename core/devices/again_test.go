package devices

import (
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/identity"
)

// The list that lost is said again with all that the other one knew: whom either
// removed stays removed, and nobody gets a place that there is not.
func TestAgain(t *testing.T) {
	ids := make([]core.ID, 9)
	for i := range ids {
		ids[i] = identity.NewDevice().ID()
	}
	list := func(e uint64, removed []core.ID, listed ...core.ID) List {
		l := List{Epoch: 10, SnapshotEpoch: e}
		for i, id := range listed {
			role := core.Secondary
			if i == 0 {
				role = core.Primary
			}
			l.Devices = append(l.Devices, Entry{ID: id, Role: role})
		}
		for _, id := range removed {
			l.Removed = append(l.Removed, Removed{ID: id, At: 1})
		}
		return l
	}
	named := func(l List) (listed, removed []core.ID) {
		for _, e := range l.Devices {
			listed = append(listed, e.ID)
		}
		for _, r := range l.Removed {
			removed = append(removed, r.ID)
		}
		return listed, removed
	}
	for name, c := range map[string]struct {
		lost, won       List
		listed, removed []core.ID
		e               uint64
	}{
		"both took one in": {
			list(0, nil, ids[0], ids[1], ids[2]), list(0, nil, ids[0], ids[1], ids[3]),
			[]core.ID{ids[0], ids[1], ids[2], ids[3]}, nil, 0,
		},
		"the winner removed one": {
			list(0, nil, ids[0], ids[1], ids[2]), list(10, []core.ID{ids[1]}, ids[0]),
			[]core.ID{ids[0], ids[2]}, []core.ID{ids[1]}, 10,
		},
		"the loser removed one": {
			list(10, []core.ID{ids[1]}, ids[0]), list(4, nil, ids[0], ids[1]),
			[]core.ID{ids[0]}, []core.ID{ids[1]}, 10,
		},
		"both removed one": {
			list(10, []core.ID{ids[1]}, ids[0]), list(10, []core.ID{ids[1]}, ids[0]),
			[]core.ID{ids[0]}, []core.ID{ids[1]}, 10,
		},
		"no place": {
			list(0, nil, ids[:6]...), list(0, nil, ids[0], ids[7], ids[8]), ids[:6], nil, 0,
		},
	} {
		next := c.lost.Again(c.won, 11, 12)
		listed, removed := named(next)
		if !slices.Equal(listed, c.listed) || !slices.Equal(removed, c.removed) || next.SnapshotEpoch != c.e ||
			next.Epoch != 11 || next.Issued != 12 {
			t.Errorf("%s: %d listed, %d removed, e %d", name, len(listed), len(removed), next.SnapshotEpoch)
		}
		if before, _ := named(c.lost); c.lost.Epoch != 10 || len(before) == 0 {
			t.Errorf("%s: the list that lost has changed", name)
		}
	}
	var many []core.ID
	for range MaxRemoved {
		many = append(many, identity.NewDevice().ID())
	}
	next := list(0, many, ids[0]).Again(list(0, []core.ID{ids[1]}, ids[0]), 11, 12)
	if len(next.Removed) != MaxRemoved {
		t.Errorf("%d removed", len(next.Removed))
	}
}
