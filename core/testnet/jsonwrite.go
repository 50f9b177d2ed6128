package testnet

import (
	"fmt"
	"slices"
	"strconv"

	"tandem/core"
)

// object is a JSON object in an answer.
type object map[string]any

// appendJSON writes compact JSON with keys sorted bytewise, the form of every
// answer of a storage server. It knows the types that answers are made of; any
// other is a mistake of this package.
func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case string:
		return appendText(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case uint64:
		return strconv.AppendUint(b, v, 10)
	case negative:
		return strconv.AppendInt(b, int64(v), 10)
	case float64:
		return strconv.AppendFloat(b, v, 'g', -1, 64)
	case core.Millis:
		return strconv.AppendInt(b, int64(v), 10)
	case []string:
		return appendList(b, v)
	case []core.Millis:
		return appendList(b, v)
	case []object:
		return appendList(b, v)
	case []int:
		return appendList(b, v)
	case []any:
		return appendList(b, v)
	case object:
		return appendObject(b, v)
	case map[string]any:
		return appendObject(b, v)
	case map[string][]string:
		return appendObject(b, v)
	case map[string]core.Millis:
		return appendObject(b, v)
	}
	panic(fmt.Sprintf("testnet: %T in an answer", v))
}

func appendList[T any](b []byte, list []T) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, v)
	}
	return append(b, ']')
}

func appendObject[M ~map[string]T, T any](b []byte, m M) []byte {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	b = append(b, '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, k)
		b = append(b, ':')
		b = appendJSON(b, m[k])
	}
	return append(b, '}')
}

// appendText writes a string; only what must be escaped is.
func appendText(b []byte, s string) []byte {
	const short = "btnvfr" // of U+0008 and on; there is none for U+000B
	b = append(b, '"')
	clean := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[clean:i]...)
		clean = i + 1
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= 8 && c <= 13 && c != 11:
			b = append(b, '\\', short[c-8])
		default:
			b = fmt.Appendf(b, `\u%04x`, c)
		}
	}
	b = append(b, s[clean:]...)
	return append(b, '"')
}

// relayed is a record as it comes back from another member: it travelled as
// bencode, which has no booleans.
func relayed(record object) object {
	for k, v := range record {
		if flag, ok := v.(bool); ok {
			record[k] = 0
			if flag {
				record[k] = 1
			}
		}
	}
	return record
}
