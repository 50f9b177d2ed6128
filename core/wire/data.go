package wire

import (
	"google.golang.org/protobuf/encoding/protowire"

	"tandem/core"
)

// DataMessage is Session's message of a conversation, as far as it is
// understood here.
type DataMessage struct {
	Body string // 1
	Name string // 101 profile, 1 displayName
	// TimerChanges is 4 flags, bit 2: the message says nothing but the Timer that
	// is in force from now on.
	TimerChanges bool
	// SyncTarget, 105: another client of the sender's own account sent it to that
	// account. Not written.
	SyncTarget string
	// Invitation, 102 openGroupInvitation: the address of an open group, 1 url, and
	// its name, 3; "" = none.
	Invitation, GroupName string
	// Quote, 8: what it replies to. One without an author, or that is malformed, is
	// none.
	Quote Quote
	Parts Parts // what else it has; not written
}

// Quote names a message as Session does: by whom it is, and when it was sent. Text
// is what the one who quotes claims that it says; it is not read.
type Quote struct {
	Sent   core.Millis // 1
	Author string      // 2; "" = no quote
	Text   string      // 3
}

// Parts names what a DataMessage has that is only recognised.
type Parts uint16

// Parts.
const (
	HasFile       Parts = 1 << iota // 2 attachments
	HasVoice                        // one of which is a voice message
	HasQuote                        // 8, of nobody
	HasPreview                      // 10
	HasReaction                     // 11, action REACT
	HasWithdrawn                    // 11, action REMOVE
	HasInvitation                   // 102 openGroupInvitation, to nowhere
	HasGroup                        // 120 groupUpdateMessage
)

const (
	flagTimer = 2 // of a DataMessage
	flagVoice = 1 // of an attachment
)

func (d *DataMessage) marshal() []byte {
	out := AppendText(nil, 1, d.Body)
	if d.TimerChanges {
		out = AppendUint(out, 4, flagTimer)
	}
	if q := d.Quote; q.Author != "" {
		out = AppendBytes(out, 8, AppendText(AppendText(AppendUint(nil, 1, uint64(q.Sent)), 2, q.Author), 3, q.Text))
	}
	if d.Name != "" {
		out = AppendBytes(out, 101, AppendText(nil, 1, d.Name))
	}
	if d.Invitation != "" {
		out = AppendBytes(out, 102, AppendText(AppendText(nil, 1, d.Invitation), 3, d.GroupName))
	}
	return out
}

func (d *DataMessage) field(m *Message, f Field) error {
	switch f.Number {
	case 1:
		return m.Text(f, &d.Body, MaxBody)
	case 2:
		return d.attachment(f)
	case 4:
		var flags uint64
		err := m.Uint(f, &flags, 1<<32-1)
		d.TimerChanges = flags&flagTimer != 0
		return err
	case 8:
		if d.Quote = parseQuote(f.Bytes); d.Quote.Author != "" {
			return m.Once(f)
		}
		return d.named(m, f, HasQuote)
	case 10:
		return d.repeated(f, HasPreview)
	case 11:
		return d.reaction(m, f)
	case 101:
		return profile(m, f, &d.Name)
	case 102:
		err := sub(m, f, d.invitation)
		if d.Invitation == "" {
			d.Parts, d.GroupName = d.Parts|HasInvitation, ""
		}
		return err
	case 105:
		return m.Text(f, &d.SyncTarget, maxSessionID)
	case 120:
		return d.named(m, f, HasGroup)
	}
	return nil
}

func parseQuote(b []byte) Quote {
	var q Quote
	var m Message
	err := Fields(b, func(f Field) error {
		switch f.Number {
		case 1:
			return m.time(f, &q.Sent)
		case 2:
			return m.Text(f, &q.Author, maxSessionID)
		}
		return nil
	})
	if err != nil || !m.Has(1) || q.Author == "" {
		return Quote{}
	}
	return q
}

func (d *DataMessage) invitation(m *Message, f Field) error {
	switch f.Number {
	case 1:
		return m.Text(f, &d.Invitation, MaxBody)
	case 3:
		return m.Text(f, &d.GroupName, MaxBody)
	}
	return nil
}

// named notes that a single part is there.
func (d *DataMessage) named(m *Message, f Field, part Parts) error {
	if err := m.Once(f); err != nil {
		return err
	}
	return d.repeated(f, part)
}

func (d *DataMessage) repeated(f Field, part Parts) error {
	if f.Type != protowire.BytesType {
		return ErrMalformed
	}
	d.Parts |= part
	return nil
}

func (d *DataMessage) attachment(f Field) error {
	var one Message
	var flags uint64
	d.Parts |= HasFile
	err := sub(&one, f, func(m *Message, f Field) error {
		if f.Number == 8 {
			return m.Uint(f, &flags, 1<<32-1)
		}
		return nil
	})
	if flags&flagVoice != 0 {
		d.Parts |= HasVoice
	}
	return err
}

// reaction tells one that is given from one that is taken back.
func (d *DataMessage) reaction(outer *Message, f Field) error {
	var action uint64
	err := sub(outer, f, func(m *Message, f Field) error {
		if f.Number == 4 {
			return m.Uint(f, &action, 255)
		}
		return nil
	})
	if action == 0 {
		d.Parts |= HasReaction
	} else {
		d.Parts |= HasWithdrawn
	}
	return err
}
