package store

import "strconv"

// Kind is the first byte of every key. The numbers are on people's disks: never
// reuse one.
type Kind uint8

// Kinds of blobs: states that the store keeps as bytes and does not understand
// (Put, Get, All, Delete, DeleteKind). New ones may be added below firstTyped.
const (
	Phase      Kind = 1  // which page comes first
	Keyring    Kind = 2  // private keys of the device and the account
	Profile    Kind = 3  // display name and the like
	PreKeys    Kind = 4  // secrets of published prekeys
	DeviceList Kind = 5  // signed device lists, by account
	Courier    Kind = 6  // what is known of the network
	Linking    Kind = 7  // linking attempts, by their 16-byte id
	Session    Kind = 8  // pairwise sessions, by the peer's device ID
	Contact    Kind = 9  // never used
	Facts      Kind = 10 // what the account's devices said about themselves, by device ID
	Register   Kind = 11 // what the account's devices agree on, by kind and name
	Abandoned  Kind = 12 // attempts that are over here, whose primary device is still being told, by id
	AutoLock   Kind = 13 // after how many minutes without use the device locks itself
	Peer       Kind = 14 // what is pending between this device and another of its account, by device ID
	Departure  Kind = 15 // that this device says farewell and wipes itself
	Talk       Kind = 16 // draft and read mark of a conversation, by its ID
	Line       Kind = 17 // how messages are numbered between this device and another, by device ID
	Tombstone  Kind = 18 // messages that are deleted, by conversation and message
	Deletion   Kind = 19 // who deleted what, by the deletion's own message ID
	Early      Kind = 20 // statuses of messages that are not here yet, by conversation and message
	Ending     Kind = 21 // messages that disappear, by time and message
	Asked      Kind = 22 // who asks to be a friend and was not answered, by account
	Posting    Kind = 24 // posts that an open group's server has not confirmed, by group and number
	Room       Kind = 26 // an open group and what was said last in it, by its conversation ID
	Unopened   Kind = 30 // pairwise messages that could not be opened yet, by sender and hash
	Past       Kind = 23 // how far the past is given to a new device, by its ID; "" = given to this one
)

// Kinds with a form of their own.
const (
	kindDataKey Kind = 0 // the wrapped data key; not sealed, the Keeper did that

	firstTyped       Kind = 64
	kindMessage      Kind = 64 // conversation tag ‖ Sent ‖ id tag → message
	kindMessageIndex Kind = 65 // id tag → key of the message
	kindOutbox       Kind = 66 // id → due ‖ bytes
	kindOutboxDue    Kind = 67 // due ‖ id, no value
	kindCursor       Kind = 68 // node and mailbox tag → last hash
	kindSeen         Kind = 69 // mailbox and hash tag → expiry
	kindSeenUntil    Kind = 70 // expiry ‖ mailbox and hash tag, no value
	kindCounter      Kind = 71 // name tag → number
	kindTries        Kind = 72 // wrong passphrases; not sealed
	kindOldKey       Kind = 73 // the key for values before the last SetPassphrase
)

// sealed reports whether values of a kind are sealed under the data key.
func (k Kind) sealed() bool { return k != kindDataKey && k != kindTries && k != kindOldKey }

// String is the word used in errors.
func (k Kind) String() string {
	switch k {
	case kindDataKey:
		return "data key"
	case Phase:
		return "phase"
	case Keyring:
		return "keyring"
	case Profile:
		return "profile"
	case PreKeys:
		return "prekeys"
	case DeviceList:
		return "device list"
	case Courier:
		return "courier"
	case Linking:
		return "linking"
	case Session:
		return "session"
	case Contact:
		return "contact"
	case Facts:
		return "device facts"
	case Register:
		return "register"
	case Abandoned:
		return "abandoned attempt"
	case Peer:
		return "peer"
	case Departure:
		return "departure"
	case Talk:
		return "talk"
	case Line:
		return "line"
	case Tombstone:
		return "tombstone"
	case Deletion:
		return "deletion"
	case Early:
		return "early status"
	case Ending:
		return "ending"
	case AutoLock:
		return "auto-lock"
	case Posting:
		return "post"
	case Room:
		return "open group"
	case Asked:
		return "friend request"
	case Unopened:
		return "unopened message"
	case Past:
		return "past"
	case kindMessage:
		return "message"
	case kindMessageIndex:
		return "message index"
	case kindOutbox:
		return "outbox"
	case kindOutboxDue:
		return "outbox due"
	case kindCursor:
		return "cursor"
	case kindSeen:
		return "seen mark"
	case kindSeenUntil:
		return "seen mark expiry"
	case kindCounter:
		return "counter"
	case kindTries:
		return "wrong passphrases"
	case kindOldKey:
		return "old data key"
	}
	return "kind " + strconv.Itoa(int(k))
}
