package linking

import (
	"tandem/core"
	"tandem/core/identity"
)

// SecondaryInput is what the Secondary understands: Link, Cancel, Differ,
// Finish, Retry, Acknowledge from its user; Heard, Granted, Spoke, Unlinked, Removed
// from the network; Tick from the clock.
type SecondaryInput interface{ toSecondary() }

// PrimaryInput is what the Primary understands: OpenDialog, CloseDialog,
// Authorise, Reject, Unlink from its user; Heard and Spoke from the network;
// Tick from the clock.
type PrimaryInput interface{ toPrimary() }

// Tick says that time has passed.
type Tick struct{}

// Heard is a linking message that came unencrypted by a session: Content field
// 120 out of an account or device mailbox. Whatever the mailbox says about its
// sender is ignored; the message is signed.
type Heard struct {
	Kind   Kind
	Signed []byte
	Roster Roster // the Primary's: who is listed now; the Secondary ignores it
}

// Roster is the account's newest device list, as far as linking asks.
type Roster struct {
	Secondaries []core.ID
	Removed     []core.ID
}

// Spoke says that a pairwise message of the device From was decrypted: a new
// one, not a duplicate, and not the one with the grant in it.
type Spoke struct{ From core.ID }

// Link starts an attempt. Device, Bundle and Secrets are fresh: the loop makes
// a device key and a prekey bundle for this attempt alone.
type Link struct {
	Account core.ID // what the user typed
	Code    *Code   // instead, when the user pasted a link code; Account is ignored
	Facts   core.Facts
	Device  *identity.Device
	Bundle  []byte // public; at most MaxBundle
	Secrets []byte // the private part, opaque; kept in the record
}

// Cancel gives the attempt up, in any state before Linked. NeverSent: the loop
// knows that no letter of this attempt was handed to the transport, so that
// nobody needs to be told. False when it is not sure.
type Cancel struct{ NeverSent bool }

// Differ is They differ.
type Differ struct{}

// Retry stores the letter of the stage again at once, as a Tick does when it is
// due. It begins nothing new.
type Retry struct{}

// Acknowledge says that the cause of an ended attempt was read.
type Acknowledge struct{}

// Granted is a pairwise message, decrypted with the secrets of the attempt,
// that carries a LinkGrant in Content field 120. Session and Secrets (nil =
// unchanged) are the pairwise state after it, opaque: they become part of the
// record, so that sealed grant and session are one transaction and are
// destroyed together. The loop keeps no copy of its own before Joined.
type Granted struct {
	From    core.ID // the device that the session's identity key belongs to
	Signed  []byte
	Session []byte
	Secrets []byte
}

// ListReader verifies a signed device list of the attempt's account by every
// rule of multi-device.md §6 and says what linking asks about it. It is
// devices.Parse, seen from here.
type ListReader func(signed []byte) (ListView, error)

// ListView is a verified device list.
type ListView struct {
	Epoch         uint64
	ListKey       core.EdKey
	SnapshotEpoch uint64
	Primary       core.ID
	Secondaries   []core.ID
	Removed       []core.ID
}

// Finish is the user's word that the words match. Before it the loop opens the
// grant (Secondary.Grant), reads the account's outbox with the reading key in
// it, from two nodes, and passes what it found. Lists that Read refuses are
// ignored, the granted one excepted.
type Finish struct {
	Read   ListReader
	Outbox [][]byte // signed lists; none if the outbox is empty
}

// Unlinked is the pairwise message of that name from the device From, with a
// valid list in it that names this device in removed. The loop has checked the
// list, and after Joined also that it is higher.
type Unlinked struct{ From core.ID }

// Removed says that the account's newest list, wherever it came from, names
// this device in removed. Only after Joined.
type Removed struct{}

// OpenDialog is Link Device on the primary.
type OpenDialog struct{}

// CloseDialog is Cancel in that dialog. A dialog that merely disappears, with
// its tab, is not cancelled.
type CloseDialog struct{}

// Authorise is the commit point. Before it the loop asks for the Candidate,
// signs a list with it as secondary, lets SealGrant make the message and
// encrypts that in a session made from the candidate's bundle; Pairwise is the
// ciphertext. Roster is the list before this one, read in the same turn.
type Authorise struct {
	Attempt  Attempt
	Roster   Roster
	List     []byte
	Pairwise []byte
}

// Reject is the primary's no.
type Reject struct{ Attempt Attempt }

// Unlink removes a linked or authorised device.
type Unlink struct{ Device core.ID }

func (Tick) toSecondary()        {}
func (Heard) toSecondary()       {}
func (Spoke) toSecondary()       {}
func (Link) toSecondary()        {}
func (Cancel) toSecondary()      {}
func (Differ) toSecondary()      {}
func (Retry) toSecondary()       {}
func (Acknowledge) toSecondary() {}
func (Granted) toSecondary()     {}
func (Finish) toSecondary()      {}
func (Unlinked) toSecondary()    {}
func (Removed) toSecondary()     {}

func (Tick) toPrimary()        {}
func (Heard) toPrimary()       {}
func (Spoke) toPrimary()       {}
func (OpenDialog) toPrimary()  {}
func (CloseDialog) toPrimary() {}
func (Authorise) toPrimary()   {}
func (Reject) toPrimary()      {}
func (Unlink) toPrimary()      {}
