package web

import (
	"context"

	"tandem/web/view"
)

// Host is what pages ask of the browser around them, beyond what is drawn. Where
// there is none (nil: in a frame, in the demo), nothing of it is offered.
type Host interface {
	// Room asks how much is stored, and whether it is kept; persist: it also asks
	// the browser to keep it, which must follow a person's act.
	Room(ctx context.Context, persist bool) view.Room

	// Marked reports whether this browser remembers that it held an account, apart
	// from where it held it. Mark makes it remember, or forget.
	Marked() bool
	Mark(on bool)

	// Sink is a new file.
	Sink() Sink
	// Source is the file that was chosen in the file box with this id. Error:
	// view.ErrNoFile.
	Source(box string) (Source, error)

	// Ringing is how things stand; SetRinging changes it, for which the browser may
	// ask the person.
	Ringing() view.Ringing
	SetRinging(ctx context.Context, on bool) view.Ringing
	// Ring shows a notification if that is on and nobody looks at any tab; pressed
	// is called when a person presses it.
	Ring(r view.Ring, pressed func())
	// Badge shows a number at the icon of the app; 0: none.
	Badge(n int)
}

// Sink is a file that is written, and saved at its end.
type Sink interface {
	Write(piece []byte)
	Save(name string)
}

// Source is a file that is read.
type Source interface {
	Size() int64
	// Read brings at most n bytes from at. Error: view.ErrNoFile.
	Read(ctx context.Context, at int64, n int) ([]byte, error)
}
