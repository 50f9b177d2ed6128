package devices

import (
	"bytes"

	"tandem/core"
)

// Book holds the newest list of one's own account and pins the list key of
// each contact: the key of the first list that came. One record per account.
// Not safe for concurrent use: the loop owns it.
type Book struct {
	account, device core.ID
	pages           map[core.ID]*page
}

// NewBook is empty. device is this device, account its account.
func NewBook(account, device core.ID) *Book {
	return &Book{account: account, device: device, pages: map[core.ID]*page{}}
}

// LoadBook reads all records that are saved. Error: ErrRecord.
func LoadBook(account, device core.ID, records [][]byte) (*Book, error) {
	b := NewBook(account, device)
	for _, record := range records {
		p, err := parsePage(record)
		if err != nil || b.pages[p.account] != nil {
			return nil, ErrRecord
		}
		b.pages[p.account] = p
	}
	return b, nil
}

// Input is Offered, Trusted, Pinned, Repinned, Agreed or Forgotten.
type Input interface{ input() }

// Offered is a list that came from somewhere: outbox, snapshot, peer.
type Offered struct {
	Account core.ID
	Signed  []byte
}

// Trusted is a list of one's own account that this device has just signed, or
// that Finish brought. It pins the list key if none is pinned.
type Trusted struct{ Signed []byte }

// Pinned is one's own list key, known from the entropy after a restore, before
// any list was read.
type Pinned struct{ ListKey core.EdKey }

// Repinned is the user's word that the second list key of a contact is right.
type Repinned struct{ Account core.ID }

// Agreed is a list of a contact that the devices of one's own account agree on:
// its list key is the pinned one. A list that is held under another key stays as
// the second, unless it is by the user's word that this one is right.
type Agreed struct {
	Account core.ID
	Signed  []byte
	ByUser  bool
}

// Forgotten deletes what is held about a contact.
type Forgotten struct{ Account core.ID }

func (Offered) input()   {}
func (Trusted) input()   {}
func (Pinned) input()    {}
func (Repinned) input()  {}
func (Agreed) input()    {}
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
	// account answers as two." The list that is held is unchanged.
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
	// SignAgain (own account, on the primary): another list of the same epoch
	// won, so what the lost one said must be signed again, higher.
	SignAgain bool
	// Demoted (own account): this device was primary and is secondary now. It
	// stops signing and asks "Restored on … Was it you?"
	Demoted bool
	// Expelled (own account): this device is removed.
	Expelled bool
}

// Step judges a list. Errors, nothing has changed then: ErrList, ErrForeign,
// ErrAhead, with the verdict Refused; ErrUnknown for a list of one's own
// account before its key is pinned, and for Repinned without a second key.
func (b *Book) Step(now core.Millis, in Input) (Outcome, error) {
	switch in := in.(type) {
	case Offered:
		if in.Account == b.account && b.pages[b.account] == nil {
			return Outcome{Verdict: Refused}, ErrUnknown
		}
		return b.judge(now, in.Account, in.Signed)
	case Trusted:
		return b.judge(now, b.account, in.Signed)
	case Pinned:
		return b.pin(in.ListKey)
	case Repinned:
		return b.repin(in.Account)
	case Agreed:
		return b.agree(now, in)
	case Forgotten:
		delete(b.pages, in.Account)
		return Outcome{Save: []Record{{Account: in.Account}}}, nil
	}
	return Outcome{}, ErrUnknown
}

func (b *Book) judge(now core.Millis, account core.ID, signed []byte) (Outcome, error) {
	l, err := Parse(signed, account)
	if err == nil {
		err = l.CheckAhead(now)
	}
	if err != nil {
		return Outcome{Verdict: Refused}, err
	}
	held := b.pages[account]
	if held != nil && held.listKey != l.ListKey {
		return b.second(held, l, signed), nil
	}
	switch order(held, l, signed) {
	case Newer:
		return b.adopt(held, l, signed), nil
	case Same:
		return Outcome{Verdict: Same}, nil
	}
	return Outcome{Verdict: Older}, nil
}

// order compares a valid list under the pinned key with the one that is held:
// the higher epoch wins, and of equal ones the greater SHA-256.
func order(held *page, l List, signed []byte) Verdict {
	if held == nil || held.signed == nil || l.Epoch > held.list.Epoch {
		return Newer
	}
	if l.Epoch < held.list.Epoch {
		return Older
	}
	mine, theirs := Hash(held.signed), Hash(signed)
	switch bytes.Compare(theirs[:], mine[:]) {
	case 0:
		return Same
	case 1:
		return Newer
	}
	return Older
}

