package wire

import (
	"google.golang.org/protobuf/encoding/protowire"

	"tandem/core"
)

// MaxReads bounds the messages that one read receipt names. Session's clients
// gather a few seconds of reading in one.
const MaxReads = 1000

// maxSessionID bounds an account ID as Session writes it: 66 hex characters.
const maxSessionID = 66

// Plain is what Session's own clients say in a Content beside its dataMessage
// (network.md §8.2), as far as Tandem understands it. The rest is only named.
type Plain struct {
	Call       uint64        // 3 callMessage, its type; 0 = none. Not written
	Reads      []core.Millis // 5 receiptMessage: when the messages were sent that were read
	Typing     uint64        // 6 typingMessage; 0 = none
	TypingAt   core.Millis   // and when
	Extraction uint64        // 8 dataExtractionNotification, its type; 0 = none. Not written
	Unsend     *Unsend       // 9
	Response   *Response     // 10
	Config     bool          // 11 sharedConfigMessage. Not written
	Timer      *Timer        // 12, 13; nil: neither was there
}

// What a Typing says: Session's numbers, and one more, so that 0 is none.
const (
	TypingStarted = 1
	TypingStopped = 2
)

// Types of calls and of extractions that are told apart.
const (
	CallPreOffer         = 6 // the first message of each call
	ExtractionScreenshot = 1
)

// Unsend takes a message away. Only its author may.
type Unsend struct {
	Sent   core.Millis // 1: of the message
	Author string      // 2: account ID, in hex
}

// Response answers a message request.
type Response struct {
	Approved bool   // 1
	Name     string // 3 profile, 1 displayName
}

// Kinds of timers.
const (
	TimerOff       = 0
	TimerAfterRead = 1
	TimerAfterSend = 2
)

// Timer says when the message disappears.
type Timer struct {
	Kind    uint64 // 12
	Seconds uint64 // 13
}

// marshal writes the fields below 15.
func (p *Plain) marshal(out []byte) []byte {
	if len(p.Reads) > 0 {
		reads := AppendUint(nil, 1, 1)
		for _, at := range p.Reads {
			reads = AppendUint(reads, 2, uint64(at))
		}
		out = AppendBytes(out, 5, reads)
	}
	if p.Typing != 0 {
		out = AppendBytes(out, 6, AppendUint(AppendUint(nil, 1, uint64(p.TypingAt)), 2, p.Typing-1))
	}
	if p.Unsend != nil {
		out = AppendBytes(out, 9, AppendText(AppendUint(nil, 1, uint64(p.Unsend.Sent)), 2, p.Unsend.Author))
	}
	if p.Response != nil {
		response := AppendUint(nil, 1, flagBit(p.Response.Approved))
		if p.Response.Name != "" {
			response = AppendBytes(response, 3, AppendText(nil, 1, p.Response.Name))
		}
		out = AppendBytes(out, 10, response)
	}
	if p.Timer != nil {
		out = AppendUint(AppendUint(out, 12, p.Timer.Kind), 13, p.Timer.Seconds)
	}
	return out
}

func flagBit(on bool) uint64 {
	if on {
		return 1
	}
	return 0
}

// field reads one field of a Content; those of others are left alone.
func (p *Plain) field(m *Message, f Field) error {
	switch f.Number {
	case 3:
		return required(m, f, 1, func(m *Message, f Field) error {
			if f.Number == 1 {
				return m.Uint(f, &p.Call, 255)
			}
			return nil
		})
	case 5:
		return p.reads(m, f)
	case 6:
		return p.typing(m, f)
	case 8:
		return required(m, f, 1, func(m *Message, f Field) error {
			if f.Number == 1 {
				return m.Uint(f, &p.Extraction, 255)
			}
			return nil
		})
	case 9:
		p.Unsend = &Unsend{}
		return required(m, f, 2, p.Unsend.field)
	case 10:
		p.Response = &Response{}
		return required(m, f, 1, p.Response.field)
	case 11:
		p.Config = true
		return required(m, f, 0, func(*Message, Field) error { return nil })
	case 12:
		return m.Uint(f, &p.timer().Kind, 255)
	case 13:
		return m.Uint(f, &p.timer().Seconds, 1<<32-1)
	}
	return nil
}

// required reads a field that is a message itself, whose fields up to last must
// all be there.
func required(outer *Message, f Field, last int, field func(*Message, Field) error) error {
	var raw []byte
	if err := outer.Bytes(f, &raw, 0, MaxContent); err != nil {
		return err
	}
	var inner Message
	if err := Fields(raw, func(f Field) error { return field(&inner, f) }); err != nil {
		return err
	}
	for number := 1; number <= last; number++ {
		if !inner.Has(number) {
			return ErrMalformed
		}
	}
	return nil
}

func (p *Plain) timer() *Timer {
	if p.Timer == nil {
		p.Timer = &Timer{}
	}
	return p.Timer
}

// reads takes a receipt of type read; those of other types say nothing here.
func (p *Plain) reads(outer *Message, f Field) error {
	var kind uint64
	var times []core.Millis
	err := required(outer, f, 1, func(m *Message, f Field) (err error) {
		switch f.Number {
		case 1:
			return m.Uint(f, &kind, 255)
		case 2:
			times, err = appendTimes(times, f)
		}
		return err
	})
	if kind == 1 {
		p.Reads = times
	}
	return err
}

// appendTimes reads a repeated time, packed or not.
func appendTimes(times []core.Millis, f Field) ([]core.Millis, error) {
	switch f.Type {
	case protowire.VarintType:
		return appendTime(times, f.Varint)
	case protowire.BytesType:
		for b := f.Bytes; len(b) > 0; {
			v, n := protowire.ConsumeVarint(b)
			if n < 0 {
				return nil, ErrMalformed
			}
			var err error
			if times, err = appendTime(times, v); err != nil {
				return nil, err
			}
			b = b[n:]
		}
		return times, nil
	}
	return nil, ErrMalformed
}

func appendTime(times []core.Millis, v uint64) ([]core.Millis, error) {
	if v > maxMillis || len(times) == MaxReads {
		return nil, ErrMalformed
	}
	return append(times, core.Millis(v)), nil
}

func (p *Plain) typing(outer *Message, f Field) error {
	var action uint64
	err := required(outer, f, 2, func(m *Message, f Field) error {
		switch f.Number {
		case 1:
			return m.time(f, &p.TypingAt)
		case 2:
			return m.Uint(f, &action, 254)
		}
		return nil
	})
	p.Typing = action + TypingStarted
	return err
}

func (u *Unsend) field(m *Message, f Field) error {
	switch f.Number {
	case 1:
		return m.time(f, &u.Sent)
	case 2:
		return m.Text(f, &u.Author, maxSessionID)
	}
	return nil
}

func (r *Response) field(m *Message, f Field) error {
	switch f.Number {
	case 1:
		return m.flag(f, &r.Approved)
	case 3:
		return profile(m, f, &r.Name)
	}
	return nil
}

// profile reads the display name of a LokiProfile.
func profile(outer *Message, f Field, name *string) error {
	return sub(outer, f, func(m *Message, f Field) error {
		if f.Number == 1 {
			return m.Text(f, name, MaxName)
		}
		return nil
	})
}
