package mirror

import (
	"crypto/rand"
	"errors"
	"maps"
	"time"

	"tandem/core"
	"tandem/core/client"
)

// reader is what a tab knows of the one that writes.
type reader struct {
	epoch   uint64 // of the writer; 0 = not known
	number  uint64 // of the snapshot that is shown; 0 = none
	pinged  time.Time
	silent  int // pings without an answer
	asked   uint64
	pending []*ask // commands without an answer, the oldest first
}

// ask is a command that waits for another tab.
type ask struct {
	number  uint64
	command *command
	done    chan error // of size one
}

// do has a command carried out, by this tab's client or by the writer.
func (m *Tab) do(c *command) error {
	if !waits(m.cfg.Device.Snapshot()) {
		return c.run(m.cfg.Device)
	}
	if c.text() {
		c.Token = new([16]byte)
		rand.Read(c.Token[:])
	}
	a := &ask{command: c, done: make(chan error, 1)}
	m.mu.Lock()
	m.reader.asked++
	a.number = m.reader.asked
	late := m.epoch != 0
	if !late {
		m.reader.pending = append(m.reader.pending, a)
		m.postAsk(a)
	}
	m.mu.Unlock()
	if late { // it has become the writer meanwhile
		return c.run(m.cfg.Device)
	}
	select {
	case err := <-a.done:
		return err
	case <-m.gone:
		return client.ErrClosed
	}
}

// postAsk hands a command to the writer, if there is one yet.
func (m *Tab) postAsk(a *ask) {
	if m.reader.epoch != 0 {
		m.post(&message{head: head{Kind: kindAsk, Epoch: m.reader.epoch, Number: a.number}, Command: a.command})
	}
}

// finish carries out what the writer before this one did not answer. Whether it
// did it, is not known: a text has its token, and of anything else what is done
// already cannot be done now.
func (m *Tab) finish(left []*ask) {
	for _, a := range left {
		err := a.command.run(m.cfg.Device)
		if !a.command.text() && (errors.Is(err, client.ErrNotNow) || errors.Is(err, client.ErrAlready)) {
			err = nil
		}
		a.done <- err
	}
}

// follow does what a reader has to do.
func (m *Tab) follow(own *client.Snapshot, now time.Time) time.Duration {
	if own.Phase != client.Elsewhere {
		return time.Hour // it may become the writer at once
	}
	every := pingVisible
	if m.cfg.Hidden() {
		every = pingHidden
	}
	if wait := every - now.Sub(m.reader.pinged); wait > 0 {
		return wait
	}
	switch m.reader.silent++; {
	case m.remote.Load() == nil && m.reader.silent > aloneAfter:
		m.alone.Store(true)
	case m.remote.Load() != nil && m.reader.silent == staleAfter+1:
		stale := *m.remote.Load()
		stale.Fault = stuck
		m.remote.Store(&stale)
		m.reader.number = 0 // once it answers, all is sent anew
	}
	m.reader.pinged = now
	m.post(&message{head: head{
		Kind: kindPing, Epoch: m.reader.epoch, Number: m.reader.number,
		Hidden: m.cfg.Hidden(), Active: m.active, Viewed: m.viewed,
	}})
	m.active = false
	return every
}

// hearHere knows that there is a writer. To another one it says at once what it
// shows.
func (m *Tab) hearHere(msg *message) {
	m.reader.silent = 0
	if msg.Epoch != m.reader.epoch {
		m.reader.pinged = time.Time{}
	}
}

// hearState shows what the writer sent, unless it is a change of something that
// is not shown here: then the next ping, which comes at once, brings all of it.
func (m *Tab) hearState(msg *message) {
	m.reader.silent = 0
	if msg.Base != 0 && (msg.Epoch != m.reader.epoch || msg.Base != m.reader.number) {
		m.reader.number, m.reader.pinged = 0, time.Time{}
		return
	}
	s := msg.apply(m.remote.Load())
	m.remote.Store(s)
	m.reader.number = msg.Number
	if s.Phase == client.Broken { // its own page says what to do there
		m.remote.Store(nil)
		m.alone.Store(true)
		m.reader.number = 0
	}
	if m.reader.epoch == msg.Epoch {
		return
	}
	m.reader.epoch = msg.Epoch
	for _, a := range m.reader.pending {
		m.postAsk(a)
	}
}

// apply is the snapshot that a state makes of the one before, or of none.
func (msg *message) apply(before *client.Snapshot) *client.Snapshot {
	if msg.Base == 0 || before == nil {
		before = &client.Snapshot{}
	}
	s := msg.Snapshot
	if s == nil {
		copied := *before
		s = &copied
	}
	s.OtherTab = true
	if msg.SameChats {
		s.Chats = before.Chats
	}
	if s.Logs == nil {
		return s
	}
	s.Logs = make(map[core.ID][]core.Message, len(before.Logs))
	maps.Copy(s.Logs, before.Logs)
	maps.Copy(s.Logs, msg.Logs)
	for _, id := range msg.Gone {
		delete(s.Logs, id)
	}
	return s
}

// hearAnswer ends a command.
func (m *Tab) hearAnswer(msg *message) {
	if msg.To != m.name || msg.Epoch != m.reader.epoch {
		return
	}
	for i, a := range m.reader.pending {
		if a.number == msg.Number {
			m.reader.pending = append(m.reader.pending[:i:i], m.reader.pending[i+1:]...)
			a.command.copies, a.command.backup = msg.Copies, msg.Backup
			a.done <- m.err(msg.Refusal)
			return
		}
	}
}
