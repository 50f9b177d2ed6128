package mirror_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/client/mirror"
	"tandem/core/mnemonic"
)

// twin is a device in memory: it notes what it was asked and answers with err.
type twin struct {
	snap     atomic.Pointer[client.Snapshot]
	watchers client.Watchers

	mu    sync.Mutex // guards the fields below
	asked []string
	err   error
	hold  chan struct{} // a command waits for it; nil: none does
}

func newTwin(phase client.Phase) *twin {
	d := &twin{}
	d.snap.Store(&client.Snapshot{Phase: phase})
	return d
}

// show makes s the newest snapshot.
func (d *twin) show(s *client.Snapshot) {
	d.snap.Store(s)
	d.watchers.Tell()
}

func (d *twin) Snapshot() *client.Snapshot { return d.snap.Load() }

func (d *twin) Watch(f func()) func() { return d.watchers.Watch(f) }

// note writes down a command. Its effect is a snapshot with its name.
func (d *twin) note(name string, with ...any) error {
	said, _ := json.Marshal(with)
	d.mu.Lock()
	d.asked = append(d.asked, name+string(said))
	err, hold := d.err, d.hold
	d.mu.Unlock()
	if hold != nil {
		<-hold
	}
	s := *d.Snapshot()
	s.Name = name
	d.show(&s)
	return err
}

// took is what was asked since the last call.
func (d *twin) took() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := d.asked
	d.asked = nil
	return out
}

func (d *twin) answer(err error, hold chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err, d.hold = err, hold
}

func (d *twin) Register(a string) error                { return d.note("Register", a) }
func (d *twin) ConfirmWords() error                    { return d.note("ConfirmWords") }
func (d *twin) ConfirmKey() error                      { return d.note("ConfirmKey") }
func (d *twin) ConfirmRestore(a bool, b core.ID) error { return d.note("ConfirmRestore", a, b) }
func (d *twin) WasItMe(a bool) error                   { return d.note("WasItMe", a) }
func (d *twin) CheckSeed(a string) error               { _, err := mnemonic.Decode(a); return err }
func (d *twin) Restore(a, b string) error              { return d.note("Restore", a, b) }
func (d *twin) Join(a string) error                    { return d.note("Join", a) }
func (d *twin) CancelJoin() error                      { return d.note("CancelJoin") }
func (d *twin) Finish() error                          { return d.note("Finish") }
func (d *twin) Differ() error                          { return d.note("Differ") }
func (d *twin) RetryJoin() error                       { return d.note("RetryJoin") }
func (d *twin) Acknowledge() error                     { return d.note("Acknowledge") }
func (d *twin) OpenDialog() error                      { return d.note("OpenDialog") }
func (d *twin) CloseDialog() error                     { return d.note("CloseDialog") }
func (d *twin) Authorise(a [16]byte, b string) error   { return d.note("Authorise", a, b) }
func (d *twin) ChoosePast(a client.Past) error         { return d.note("ChoosePast", a) }
func (d *twin) StopPast(a core.ID) error               { return d.note("StopPast", a) }
func (d *twin) Reject(a [16]byte) error                { return d.note("Reject", a) }
func (d *twin) DismissSuccess() error                  { return d.note("DismissSuccess") }
func (d *twin) SetName(a string) error                 { return d.note("SetName", a) }
func (d *twin) RenameDevice(a core.ID, b string) error { return d.note("RenameDevice", a, b) }
func (d *twin) Unlink(a core.ID) error                 { return d.note("Unlink", a) }
func (d *twin) Leave() error                           { return d.note("Leave") }
func (d *twin) AskToBeAdded() error                    { return d.note("AskToBeAdded") }
func (d *twin) SetPassphrase(a, b string) error        { return d.note("SetPassphrase", a, b) }
func (d *twin) SetAutoLock(a int) error                { return d.note("SetAutoLock", a) }
func (d *twin) Lock() error                            { return d.note("Lock") }
func (d *twin) Unlock(a string) error                  { return d.note("Unlock", a) }
func (d *twin) SendNote(a string) error                { return d.note("SendNote", a) }
func (d *twin) Send(a core.ID, b string) error         { return d.note("Send", a, b) }
func (d *twin) Befriend(a, b string) error             { return d.note("Befriend", a, b) }
func (d *twin) Accept(a core.ID) error                 { return d.note("Accept", a) }
func (d *twin) Decline(a core.ID) error                { return d.note("Decline", a) }
func (d *twin) Block(a core.ID) error                  { return d.note("Block", a) }
func (d *twin) Unblock(a core.ID) error                { return d.note("Unblock", a) }
func (d *twin) TrustKey(a core.ID) error               { return d.note("TrustKey", a) }
func (d *twin) UsePlain(a core.ID, b bool) error       { return d.note("UsePlain", a, b) }
func (d *twin) Retry(a core.MessageID) error           { return d.note("Retry", a) }
func (d *twin) Delete(a core.MessageID, b bool) error  { return d.note("Delete", a, b) }
func (d *twin) Older(a core.ID) error                  { return d.note("Older", a) }
func (d *twin) Newest(a core.ID) error                 { return d.note("Newest", a) }
func (d *twin) SetDraft(a core.ID, b string) error     { return d.note("SetDraft", a, b) }
func (d *twin) SetReceipts(a bool) error               { return d.note("SetReceipts", a) }
func (d *twin) Group(o client.GroupOrder) error        { return d.note("Group", o) }
func (d *twin) Backup(o client.BackupOrder) (client.BackupReply, error) {
	return client.BackupReply{Run: o.Run + 1, Piece: o.Piece}, d.note("Backup", o)
}
func (d *twin) RebuildPath() error { return d.note("RebuildPath") }
func (d *twin) ClearData() error   { return d.note("ClearData") }
func (d *twin) Copies(a core.MessageID) ([]client.CopyRow, error) {
	return []client.CopyRow{{Device: core.ID{5, 1}, Own: true, State: client.CopyStored}}, d.note("Copies", a)
}

