package testnet

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"tandem/core"
	"tandem/core/snode"
)

// msFloor: a time below it, where milliseconds are due, is taken for seconds.
// It catches times before 12 January 1970 only, so that seconds of today pass
// (README of the recordings, no. 8).
const msFloor core.Millis = 1_000_000_000

// fields reads the params of a request. The first thing that is wrong stays in
// err, and what is read afterwards does not matter; readers therefore ask for
// fields in the order in which the servers do, which is alphabetical. A field
// that is null is absent.
type fields struct {
	m   map[string]any
	err error
}

// badRequest is a fault in a request, in the words that its sender gets to read
// ("invalid request: …", "Error parsing onion request: …").
type badRequest string

func (b badRequest) Error() string { return string(b) }

func refuse(format string, args ...any) error { return badRequest(fmt.Sprintf(format, args...)) }

// fail keeps the first fault.
func (f *fields) fail(format string, args ...any) {
	if f.err == nil {
		f.err = refuse(format, args...)
	}
}

func (f *fields) wrong(name, want string) {
	f.fail("Invalid value given for '%s': expected %s", name, want)
}

// need fails if a field that is required was absent.
func (f *fields) need(name string, present bool) {
	if !present {
		f.fail("Required field '%s' missing", name)
	}
}

// either fails if both of two fields are present.
func (f *fields) either(a string, hasA bool, b string, hasB bool) {
	if hasA && hasB {
		f.fail("Cannot specify both '%s' and '%s'", a, b)
	}
}

func (f *fields) text(name string) (string, bool) {
	switch v := f.m[name].(type) {
	case nil:
		return "", false
	case string:
		return v, true
	}
	f.wrong(name, "string")
	return "", false
}

func (f *fields) flag(name string) bool {
	switch v := f.m[name].(type) {
	case nil:
		return false
	case bool:
		return v
	}
	f.wrong(name, "boolean")
	return false
}

// int is a signed number of 32 bits; more bits are cut off, as on the servers.
func (f *fields) int(name string) (int, bool) {
	switch v := f.m[name].(type) {
	case nil:
		return 0, false
	case uint64:
		return int(int32(v)), true
	case negative:
		return int(int32(v)), true
	}
	f.wrong(name, "integer")
	return 0, false
}

func (f *fields) time(name string) (core.Millis, bool) {
	switch v := f.m[name].(type) {
	case nil:
		return 0, false
	case uint64:
		t := core.Millis(v)
		if t < msFloor {
			f.fail("Invalid timestamp for '%s': timestamp must be in milliseconds", name)
		}
		return t, true
	}
	f.wrong(name, "integer timestamp (in milliseconds)")
	return 0, false
}

// timeOrText is the timestamp of store: any integer, or one written as text.
func (f *fields) timeOrText(name string) (core.Millis, bool) {
	switch v := f.m[name].(type) {
	case nil:
		return 0, false
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || v[0] == '+' {
			f.fail("Invalid value given for '%s': %s", name, appendText(nil, v))
		}
		return core.Millis(n), true
	case uint64:
		return core.Millis(v), true
	case negative:
		return core.Millis(v), true
	}
	f.wrong(name, "integer")
	return 0, false
}

// countOrText is the ttl of store: a positive integer, or one written as text.
func (f *fields) countOrText(name string) (uint64, bool) {
	switch v := f.m[name].(type) {
	case nil:
		return 0, false
	case string:
		n, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			f.fail("Invalid value given for '%s': %s", name, appendText(nil, v))
		}
		return n, true
	case uint64:
		return v, true
	}
	f.wrong(name, "positive integer")
	return 0, false
}

// times is a time or a list of them; here seconds are not looked for.
func (f *fields) times(name string) ([]core.Millis, bool) {
	switch v := f.m[name].(type) {
	case nil:
		return nil, false
	case uint64:
		return []core.Millis{core.Millis(v)}, true
	case []any:
		out := make([]core.Millis, 0, len(v))
		for _, e := range v {
			n, ok := e.(uint64)
			if !ok {
				f.wrong(name, "timestamp array")
				return nil, false
			}
			out = append(out, core.Millis(n))
		}
		return out, true
	}
	f.wrong(name, "timestamp array")
	return nil, false
}

// texts is a string or a list of them.
func (f *fields) texts(name string) ([]string, bool) {
	switch v := f.m[name].(type) {
	case nil:
		return nil, false
	case string:
		return []string{v}, true
	case []any:
		out := make([]string, 0, len(v))
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				f.wrong(name, "string array")
				return nil, false
			}
			out = append(out, s)
		}
		return out, true
	}
	f.wrong(name, "string array")
	return nil, false
}

// ints is an integer or a list of them.
func (f *fields) ints(name string) []int {
	one := func(v any) (int, bool) {
		switch v := v.(type) {
		case uint64:
			return int(int32(v)), true
		case negative:
			return int(int32(v)), true
		}
		f.wrong(name, "integer array")
		return 0, false
	}
	switch v := f.m[name].(type) {
	case nil:
		return nil
	case []any:
		var out []int
		for _, e := range v {
			if n, ok := one(e); ok {
				out = append(out, n)
			}
		}
		return out
	default:
		if n, ok := one(v); ok {
			return []int{n}
		}
	}
	return nil
}

// space is a namespace, or all of them where that is allowed.
type space struct {
	id  int16
	all bool
}

// span is the space as signed text has it.
func (s space) span() snode.Range {
	if s.all {
		return snode.All()
	}
	return snode.Only(s.id)
}

// namespace is one 16-bit integer.
func (f *fields) namespace(name string) (int16, bool) {
	var n int64
	switch v := f.m[name].(type) {
	case nil:
		return 0, false
	case uint64:
		n = int64(v)
	case negative:
		n = int64(v)
	default:
		f.wrong(name, "16-bit integer")
		return 0, false
	}
	if int64(int16(n)) != n {
		f.fail("Invalid value given for '%s': value out of range", name)
	}
	return int16(n), true
}

// spaces is a namespace, or the word all.
func (f *fields) spaces(name string) space {
	if s, ok := f.m[name].(string); ok {
		if s != "all" {
			f.wrong(name, `integer or "all"`)
		}
		return space{all: true}
	}
	switch f.m[name].(type) {
	case nil, uint64, negative:
		id, _ := f.namespace(name)
		return space{id: id}
	}
	f.wrong(name, `integer or "all"`)
	return space{}
}

// isHex and isBase64 are what the servers' checks accept: either case of hex;
// standard base64, padded or not, of a length that can be.
func isHex(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil
}

func isBase64(s string) bool {
	body := strings.TrimRight(s, "=")
	if pad := len(s) - len(body); pad > 2 || pad > 0 && len(s)%4 != 0 || len(body)%4 == 1 {
		return false
	}
	for i := range len(body) {
		c := body[i]
		if !(c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/') {
			return false
		}
	}
	return true
}

// fromBase64 decodes what isBase64 accepted; stray bits in the last character
// are dropped.
func fromBase64(s string) []byte {
	b, _ := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	return b
}
