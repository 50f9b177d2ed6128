package view

import (
	"errors"
	"strings"

	"tandem/core"
	"tandem/core/client"
)

// RequestRow is a friend request in the list.
type RequestRow struct {
	Account core.ID
	Name    string
	Initial string
	Tint    int
	Key     string
	Text    string
	Line    string // when, and from what
}

// RequestRows are the friend requests that wait.
func RequestRows(s *client.Snapshot, now core.Millis) []RequestRow {
	rows := make([]RequestRow, len(s.Requests))
	for i, r := range s.Requests {
		row := RequestRow{
			Account: r.Account, Name: NameOf(r.Name, r.Account), Tint: Tint(r.Account), Key: r.Account.Hex(),
			Text: r.Text, Line: Ago(r.At, now),
		}
		row.Initial = InitialOf(row.Name, r.Account)
		if r.Plain {
			row.Line += " · " + plainClient
		}
		if r.Before {
			row.Text = row.Name + " was your contact before."
		}
		rows[i] = row
	}
	return rows
}

// RequestsLead is what stands above them.
func RequestsLead(s *client.Snapshot) string {
	if len(s.Requests) == 0 {
		return "Nobody is waiting for an answer."
	}
	return "Answer on any of your devices, the others follow."
}

// Requesters says who asks: "Mira, and 2 more".
func Requesters(s *client.Snapshot) string {
	if len(s.Requests) == 0 {
		return ""
	}
	first := NameOf(s.Requests[0].Name, s.Requests[0].Account)
	switch more := len(s.Requests) - 1; more {
	case 0:
		return first
	case 1:
		return isolated(first) + ", and one more"
	default:
		return isolated(first) + ", and " + grouped(more) + " more"
	}
}

// BlockedRow is somebody whom one does not want to hear.
type BlockedRow struct {
	Account core.ID
	Name    string
}

// BlockedRows are all of them.
func BlockedRows(s *client.Snapshot) []BlockedRow {
	rows := make([]BlockedRow, len(s.Blocked))
	for i, account := range s.Blocked {
		rows[i] = BlockedRow{Account: account, Name: ShortKey(account)}
		for _, c := range s.Chats {
			if c.Conversation == account {
				rows[i].Name = NameOf(c.Name, account)
			}
		}
	}
	return rows
}

// ReceiptsMeans is what the switch does.
const ReceiptsMeans = "Friends see when you have read what they wrote, and you see it of them."

// ReadKey takes a public key out of what was pasted: it may be shown in several
// lines, so white space inside is nobody's mistake.
func ReadKey(typed string) (string, error) {
	key := strings.ToLower(strings.Join(strings.Fields(typed), ""))
	_, err := core.ParseID(key)
	return key, err
}

// AboutKey reports whether a refusal of Befriend is about the key.
func AboutKey(err error) bool {
	switch {
	case errors.Is(err, client.ErrOwnAccount), errors.Is(err, client.ErrBlocked), errors.Is(err, client.ErrAlready),
		errors.Is(err, core.ErrIDLength), errors.Is(err, core.ErrIDHex), errors.Is(err, core.ErrIDPrefix):
		return true
	}
	return false
}

// AboutText reports whether it is about the message.
func AboutText(err error) bool {
	return errors.Is(err, client.ErrTextEmpty) || errors.Is(err, client.ErrTextLong)
}

// AccountSentence is Sentence for what was typed into the box for a friend's
// public key.
func AccountSentence(err error, typed string) string {
	if strings.TrimSpace(typed) == "" && err != nil {
		return "Paste the public key of your friend first."
	}
	return TargetSentence(err, typed)
}
