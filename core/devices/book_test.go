package devices

import (
	"bytes"
	"errors"
	"testing"

	"tandem/core"
)

// shelf is a Book together with what it saved, so that every story also runs
// through a reload.
type shelf struct {
	t       *testing.T
	account core.ID
	device  core.ID
	book    *Book
	saved   map[core.ID][]byte
}

func newShelf(t *testing.T, account, device core.ID) *shelf {
	return &shelf{t: t, account: account, device: device, book: NewBook(account, device), saved: map[core.ID][]byte{}}
}

// offer steps, saves and reloads.
func (s *shelf) step(in Input) (Outcome, error) {
	s.t.Helper()
	out, err := s.book.Step(noon, in)
	for _, r := range out.Save {
		if r.Bytes == nil {
			delete(s.saved, r.Account)
		} else {
			s.saved[r.Account] = r.Bytes
		}
	}
	var records [][]byte
	for _, b := range s.saved {
		records = append(records, b)
	}
	book, lerr := LoadBook(s.account, s.device, records)
	if lerr != nil {
		s.t.Fatal(lerr)
	}
	s.book = book
	return out, err
}

func (s *shelf) expect(in Input, want Verdict, werr error) Outcome {
	s.t.Helper()
	out, err := s.step(in)
	if out.Verdict != want || !errors.Is(err, werr) {
		s.t.Fatalf("verdict %d, %v; want %d, %v", out.Verdict, err, want, werr)
	}
	return out
}

func TestClaim10_ContactIsPinned(t *testing.T) {
	me, bob := newHouse(t, 1), newHouse(t, 11)
	s := newShelf(t, me.id, newKey(101).id(t))
	epoch := uint64(noon)
	first := bob.sign(t, bob.list(t, epoch, 1))
	second := bob.sign(t, bob.list(t, epoch+5, 2))

	out := s.expect(Offered{bob.id, first}, Newer, nil)
	if len(out.Added) != 1 || len(out.Gone) != 0 {
		t.Fatal("the first device is not new")
	}
	out = s.expect(Offered{bob.id, second}, Newer, nil)
	if len(out.Added) != 1 || out.Added[0] != newKey(102).id(t) {
		t.Fatal("the second device is not new")
	}
	s.expect(Offered{bob.id, second}, Same, nil)
	s.expect(Offered{bob.id, first}, Older, nil)
	if l, _ := s.book.List(bob.id); l.Epoch != epoch+5 {
		t.Fatal("an older list was taken")
	}
	removed, err := bob.list(t, epoch+5, 2).Without(newKey(102).id(t), epoch+6, noon)
	if err != nil {
		t.Fatal(err)
	}
	out = s.expect(Offered{bob.id, bob.sign(t, removed)}, Newer, nil)
	if len(out.Gone) != 1 || out.Gone[0] != newKey(102).id(t) {
		t.Fatal("the removed device is not gone")
	}

	s.expect(Offered{bob.id, me.sign(t, me.list(t, epoch+9, 1))}, Refused, ErrForeign)
	ahead := bob.list(t, epoch+uint64(core.Day)+1, 1)
	s.expect(Offered{bob.id, bob.forge(ahead)}, Refused, ErrAhead)
	naked := bob.list(t, epoch+9, 2)
	naked.Devices[1].Consent = make([]byte, 64)
	s.expect(Offered{bob.id, bob.forge(naked)}, Refused, ErrList)
	if l, _ := s.book.List(bob.id); l.Epoch != epoch+6 {
		t.Fatal("a refused list was taken")
	}
	s.expect(Forgotten{bob.id}, 0, nil)
	if _, ok := s.book.List(bob.id); ok || len(s.saved) != 0 {
		t.Fatal("the contact is not forgotten")
	}
}

func TestClaim10_SecondListKeyDoesNotReplaceTheFirst(t *testing.T) {
	me, bob := newHouse(t, 1), newHouse(t, 11)
	thief := house{account: bob.account, listKey: newKey(66), id: bob.id}
	s := newShelf(t, me.id, newKey(101).id(t))
	epoch := uint64(noon)
	honest := bob.sign(t, bob.list(t, epoch, 1))
	s.expect(Offered{bob.id, honest}, Newer, nil)
	s.expect(Repinned{bob.id}, 0, ErrUnknown)

	out := s.expect(Offered{bob.id, thief.sign(t, thief.list(t, epoch+100, 3))}, Second, nil)
	if len(out.Added) != 0 {
		t.Fatal("a thief's device was added")
	}
	pinned, second, _ := s.book.Keys(bob.id)
	if pinned != bob.listKey.Ed() || second != thief.listKey.Ed() {
		t.Fatal("the keys that the account answers with are not known")
	}
	if signed, _ := s.book.Signed(bob.id); !bytes.Equal(signed, honest) {
		t.Fatal("the list was replaced")
	}
	s.expect(Offered{bob.id, bob.sign(t, bob.list(t, epoch+1, 2))}, Newer, nil)
	if _, second, _ := s.book.Keys(bob.id); second == (core.EdKey{}) {
		t.Fatal("a newer list hid that the account answers as two")
	}

	out = s.expect(Repinned{bob.id}, Newer, nil)
	if len(out.Added) != 1 {
		t.Fatalf("re-pinned, %d devices are new", len(out.Added))
	}
	pinned, second, _ = s.book.Keys(bob.id)
	if pinned != thief.listKey.Ed() || second != (core.EdKey{}) {
		t.Fatal("not re-pinned")
	}
	s.expect(Offered{bob.id, honest}, Second, nil)
}

