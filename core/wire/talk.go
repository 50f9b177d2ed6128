package wire

import (
	"encoding/binary"

	"tandem/core"
)

// Bounds of what devices say about messages, in numbers.
const (
	// MaxReceipts in one Receipt: 44 KB.
	MaxReceipts = 1000
	// MaxAsked is how many numbers one Ask or History covers at most
	// (multi-device.md §9).
	MaxAsked = 1000
	// maxKindName bounds the words for what cannot be shown.
	maxKindName = 64
)

// Kinds of receipts. Others are ignored.
const (
	ReceiptDelivered = 1 // the device that says so has them
	ReceiptRead      = 2 // and its person has seen them
	ReceiptAsks      = 3 // the receiver is to say again how far these have come
)

// Receipt says how far messages have come at those who got them.
type Receipt struct {
	Kind     uint64           // 1
	Messages []core.MessageID // 2, repeated
}

// Deletion takes a message away. It has a number of its own, in the header. As
// Content.Failed it says that nobody got one.
type Deletion struct {
	Message      core.MessageID // 1
	Conversation core.ID        // 2; zero from a contact: it is the one with that contact
}

// Ask compares what two devices have of each other. Without an author it asks
// for any message if the receiver has sent more than Have messages, since that
// shows it; with one, for the messages by that device numbered above Low up to High.
type Ask struct {
	Have      uint64  // 1
	Author    core.ID // 2; zero = none
	Low, High uint64  // 3, 4
}

// History is all that its sender has of the messages by Author numbered above
// Low up to High.
type History struct {
	Author    core.ID // 1
	Low, High uint64  // 2, 3
	Items     []Item  // 4, repeated, ascending
}

// Item is one message of a History, or one deletion.
type Item struct {
	Counter      uint64         // 1
	Conversation core.ID        // 2; from a contact it does not count
	In           bool           // 3: somebody else's message; likewise
	Sent         core.Millis    // 4
	Body         string         // 5
	Deletes      core.MessageID // 6; zero = it is a message
	Unable       string         // 7: what it is, where it cannot be shown
	Ends         core.Millis    // 8: when it disappears; 0 = never

	// In a Past only:
	Author     core.ID     // 9
	Status     core.Status // 10, of one's own
	Lasts      core.Millis // 11: it disappears so long after it is read; 0 = that does not matter
	Unverified bool        // 12
}

// messageSize is the length of a message ID: the device, and its counter as 8
// bytes big-endian.
const messageSize = 33 + 8

func appendMessageID(out []byte, number int, id core.MessageID) []byte {
	return AppendBytes(out, number, binary.BigEndian.AppendUint64(append([]byte{}, id.Device[:]...), id.Counter))
}

// messageID reads the bytes of a message ID.
func (f Field) messageID() (id core.MessageID, err error) {
	if len(f.Bytes) != messageSize || f.Bytes[0] != 0x05 {
		return id, ErrMalformed
	}
	copy(id.Device[:], f.Bytes)
	id.Counter = binary.BigEndian.Uint64(f.Bytes[33:])
	if id.Counter == 0 || id.Counter > maxEpoch {
		return id, ErrMalformed
	}
	return id, nil
}

// id reads a single field that is an ID.
func (m *Message) id(f Field, into *core.ID) error {
	if err := m.Fixed(f, into[:]); err != nil {
		return err
	}
	_, err := core.IDFromBytes(into[:])
	return err
}

func (r *Receipt) marshal() []byte {
	out := AppendUint(nil, 1, r.Kind)
	for _, id := range r.Messages {
		out = appendMessageID(out, 2, id)
	}
	return out
}

func (r *Receipt) field(m *Message, f Field) error {
	switch f.Number {
	case 1:
		return m.Uint(f, &r.Kind, 255)
	case 2:
		id, err := f.messageID()
		if err != nil || len(r.Messages) == MaxReceipts {
			return ErrMalformed
		}
		r.Messages = append(r.Messages, id)
	}
	return nil
}

func (d *Deletion) marshal() []byte {
	out := appendMessageID(nil, 1, d.Message)
	if !d.Conversation.IsZero() {
		out = AppendBytes(out, 2, d.Conversation[:])
	}
	return out
}

// parse also refuses a deletion of nothing.
func (d *Deletion) parse(outer *Message, f Field) error {
	err := sub(outer, f, d.field)
	if err == nil && d.Message.Counter == 0 {
		return ErrMalformed
	}
	return err
}

func (d *Deletion) field(m *Message, f Field) (err error) {
	switch f.Number {
	case 1:
		if err = m.Once(f); err == nil {
			d.Message, err = f.messageID()
		}
	case 2:
		err = m.id(f, &d.Conversation)
	}
	return err
}

