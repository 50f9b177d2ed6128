package linking

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"tandem/core"
)

const (
	codePrefix  = "tandem-link:"
	codeVersion = 0x01
	codeSize    = 1 + 33 + 16 + 16
)

// Code is a link code, made by the primary's open dialog for one device
// (multi-device.md §5). With it the request proves that its device saw the
// dialog, and the challenge that the primary made the code.
type Code struct {
	Account  core.ID
	Secret   [16]byte
	ListHash [16]byte // the first half of SHA-256(list-key public)
}

// newCode draws a secret.
func newCode(account core.ID, listKey core.EdKey) Code {
	list := sha256.Sum256(listKey[:])
	c := Code{Account: account, ListHash: [16]byte(list[:16])}
	rand.Read(c.Secret[:])
	return c
}

// Encode writes the code as text, also for a QR picture: "tandem-link:"
// base64url, without padding, of 0x01 ‖ account ID ‖ secret ‖ list hash.
func (c Code) Encode() string {
	b := append([]byte{codeVersion}, c.Account[:]...)
	b = append(b, c.Secret[:]...)
	b = append(b, c.ListHash[:]...)
	return codePrefix + base64.RawURLEncoding.EncodeToString(b)
}

// ParseCode reads what Encode wrote; white space around it is accepted. Error:
// ErrCode.
func ParseCode(text string) (Code, error) {
	text, ok := strings.CutPrefix(strings.TrimSpace(text), codePrefix)
	if !ok || len(text) != base64.RawURLEncoding.EncodedLen(codeSize) {
		return Code{}, ErrCode
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != codeSize || b[0] != codeVersion {
		return Code{}, ErrCode
	}
	c := Code{Secret: [16]byte(b[34:]), ListHash: [16]byte(b[50:])}
	if c.Account, err = core.IDFromBytes(b[1:34]); err != nil {
		return Code{}, ErrCode
	}
	return c, nil
}

// String keeps the secret out of logs.
func (Code) String() string { return "[secret]" }

// GoString keeps the secret out of %#v.
func (Code) GoString() string { return "[secret]" }
