package wire

import "tandem/core"

// Bounds of a Content, in bytes. The largest message that a node stores is
// 76,800 bytes; sealing and wrapping take some of it.
const (
	MaxContent = 76_800
	// MaxBody bounds a text: 2,000 characters of at most 4 bytes, with room for
	// clients that allow 10,000 (network.md §1).
	MaxBody = 40_000
	// MaxName bounds a display name (network.md §1).
	MaxName = 100
)

// Content is the innermost plaintext of every message (network.md §8.2), with
// the fields that Tandem adds from 120 up (PROTOCOL.md). A nil pointer or slice
// = the field is absent. Unknown fields are ignored.
type Content struct {
	Data         *DataMessage    // 1
	Plain                        // 3 to 13
	SigTimestamp core.Millis     // 15; 0 = absent
	Linking      *Linking        // 120
	Header       *Header         // 121
	Sent         *Sent           // 122
	DeviceList   []byte          // 123, Signed
	Unlinked     []byte          // 124, the Signed list that removes the receiver
	Ping         bool            // 125, a pairwise message that says nothing
	Update       *Update         // 126
	Farewell     []byte          // 127, Signed by the device that leaves
	Request      *SessionRequest // 128
	Friend       []byte          // 129, a friend request, Signed by the asking device
	Accept       []byte          // 130, its acceptance, Signed by the accepting device
	Contact      *Contact        // 131
	Failed       *Deletion       // 141, a message of the sender that nobody got
	Queued       *Deletion       // 146, a message of the sender that waits there to be sent
	Stored       *Deletion       // 147, one of which 146 was said and that waits no more
	Receipt      *Receipt        // 134
	Deletion     *Deletion       // 135
	Ask          *Ask            // 136
	History      *History        // 137
	Past         *Past           // 138
}

// Linking is one message of linking (multi-device.md §5).
type Linking struct {
	Kind   uint64 // 1; the table in PROTOCOL.md
	Signed []byte // 2
}

// Header goes with every pairwise message.
type Header struct {
	Counter   uint64      // 1: of the sending device; 0 = not a message of a conversation
	LinkSeq   uint64      // 2: from 1, per ordered device pair
	OwnEpoch  uint64      // 3: of the sender's newest device list
	PeerEpoch uint64      // 4: of the receiver's account, as the sender knows it
	Sent      core.Millis // 5: sender's network time
	Messages  uint64      // 6: how many messages this device has sent to that one, this one included
	Last      uint64      // 7: the counter of the newest of them; 0 = none
}

// Sent is the transcript of a message that a sibling wrote.
type Sent struct {
	Conversation core.ID     // 1
	Body         string      // 2
	Sent         core.Millis // 3
	Counter      uint64      // 4, of the sending device
	Ends         core.Millis // 5: when it disappears; 0 = never
}

// Marshal encodes c without padding.
func (c *Content) Marshal() []byte {
	var out []byte
	if c.Data != nil {
		out = AppendBytes(out, 1, c.Data.marshal())
	}
	out = c.Plain.marshal(out)
	if c.SigTimestamp != 0 {
		out = AppendUint(out, 15, uint64(c.SigTimestamp))
	}
	if c.Linking != nil {
		out = AppendBytes(out, 120, AppendBytes(AppendUint(nil, 1, c.Linking.Kind), 2, c.Linking.Signed))
	}
	if c.Header != nil {
		out = AppendBytes(out, 121, c.Header.marshal())
	}
	if c.Sent != nil {
		out = AppendBytes(out, 122, c.Sent.marshal())
	}
	if c.DeviceList != nil {
		out = AppendBytes(out, 123, c.DeviceList)
	}
	if c.Unlinked != nil {
		out = AppendBytes(out, 124, c.Unlinked)
	}
	if c.Ping {
		out = AppendUint(out, 125, 1)
	}
	if c.Update != nil {
		out = AppendBytes(out, 126, c.Update.marshal())
	}
	if c.Farewell != nil {
		out = AppendBytes(out, 127, c.Farewell)
	}
	if c.Request != nil {
		out = AppendBytes(out, 128, c.Request.marshal())
	}
	if c.Friend != nil {
		out = AppendBytes(out, 129, c.Friend)
	}
	if c.Accept != nil {
		out = AppendBytes(out, 130, c.Accept)
	}
	if c.Contact != nil {
		out = AppendBytes(out, 131, c.Contact.marshal())
	}
	if c.Failed != nil {
		out = AppendBytes(out, 141, c.Failed.marshal())
	}
	if c.Queued != nil {
		out = AppendBytes(out, 146, c.Queued.marshal())
	}
	if c.Stored != nil {
		out = AppendBytes(out, 147, c.Stored.marshal())
	}
	if c.Receipt != nil {
		out = AppendBytes(out, 134, c.Receipt.marshal())
	}
	if c.Deletion != nil {
		out = AppendBytes(out, 135, c.Deletion.marshal())
	}
	if c.Ask != nil {
		out = AppendBytes(out, 136, c.Ask.marshal())
	}
	if c.History != nil {
		out = AppendBytes(out, 137, c.History.marshal())
	}
	if c.Past != nil {
		out = AppendBytes(out, 138, c.Past.marshal())
	}
	return out
}

func (h *Header) marshal() []byte {
	out := AppendUint(nil, 1, h.Counter)
	out = AppendUint(out, 2, h.LinkSeq)
	out = AppendUint(out, 3, h.OwnEpoch)
	out = AppendUint(out, 4, h.PeerEpoch)
	out = AppendUint(out, 5, uint64(h.Sent))
	if h.Messages != 0 {
		out = AppendUint(out, 6, h.Messages)
	}
	if h.Last != 0 {
		out = AppendUint(out, 7, h.Last)
	}
	return out
}

