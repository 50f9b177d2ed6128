package devices

import (
	"slices"

	"tandem/core"
)

// Again is what a list says that lost against another one of the same epoch, to
// be signed again under a higher one. What either removed stays removed, and
// whom the winner lists beside keeps the place if there is one.
func (l List) Again(won List, epoch uint64, now core.Millis) List {
	next := l.at(epoch, now)
	next.SnapshotEpoch = max(l.SnapshotEpoch, won.SnapshotEpoch)
	next.Devices = slices.DeleteFunc(next.Devices, func(e Entry) bool { return won.Removes(e.ID) })
	for _, r := range won.Removed {
		if !l.Removes(r.ID) {
			next.Removed = append(next.Removed, r)
		}
	}
	for _, e := range won.Devices {
		if _, listed := next.Find(e.ID); !listed && !l.Removes(e.ID) && len(next.Devices) < MaxDevices {
			next.Devices = append(next.Devices, e)
		}
	}
	next.trim()
	return next
}
