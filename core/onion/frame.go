package onion

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Sealed is a layer on its way to a node: what the node needs to open it.
type Sealed struct {
	Blob      []byte
	Ephemeral [32]byte // the client's half of the agreement
	Enc       Enc
}

// FrameError is an outer frame that a node cannot read. Text is the plain body
// of its 400 answer; it may quote the request, so it goes to the asker only.
type FrameError struct{ Text string }

// Error leaves the text out: it can hold what a stranger sent.
func (e *FrameError) Error() string { return "onion: the outer frame is malformed" }

// frame is blob ‖ JSON with the length of blob in front, u32 little endian
// (network.md §6.2).
func frame(blob, control []byte) []byte {
	out := make([]byte, 4, 4+len(blob)+len(control))
	binary.LittleEndian.PutUint32(out, uint32(len(blob)))
	out = append(out, blob...)
	return append(out, control...)
}

// split undoes frame. The parts share memory with b.
func split(b []byte) (blob, control []byte, err error) {
	if len(b) < 4 {
		return nil, nil, frameError("Unexpected payload size; expected ciphertext size")
	}
	n, rest := uint64(binary.LittleEndian.Uint32(b)), b[4:]
	if n > uint64(len(rest)) {
		return nil, nil, frameError("Unexpected payload size %d, expected >= %d", len(rest), n)
	}
	return rest[:n], rest[n:], nil
}

func frameError(format string, args ...any) error {
	return &FrameError{Text: "Error parsing onion request: " + fmt.Sprintf(format, args...)}
}

// ParseBody reads the body of POST /onion_req/v2, and the body that a server
// behind the network receives. Blob shares memory with body.
//
// Errors: ErrTooLarge (413), *FrameError (plain 400).
func ParseBody(body []byte) (Sealed, error) {
	if len(body) > MaxBody {
		return Sealed{}, ErrTooLarge
	}
	blob, control, err := split(body)
	if err != nil {
		return Sealed{}, err
	}
	fields, ok := object(control)
	if !ok {
		return Sealed{}, frameError("[json.exception.parse_error.101] parse error")
	}
	s := Sealed{Blob: blob}
	if s.Ephemeral, err = outerKey(fields["ephemeral_key"]); err != nil {
		return Sealed{}, err
	}
	if raw, given := fields["enc_type"]; given {
		name, _ := text(raw)
		if s.Enc, ok = ParseEnc(name); !ok {
			return Sealed{}, frameError("Invalid encryption type %s", name)
		}
	}
	return s, nil
}

func outerKey(raw json.RawMessage) (key [32]byte, err error) {
	if raw == nil {
		return key, frameError("[json.exception.out_of_range.403] key 'ephemeral_key' not found")
	}
	s, _ := text(raw)
	b, err := hex.DecodeString(s)
	if err != nil {
		return key, frameError("Hex key data is invalid: data is not hex")
	}
	if len(b) != len(key) {
		return key, frameError("Hex key data is invalid: expected 32 hex digits, received %d", len(s))
	}
	return [32]byte(b), nil
}

// object reads a JSON object; keys are compared exactly.
func object(b []byte) (map[string]json.RawMessage, bool) {
	var m map[string]json.RawMessage
	if json.Unmarshal(b, &m) != nil || m == nil {
		return nil, false
	}
	return m, true
}

// text reads a JSON string.
func text(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	var s string
	return s, json.Unmarshal(raw, &s) == nil
}

// key32 reads a JSON string of 64 hex characters, upper case included.
func key32(raw json.RawMessage) (key [32]byte, ok bool) {
	s, ok := text(raw)
	if !ok || len(s) != 64 {
		return key, false
	}
	_, err := hex.Decode(key[:], []byte(s))
	return key, err == nil
}