func (a *Ask) marshal() []byte {
	out := AppendUint(nil, 1, a.Have)
	if !a.Author.IsZero() {
		out = AppendBytes(out, 2, a.Author[:])
		out = AppendUint(out, 3, a.Low)
		out = AppendUint(out, 4, a.High)
	}
	return out
}

// parse also refuses to be asked for no numbers, for too many, or for nobody's.
func (a *Ask) parse(outer *Message, f Field) error {
	if err := sub(outer, f, a.field); err != nil {
		return err
	}
	if a.Author.IsZero() && a.Low == 0 && a.High == 0 || !a.Author.IsZero() && fewNumbers(a.Low, a.High) {
		return nil
	}
	return ErrMalformed
}

func (a *Ask) field(m *Message, f Field) error {
	switch f.Number {
	case 1:
		return m.Uint(f, &a.Have, maxEpoch)
	case 2:
		return m.id(f, &a.Author)
	case 3:
		return m.Uint(f, &a.Low, maxEpoch)
	case 4:
		return m.Uint(f, &a.High, maxEpoch)
	}
	return nil
}

func fewNumbers(low, high uint64) bool { return low < high && high-low <= MaxAsked }

func (h *History) marshal() []byte {
	out := AppendBytes(nil, 1, h.Author[:])
	out = AppendUint(out, 2, h.Low)
	out = AppendUint(out, 3, h.High)
	for i := range h.Items {
		out = AppendBytes(out, 4, h.Items[i].Marshal())
	}
	return out
}

// parse also refuses an answer about nobody or no numbers, and items that are
// not among these, ascending.
func (h *History) parse(outer *Message, f Field) error {
	if err := sub(outer, f, h.field); err != nil {
		return err
	}
	if h.Author.IsZero() || !fewNumbers(h.Low, h.High) {
		return ErrMalformed
	}
	last := h.Low
	for i := range h.Items {
		if h.Items[i].Counter <= last || h.Items[i].Conversation.IsZero() {
			return ErrMalformed
		}
		last = h.Items[i].Counter
	}
	if last > h.High {
		return ErrMalformed
	}
	return nil
}

func (h *History) field(m *Message, f Field) error {
	switch f.Number {
	case 1:
		return m.id(f, &h.Author)
	case 2:
		return m.Uint(f, &h.Low, maxEpoch)
	case 3:
		return m.Uint(f, &h.High, maxEpoch)
	case 4:
		if len(h.Items) == MaxAsked {
			return ErrMalformed
		}
		item, err := ParseItem(f)
		h.Items = append(h.Items, item)
		return err
	}
	return nil
}

// ParseItem reads one of a repeated field. Errors: ErrMalformed, those of core.IDFromBytes.
func ParseItem(f Field) (item Item, err error) {
	var one Message
	err = sub(&one, f, item.field)
	return item, err
}

// Marshal encodes an item, whose length counts for how many fit a History.
func (i *Item) Marshal() []byte {
	out := AppendUint(nil, 1, i.Counter)
	out = AppendBytes(out, 2, i.Conversation[:])
	if i.In {
		out = AppendUint(out, 3, 1)
	}
	out = AppendUint(out, 4, uint64(i.Sent))
	if i.Deletes.Counter != 0 {
		return i.past(appendMessageID(out, 6, i.Deletes))
	}
	out = AppendText(out, 5, i.Body)
	if i.Unable != "" {
		out = AppendText(out, 7, i.Unable)
	}
	if i.Ends != 0 {
		out = AppendUint(out, 8, uint64(i.Ends))
	}
	return i.past(out)
}

func (i *Item) field(m *Message, f Field) (err error) {
	switch f.Number {
	case 1:
		return m.Uint(f, &i.Counter, maxEpoch)
	case 2:
		return m.id(f, &i.Conversation)
	case 3:
		return m.flag(f, &i.In)
	case 4:
		return m.time(f, &i.Sent)
	case 5:
		return m.Text(f, &i.Body, MaxBody)
	case 6:
		if err = m.Once(f); err == nil {
			i.Deletes, err = f.messageID()
		}
		return err
	case 7:
		return m.Text(f, &i.Unable, maxKindName)
	case 8:
		return m.time(f, &i.Ends)
	}
	return i.pastField(m, f)
}

// Number is the counter of the message or deletion that a Content is; 0 = it is
// neither.
func (c *Content) Number() uint64 {
	switch {
	case c.Sent != nil:
		return c.Sent.Counter
	case c.Header != nil:
		return c.Header.Counter
	}
	return 0
}