// SendOnce is noted with the first byte of its token.
func (d *twin) SendOnce(token [16]byte, a core.ID, b string) error {
	return d.note("SendOnce", a, b, fmt.Sprint(token == [16]byte{}))
}

func (d *twin) Active() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, "Active")
}

func (d *twin) Viewing(a core.ID) { d.ViewingAll([]core.ID{a}) }

func (d *twin) ViewingAll(all []core.ID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	said, _ := json.Marshal(all)
	if n := len(d.asked); n == 0 || d.asked[n-1] != "Viewing"+string(said) {
		d.asked = append(d.asked, "Viewing"+string(said))
	}
}

// room is the channel between the tabs of an origin.
type room struct {
	mu   sync.Mutex // guards the fields below
	tabs []*tab
	said []string // everything, while keep
	keep bool
}

// tab is one of them.
type tab struct {
	*mirror.Tab
	device *twin
	hidden atomic.Bool
	deaf   atomic.Bool // it neither hears nor is heard
	stop   func()
}

// refused is what crosses in these tests.
var refused = []error{client.ErrStore, client.ErrNotNow, client.ErrAlready, mnemonic.ErrChecksum}

// enter opens a tab, whose client is in a phase.
func (r *room) enter(t *testing.T, phase client.Phase) *tab {
	t.Helper()
	return r.come(t, phase, false)
}

// come is enter, of a browser that keeps nothing yet or may keep something.
func (r *room) come(t *testing.T, phase client.Phase, fresh bool) *tab {
	t.Helper()
	x := &tab{device: newTwin(phase)}
	x.Tab = mirror.New(mirror.Config{
		Device: x.device, Hidden: x.hidden.Load, Fresh: fresh, Refusals: refused,
		Post: func(text string) {
			if !x.deaf.Load() {
				r.post(x, text)
			}
		},
	})
	r.mu.Lock()
	r.tabs = append(r.tabs, x)
	r.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		x.Run(ctx)
		close(ended)
	}()
	x.stop = func() {
		x.deaf.Store(true)
		cancel()
		<-ended
	}
	t.Cleanup(x.stop)
	return x
}

func (r *room) post(from *tab, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keep {
		r.said = append(r.said, text)
	}
	for _, x := range r.tabs {
		if x != from && !x.deaf.Load() {
			x.Hear(text)
		}
	}
}

// listen is what was said since the last call.
func (r *room) listen() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.said
	r.said, r.keep = nil, true
	return out
}
