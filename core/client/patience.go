package client

import (
	"time"

	"tandem/core"
	"tandem/core/linking"
)

// dialogPatience is how long the dialog waits for a device: as long as a device
// waits for the dialog. A link code must not lie open on a screen for a day.
const dialogPatience = 10 * time.Minute

// patience is how long the dialog has been waiting with nobody in it.
type patience struct {
	since time.Time   // zero: it is not
	until core.Millis // local clock, for the page
	over  bool        // the time is over and the dialog closed; the page still says so
}

// tickPatience closes a dialog in which nobody asks. That ends nobody's attempt:
// who asks later is noticed like everybody who finds the dialog closed.
func (c *Client) tickPatience() {
	l := &c.linker
	if l.machine == nil || c.db == nil || c.phase != Main {
		return
	}
	v := l.machine.View(c.now())
	switch waits := v.Open && len(v.Askers) == 0; {
	case !waits && !l.over:
		l.patience = patience{}
	case waits && l.since.IsZero():
		l.patience = patience{since: time.Now(), until: c.local() + core.Millis(dialogPatience.Milliseconds())}
		c.dirty = true
	case waits && time.Since(l.since) >= dialogPatience:
		if c.moveLinker(linking.CloseDialog{}) == nil { // or at the next look
			l.patience = patience{over: true}
		}
	}
}
