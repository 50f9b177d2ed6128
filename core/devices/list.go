package devices

import (
	"cmp"
	"slices"

	"tandem/core"
)

// List is a device list.
type List struct {
	Account       core.ID
	AccountEd     core.EdKey
	Epoch         uint64 // ms since 1970 or more: at least the time of signing
	Issued        core.Millis
	ListKey       core.EdKey
	AccountSig    []byte // by the account over the list key
	SnapshotEpoch uint64 // epoch of the last list that removed a device, 0 at first
	Devices       []Entry
	Removed       []Removed
}

// Entry is a device in a list. Names are not in it: the list is published.
type Entry struct {
	ID      core.ID
	Ed      core.EdKey
	Role    core.Role
	Added   core.Millis
	Consent []byte // by the device: that it belongs to this account
}

// Removed is a device that was removed. It is never listed again.
type Removed struct {
	ID core.ID
	At core.Millis
}

// Find is the entry of a device.
func (l List) Find(device core.ID) (Entry, bool) {
	for _, e := range l.Devices {
		if e.ID == device {
			return e, true
		}
	}
	return Entry{}, false
}

// Primary is the entry of the primary device; zero in a list that was never
// verified.
func (l List) Primary() Entry {
	for _, e := range l.Devices {
		if e.Role == core.Primary {
			return e
		}
	}
	return Entry{}
}

// Removes reports whether the list names device in removed.
func (l List) Removes(device core.ID) bool {
	return slices.ContainsFunc(l.Removed, func(r Removed) bool { return r.ID == device })
}

// CheckAhead refuses what is more than a day ahead. Error: ErrAhead.
func (l List) CheckAhead(now core.Millis) error {
	if l.Epoch > uint64(max(now, 0)+MaxAhead) {
		return ErrAhead
	}
	return nil
}

// NextEpoch is the epoch of the next list: higher than all that were seen (own
// last, outbox, snapshot, peers), and at least now. Error: ErrAhead when that
// is more than a day ahead.
func NextEpoch(now core.Millis, seen ...uint64) (uint64, error) {
	next := uint64(max(now, 0))
	for _, e := range seen {
		next = max(next, e+1)
	}
	return next, List{Epoch: next}.CheckAhead(now)
}

// With is the list with one more device. epoch comes from NextEpoch; l stays
// as it is. Errors: ErrFull; ErrList for a device that is or was listed.
func (l List) With(e Entry, epoch uint64, now core.Millis) (List, error) {
	if _, listed := l.Find(e.ID); listed || l.Removes(e.ID) {
		return List{}, ErrList
	}
	if len(l.Devices) >= MaxDevices {
		return List{}, ErrFull
	}
	next := l.at(epoch, now)
	next.Devices = append(next.Devices, e)
	return next, nil
}

// Without is the list with a secondary device moved to removed, under a new
// snapshot epoch. When removed is full the oldest name makes room: that device
// is merely absent then. epoch comes from NextEpoch; l stays as it is. Error:
// ErrList for the primary or a device that is not listed.
func (l List) Without(device core.ID, epoch uint64, now core.Millis) (List, error) {
	if e, listed := l.Find(device); !listed || e.Role == core.Primary {
		return List{}, ErrList
	}
	next := l.at(epoch, now)
	next.SnapshotEpoch = epoch
	next.Devices = slices.DeleteFunc(next.Devices, func(e Entry) bool { return e.ID == device })
	next.Removed = append(next.Removed, Removed{ID: device, At: now})
	next.trim()
	return next, nil
}

// TakenOver is the list with by as its primary: a device that was restored from
// the words, or the former primary that takes the account back. The devices for
// which out says yes go to removed, under a new snapshot epoch; the others stay
// as secondaries, with the consents that they gave. epoch comes from NextEpoch;
// l stays as it is. Errors: ErrFull; ErrList for a device that was removed.
func (l List) TakenOver(by Entry, out func(core.ID) bool, epoch uint64, now core.Millis) (List, error) {
	if l.Removes(by.ID) {
		return List{}, ErrList
	}
	next := l.at(epoch, now)
	next.Devices = nil
	by.Role = core.Primary
	for _, e := range l.Devices {
		switch {
		case e.ID == by.ID:
			by.Added = cmp.Or(e.Added, by.Added) // in a first list nobody was added yet
		case out(e.ID):
			next.Removed = append(next.Removed, Removed{ID: e.ID, At: now})
			next.SnapshotEpoch = epoch
		default:
			e.Role = core.Secondary
			next.Devices = append(next.Devices, e)
		}
	}
	next.Devices = append(next.Devices, by)
	if len(next.Devices) > MaxDevices {
		return List{}, ErrFull
	}
	next.trim()
	return next, nil
}

// trim makes room for the newest names in removed.
func (l *List) trim() {
	for len(l.Removed) > MaxRemoved {
		oldest := 0
		for i, r := range l.Removed {
			if r.At < l.Removed[oldest].At {
				oldest = i
			}
		}
		l.Removed = slices.Delete(l.Removed, oldest, oldest+1)
	}
}

// at copies the list for a new epoch.
func (l List) at(epoch uint64, now core.Millis) List {
	l.Epoch, l.Issued = epoch, now
	l.Devices = slices.Clone(l.Devices)
	l.Removed = slices.Clone(l.Removed)
	return l
}
