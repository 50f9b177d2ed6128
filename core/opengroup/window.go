package opengroup

import (
	"slices"

	"tandem/core"
)

// View is one joined room: what is known of it, and the messages in memory.
type View struct {
	Room    Room
	Info    Info
	Rows    []Message // oldest first; the slice is never written to again
	Older   bool      // there are older ones on the server
	Newer   bool      // likewise newer ones, after Older
	Loaded  bool      // the server has told what is there
	Pin     *Message  // the newest pinned message; nil = none
	Trouble error     // why the room cannot be read; nil = it can

	changed bool // since Changed was asked

	seqno  int64 // of the newest change that was taken
	floor  int64 // the lowest ID that a list had; older messages lie below
	asked  int   // the poll that asked last, after trouble
	behind bool  // more came than one request brings
	streak int   // how often in a row

	kept [32]byte // hash of what is on the disk
}

// Changed reports whether there is anything that was not there when it was asked
// last.
func (v *View) Changed() bool {
	changed := v.changed
	v.changed = false
	return changed
}

// Touch makes Changed say so.
func (v *View) Touch() { v.changed = true }

// put adds a message or replaces the one with its ID.
func (v *View) put(m Message) {
	v.changed = true
	rows := make([]Message, 0, len(v.Rows)+1)
	at, known, twice := 0, false, false
	for i := range v.Rows {
		r := &v.Rows[i]
		switch same := r.same(&m); {
		case r.ID == m.ID:
			known = true
		case !same || r.ID < m.ID:
			if rows, twice = append(rows, *r), twice || same; r.ID < m.ID {
				at = len(rows)
			}
		}
	}
	n := len(v.Rows)
	beyond := n > 0 && !known && (v.Newer && m.ID > v.Rows[n-1].ID || v.Older && m.ID < v.Rows[0].ID)
	if v.Rows = rows; !twice && !beyond {
		v.Rows = slices.Insert(rows, at, m)
	}
}

// trim keeps the window, from its end or from its beginning.
func (v *View) trim(fromStart bool) {
	n, size, all := 0, 0, len(v.Rows)
	for ; n < min(all, Window); n++ {
		i := n
		if !fromStart {
			i = all - 1 - n
		}
		if size += len(v.Rows[i].data); size > maxHeld && n > 0 {
			break
		}
	}
	switch {
	case n == all:
	case fromStart:
		v.Rows, v.Newer = slices.Clone(v.Rows[:n]), true
	default:
		v.Rows, v.Older = slices.Clone(v.Rows[all-n:]), true
		v.floor = v.Rows[0].ID
	}
}

// remove takes a message out.
func (v *View) remove(id int64) {
	v.changed = true
	v.Rows = slices.DeleteFunc(slices.Clone(v.Rows), func(m Message) bool { return m.ID == id })
	if v.Pin != nil && v.Pin.ID == id {
		v.Pin = nil
	}
}

// react replaces the reactions of a message.
func (v *View) react(id int64, reactions []Reaction) {
	if i := slices.IndexFunc(v.Rows, func(m Message) bool { return m.ID == id }); i >= 0 {
		rows := slices.Clone(v.Rows)
		rows[i].Reactions = reactions
		v.Rows, v.changed = rows, true
	}
}

// take files entries of a list, in any order: messages, changed ones, deletions,
// and reactions alone. verified: messages that were here before.
func (v *View) take(entries []listed, verified []Message) {
	for i := range entries {
		l := &entries[i]
		v.seqno = max(v.seqno, l.Seqno)
		switch {
		case l.Deleted:
			v.remove(l.ID)
		case l.Data == nil:
			v.react(l.ID, l.reactions())
		default:
			if m, ok := l.message(verified); ok {
				v.put(m)
			} else {
				v.remove(l.ID) // an edit that its author did not sign
			}
		}
	}
}

// lowest is the lowest ID of a list; 0 = it is empty.
func lowest(entries []listed) int64 {
	var low int64
	for i := range entries {
		if id := entries[i].ID; low == 0 || id < low {
			low = id
		}
	}
	return low
}

// Start forgets the messages, so that the next poll brings the newest.
func (v *View) Start() {
	v.Rows, v.Older, v.Newer, v.Loaded, v.seqno = nil, false, false, false, 0
	v.behind, v.streak, v.changed = false, 0, true
}

// Find is a message of the window.
func (v *View) Find(id int64) (Message, bool) {
	for _, m := range v.Rows {
		if m.ID == id {
			return m, true
		}
	}
	return Message{}, false
}

// Unread counts others' messages behind a mark, and the first of them.
func (v *View) Unread(me string, mark int64) (n int, first int64) {
	for i := len(v.Rows) - 1; i >= 0 && v.Rows[i].ID > mark; i-- {
		if v.Rows[i].Author != me {
			n, first = n+1, v.Rows[i].ID
		}
	}
	return n, first
}

// Moderates reports whether an author is a moderator of the room.
func (v *View) Moderates(author string) bool { return v.Info.moderates(author) }

// Conversation is the room's ID among conversations.
func (v *View) Conversation() core.ID { return v.Room.ID() }
