package linking

import (
	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

type (
	secondaryRecord struct{}
	primaryRecord   struct{}
	dialog          struct{}
)

func parseSecondary([]byte) (*secondaryRecord, error) { panic("not yet") }

// Step moves the machine by one input. Error: ErrNotNow for a command of the
// user that this state does not have, ErrInput; nothing has changed then.
func (s *Secondary) Step(now core.Millis, in SecondaryInput) (Outcome, error) { panic("not yet") }

// Due is the network time at which a Tick is needed; false = never, as things
// are. It may lie in the past.
func (s *Secondary) Due() (core.Millis, bool) { panic("not yet") }

// View is what a page may know.
func (s *Secondary) View() Join { panic("not yet") }

// Device is the key of the attempt: it polls the device's mailbox, opens what
// lies there, seals letters and is the identity of the session. Nil in Idle,
// Gone, and from Joined on, where the keyring has it.
func (s *Secondary) Device() *identity.Device { panic("not yet") }

// Secrets are the prekey secrets of the attempt, opaque; nil where they were
// destroyed. Session is the one that the grant came in, in Holding.
func (s *Secondary) Secrets() (secrets, session []byte) { panic("not yet") }

// Grant opens the sealed grant for the moment, in Holding: the loop reads the
// outbox with the reading key. Nothing of it may be stored. Error: ErrNotNow.
func (s *Secondary) Grant() (identity.Shared, Grant, error) { panic("not yet") }

// Open reports whether both mailboxes should be polled quickly: an attempt is
// open, or a grant came within the last minute (multi-device.md §3).
func (s *Secondary) Open(now core.Millis) bool { panic("not yet") }

// LoadPrimary reads all records that are saved. The dialog is closed. Error:
// ErrRecord.
func LoadPrimary(account AccountKey, device DeviceKey, listKey core.EdKey, records [][]byte) (*Primary, error) {
	panic("not yet")
}

// Step moves the machine by one input. Error: ErrNotNow for a command of the
// user that this state does not have, ErrInput; nothing has changed then. An
// Authorise that came too late is no error: the attempt ends, Outcome.Adopt is
// nil.
func (p *Primary) Step(now core.Millis, in PrimaryInput) (Outcome, error) { panic("not yet") }

// Due is the network time at which a Tick is needed; false = never, as things
// are. It may lie in the past.
func (p *Primary) Due() (core.Millis, bool) { panic("not yet") }

// View is what the dialog shows.
func (p *Primary) View() Dialog { panic("not yet") }

// Unconfirmed lists the devices that are authorised, not confirmed.
func (p *Primary) Unconfirmed() []core.ID { panic("not yet") }

// Candidate is the device of an attempt in Words. Error: ErrNotNow.
func (p *Primary) Candidate(a Attempt) (Candidate, error) { panic("not yet") }

// SealGrant makes the LinkGrant of an attempt in Words. The loop adds its
// header, pads the content, encrypts it in the session and passes the
// ciphertext to Authorise. Errors: ErrNotNow, ErrInput.
func (p *Primary) SealGrant(a Attempt, shared identity.Shared, g Grant) (*wire.Content, error) {
	panic("not yet")
}

// Open reports whether both mailboxes should be polled quickly: the dialog is
// open or a grant is on its way for less than a minute (multi-device.md §3).
func (p *Primary) Open(now core.Millis) bool { panic("not yet") }

// Content is the letter as the innermost plaintext of a message, for ToAccount
// (with SigTimestamp to be set by the loop) and ToDevice (to be padded).
func (l Letter) Content() *wire.Content { panic("not yet") }
