package devices

import "tandem/core"

// Book holds the newest list of one's own account and pins the list key of
// each contact. One record per account. Not safe for concurrent use: the loop
// owns it.
type Book struct {
	account, device core.ID
	pages           map[core.ID]*page
}

type page struct{}

// NewBook is empty. device is this device, account its account.
func NewBook(account, device core.ID) *Book {
	return &Book{account: account, device: device, pages: map[core.ID]*page{}}
}

// LoadBook reads all records that are saved. Error: ErrList for a damaged one.
func LoadBook(account, device core.ID, records [][]byte) (*Book, error) { panic("not yet") }

// Input is Offered, Signed, Repinned or Forgotten.
type Input interface{ input() }

// Offered is a list that came from somewhere: outbox, snapshot, peer, grant.
type Offered struct {
	Account core.ID
	Signed  []byte
}

// Issued is a list that this device has just signed; own account only. Same
// rules as Offered, and it pins the list key.
type Issued struct{ Signed []byte }

// Repinned is the user's word that the second list key of a contact is right.
type Repinned struct{ Account core.ID }

// Forgotten deletes what is held about a contact.
type Forgotten struct{ Account core.ID }

func (Offered) input()   {}
func (Issued) input()    {}
func (Repinned) input()  {}
func (Forgotten) input() {}

// Verdict is what an offered list turned out to be.
type Verdict uint8

// Verdicts.
const (
	// Newer: it is the one that is held now.
	Newer Verdict = 1
	// Same bytes as held.
	Same Verdict = 2
	// Older: whoever offered it should be sent the one that is held.
	Older Verdict = 3
	// Second: it carries another list key with a valid account signature. "This
	// account answers as two." What is held is unchanged.
	Second Verdict = 4
	// Refused: it breaks a rule, or is of another account.
	Refused Verdict = 5
)

// Standing is how this device stands in its account.
type Standing uint8

// Standings.
const (
	Unknown  Standing = 0 // no list yet
	Listed   Standing = 1
	Absent   Standing = 2 // neither listed nor removed: keeps its data, stops sending
	Expelled Standing = 3 // named in removed: says farewell and wipes itself
)

// Record is the stored form of what is held about one account. Nil Bytes =
// delete.
type Record struct {
	Account core.ID
	Bytes   []byte
}

// Outcome is what follows from an input.
type Outcome struct {
	Verdict Verdict
	Save    []Record
	// Added and Gone are the devices that the new list has more or fewer than
	// the one before.
	Added, Gone []core.ID
	// SignAgain (own account, primary): another list of the same epoch won, so
	// what the lost one said must be signed again with a higher epoch.
	SignAgain bool
	// Demoted (own account): this device was primary and is secondary now.
	// "Restored on … Was it you?"
	Demoted bool
	// Expelled (own account): this device is removed.
	Expelled bool
}

// Step judges a list. Error: ErrList, ErrForeign, ErrAhead with the verdict
// Refused; ErrUnknown for Repinned without a second key.
func (b *Book) Step(now core.Millis, in Input) (Outcome, error) { panic("not yet") }

// List is the newest list that is held for an account, own or a contact's.
func (b *Book) List(account core.ID) (List, bool) { panic("not yet") }

// Signed is the same as bytes, ready to be sent on.
func (b *Book) Signed(account core.ID) ([]byte, bool) { panic("not yet") }

// Second is the other list key under which a contact's account answers.
func (b *Book) Second(account core.ID) (core.EdKey, bool) { panic("not yet") }

// Standing of this device in its own account.
func (b *Book) Standing() Standing { panic("not yet") }
