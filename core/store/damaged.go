package store

import "errors"

// ErrDamaged is what every DamagedError is, by errors.Is. A Keeper returns it
// for bytes that it has not wrapped itself.
var ErrDamaged = errors.New("store: damaged")

// DamagedError says that a stored value is not what was written: changed bits,
// or a value moved to another key. Other records stay readable.
type DamagedError struct{ Kind Kind }

// Error names the kind of record and nothing of its content.
func (e *DamagedError) Error() string {
	return "store: a stored record is damaged: " + e.Kind.String()
}

// Is reports whether target is ErrDamaged.
func (e *DamagedError) Is(target error) bool { return target == ErrDamaged }
