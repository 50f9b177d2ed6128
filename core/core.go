// Package core names the things that every room of Tandem talks about: who I
// am (ID), which of my devices may speak (Device), what was said (Message),
// where it is left for the other (Mailbox), and the one contract that several
// rooms share (Transport). It imports nothing of ours and does nothing.
package core

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
)

// Millis is a point in time or a duration in milliseconds. Points are network
// time since 1970 unless a comment says local.
type Millis int64

// Useful spans.
const (
	Second Millis = 1000
	Minute        = 60 * Second
	Hour          = 60 * Minute
	Day           = 24 * Hour
)

// ID names an account or a device: 0x05 followed by an X25519 public key
// (network.md §1). The zero ID names nobody.
type ID [33]byte

// EdKey is an Ed25519 public key, 32 bytes.
type EdKey [32]byte

// Reasons why a text is not an ID. The page turns each into a sentence.
var (
	ErrIDLength = errors.New("core: an id has 66 characters")
	ErrIDHex    = errors.New("core: an id has only the characters 0-9 and a-f")
	ErrIDPrefix = errors.New("core: an account id starts with 05")
)

// ParseID reads the 66 hex characters of an ID; surrounding white space and
// upper case are accepted. Errors: ErrIDLength, ErrIDHex, ErrIDPrefix.
func ParseID(s string) (ID, error) {
	s = strings.TrimSpace(s)
	if len(s) != 66 {
		return ID{}, ErrIDLength
	}
	b, err := hex.DecodeString(strings.ToLower(s))
	if err != nil {
		return ID{}, ErrIDHex
	}
	return IDFromBytes(b)
}

// IDFromBytes reads the 33 bytes of an ID. Errors: ErrIDLength, ErrIDPrefix.
func IDFromBytes(b []byte) (ID, error) {
	var id ID
	if len(b) != len(id) {
		return ID{}, ErrIDLength
	}
	if b[0] != 0x05 {
		return ID{}, ErrIDPrefix
	}
	copy(id[:], b)
	return id, nil
}

// IDFromX25519 prefixes a 32-byte X25519 public key.
func IDFromX25519(pub [32]byte) ID {
	var id ID
	id[0] = 0x05
	copy(id[1:], pub[:])
	return id
}

// Hex is the whole ID, 66 characters. Errors and logs use String instead.
func (id ID) Hex() string { return hex.EncodeToString(id[:]) }

// String is a shortened form that is safe in errors and logs: it is not enough
// to find the account.
func (id ID) String() string { return hex.EncodeToString(id[:3]) + "…" }

// MarshalText is Hex, for text that holds IDs; the zero ID is "".
func (id ID) MarshalText() ([]byte, error) {
	if id.IsZero() {
		return nil, nil
	}
	return hex.AppendEncode(nil, id[:]), nil
}

// UnmarshalText reads what MarshalText wrote. Errors: ErrIDLength, ErrIDHex.
func (id *ID) UnmarshalText(text []byte) error {
	var read ID
	switch len(text) {
	case 0:
	case hex.EncodedLen(len(id)):
		if _, err := hex.Decode(read[:], text); err != nil {
			return ErrIDHex
		}
	default:
		return ErrIDLength
	}
	*id = read
	return nil
}

// X25519 is the public key inside the ID.
func (id ID) X25519() [32]byte { return [32]byte(id[1:]) }

// IsZero reports whether the ID names nobody.
func (id ID) IsZero() bool { return id == ID{} }

// Hex is the whole key, 64 characters.
func (k EdKey) Hex() string { return hex.EncodeToString(k[:]) }

// Namespaces of a mailbox that Tandem uses (multi-device.md §3).
const (
	Inbox   int16 = 0    // anyone may write, only the owner reads
	Outbox  int16 = -421 // the owner writes one message, anyone reads
	Private int16 = 421  // the owner writes and reads
)

// Mailbox is where the network keeps messages for an owner: the swarm of the
// owner's ID, and a namespace in it.
type Mailbox struct {
	Owner     ID
	Namespace int16
}

// Role of a device in its account. The numbers are part of the wire format.
type Role uint8

// Roles (PROTOCOL.md, table of numbers).
const (
	Primary   Role = 1
	Secondary Role = 2
)

// String is the word that people see.
func (r Role) String() string {
	switch r {
	case Primary:
		return "primary device"
	case Secondary:
		return "secondary device"
	}
	return "unknown role"
}

// Facts is what a device says about itself to people. At most 64 and 128
// bytes; text from outside, so it is shown as text and never trusted.
type Facts struct {
	Name     string // "Firefox on Linux", changeable
	Platform string // browser and system as detected
}

// Direction of a message as the account sees it.
type Direction uint8

// Directions: Out on every device for one's own.
const (
	In  Direction = 1
	Out Direction = 2
)

// Status of an outgoing message (multi-device.md §9). Incoming messages are
// Delivered.
type Status uint8

// Statuses, in the order in which a message moves through them.
const (
	Queued    Status = 1 // kept here, not yet in any swarm
	Stored    Status = 2 // at least one copy lies in a swarm
	Delivered Status = 3 // a device said that it has it
	Read      Status = 4
	Failed    Status = 5 // with a cause, and Retry
)

// String is the word used in data-status.
func (s Status) String() string {
	switch s {
	case Queued:
		return "queued"
	case Stored:
		return "stored"
	case Delivered:
		return "delivered"
	case Read:
		return "read"
	case Failed:
		return "failed"
	}
	return "unknown"
}

// MessageID is equal in all copies and transcripts of a message
// (multi-device.md §9): the device that wrote it and that device's counter.
type MessageID struct {
	Device  ID
	Counter uint64
}

// Message is one row of a conversation.
type Message struct {
	ID           MessageID
	Conversation ID // the other account; one's own account for Note to self
	Direction    Direction
	Status       Status
	Sent         Millis // by the sender's network time
	Body         string // plain text, shown character for character
	Cause        string // why it Failed, one sentence
	// Unable says what a message is that this version cannot show: "attachment",
	// "voice message", "call", "group" and the like. "" = it is a text.
	Unable string
	// Unverified: it came in Session's format from an account that has a device
	// list, so any holder of the account's key may have sent it.
	Unverified bool
	// Ends is when it disappears, network time; 0 = never.
	Ends Millis
	// Past: it was written before this device was linked, and came from another
	// device of the account.
	Past bool
	// Post is what an open group knows of it; nil in all other conversations.
	Post *Post `json:",omitempty"`
}

// Post is a message of an open group, where everybody reads what everybody says.
// It is never written to once it is shown.
type Post struct {
	Author    string // the ID that the group shows, 66 characters: 15… or 05…
	Name      string // the author's own word; never trusted
	Moderator bool   // of the group
	Edited    bool
	Reactions []Reaction
	Reply     *Quoted // it answers another post; nil = it does not
}

// Quoted is the post that another one answers, as it is here, whatever the answer
// says of it. Author "" = it is not here.
type Quoted struct {
	Author, Name, Body string
}

// Reaction is one emoji under a post.
type Reaction struct {
	Emoji string
	Count int
	You   bool // one of them is one's own
}

// Transport posts bytes to a URL and brings the answer back. It is the only
// way out of core. Implementations: fetch in a tab, net/http natively, and the
// test network in process. A status is not an error; err means that no answer
// came (refused, cut, deadline, or larger than the implementation's bound).
// The returned body belongs to the caller.
type Transport interface {
	Post(ctx context.Context, url string, body []byte) (status int, answer []byte, err error)
}
