package linking

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/mnemonic"
	"tandem/core/wire"
)

// noon is the network time at which these stories begin.
const noon core.Millis = 1_800_000_000_000

// The tests stand in for the rooms that linking does not know: a pairwise
// cipher that is only X25519 and an AEAD, and a device list that is JSON under
// the list key's signature.

var errFake = errors.New("test: does not open")

// fakeBundle makes a prekey bundle with its secret.
func fakeBundle() (public, secret []byte) {
	e := identity.NewEphemeral()
	pub := e.Public()
	return pub[:], e.MarshalSecret()
}

// fakeEncrypt is the first pairwise message to the owner of a bundle.
func fakeEncrypt(bundle, plain []byte) []byte {
	e := identity.NewEphemeral()
	z, err := e.Agree([32]byte(bundle))
	if err != nil {
		panic(err)
	}
	pub := e.Public()
	return append(pub[:], wire.SealAEAD(z[:], "test pairwise", nil, plain)...)
}

// fakeDecrypt opens it and gives the session too.
func fakeDecrypt(secret, pairwise []byte) (plain, session []byte, err error) {
	e, err := identity.ParseEphemeral(secret)
	if err != nil || len(pairwise) < 32 {
		return nil, nil, errFake
	}
	z, err := e.Agree([32]byte(pairwise))
	if err != nil {
		return nil, nil, errFake
	}
	plain, err = wire.OpenAEAD(z[:], "test pairwise", nil, pairwise[32:])
	return plain, z[:], err
}

func signList(listKey signer, v ListView) []byte {
	v.ListKey = listKey.Ed()
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return wire.SignBody(listKey, "test list", body).Marshal()
}

func readList(signed []byte) (ListView, error) {
	var v ListView
	s, err := wire.ParseSigned(signed)
	if err != nil || json.Unmarshal(s.Body, &v) != nil ||
		!identity.Verify(v.ListKey, wire.Domain("test list", s.Body), s.Signature) {
		return ListView{}, errFake
	}
	return v, nil
}

// house is an account with its primary device, as the loop would hold it.
type house struct {
	t       testing.TB
	entropy []byte
	root    *identity.Root
	keys    *identity.Keyring
	p       *Primary
	saved   map[Attempt][]byte
	list    ListView
	signed  []byte
	removed bool // a list with a removed device was published
	pairs   map[core.ID]bool
	events  []Event
}

func newHouse(t testing.TB) *house {
	t.Helper()
	var entropy [16]byte
	rand.Read(entropy[:])
	words := mnemonic.Encode(entropy)
	text := ""
	for _, w := range words {
		text += w + " "
	}
	root, err := identity.RootFromWords(text)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, entropy: entropy[:], root: root, keys: identity.NewKeyring(root, 0), saved: map[Attempt][]byte{}, pairs: map[core.ID]bool{}}
	h.list = ListView{Epoch: uint64(noon), ListKey: root.ListKey().Ed(), Primary: h.keys.Device.ID()}
	h.signed = signList(root.ListKey(), h.list)
	h.p = NewPrimary(h.keys.Shared.Account, h.keys.Device, root.ListKey().Ed())
	return h
}

func (h *house) id() core.ID { return h.keys.Shared.Account.ID() }

func (h *house) roster() Roster {
	return Roster{Secondaries: h.list.Secondaries, Removed: h.list.Removed}
}

// do steps, and saves as the loop would: records, list and what Remove asks
// for are one transaction.
func (h *house) do(now core.Millis, in PrimaryInput) (Outcome, error) {
	h.t.Helper()
	if heard, ok := in.(Heard); ok {
		heard.Roster = h.roster()
		in = heard
	}
	out, err := h.p.Step(now, in)
	for _, r := range out.Save {
		if r.Bytes == nil {
			delete(h.saved, r.Attempt)
		} else {
			h.saved[r.Attempt] = r.Bytes
		}
	}
	if out.Adopt != nil {
		h.signed = out.Adopt
		var lerr error
		if h.list, lerr = readList(out.Adopt); lerr != nil {
			h.t.Fatal(lerr)
		}
	}
	if i := slices.Index(h.list.Secondaries, out.Remove); i >= 0 {
		h.list.Epoch++
		h.list.SnapshotEpoch = h.list.Epoch
		h.list.Secondaries = slices.Delete(slices.Clone(h.list.Secondaries), i, i+1)
		h.list.Removed = append(slices.Clone(h.list.Removed), out.Remove)
		h.signed = signList(h.root.ListKey(), h.list)
		h.removed = true
	}
	h.events = append(h.events, out.Tell...)
	return out, err
}

func (h *house) must(now core.Millis, in PrimaryInput) Outcome {
	h.t.Helper()
	out, err := h.do(now, in)
	if err != nil {
		h.t.Fatalf("%T: %v", in, err)
	}
	return out
}

// reload forgets the machine and loads what was saved.
func (h *house) reload() {
	h.t.Helper()
	var records [][]byte
	for _, b := range h.saved {
		records = append(records, b)
	}
	p, err := LoadPrimary(h.keys.Shared.Account, h.keys.Device, h.root.ListKey().Ed(), records)
	if err != nil {
		h.t.Fatal(err)
	}
	h.p = p
}

