package devices

import (
	"crypto/ed25519"
	"encoding/hex"
	"testing"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// noon is the network time of these stories.
const noon core.Millis = 1_800_000_000_000

// key is a signer made from one byte, so that lists are the same in every run.
type key struct{ private ed25519.PrivateKey }

func newKey(b byte) key {
	seed := make([]byte, 32)
	seed[0] = b
	return key{ed25519.NewKeyFromSeed(seed)}
}

func (k key) Ed() core.EdKey { return core.EdKey(k.private.Public().(ed25519.PublicKey)) }

func (k key) Sign(message []byte) []byte { return ed25519.Sign(k.private, message) }

func (k key) id(t testing.TB) core.ID {
	t.Helper()
	id, err := identity.IDFromEd(k.Ed())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// house is an account with its keys.
type house struct {
	account, listKey key
	id               core.ID
}

func newHouse(t testing.TB, b byte) house {
	t.Helper()
	h := house{account: newKey(b), listKey: newKey(b + 1)}
	h.id = h.account.id(t)
	return h
}

func (h house) entry(t testing.TB, b byte, role core.Role) Entry {
	t.Helper()
	k := newKey(b)
	return Entry{ID: k.id(t), Ed: k.Ed(), Role: role, Added: noon, Consent: Consent(k, h.id, k.id(t))}
}

// list has a primary (key 101) and n-1 secondaries (102 …).
func (h house) list(t testing.TB, epoch uint64, n int) List {
	t.Helper()
	l := List{Account: h.id, Epoch: epoch, Issued: noon}
	for i := 0; i < n; i++ {
		role := core.Secondary
		if i == 0 {
			role = core.Primary
		}
		l.Devices = append(l.Devices, h.entry(t, byte(101+i), role))
	}
	return l
}

func (h house) sign(t testing.TB, l List) []byte {
	t.Helper()
	signed, err := Sign(noon, l, h.listKey, h.account)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// forge signs whatever it is given, as a list key would that follows no rule.
func (h house) forge(l List) []byte {
	if l.AccountEd == (core.EdKey{}) {
		l.AccountEd = h.account.Ed()
	}
	if l.ListKey == (core.EdKey{}) {
		l.ListKey = h.listKey.Ed()
	}
	if l.AccountSig == nil {
		l.AccountSig = h.account.Sign(wire.Domain(domainListKey, l.ListKey[:]))
	}
	return wire.SignBody(h.listKey, domainList, l.marshal()).Marshal()
}

func TestListSurvivesItsSignature(t *testing.T) {
	h := newHouse(t, 1)
	l := h.list(t, uint64(noon), MaxDevices)
	l.SnapshotEpoch = 7
	for i := 0; i < MaxRemoved; i++ {
		l.Removed = append(l.Removed, Removed{ID: newKey(byte(150 + i)).id(t), At: noon})
	}
	signed := h.sign(t, l)
	got, err := Parse(signed, h.id)
	if err != nil {
		t.Fatal(err)
	}
	if string(h.forge(got)) != string(signed) || got.SnapshotEpoch != 7 || len(got.Removed) != MaxRemoved {
		t.Fatal("the list that was read is not the one that was signed")
	}
	if got.Primary().ID != l.Devices[0].ID {
		t.Fatal("the primary device is another one")
	}
	if len(signed) > MaxBody {
		t.Fatalf("the fullest list has %d bytes", len(signed))
	}
}

// The bytes of one list, fixed, so that a second client can be checked against
// this one and so that linking, which makes the same two signatures, agrees.
func TestListBytes(t *testing.T) {
	h := newHouse(t, 1)
	signed := h.sign(t, h.list(t, uint64(noon), 2))
	hash := Hash(signed)
	if got := hex.EncodeToString(hash[:]); got != listHash {
		t.Errorf("hash of the list: %s", got)
	}
	e := h.entry(t, 101, core.Primary)
	if got := hex.EncodeToString(e.Consent[:16]); got != consentStart {
		t.Errorf("consent starts %s", got)
	}
	if got := Safety(h.id, h.listKey.Ed()); got != safetyNumber {
		t.Errorf("safety number %s", got)
	}
}

const (
	listHash     = "1fdf0a9d7dca947a675183ff514a78337f896d66c2feea4e5ebf33ad757ded14"
	consentStart = "ee5ea282800e2dcc2e35aeb300d2004c"
	safetyNumber = "826497135593565075851169875778"
)

// badList breaks one rule in a list of three devices, keys 101 to 103.
type badList struct {
	name string
	make func(l *List)
}

func badLists(t *testing.T, h, other house) []badList {
	t.Helper()
	return []badList{
		{"no primary device", func(l *List) { l.Devices[0].Role = core.Secondary }},
		{"two primary devices", func(l *List) { l.Devices[1].Role = core.Primary }},
		{"no devices", func(l *List) { l.Devices = nil }},
		{"seven devices", func(l *List) { l.Devices = h.list(t, 1, 7).Devices }},
		{"a role nobody knows", func(l *List) { l.Devices[1].Role = 3 }},
		{"a device twice", func(l *List) { l.Devices[2] = l.Devices[1] }},
		{"a device listed and removed", func(l *List) { l.Removed = []Removed{{ID: l.Devices[1].ID}} }},
		{"a removed device twice", func(l *List) { l.Removed = []Removed{{ID: newKey(90).id(t)}, {ID: newKey(90).id(t)}} }},
		{"33 removed", func(l *List) {
			for i := 0; i < 33; i++ {
				l.Removed = append(l.Removed, Removed{ID: newKey(byte(150 + i)).id(t)})
			}
		}},
		{"a device key of another id", func(l *List) { l.Devices[1].Ed = newKey(90).Ed() }},
		{"no consent", func(l *List) { l.Devices[1].Consent = make([]byte, 64) }},
		{"a short consent", func(l *List) { l.Devices[1].Consent = l.Devices[1].Consent[:63] }},
		{"consent to another account", func(l *List) { l.Devices[1].Consent = other.entry(t, 102, core.Secondary).Consent }},
		{"consent of another device", func(l *List) { l.Devices[1].Consent = l.Devices[2].Consent }},
		{"the account key of another account", func(l *List) { l.AccountEd = other.account.Ed() }},
		{"no account signature", func(l *List) { l.AccountSig = make([]byte, 64) }},
		{"another account's signature over the list key", func(l *List) {
			l.AccountSig = other.account.Sign(wire.Domain(domainListKey, l.ListKey[:]))
		}},
		{"a list key of small order", func(l *List) { l.ListKey = core.EdKey{1} }},
		{"an epoch that overflows", func(l *List) { l.Epoch = 1 << 63 }},
		{"a time that overflows", func(l *List) { l.Devices[0].Added = 1 << 60 }},
	}
}

func TestClaim10_BadListsAreRefusedWhole(t *testing.T) {
	h, other := newHouse(t, 1), newHouse(t, 11)
	for _, s := range badLists(t, h, other) {
		t.Run(s.name, func(t *testing.T) {
			l := h.list(t, uint64(noon), 3)
			l.ListKey = h.listKey.Ed()
			if _, err := Parse(h.forge(l), h.id); err != nil {
				t.Fatal("the list was bad before it was changed")
			}
			s.make(&l)
			if _, err := Parse(h.forge(l), h.id); err != ErrList {
				t.Fatalf("not refused: %v", err)
			}
		})
	}
}

func TestClaim10_ForgedForeignOversized(t *testing.T) {
	h, other := newHouse(t, 1), newHouse(t, 11)
	l := h.list(t, uint64(noon), 2)
	good := h.sign(t, l)
	s, err := wire.ParseSigned(good)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(good, other.id); err != ErrForeign {
		t.Errorf("foreign: %v", err)
	}
	forged := wire.SignBody(other.listKey, domainList, s.Body)
	if _, err := Parse(forged.Marshal(), h.id); err != ErrList {
		t.Errorf("signed by another list key: %v", err)
	}
	domain := wire.SignBody(h.listKey, "tandem link request v1", s.Body)
	if _, err := Parse(domain.Marshal(), h.id); err != ErrList {
		t.Errorf("signed under another domain: %v", err)
	}
	large := wire.AppendBytes(s.Body, 99, make([]byte, MaxBody))
	if _, err := Parse(wire.SignBody(h.listKey, domainList, large).Marshal(), h.id); err != ErrList {
		t.Errorf("oversized: %v", err)
	}
	for i := range good {
		bad := append([]byte{}, good...)
		bad[i] ^= 1
		if _, err := Parse(bad, h.id); err == nil {
			t.Fatalf("byte %d can be changed", i)
		}
	}
	later := wire.AppendUint(s.Body, 99, 1)
	if _, err := Parse(wire.SignBody(h.listKey, domainList, later).Marshal(), h.id); err != nil {
		t.Errorf("a field of a later version: %v", err)
	}
}

func TestSignRefusesWhatOthersWould(t *testing.T) {
	h, other := newHouse(t, 1), newHouse(t, 11)
	l := h.list(t, uint64(noon+core.Day)+1, 2)
	if _, err := Sign(noon, l, h.listKey, h.account); err != ErrAhead {
		t.Errorf("ahead: %v", err)
	}
	l.Epoch = uint64(noon)
	if _, err := Sign(noon, l, h.listKey, other.account); err != ErrList {
		t.Errorf("another account's key: %v", err)
	}
	l.Devices[1].Consent = make([]byte, 64)
	if _, err := Sign(noon, l, h.listKey, h.account); err != ErrList {
		t.Errorf("no consent: %v", err)
	}
}

func TestNextEpoch(t *testing.T) {
	now := uint64(noon)
	for _, c := range []struct {
		seen []uint64
		want uint64
		err  error
	}{
		{nil, now, nil},
		{[]uint64{5, 9}, now, nil},
		{[]uint64{now, now + 7, now + 3}, now + 8, nil},
		{[]uint64{now + uint64(core.Day)}, now + uint64(core.Day) + 1, ErrAhead},
		{[]uint64{now + uint64(core.Day) - 1}, now + uint64(core.Day), nil},
	} {
		got, err := NextEpoch(noon, c.seen...)
		if got != c.want || err != c.err {
			t.Errorf("after %v: %d %v, want %d %v", c.seen, got, err, c.want, c.err)
		}
	}
}

func TestWithAndWithout(t *testing.T) {
	h := newHouse(t, 1)
	l := h.list(t, uint64(noon), 5)
	e := h.entry(t, 120, core.Secondary)
	six, err := l.With(e, uint64(noon)+1, noon)
	if err != nil || len(six.Devices) != 6 || len(l.Devices) != 5 || six.SnapshotEpoch != 0 {
		t.Fatalf("with one more: %v", err)
	}
	if _, err := six.With(h.entry(t, 121, core.Secondary), uint64(noon)+2, noon); err != ErrFull {
		t.Errorf("a seventh: %v", err)
	}
	if _, err := six.With(e, uint64(noon)+2, noon); err != ErrList {
		t.Errorf("a listed one again: %v", err)
	}
	five, err := six.Without(e.ID, uint64(noon)+3, noon)
	if err != nil || !five.Removes(e.ID) || five.SnapshotEpoch != uint64(noon)+3 || len(six.Devices) != 6 {
		t.Fatalf("without it: %v", err)
	}
	h.sign(t, five)
	if _, err := five.With(e, uint64(noon)+4, noon); err != ErrList {
		t.Errorf("a removed one again: %v", err)
	}
	if _, err := five.Without(l.Primary().ID, uint64(noon)+4, noon); err != ErrList {
		t.Errorf("without the primary: %v", err)
	}
	if _, err := five.Without(e.ID, uint64(noon)+4, noon); err != ErrList {
		t.Errorf("without one that is not there: %v", err)
	}
	full := five
	for i := 0; i < MaxRemoved; i++ {
		full.Removed = append([]Removed{{ID: newKey(byte(150 + i)).id(t), At: noon + core.Millis(i) + 1}}, full.Removed...)
	}
	full.Removed = full.Removed[:MaxRemoved]
	oldest := full.Removed[MaxRemoved-1].ID
	next, err := full.Without(full.Devices[1].ID, uint64(noon)+5, noon+core.Hour)
	if err != nil || len(next.Removed) != MaxRemoved || next.Removes(oldest) || !next.Removes(full.Devices[1].ID) {
		t.Errorf("the oldest name did not make room: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	h := newHouse(f, 1)
	good := h.sign(f, h.list(f, uint64(noon), 3))
	f.Add(good)
	f.Add([]byte{})
	f.Add(h.forge(List{Account: h.id}))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Parse(b, h.id)
		if err != nil {
			return
		}
		if !l.holds() || l.Account != h.id {
			t.Fatal("a list that breaks a rule was read")
		}
	})
}

// FuzzBody skips the signature, so that the fuzzer gets to the fields.
func FuzzBody(f *testing.F) {
	h := newHouse(f, 1)
	f.Add(h.list(f, uint64(noon), 3).marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := unmarshal(b)
		if err != nil {
			return
		}
		if len(l.Devices) > MaxDevices || len(l.Removed) > MaxRemoved {
			t.Fatal("unbounded")
		}
		if _, err := unmarshal(l.marshal()); err != nil {
			t.Fatal("what was read cannot be written")
		}
	})
}
