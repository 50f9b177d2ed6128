package mirror

import (
	"encoding/json"
	"errors"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/mnemonic"
)

// kind of a message between tabs.
type kind uint8

const (
	kindPing   kind = 1 + iota // reader: I am here, this is what I show
	kindHere                   // writer: I am here
	kindState                  // writer: a snapshot
	kindAsk                    // reader: a command
	kindAnswer                 // writer: how it ended
)

// head is what each message has, and all of a ping and of a word that one is here.
type head struct {
	Kind kind
	From string // the tab that says it
	To   string `json:",omitempty"` // the only tab that it is for

	// Epoch names the writer that the message is of or for, 0 = none known, and
	// Number counts: its snapshots in pings and states, a reader's commands in
	// asks and answers.
	Epoch  uint64
	Number uint64

	// Of a ping.
	Hidden bool    `json:",omitempty"`
	Active bool    `json:",omitempty"` // somebody used the page since the last one
	Viewed core.ID `json:",omitzero"`
}

// message is all that tabs say to each other.
type message struct {
	head

	// Of a state. Base is the number of the one that it changes, 0 = none. Snapshot
	// comes without its logs, and without its chats if they are those of Base; nil:
	// all of it is as in Base. Logs are the conversations that changed, and Gone
	// those that are no more.
	Base      uint64                     `json:",omitempty"`
	Snapshot  *client.Snapshot           `json:",omitempty"`
	SameChats bool                       `json:",omitempty"`
	Logs      map[core.ID][]core.Message `json:",omitempty"`
	Gone      []core.ID                  `json:",omitempty"`

	Command *command `json:",omitempty"` // of an ask
	// Of an answer. No refusal: it is done.
	Refusal *refusal            `json:",omitempty"`
	Copies  []client.CopyRow    `json:",omitempty"`
	Backup  *client.BackupReply `json:",omitempty"`
}

var errMessage = errors.New("mirror: not a message of a tab")

// parse reads a message. What it says is checked by who uses it.
func parse(text string) (*message, error) {
	msg := new(message)
	if err := json.Unmarshal([]byte(text), msg); err != nil {
		return nil, errMessage // json's own error quotes its input
	}
	switch {
	case msg.Kind == kindState && (msg.Snapshot == nil && msg.Base == 0 || msg.Epoch == 0 || msg.Number == 0),
		msg.Kind == kindHere && msg.Epoch == 0,
		msg.Kind == kindAsk && msg.Command == nil:
		return nil, errMessage
	}
	return msg, nil
}

// marshal writes a message. What is only a head is written as one: the first message
// of all is, as the tab starts, and json would take as long for learning what the
// others may hold as for half of the first page.
func (msg *message) marshal() (string, error) {
	var whole any = msg
	if msg.Kind == kindPing || msg.Kind == kindHere {
		whole = &msg.head
	}
	b, err := json.Marshal(whole)
	return string(b), err
}

// ErrOther is an error of another tab that is none of Config.Refusals.
var ErrOther = errors.New("mirror: the tab that does the work failed")

// refusal is an error on its way from tab to tab.
type refusal struct {
	Number int                 // in Config.Refusals, from 1; 0 = none of them
	Word   *mnemonic.WordError `json:",omitempty"`
}

// refuse packs an error; nil is nil.
func (m *Tab) refuse(err error) *refusal {
	if err == nil {
		return nil
	}
	r := new(refusal)
	if errors.As(err, &r.Word) {
		return r
	}
	for i, known := range m.cfg.Refusals {
		if errors.Is(err, known) {
			r.Number = i + 1
			break
		}
	}
	return r
}

// err unpacks a refusal.
func (m *Tab) err(r *refusal) error {
	switch {
	case r == nil:
		return nil
	case r.Word != nil:
		return r.Word
	case r.Number > 0 && r.Number <= len(m.cfg.Refusals):
		return m.cfg.Refusals[r.Number-1]
	}
	return ErrOther
}
