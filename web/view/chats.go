package view

import (
	"strings"

	"tandem/core"
	"tandem/core/client"
)

// NoteToSelf is the name of the conversation with oneself.
const NoteToSelf = "Note to self"

// Typing is said of somebody who writes just now.
const Typing = "Typing…"

// ChatRow is one line of the chat list.
type ChatRow struct {
	Conversation core.ID
	Place        string
	Note         bool
	Name         string
	Initial      string
	Tint         int // which of the avatar's colours, 0 to 5
	Last         string
	LastAt       core.Millis // 0 = nothing was said yet
	Mark         Mark        // of the last message, if it is one's own
	Failed       bool        // it was not sent
	Unread       int

	Contact client.ChatRow // as the engine gave it
}

// ChatRows is the list, the newest first. Note to self is always in it, also
// before the first note.
func ChatRows(s *client.Snapshot) []ChatRow {
	rows := make([]ChatRow, 0, len(s.Chats)+1)
	noted := false
	for _, c := range s.Chats {
		noted = noted || c.Note
		rows = insert(rows, chatRow(s, c))
	}
	if noted {
		return rows
	}
	return insert(rows, chatRow(s, client.ChatRow{Conversation: s.Account, Note: true}))
}

// manyChats is more than a phone shows without scrolling.
const manyChats = 8

// ManyChats reports whether one wants to search the list.
func ManyChats(s *client.Snapshot) bool { return len(s.Chats) > manyChats }

// FindChats are the rows with a text in their name, or with the public key.
func FindChats(rows []ChatRow, find string) []ChatRow {
	find = strings.ToLower(strings.TrimSpace(find))
	var found []ChatRow
	for _, row := range rows {
		if strings.Contains(strings.ToLower(row.Name), find) || len(find) > 8 && strings.HasPrefix(row.Conversation.Hex(), find) {
			found = append(found, row)
		}
	}
	return found
}

// NextChat is the place of the chat below the open one in the list, or above it;
// without an open one the first or the last. "" = there is no list.
func NextChat(s *client.Snapshot, place string, down bool) string {
	if s.Phase != client.Main {
		return ""
	}
	rows := ChatRows(s)
	next := len(rows) - 1
	if down {
		next = 0
	}
	for i, row := range rows {
		if row.Place != ChatOf(place) {
			continue
		}
		if next = i - 1; down {
			next = i + 1
		}
	}
	return rows[max(0, min(next, len(rows)-1))].Place
}

// insert keeps the order of the engine among what is equally new.
func insert(rows []ChatRow, row ChatRow) []ChatRow {
	i := len(rows)
	for i > 0 && rows[i-1].LastAt < row.LastAt {
		i--
	}
	rows = append(rows, row)
	copy(rows[i+1:], rows[i:])
	rows[i] = row
	return rows
}

func chatRow(s *client.Snapshot, c client.ChatRow) ChatRow {
	row := ChatRow{
		Conversation: c.Conversation, Place: PlaceOf(s, c.Conversation), Note: c.Note, Name: NameOf(c.Name, c.Conversation),
		LastAt: c.LastAt, Unread: c.Unread, Contact: c,
	}
	if c.Note {
		row.Place, row.Name = AtNote, NoteToSelf
	}
	row.Initial = InitialOf(row.Name, c.Conversation)
	row.Tint = Tint(c.Conversation)
	row.last(s, c)
	return row
}

// last is the line under the name: the draft, or else the newest message.
func (r *ChatRow) last(s *client.Snapshot, c client.ChatRow) {
	r.Last = oneLine(c.Last)
	if log := s.Logs[c.Conversation]; len(log) > 0 && !s.Newer[c.Conversation] {
		m := log[len(log)-1]
		if m.Unable != "" {
			r.Last = kindOf(m.Unable) + ". " + cannotOpen
		}
		if m.Direction == core.Out {
			r.Mark, r.Failed = MarkOf(m.Status), m.Status == core.Failed
		}
		switch {
		case r.Failed:
			r.Last = r.Mark.Word + ": " + r.Last
		case m.Direction == core.Out && !c.Note:
			r.Last = "You: " + r.Last
		}
	}
	if c.Typing {
		r.Last, r.Mark, r.Failed = Typing, Mark{}, false
	}
	if draft := oneLine(s.Drafts[c.Conversation]); draft != "" {
		r.Last, r.Mark, r.Failed = "Draft: "+draft, Mark{}, false
	}
}

// lineLimit is more than any list is wide, in bytes.
const lineLimit = 160

// oneLine is the beginning of a text, without its line breaks.
func oneLine(text string) string {
	if len(text) > lineLimit {
		text = strings.ToValidUTF8(text[:lineLimit], "")
	}
	return strings.Join(strings.Fields(text), " ")
}

// Audience says who reads a conversation.
func Audience(s *client.Snapshot, r ChatRow) string {
	n := len(s.Devices)
	switch {
	case r.Contact.Typing:
		return Typing
	case !r.Note:
		return ContactLine(r.Contact)
	case n > 1:
		return "Only your own devices, " + grouped(n) + " of them"
	}
	return "Only you, on this device"
}

// EmptyLog is what stands in a conversation before its first message.
func EmptyLog(note bool) string {
	if note {
		return "What you write here reaches all your devices, and nobody else."
	}
	return "Nothing was written here yet."
}