// What the devices of an account agree on decides which key is pinned. The other
// one stays known, unless the user has decided.
func TestTheDevicesAgreeOnAKey(t *testing.T) {
	me, bob := newHouse(t, 1), newHouse(t, 11)
	other := house{account: bob.account, listKey: newKey(66), id: bob.id}
	s := newShelf(t, me.id, newKey(101).id(t))
	epoch := uint64(noon)
	one, two := bob.sign(t, bob.list(t, epoch, 1)), other.sign(t, other.list(t, epoch-5, 2))
	keys := func(wantPinned, wantSecond core.EdKey) {
		t.Helper()
		if pinned, second, _ := s.book.Keys(bob.id); pinned != wantPinned || second != wantSecond {
			t.Error("other keys are pinned and second")
		}
	}
	s.expect(Agreed{Account: bob.id, Signed: one}, Newer, nil)
	s.expect(Agreed{Account: bob.id, Signed: one}, Same, nil)
	keys(bob.listKey.Ed(), core.EdKey{})
	if out := s.expect(Agreed{Account: bob.id, Signed: two}, Newer, nil); len(out.Added) != 1 {
		t.Errorf("%d devices are new", len(out.Added))
	}
	keys(other.listKey.Ed(), bob.listKey.Ed())
	s.expect(Agreed{Account: bob.id, Signed: one, ByUser: true}, Newer, nil)
	keys(bob.listKey.Ed(), core.EdKey{})
	s.expect(Agreed{Account: bob.id, Signed: bob.sign(t, bob.list(t, epoch-1, 1))}, Older, nil)
	s.expect(Agreed{Account: bob.id, Signed: two[:50]}, Refused, ErrList)
	keys(bob.listKey.Ed(), core.EdKey{})
	s.expect(Agreed{Account: me.id, Signed: me.sign(t, me.list(t, epoch, 1))}, Refused, ErrUnknown)
}

func TestEqualEpochs(t *testing.T) {
	h := newHouse(t, 1)
	epoch := uint64(noon)
	low, high := h.sign(t, h.list(t, epoch, 1)), h.sign(t, h.list(t, epoch, 2))
	a, b := Hash(low), Hash(high)
	if bytes.Compare(a[:], b[:]) > 0 {
		low, high = high, low
	}
	for _, c := range []struct {
		device byte
		again  bool
	}{{101, true}, {102, false}} {
		s := newShelf(t, h.id, newKey(c.device).id(t))
		s.expect(Trusted{low}, Newer, nil)
		out := s.expect(Offered{h.id, high}, Newer, nil)
		if out.SignAgain != c.again {
			t.Errorf("device %d: sign again %v", c.device, out.SignAgain)
		}
		s.expect(Offered{h.id, low}, Older, nil)
	}
}

func TestOwnAccount(t *testing.T) {
	h := newHouse(t, 1)
	thief := house{account: h.account, listKey: newKey(66), id: h.id}
	mine := newKey(102).id(t)
	epoch := uint64(noon)
	l := h.list(t, epoch, 2)

	s := newShelf(t, h.id, mine)
	s.expect(Offered{h.id, h.sign(t, l)}, Refused, ErrUnknown)
	s.expect(Pinned{h.listKey.Ed()}, 0, nil)
	s.expect(Pinned{h.listKey.Ed()}, 0, nil)
	s.expect(Pinned{thief.listKey.Ed()}, 0, ErrForeign)
	if s.book.Standing() != Unknown {
		t.Fatal("a standing without a list")
	}
	out := s.expect(Offered{h.id, thief.sign(t, l)}, Second, nil)
	if s.book.Standing() != Unknown {
		t.Fatal("a thief's list counts")
	}
	if _, second, _ := s.book.Keys(h.id); second != (core.EdKey{}) || len(out.Save) != 0 {
		t.Fatal("one's own account offers a thief's key to be pinned")
	}
	s.expect(Offered{h.id, h.sign(t, l)}, Newer, nil)
	if s.book.Standing() != Listed {
		t.Fatal("not listed")
	}

	absent := h.list(t, epoch+1, 1)
	out = s.expect(Offered{h.id, h.sign(t, absent)}, Newer, nil)
	if s.book.Standing() != Absent || out.Expelled || out.Demoted {
		t.Fatal("a device that is merely absent keeps its data")
	}
	expelled, err := l.Without(mine, epoch+2, noon)
	if err != nil {
		t.Fatal(err)
	}
	s.expect(Offered{h.id, thief.sign(t, expelled)}, Second, nil)
	if s.book.Standing() == Expelled {
		t.Fatal("a thief expelled this device")
	}
	out = s.expect(Offered{h.id, h.sign(t, expelled)}, Newer, nil)
	if s.book.Standing() != Expelled || !out.Expelled {
		t.Fatal("a device that sees itself removed is not expelled")
	}
}

