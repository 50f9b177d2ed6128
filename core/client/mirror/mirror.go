// Package mirror makes every tab of a browser a full view of the one device in
// it. Of all tabs one is the writer: it holds the writer's lock and runs the
// client. The others show the writer's snapshots and hand their commands to it;
// when it is gone, one of them takes its place.
//
// It is no second client: it keeps nothing, decides nothing and reaches no
// network. A command is done once the writer says so, which is after it is
// durable there and after the snapshot that shows it has come.
//
// # Between the tabs
//
// All is one broadcast channel of the origin, which no other origin hears. What
// goes over it is JSON, because both ends are the same program: the channel's
// name has the version in it, and tabs of two versions do not hear each other.
// Whatever a page shows or is given crosses, the 13 words and a passphrase
// included; who could hear it is a script of this origin, and could read the page.
// A reader pings; the ping says what it shows, and the writer answers with what
// is missing there: at once what the reader looks at, the other conversations
// little by little. Afterwards the writer sends each change by itself, and of the
// conversations only those that changed.
//
// # When the writer dies
//
// The browser gives its lock to the next tab, whose own client starts. Commands
// without an answer are then given to that one. Messages carry a token that is
// stored with them (client.SendOnce), so that none is written twice; other
// commands that were done before have nothing left to do.
package mirror

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"tandem/core"
	"tandem/core/client"
)

// Device is what a tab's own client can do: client.Client.
type Device interface {
	client.Engine
	SendOnce(token [16]byte, conversation core.ID, text string) error
	ViewingAll(conversations []core.ID)
}

// Config is the outside world of a tab. All fields are required.
type Config struct {
	Device Device
	// Post gives a text to all other tabs, in order. It must not block.
	Post func(text string)
	// Hidden reports whether nobody looks at this tab.
	Hidden func() bool
	// Fresh says that this browser keeps nothing, so that the first page is known
	// before the storage has answered.
	Fresh bool
	// Refusals are the errors that cross from tab to tab, the first that matches;
	// others arrive as ErrOther.
	Refusals []error
}

const (
	// pingVisible keeps a writer awake that the browser slows down because nobody
	// sees it, and lets it poll as often as somebody who looks may expect.
	pingVisible = time.Second
	pingHidden  = time.Minute
	// lookedFor is how long a reader counts as looked at after a ping.
	lookedFor = 5 * time.Second
	// forgetAfter drops a reader that does not ping any more: two pings of a
	// hidden one, and what a browser may delay them.
	forgetAfter = 150 * time.Second
	// pause lies between two snapshots that nobody waits for.
	pause = 40 * time.Millisecond
	// maxRows bounds what one snapshot brings of conversations that nobody looks at.
	maxRows = 200
	// crossing is how long a snapshot may take: a ping that does not know of it yet
	// has met it on the way.
	crossing = time.Second
	// aloneAfter and staleAfter count pings without an answer, after which a reader
	// says that there is no writer that it understands, or that its writer is stuck.
	aloneAfter = 3
	staleAfter = 10
	// maxInbox and maxText bound what other tabs can pile up here.
	maxInbox = 4096
	maxText  = 32 << 20
	// maxRunning bounds the commands that other tabs have under way here.
	maxRunning = 256
)

// stuck is said while the writer does not answer.
const stuck = "The tab that Tandem runs in does not answer. Close that tab, and this one takes over."

// Tab is the engine of one tab's pages. The zero value is not usable: New.
type Tab struct {
	cfg   Config
	name  string
	start time.Time
	wake  chan struct{}
	gone  chan struct{} // closed when Run has ended

	remote atomic.Pointer[client.Snapshot] // the writer's; nil = not known
	alone  atomic.Bool                     // nobody answers
	looked atomic.Int64                    // until when a reader is looked at, ns after start
	first  *client.Snapshot                // until somebody has answered

	watchers client.Watchers

	inboxMu sync.Mutex // guards inbox
	inbox   []string

	mu      sync.Mutex // guards the fields below
	epoch   uint64     // of this tab as writer; 0 = it is none
	viewed  core.ID    // by this tab
	active  bool       // since the last ping
	writer  writer
	reader  reader
	results []result
}

var _ client.Engine = (*Tab)(nil)

