package client

import (
	"testing"

	"tandem/core"
	"tandem/core/backup"
	"tandem/core/snapshot"
)

// punctual is a network that has said what time it is.
type punctual struct {
	carrier
	time core.Millis
}

func (p punctual) Synced() bool     { return true }
func (p punctual) Now() core.Millis { return p.time }

// A file that says that it is of the next century does not beat all that is said
// from now on.
func TestAFileOfTheFuture(t *testing.T) {
	t.Parallel()
	m := newMember(t)
	m.net = punctual{time: m.now()}
	future := m.now() + 100*365*core.Day
	b := &backup.Body{Registers: [][]byte{snapshot.Register{
		Kind: snapshot.Setting, Name: "of the future", Value: []byte{1}, Time: future, Device: m.sibling,
	}.Marshal()}}
	m.tells(func(t *tx) error { _, err := m.mergeBody(t, b, future); return err })
	if at := m.account.state.Written(snapshot.Setting, "of the future"); at > m.now()+core.Day {
		t.Errorf("it is kept as of %d", at)
	}
}
