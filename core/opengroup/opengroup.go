// Package opengroup is open groups as a member's client builds and reads them:
// addresses of rooms, signed requests, answers, messages that are shown only if
// their author signed them, and the window of each room on one server.
//
// It follows multi-device.md §10 and network.md §12. It opens no connection and
// writes to no disk: requests go out as onion.V4Request, answers come in as
// onion.V4Response, and whoever carries them says what time it is.
//
// # What a server is believed
//
// Which messages there are, in which order, when they were posted, who may
// moderate, what a room is called. It is not believed who wrote what: a message
// without a valid signature by the key in its author's ID does not exist here.
// The signature covers the bytes of the message and nothing else, so a server
// can show an author's words again, or leave them out; the same bytes by the
// same author are shown once.
package opengroup

import "errors"

// Bounds.
const (
	// Window is how many messages of a room are in memory at most, maxHeld what was
	// signed in them, in bytes, where there is more than one.
	Window  = 200
	maxHeld = 1 << 20
	// page is how many messages one request brings.
	page = 100
	// maxStreak is how many pages are read in a row before the rest is skipped,
	// maxHaste how many polls follow one another without a pause.
	maxStreak = 5
	maxHaste  = 40
	// maxFresh is how many rooms are read from their end in one poll: a tab checks
	// a hundred signatures of each, and draws nothing meanwhile.
	maxFresh = 3
	// maxParts bounds an answer: what a poll of a hundred busy rooms brings has fewer
	// commas.
	maxParts = 1 << 18
	// maxListed is how many messages of one answer are looked at: servers give no
	// more than 256.
	maxListed = 256
	// maxData bounds a message in bytes, maxReactions the different ones on it,
	// maxEmoji each of them.
	maxData      = 64 << 10
	maxReactions = 20
	maxEmoji     = 48
	// MaxName and maxDescription bound what a server says about a room, in bytes.
	MaxName        = 100
	maxDescription = 500
	// maxQuoted bounds what a reply repeats of what it answers, in bytes.
	maxQuoted = 200
	// maxPinned, maxModerators: entries of lists that are looked at.
	maxPinned     = 64
	maxModerators = 500
	// maxNumber is what JSON's numbers carry exactly.
	maxNumber = 1 << 53
)

// Errors. Each is a sentence of its own for people.
var (
	ErrURL       = errors.New("opengroup: not the address of a room")
	ErrSignature = errors.New("opengroup: the server refuses the signature")           // 401
	ErrForbidden = errors.New("opengroup: the server does not permit it")              // 403
	ErrMissing   = errors.New("opengroup: there is no such room or message")           // 404
	ErrClock     = errors.New("opengroup: the server refuses the time of the request") // 425
	ErrBusy      = errors.New("opengroup: the server gets too many requests")          // 429
	ErrServer    = errors.New("opengroup: the server failed")                          // 5xx
	ErrGarbage   = errors.New("opengroup: the server's answer is malformed")           // cannot be read
	ErrRequest   = errors.New("opengroup: the server refused the request")             // any other status
	ErrLong      = errors.New("opengroup: the message is too long")
	ErrReaction  = errors.New("opengroup: not a reaction")
)

// Check turns a server's status into an error by kind; nil for a success.
func Check(code int) error {
	switch {
	case code >= 200 && code < 300:
		return nil
	case code == 401:
		return ErrSignature
	case code == 403:
		return ErrForbidden
	case code == 404:
		return ErrMissing
	case code == 425:
		return ErrClock
	case code == 429:
		return ErrBusy
	case code >= 500:
		return ErrServer
	}
	return ErrRequest
}