// New is a tab that hears nothing until Run.
func New(cfg Config) *Tab {
	m := &Tab{
		cfg: cfg, name: rand.Text(), start: time.Now(), wake: make(chan struct{}, 1), gone: make(chan struct{}),
		first: &client.Snapshot{Phase: client.Starting},
	}
	if cfg.Fresh {
		m.first.Phase = client.Welcome
	}
	m.writer.readers = map[string]*seenReader{}
	return m
}

// Run is the tab's part in the conversation with the others. It returns when ctx
// ends.
func (m *Tab) Run(ctx context.Context) {
	defer close(m.gone)
	defer m.cfg.Device.Watch(m.changed)()
	for {
		timer := time.NewTimer(m.step())
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-m.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Hear takes a text of another tab. It never blocks.
func (m *Tab) Hear(text string) {
	if len(text) > maxText {
		return
	}
	m.inboxMu.Lock()
	if len(m.inbox) < maxInbox {
		m.inbox = append(m.inbox, text)
	}
	m.inboxMu.Unlock()
	m.hurry()
}

// hurry makes the next step come at once.
func (m *Tab) hurry() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// changed is told by this tab's client.
func (m *Tab) changed() {
	if !waits(m.cfg.Device.Snapshot()) {
		m.watchers.Tell()
	}
	m.hurry()
}

// waits reports whether a client is not the writer, or not yet.
func waits(s *client.Snapshot) bool {
	return s.Phase == client.Starting || s.Phase == client.Elsewhere
}

// Snapshot is the newest state: of this tab's client if it is the writer,
// otherwise what the writer has sent.
func (m *Tab) Snapshot() *client.Snapshot {
	own := m.cfg.Device.Snapshot()
	if !waits(own) {
		return own
	}
	if s := m.remote.Load(); s != nil {
		return s
	}
	if m.alone.Load() {
		return own
	}
	return m.first
}

// Watch calls f after each change.
func (m *Tab) Watch(f func()) (stop func()) { return m.watchers.Watch(f) }

// Looked reports whether somebody looks at another tab, of which this one is the
// writer.
func (m *Tab) Looked() bool { return int64(time.Since(m.start)) < m.looked.Load() }

// Shown says that this tab was hidden or is seen again. It never blocks.
func (m *Tab) Shown() { m.pingNow(func() {}) }

// pingNow changes what a ping says, and says it.
func (m *Tab) pingNow(change func()) {
	m.mu.Lock()
	change()
	m.reader.pinged = time.Time{}
	m.mu.Unlock()
	m.hurry()
}

// step does what is due and says how long the next one can wait.
func (m *Tab) step() time.Duration {
	m.inboxMu.Lock()
	texts := m.inbox
	m.inbox = nil
	m.inboxMu.Unlock()

	before := m.Snapshot()
	next := m.turn(texts)
	if m.Snapshot() != before {
		m.watchers.Tell()
	}
	return next
}

// turn is a step with the lock held.
func (m *Tab) turn(texts []string) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	own, now := m.cfg.Device.Snapshot(), time.Now()
	if m.epoch == 0 && !waits(own) {
		m.takeOver()
	}
	for _, text := range texts {
		if msg, err := parse(text); err == nil {
			m.heard(msg, now)
		}
	}
	if m.epoch != 0 {
		return m.serve(now)
	}
	return m.follow(own, now)
}

// heard takes a message of another tab.
func (m *Tab) heard(msg *message, now time.Time) {
	switch {
	case m.epoch != 0 && msg.Kind == kindPing:
		m.hearPing(msg, now)
	case m.epoch != 0 && msg.Kind == kindAsk:
		m.hearAsk(msg)
	case m.epoch == 0 && msg.Kind == kindHere:
		m.hearHere(msg)
	case m.epoch == 0 && msg.Kind == kindState:
		m.hearState(msg)
	case m.epoch == 0 && msg.Kind == kindAnswer:
		m.hearAnswer(msg)
	}
}

// post tells all other tabs.
func (m *Tab) post(msg *message) {
	msg.From = m.name
	if text, err := msg.marshal(); err == nil {
		m.cfg.Post(text)
	}
}

// random is a number that no other tab has, and never zero.
func random() uint64 {
	var b [8]byte
	rand.Read(b[:])
	return binary.LittleEndian.Uint64(b[:]) | 1
}