// authorise does what the loop does at Authorise.
func (h *house) authorise(now core.Millis, a Attempt) (Outcome, error) {
	h.t.Helper()
	in, err := h.prepare(a)
	if err != nil {
		return Outcome{}, err
	}
	return h.do(now, in)
}

func (h *house) prepare(a Attempt) (Authorise, error) {
	h.t.Helper()
	c, err := h.p.Candidate(a)
	if err != nil {
		return Authorise{}, err
	}
	next := h.list
	next.Epoch++
	next.Secondaries = append(slices.Clone(next.Secondaries), c.Device)
	in := Authorise{Attempt: a, Roster: h.roster(), List: signList(h.root.ListKey(), next)}
	content, err := h.p.SealGrant(a, h.keys.Shared, Grant{List: in.List, Profile: "Alice", DeviceName: c.Facts.Name})
	if err != nil {
		return Authorise{}, err
	}
	in.Pairwise = fakeEncrypt(c.Bundle, wire.Pad(content.Marshal()))
	return in, nil
}

// state of an attempt.
func (h *house) state(a Attempt) State {
	if r := h.p.attempts[a]; r != nil {
		return r.state
	}
	return None
}

// joiner is a device that wants to join, as its loop would hold it.
type joiner struct {
	t       testing.TB
	s       *Secondary
	saved   map[Attempt][]byte
	joined  *Joined
	bundle  []byte
	device  *identity.Device // the test's copy
	secrets []byte
	wiped   bool
	events  []Event
}

func newJoiner(t testing.TB) *joiner {
	return &joiner{t: t, s: NewSecondary(), saved: map[Attempt][]byte{}}
}

func (j *joiner) link(account core.ID, code *Code) Link {
	j.device = identity.NewDevice()
	j.bundle, j.secrets = fakeBundle()
	return Link{
		Account: account, Code: code, Facts: core.Facts{Name: "Firefox on Linux", Platform: "Firefox 140, Linux"},
		Device: j.device, Bundle: j.bundle, Secrets: j.secrets,
	}
}

func (j *joiner) do(now core.Millis, in SecondaryInput) (Outcome, error) {
	j.t.Helper()
	out, err := j.s.Step(now, in)
	for _, r := range out.Save {
		if r.Bytes == nil {
			delete(j.saved, r.Attempt)
		} else {
			j.saved[r.Attempt] = r.Bytes
		}
	}
	if len(j.saved) > 1 {
		j.t.Fatal("two attempts are stored")
	}
	if out.Joined != nil {
		j.joined = out.Joined
	}
	for _, e := range out.Tell {
		j.wiped = j.wiped || e.What == Wipe
	}
	j.events = append(j.events, out.Tell...)
	return out, err
}

func (j *joiner) must(now core.Millis, in SecondaryInput) Outcome {
	j.t.Helper()
	out, err := j.do(now, in)
	if err != nil {
		j.t.Fatalf("%T: %v", in, err)
	}
	return out
}

func (j *joiner) reload() {
	j.t.Helper()
	j.s = NewSecondary()
	for _, b := range j.saved {
		s, err := LoadSecondary(b)
		if err != nil {
			j.t.Fatal(err)
		}
		j.s = s
	}
}

func (j *joiner) record() []byte {
	for _, b := range j.saved {
		return b
	}
	return nil
}

// receive decrypts a pairwise message as the loop would.
func (j *joiner) receive(now core.Millis, from core.ID, pairwise []byte) Outcome {
	j.t.Helper()
	secrets, _ := j.s.Pairwise()
	plain, session, err := fakeDecrypt(secrets, pairwise)
	if err != nil {
		return Outcome{}
	}
	return j.must(now, Granted{From: from, Signed: linkingIn(j.t, plain), Session: session})
}

// linkingIn is the linking message in a padded Content.
func linkingIn(t testing.TB, padded []byte) []byte {
	t.Helper()
	content, err := wire.ParseContent(wire.Unpad(padded))
	if err != nil || content.Linking == nil || Kind(content.Linking.Kind) != KindGrant {
		t.Fatal("no LinkGrant in the pairwise message")
	}
	return content.Linking.Signed
}

// heard is a letter as the other side hears it, through the Content that the
// loop would seal.
func heard(t testing.TB, l Letter) Heard {
	t.Helper()
	content, err := wire.ParseContent(l.Content().Marshal())
	if err != nil {
		t.Fatal(err)
	}
	return Heard{Kind: Kind(content.Linking.Kind), Signed: content.Linking.Signed}
}

// only is the one letter of an outcome.
func only(t testing.TB, out Outcome, kind Kind) Letter {
	t.Helper()
	if len(out.Send) != 1 || out.Send[0].Kind != kind {
		t.Fatalf("%d letters, want one of kind %d: %v", len(out.Send), kind, kinds(out))
	}
	return out.Send[0]
}

func kinds(out Outcome) []Kind {
	var k []Kind
	for _, l := range out.Send {
		k = append(k, l.Kind)
	}
	return k
}