// adopt makes l the list that is held.
func (b *Book) adopt(held *page, l List, signed []byte) Outcome {
	next := &page{account: l.Account, listKey: l.ListKey, signed: bytes.Clone(signed), list: l}
	out := Outcome{Verdict: Newer}
	var before List
	if held != nil {
		before, next.second, next.secondKey = held.list, held.second, held.secondKey
	}
	out.Added, out.Gone = missing(l, before), missing(before, l)
	if l.Account == b.account {
		was, _ := before.Find(b.device)
		is, _ := l.Find(b.device)
		out.Demoted = was.Role == core.Primary && is.Role == core.Secondary
		out.SignAgain = was.Role == core.Primary && before.Epoch == l.Epoch
		out.Expelled = l.Removes(b.device)
	}
	out.Save = b.put(next)
	return out
}

// missing are the devices of l that other does not have.
func missing(l, other List) []core.ID {
	var out []core.ID
	for _, e := range l.Devices {
		if _, ok := other.Find(e.ID); !ok {
			out = append(out, e.ID)
		}
	}
	return out
}

// second remembers the list under another key, for a contact: the user may
// decide for it. The newest one counts. In one's own account there is nothing
// to decide.
func (b *Book) second(held *page, l List, signed []byte) Outcome {
	if held.account == b.account || bytes.Equal(held.second, signed) {
		return Outcome{Verdict: Second}
	}
	next := *held
	next.second, next.secondKey = bytes.Clone(signed), l.ListKey
	return Outcome{Verdict: Second, Save: b.put(&next)}
}

func (b *Book) pin(listKey core.EdKey) (Outcome, error) {
	if held := b.pages[b.account]; held != nil {
		if held.listKey != listKey {
			return Outcome{}, ErrForeign
		}
		return Outcome{}, nil
	}
	return Outcome{Save: b.put(&page{account: b.account, listKey: listKey})}, nil
}

// repin makes the second list the one that is held and forgets the first.
func (b *Book) repin(account core.ID) (Outcome, error) {
	held := b.pages[account]
	if held == nil || held.second == nil {
		return Outcome{}, ErrUnknown
	}
	l, err := Parse(held.second, account)
	if err != nil {
		return Outcome{}, err
	}
	first := *held
	first.second, first.secondKey = nil, core.EdKey{}
	return b.adopt(&first, l, held.second), nil
}

// agree is judge, but for the key that is pinned.
func (b *Book) agree(now core.Millis, in Agreed) (Outcome, error) {
	held := b.pages[in.Account]
	if in.Account == b.account {
		return Outcome{Verdict: Refused}, ErrUnknown
	}
	l, err := Parse(in.Signed, in.Account)
	if err != nil || held == nil || held.listKey == l.ListKey {
		return b.judge(now, in.Account, in.Signed)
	}
	if err := l.CheckAhead(now); err != nil {
		return Outcome{Verdict: Refused}, err
	}
	first := *held
	first.second, first.secondKey = held.signed, held.listKey
	if in.ByUser {
		first.second, first.secondKey = nil, core.EdKey{}
	}
	return b.adopt(&first, l, in.Signed), nil
}

func (b *Book) put(p *page) []Record {
	b.pages[p.account] = p
	return []Record{{Account: p.account, Bytes: p.marshal()}}
}

// List is the newest list that is held for an account, own or a contact's.
func (b *Book) List(account core.ID) (List, bool) {
	p := b.pages[account]
	if p == nil || p.signed == nil {
		return List{}, false
	}
	return p.list, true
}

// Signed is the same as bytes, ready to be sent on.
func (b *Book) Signed(account core.ID) ([]byte, bool) {
	p := b.pages[account]
	if p == nil || p.signed == nil {
		return nil, false
	}
	return bytes.Clone(p.signed), true
}

// Keys are the list key that is pinned for an account and, where it answers as
// two, the other one (zero = none).
func (b *Book) Keys(account core.ID) (pinned, second core.EdKey, ok bool) {
	p := b.pages[account]
	if p == nil {
		return core.EdKey{}, core.EdKey{}, false
	}
	return p.listKey, p.secondKey, true
}

// Standing of this device in its own account.
func (b *Book) Standing() Standing {
	l, ok := b.List(b.account)
	if !ok {
		return Unknown
	}
	if l.Removes(b.device) {
		return Expelled
	}
	if _, ok := l.Find(b.device); ok {
		return Listed
	}
	return Absent
}