func TestFormerPrimaryIsDemoted(t *testing.T) {
	h := newHouse(t, 1)
	l := h.list(t, uint64(noon), 2)
	s := newShelf(t, h.id, newKey(101).id(t))
	s.expect(Trusted{h.sign(t, l)}, Newer, nil)
	restored := h.list(t, uint64(noon)+1, 2)
	restored.Devices[0].Role, restored.Devices[1].Role = core.Secondary, core.Primary
	out := s.expect(Offered{h.id, h.sign(t, restored)}, Newer, nil)
	if !out.Demoted || out.SignAgain || s.book.Standing() != Listed {
		t.Fatalf("%+v", out)
	}
}

// A primary that is in the next list no more was not demoted: nobody restored
// this account with it.
func TestAbsentPrimaryIsNotDemoted(t *testing.T) {
	h := newHouse(t, 1)
	s := newShelf(t, h.id, newKey(101).id(t))
	s.expect(Trusted{h.sign(t, h.list(t, uint64(noon), 1))}, Newer, nil)
	l := List{Account: h.id, Epoch: uint64(noon) + 1, Issued: noon, Devices: []Entry{h.entry(t, 102, core.Primary)}}
	if out := s.expect(Offered{h.id, h.sign(t, l)}, Newer, nil); out.Demoted || out.Expelled || s.book.Standing() != Absent {
		t.Fatalf("%+v", out)
	}
}

// What a contact writes into its list about one's own device is nothing.
func TestClaim10_ContactCannotExpelOrDemote(t *testing.T) {
	me, bob := newHouse(t, 1), newHouse(t, 11)
	mine := newKey(101).id(t)
	s := newShelf(t, me.id, mine)
	s.expect(Trusted{me.sign(t, me.list(t, uint64(noon), 2))}, Newer, nil)
	l := bob.list(t, uint64(noon), 2) // the same devices are listed in both
	s.expect(Offered{bob.id, bob.sign(t, l)}, Newer, nil)
	swapped := bob.list(t, uint64(noon)+1, 2)
	swapped.Devices[0].Role, swapped.Devices[1].Role = core.Secondary, core.Primary
	gone, err := swapped.Without(mine, uint64(noon)+2, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []List{swapped, gone} {
		out := s.expect(Offered{bob.id, bob.sign(t, l)}, Newer, nil)
		if out.Expelled || out.Demoted || out.SignAgain || s.book.Standing() != Listed {
			t.Fatalf("%+v", out)
		}
	}
}

func TestDamagedRecordsAreRefused(t *testing.T) {
	me, bob := newHouse(t, 1), newHouse(t, 11)
	s := newShelf(t, me.id, newKey(101).id(t))
	s.expect(Offered{bob.id, bob.sign(t, bob.list(t, uint64(noon), 2))}, Newer, nil)
	record := s.saved[bob.id]
	p := s.book.pages[bob.id]
	twice := page{account: bob.id, listKey: p.listKey, signed: p.signed, second: p.signed}
	if _, err := LoadBook(me.id, s.device, [][]byte{twice.marshal()}); err != ErrRecord {
		t.Errorf("the second key is the first: %v", err)
	}
	if _, err := LoadBook(me.id, s.device, [][]byte{record, record}); err != ErrRecord {
		t.Errorf("one account twice: %v", err)
	}
	for i := 0; i < len(record); i += 7 {
		bad := bytes.Clone(record)
		bad[i] ^= 1
		if _, err := LoadBook(me.id, s.device, [][]byte{bad}); err != ErrRecord {
			t.Errorf("byte %d can be changed: %v", i, err)
		}
	}
}

func FuzzPage(f *testing.F) {
	h := newHouse(f, 1)
	signed := h.sign(f, h.list(f, uint64(noon), 2))
	l, err := Parse(signed, h.id)
	if err != nil {
		f.Fatal(err)
	}
	f.Add((&page{account: h.id, listKey: l.ListKey, signed: signed, list: l}).marshal())
	f.Add((&page{account: h.id, listKey: l.ListKey}).marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parsePage(b)
		if err != nil {
			return
		}
		if again, err := parsePage(p.marshal()); err != nil || again.account != p.account {
			t.Fatal("what was read cannot be written")
		}
	})
}
