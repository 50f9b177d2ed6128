package view

import (
	"tandem/core"
	"tandem/core/client"
)

// NoteToSelf is the name of the conversation with oneself.
const NoteToSelf = "Note to self"

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
	Unread       int
}

// ChatRows is the list. Note to self is always in it, also before the first
// note.
func ChatRows(s *client.Snapshot) []ChatRow {
	rows := make([]ChatRow, 0, len(s.Chats)+1)
	noted := false
	for _, c := range s.Chats {
		noted = noted || c.Note
		rows = append(rows, chatRow(s, c))
	}
	if noted {
		return rows
	}
	note := chatRow(s, client.ChatRow{Conversation: s.Account, Note: true})
	return append([]ChatRow{note}, rows...)
}

func chatRow(s *client.Snapshot, c client.ChatRow) ChatRow {
	row := ChatRow{
		Conversation: c.Conversation, Place: PlaceOf(s, c.Conversation), Note: c.Note, Name: c.Name,
		Last: c.Last, LastAt: c.LastAt, Unread: c.Unread,
	}
	if c.Note {
		row.Place, row.Name = AtNote, NoteToSelf
	}
	row.Initial = Initial(row.Name)
	row.Tint = int(c.Conversation[1]) % 6
	return row
}

// Audience says who reads a conversation.
func Audience(s *client.Snapshot, note bool) string {
	n := len(s.Devices)
	switch {
	case !note:
		return ""
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
