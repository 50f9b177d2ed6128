package mirror

import (
	"slices"
	"time"

	"tandem/core"
	"tandem/core/client"
)

// writer is what the tab knows that others show.
type writer struct {
	readers map[string]*seenReader     // by name
	number  uint64                     // of the newest snapshot that was sent
	sent    *client.Snapshot           // that snapshot; nil = none
	logs    map[core.ID][]core.Message // of it, that were sent
	more    bool                       // not all of them were
	at      time.Time                  // when
	behind  bool                       // a reader shows another one
	running int                        // commands of readers that are under way
}

// seenReader is a tab that shows what this one sends.
type seenReader struct {
	at     time.Time // of its last ping
	looked bool      // somebody looks at it
	viewed core.ID   // the conversation that it shows
}

// result is how a command of a reader ended.
type result struct {
	to      string
	number  uint64
	command *command
	err     error
}

// takeOver makes this tab the writer.
func (m *Tab) takeOver() {
	m.epoch = random()
	m.remote.Store(nil)
	m.post(&message{head: head{Kind: kindHere, Epoch: m.epoch}})
	left := m.reader.pending
	m.reader.pending = nil
	if len(left) > 0 {
		go m.finish(left)
	}
	m.viewAll()
}

// serve does what a writer has to do.
func (m *Tab) serve(now time.Time) time.Duration {
	next := time.Hour
	lost := false
	for name, r := range m.writer.readers {
		switch {
		case now.Sub(r.at) >= forgetAfter:
			delete(m.writer.readers, name)
		case r.looked && now.Sub(r.at) >= lookedFor:
			r.looked, lost = false, true
		case r.looked:
			next = min(next, lookedFor-now.Sub(r.at))
		default:
			next = min(next, forgetAfter-now.Sub(r.at))
		}
	}
	if lost {
		m.viewAll()
	}
	results := m.results
	m.results = nil
	newer := m.cfg.Device.Snapshot() != m.writer.sent || m.writer.more
	switch wait := pause - now.Sub(m.writer.at); {
	case len(m.writer.readers) == 0:
		m.writer.sent, m.writer.logs, m.writer.more = nil, nil, false // whoever comes next gets all of it
	case m.writer.behind || newer && (wait <= 0 || len(results) > 0):
		m.sendState(now)
		if m.writer.more {
			next = min(next, pause)
		}
	case newer:
		next = min(next, wait)
	}
	for _, r := range results {
		m.post(&message{head: head{Kind: kindAnswer, To: r.to, Epoch: m.epoch, Number: r.number}, Refusal: m.refuse(r.err), Copies: r.command.copies, Backup: r.command.backup})
	}
	return next
}

// sendState sends the newest snapshot: all of it to readers that are behind,
// otherwise what has changed.
func (m *Tab) sendState(now time.Time) {
	s, w := m.cfg.Device.Snapshot(), &m.writer
	msg := &message{head: head{Kind: kindState, Epoch: m.epoch, Number: w.number + 1}}
	if w.sent == nil || w.behind {
		w.sent, w.logs = nil, nil
	} else {
		msg.Base = w.number
	}
	if s != w.sent {
		whole := *s
		msg.Snapshot = &whole
		if s.Logs != nil {
			whole.Logs = map[core.ID][]core.Message{}
		}
		if w.sent != nil && slices.Equal(s.Chats, w.sent.Chats) {
			whole.Chats, msg.SameChats = nil, true
		}
	}
	m.addLogs(msg, s)
	m.post(msg)
	w.number, w.sent, w.at, w.behind = msg.Number, s, now, false
}

// addLogs adds what readers do not have of the logs: whatever changed and what
// they show, and of the others a part, so that no page stands still over a long
// list of conversations.
func (m *Tab) addLogs(msg *message, s *client.Snapshot) {
	w := &m.writer
	had := w.logs
	w.logs, w.more = make(map[core.ID][]core.Message, len(s.Logs)), false
	msg.Logs = map[core.ID][]core.Message{}
	rows := 0
	for id, log := range s.Logs {
		switch old, ok := had[id]; {
		case ok && same(old, log):
		case ok || m.shown(id) || rows < maxRows:
			msg.Logs[id] = log
			rows += len(log)
		default:
			w.more = true
			continue
		}
		w.logs[id] = log
	}
	for id := range had {
		if _, ok := s.Logs[id]; !ok {
			msg.Gone = append(msg.Gone, id)
		}
	}
}

// shown reports whether a reader shows a conversation.
func (m *Tab) shown(conversation core.ID) bool {
	for _, r := range m.writer.readers {
		if r.viewed == conversation {
			return true
		}
	}
	return false
}

// same reports whether two logs are one: snapshots share what did not change.
func same(a, b []core.Message) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// hearPing notes that a reader is there, and what it shows.
func (m *Tab) hearPing(msg *message, now time.Time) {
	r := m.writer.readers[msg.From]
	if r == nil {
		r = new(seenReader)
		m.writer.readers[msg.From] = r
	}
	r.at, r.looked, r.viewed = now, !msg.Hidden, msg.Viewed
	m.viewAll()
	if msg.Active {
		m.cfg.Device.Active()
	}
	crossed := msg.Number != 0 && now.Sub(m.writer.at) < crossing
	if m.writer.sent == nil || msg.Epoch != m.epoch || msg.Number != m.writer.number && !crossed {
		m.writer.behind = true
		return
	}
	m.post(&message{head: head{Kind: kindHere, Epoch: m.epoch}})
}

// viewAll tells the client what is looked at in all tabs, and that it is.
func (m *Tab) viewAll() {
	var until time.Time
	var all []core.ID
	if !m.viewed.IsZero() {
		all = append(all, m.viewed)
	}
	for _, r := range m.writer.readers {
		if !r.looked {
			continue
		}
		if end := r.at.Add(lookedFor); end.After(until) {
			until = end
		}
		if !r.viewed.IsZero() {
			all = append(all, r.viewed)
		}
	}
	m.looked.Store(int64(until.Sub(m.start)))
	m.cfg.Device.ViewingAll(all)
}

// hearAsk carries out a command of a reader, beside all others. One that was
// meant for the writer before this one comes again.
func (m *Tab) hearAsk(msg *message) {
	if msg.Epoch != m.epoch || m.cfg.Device.Snapshot().Phase == client.Broken {
		return
	}
	r := result{to: msg.From, number: msg.Number, command: msg.Command, err: client.ErrNotNow}
	if m.writer.running >= maxRunning {
		m.results = append(m.results, r)
		return
	}
	m.writer.running++
	go func() {
		r.err = msg.Command.run(m.cfg.Device)
		m.mu.Lock()
		m.writer.running--
		m.results = append(m.results, r)
		m.mu.Unlock()
		m.hurry()
	}()
}
