package plain

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

var errProto = errors.New("plain: malformed protobuf")

func bytesField(out []byte, number int, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(out, protowire.Number(number), protowire.BytesType), v)
}

func uintField(out []byte, number int, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(out, protowire.Number(number), protowire.VarintType), v)
}

func fixedField(out []byte, number int, v uint64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(out, protowire.Number(number), protowire.Fixed64Type), v)
}

// fields is a message of any type: the values of each field, in order.
type fields struct {
	bytes map[int][][]byte
	uints map[int][]uint64
}

func parse(b []byte) (fields, error) {
	f := fields{map[int][][]byte{}, map[int][]uint64{}}
	for len(b) > 0 {
		number, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return f, errProto
		}
		b = b[n:]
		size := protowire.ConsumeFieldValue(number, typ, b)
		if size < 0 {
			return f, errProto
		}
		switch typ {
		case protowire.BytesType:
			v, _ := protowire.ConsumeBytes(b)
			f.bytes[int(number)] = append(f.bytes[int(number)], v)
		case protowire.VarintType:
			v, _ := protowire.ConsumeVarint(b)
			f.uints[int(number)] = append(f.uints[int(number)], v)
		}
		b = b[size:]
	}
	return f, nil
}

// sub is the message in a field; false = it is not there. As in every protobuf
// library the last one counts.
func (f fields) sub(number int) (fields, bool, error) {
	all := f.bytes[number]
	if len(all) == 0 {
		return fields{}, false, nil
	}
	inner, err := parse(all[len(all)-1])
	return inner, err == nil, err
}

func (f fields) text(number int) string {
	if all := f.bytes[number]; len(all) > 0 {
		return string(all[len(all)-1])
	}
	return ""
}

func (f fields) uint(number int) (uint64, bool) {
	if all := f.uints[number]; len(all) > 0 {
		return all[len(all)-1], true
	}
	return 0, false
}