func (s *Sent) marshal() []byte {
	out := AppendBytes(nil, 1, s.Conversation[:])
	out = AppendText(out, 2, s.Body)
	out = AppendUint(out, 3, uint64(s.Sent))
	out = AppendUint(out, 4, s.Counter)
	if s.Ends != 0 {
		out = AppendUint(out, 5, uint64(s.Ends))
	}
	return out
}

// maxMillis bounds times: the year 9999 and far from overflow.
const maxMillis = 253_402_300_799_999

// ParseContent reads an unpadded Content. Error: ErrMalformed.
func ParseContent(b []byte) (*Content, error) {
	if len(b) > MaxContent {
		return nil, ErrMalformed
	}
	c := &Content{}
	var m Message
	err := Fields(b, func(f Field) error {
		switch f.Number {
		case 1:
			c.Data = &DataMessage{}
			return sub(&m, f, c.Data.field)
		case 3, 5, 6, 8, 9, 10, 11, 12, 13:
			return c.Plain.field(&m, f)
		case 15:
			return m.time(f, &c.SigTimestamp)
		case 120:
			c.Linking = &Linking{}
			return c.Linking.parse(&m, f)
		case 121:
			c.Header = &Header{}
			return sub(&m, f, c.Header.field)
		case 122:
			c.Sent = &Sent{}
			return c.Sent.parse(&m, f)
		case 123:
			return m.Bytes(f, &c.DeviceList, 1, MaxSigned)
		case 124:
			return m.Bytes(f, &c.Unlinked, 1, MaxSigned)
		case 125:
			return m.flag(f, &c.Ping)
		case 126:
			c.Update = &Update{}
			return sub(&m, f, c.Update.field)
		case 127:
			return m.Bytes(f, &c.Farewell, 1, MaxSigned)
		case 128:
			c.Request = &SessionRequest{}
			return c.Request.parse(&m, f)
		case 129:
			return m.Bytes(f, &c.Friend, 1, MaxSigned)
		case 130:
			return m.Bytes(f, &c.Accept, 1, MaxSigned)
		case 131:
			c.Contact = &Contact{}
			return sub(&m, f, c.Contact.field)
		case 141:
			c.Failed = &Deletion{}
			return c.Failed.parse(&m, f)
		case 146:
			c.Queued = &Deletion{}
			return c.Queued.parse(&m, f)
		case 147:
			c.Stored = &Deletion{}
			return c.Stored.parse(&m, f)
		case 134:
			c.Receipt = &Receipt{}
			return sub(&m, f, c.Receipt.field)
		case 135:
			c.Deletion = &Deletion{}
			return c.Deletion.parse(&m, f)
		case 136:
			c.Ask = &Ask{}
			return c.Ask.parse(&m, f)
		case 137:
			c.History = &History{}
			return c.History.parse(&m, f)
		case 138:
			c.Past = &Past{}
			return c.Past.parse(&m, f)
		}
		return nil
	})
	if err != nil {
		return nil, ErrMalformed
	}
	return c, nil
}

// sub reads a field that is a message itself.
func sub(outer *Message, f Field, field func(*Message, Field) error) error {
	var raw []byte
	if err := outer.Bytes(f, &raw, 0, MaxContent); err != nil {
		return err
	}
	var inner Message
	return Fields(raw, func(f Field) error { return field(&inner, f) })
}

func (m *Message) time(f Field, into *core.Millis) error {
	var v uint64
	if err := m.Uint(f, &v, maxMillis); err != nil {
		return err
	}
	*into = core.Millis(v)
	return nil
}

func (m *Message) flag(f Field, into *bool) error {
	var v uint64
	if err := m.Uint(f, &v, 1); err != nil {
		return err
	}
	*into = v == 1
	return nil
}

// parse also refuses a linking message without a kind or without content.
func (l *Linking) parse(outer *Message, f Field) error {
	if err := sub(outer, f, l.field); err != nil {
		return err
	}
	if l.Kind == 0 || l.Signed == nil {
		return ErrMalformed
	}
	return nil
}

func (l *Linking) field(m *Message, f Field) error {
	switch f.Number {
	case 1:
		return m.Uint(f, &l.Kind, 255)
	case 2:
		return m.Bytes(f, &l.Signed, 1, MaxSigned)
	}
	return nil
}

func (h *Header) field(m *Message, f Field) error {
	const highest = maxEpoch
	switch f.Number {
	case 1:
		return m.Uint(f, &h.Counter, highest)
	case 2:
		return m.Uint(f, &h.LinkSeq, highest)
	case 3:
		return m.Uint(f, &h.OwnEpoch, highest)
	case 4:
		return m.Uint(f, &h.PeerEpoch, highest)
	case 5:
		return m.time(f, &h.Sent)
	case 6:
		return m.Uint(f, &h.Messages, highest)
	case 7:
		return m.Uint(f, &h.Last, highest)
	}
	return nil
}

// parse also refuses a transcript that does not say where it belongs.
func (s *Sent) parse(outer *Message, f Field) error {
	if err := sub(outer, f, s.field); err != nil {
		return err
	}
	_, err := core.IDFromBytes(s.Conversation[:])
	return err
}

func (s *Sent) field(m *Message, f Field) error {
	switch f.Number {
	case 1:
		return m.Fixed(f, s.Conversation[:])
	case 2:
		return m.Text(f, &s.Body, MaxBody)
	case 3:
		return m.time(f, &s.Sent)
	case 4:
		return m.Uint(f, &s.Counter, 1<<62)
	case 5:
		return m.time(f, &s.Ends)
	}
	return nil
}
