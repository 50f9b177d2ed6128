package wire

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrMalformed says that bytes from outside are not what they should be. It
// never says more: the detail would be the sender's text.
var ErrMalformed = errors.New("wire: malformed message")

// maxFields bounds the fields of one message. The largest that we accept, a
// chunk of history, has fewer than a thousand.
const maxFields = 4096

// Field is one field of a protobuf message, by Type: Bytes, or Varint for the
// number in a varint or a fixed type.
type Field struct {
	Number int
	Type   protowire.Type
	Varint uint64
	Bytes  []byte // a part of the input, not a copy
}

// Fields calls f for each field of a protobuf message, in order. Groups and
// malformed bytes give ErrMalformed; f's error ends the walk and is returned.
// Unknown fields reach f too, which ignores them.
func Fields(b []byte, f func(Field) error) error {
	for count := 0; len(b) > 0; count++ {
		if count == maxFields {
			return ErrMalformed
		}
		field, n := consume(b)
		if n < 0 {
			return ErrMalformed
		}
		if err := f(field); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// consume reads one field and says how long it was; negative = malformed.
func consume(b []byte) (Field, int) {
	number, typ, n := protowire.ConsumeTag(b)
	if n < 0 {
		return Field{}, n
	}
	f := Field{Number: int(number), Type: typ}
	var m int
	switch typ {
	case protowire.VarintType:
		f.Varint, m = protowire.ConsumeVarint(b[n:])
	case protowire.Fixed32Type:
		var v uint32
		v, m = protowire.ConsumeFixed32(b[n:])
		f.Varint = uint64(v)
	case protowire.Fixed64Type:
		f.Varint, m = protowire.ConsumeFixed64(b[n:])
	case protowire.BytesType:
		f.Bytes, m = protowire.ConsumeBytes(b[n:])
	default:
		return Field{}, -1
	}
	if m < 0 {
		return Field{}, m
	}
	return f, n + m
}

// Message reads protobuf fields strictly: each known field at most once unless
// it is repeated, of the right type and within its bounds. Use: one Message per
// parse, its methods inside Fields.
//
// The methods here and the Append functions are small enough for the compiler
// to copy them into their callers, of which there are hundreds: the record of a
// linking device alone came to 30 KB of code. noinline keeps them in one place.
type Message struct {
	seen map[int]bool
}

// Once fails when a single field comes a second time.
//
//go:noinline
func (m *Message) Once(f Field) error {
	if m.seen == nil {
		m.seen = map[int]bool{}
	}
	if m.seen[f.Number] {
		return ErrMalformed
	}
	m.seen[f.Number] = true
	return nil
}

// Bytes reads a single bytes field of low to high bytes into a copy.
//
//go:noinline
func (m *Message) Bytes(f Field, into *[]byte, low, high int) error {
	if err := m.Once(f); err != nil {
		return err
	}
	if f.Type != protowire.BytesType || len(f.Bytes) < low || len(f.Bytes) > high {
		return ErrMalformed
	}
	*into = append([]byte{}, f.Bytes...)
	return nil
}

// Fixed reads a single bytes field of exactly len(into) bytes.
//
//go:noinline
func (m *Message) Fixed(f Field, into []byte) error {
	if err := m.Once(f); err != nil {
		return err
	}
	if f.Type != protowire.BytesType || len(f.Bytes) != len(into) {
		return ErrMalformed
	}
	copy(into, f.Bytes)
	return nil
}

// Text reads a single string field of at most high bytes. It need not be valid
// UTF-8: what people see goes through a text node.
//
//go:noinline
func (m *Message) Text(f Field, into *string, high int) error {
	var b []byte
	if err := m.Bytes(f, &b, 0, high); err != nil {
		return err
	}
	*into = string(b)
	return nil
}

// Uint reads a single varint of at most high; a field of a fixed type is of
// the wrong type.
//
//go:noinline
func (m *Message) Uint(f Field, into *uint64, high uint64) error {
	if err := m.Once(f); err != nil {
		return err
	}
	if f.Type != protowire.VarintType || f.Varint > high {
		return ErrMalformed
	}
	*into = f.Varint
	return nil
}

// Has reports whether field number was read by one of the methods above.
func (m *Message) Has(number int) bool { return m.seen[number] }

// AppendBytes appends a bytes field, also when it is empty.
//
//go:noinline
func AppendBytes(b []byte, number int, v []byte) []byte {
	b = protowire.AppendTag(b, protowire.Number(number), protowire.BytesType)
	return protowire.AppendBytes(b, v)
}

// AppendText appends a string field, also when it is empty.
//
//go:noinline
func AppendText(b []byte, number int, v string) []byte {
	b = protowire.AppendTag(b, protowire.Number(number), protowire.BytesType)
	return protowire.AppendString(b, v)
}

// AppendUint appends a varint field, also when it is zero.
//
//go:noinline
func AppendUint(b []byte, number int, v uint64) []byte {
	b = protowire.AppendTag(b, protowire.Number(number), protowire.VarintType)
	return protowire.AppendVarint(b, v)
}
