package client_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/envelope"
	"tandem/core/identity"
	"tandem/core/linking"
	"tandem/core/ratchet"
	"tandem/core/store"
	"tandem/core/testnet"
	"tandem/core/wire"
)

// Canaries are texts that a person typed, or that a device says about itself.
const (
	canaryName   = "canary: Ada's own name"
	canaryPhone  = "canary: a phone of brand X"
	canaryLaptop = "canary: a laptop of brand Y"
	canaryNote   = "canary: a note from the phone"
	canaryAnswer = "canary: a note from the laptop"
)

// evidence is all that two devices ever put on their disks and on their lines
// while they linked and wrote to each other, and all that the nodes keep.
type evidence struct {
	words       []string // of the recovery phrase
	phone       traces
	laptop      traces
	kept        [][]byte // on any node
	sights      map[core.EdKey][]testnet.Sight
	phoneKeys   *identity.Keyring
	laptopKeys  *identity.Keyring
	laptopGrant []byte // what Finish opened: the account's keys as a keyring, and the rest
}

// traces are of one device.
type traces struct {
	raw     []store.Pair // as they lie on the disk
	records []record     // the same, decrypted
	sent    [][]byte     // URLs, requests, answers
}

// gather lets two devices live and keeps the evidence: once for all tests, each
// of which only looks at it.
func gather(t *testing.T) *evidence {
	t.Helper()
	once.Do(func() { gathered = newEvidence(t) })
	if gathered == nil {
		t.Fatal("no evidence")
	}
	return gathered
}

var (
	once     sync.Once
	gathered *evidence
)

func newEvidence(t *testing.T) *evidence {
	t.Helper()
	e := &evidence{}
	world(t, func(t *testing.T, net *testnet.Network) {
		p, s := newTab(t, net, canaryPhone), newTab(t, net, canaryLaptop)
		for _, d := range []*tab{p, s} {
			d.disk.remember()
			d.line.keep = true
			d.start()
		}
		p.until("Welcome", phase(client.Welcome))
		p.must(p.Register(canaryName))
		e.words = p.until("the words", phase(client.Words)).Seed
		p.must(p.ConfirmWords())
		p.must(p.ConfirmKey())
		attempt := meet(p, s)
		p.must(p.Authorise(attempt, ""))
		s.until("the grant", join(client.JoinHolding))
		e.open(t, s)
		p.must(p.SendNote(canaryNote)) // before Finish
		s.must(s.Finish())
		s.until("the note", shows(canaryNote))
		wait(time.Second)
		s.must(s.SendNote(canaryAnswer))
		p.until("the answer", shows(canaryNote+"|"+canaryAnswer))
		s.reload()
		s.until("history", shows(canaryNote+"|"+canaryAnswer))
		p.stop()
		s.stop()
		for at, d := range map[*traces]*tab{&e.phone: p, &e.laptop: s} {
			at.raw, at.records, at.sent = d.disk.written(), d.disk.history(t), d.line.taken()
		}
		for _, n := range net.Nodes() {
			for _, k := range net.Node(n.Ed).Kept() {
				e.kept = append(e.kept, k.Data)
			}
		}
		e.sights = net.Witness()
	})
	e.phoneKeys, e.laptopKeys = e.phone.keyring(t), e.laptop.keyring(t)
	return e
}

// open keeps what is in the grant that a device holds.
func (e *evidence) open(t *testing.T, s *tab) {
	t.Helper()
	for _, r := range s.disk.reveal(t) {
		if r.kind != store.Linking {
			continue
		}
		m, err := linking.LoadSecondary(r.value)
		if err != nil {
			t.Fatal(err)
		}
		shared, grant, err := m.Grant()
		if err != nil {
			t.Fatal(err)
		}
		keys := identity.Keyring{Shared: shared, Device: m.Device()}
		e.laptopGrant = slices.Concat(keys.MarshalSecret(), grant.List, []byte(grant.Profile+grant.DeviceName))
	}
}

// keyring is the newest one that a device had.
func (tr *traces) keyring(t *testing.T) *identity.Keyring {
	t.Helper()
	all := tr.of(store.Keyring)
	if len(all) == 0 {
		t.Fatal("no keyring")
	}
	k, err := identity.ParseKeyring(all[len(all)-1].value)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (tr *traces) of(kinds ...store.Kind) []record {
	var out []record
	for _, r := range tr.records {
		if slices.Contains(kinds, r.kind) {
			out = append(out, r)
		}
	}
	return out
}

// onlyPhone are the secrets that never leave the primary: the entropy in each
// form, and the list key.
func (e *evidence) onlyPhone(t *testing.T) needles {
	t.Helper()
	n := needles{}
	root, err := identity.RootFromWords(strings.Join(e.words, " "))
	if err != nil || root.Account().ID() != e.phoneKeys.Shared.Account.ID() {
		t.Fatalf("the words are not the account's: %v", err)
	}
	entropy := fields(e.phoneKeys.MarshalSecret(), 3)[0]
	if len(entropy) != 16 {
		t.Fatal("where is the entropy?")
	}
	list, err := hkdf.Key(sha256.New, entropy, nil, "tandem device list v1", 32)
	if err != nil {
		t.Fatal(err)
	}
	expanded := sha512.Sum512(list)
	n.add("entropy", entropy)
	n.add("recovery phrase", []byte(strings.Join(e.words, " ")), []byte(strings.Join(e.words, "")))
	n.add("list key: seed", list)
	n.add("list key: prefix", expanded[32:])
	n.add("list key: scalar", expanded[8:24]) // clamping changes only the ends
	return n
}

// secrets are all private keys of both devices and all that they typed.
func (e *evidence) secrets(t *testing.T) needles {
	t.Helper()
	n := e.onlyPhone(t)
	for _, tr := range []traces{e.phone, e.laptop} {
		for _, r := range tr.of(store.Keyring, store.PreKeys, store.Session, store.Linking) {
			n.add("a record of kind "+r.kind.String(), fields(r.value)...)
		}
	}
	for _, text := range []string{canaryName, canaryPhone, canaryLaptop, canaryNote, canaryAnswer} {
		n.add("canary", []byte(text))
	}
	for _, w := range e.words {
		n["\""+w+"\""] = "a word of the recovery phrase"
	}
	return n
}

// opened is everything that the nodes keep, opened layer by layer with every
// key that the two devices ever had: boxes, sealed lists, pairwise messages.
func (e *evidence) opened(t *testing.T) [][]byte {
	t.Helper()
	d := digger{seen: map[string]bool{}}
	for _, k := range []*identity.Keyring{e.phoneKeys, e.laptopKeys} {
		d.boxes = append(d.boxes, k.Device.OpenBox)
		d.boxes = append(d.boxes, k.Shared.Account.OpenBox, k.Shared.Reading.Open)
	}
	d.ends = []end{newEnd(t, e.phone, e.phoneKeys.Device), newEnd(t, e.laptop, e.laptopKeys.Device)}
	for _, data := range e.kept {
		d.dig(data)
		for i := range d.ends {
			d.pairwise(&d.ends[i], data)
		}
	}
	if d.messages < 4 {
		t.Fatalf("%d pairwise messages were opened", d.messages)
	}
	return d.out
}

// end is one device with all the ratchet states that it ever was in.
type end struct {
	device   *identity.Device
	prekeys  []*ratchet.PreKeys
	sessions []*ratchet.Session // nil: none
}

func newEnd(t *testing.T, tr traces, device *identity.Device) end {
	t.Helper()
	e := end{device: device, sessions: []*ratchet.Session{nil}}
	secrets := tr.of(store.PreKeys)
	for _, r := range tr.of(store.Linking) {
		for _, b := range fields(r.value, 8) {
			secrets = append(secrets, record{value: b})
		}
	}
	for _, r := range secrets {
		if k, err := ratchet.ParsePreKeys(r.value); err == nil {
			e.prekeys = append(e.prekeys, k)
		}
	}
	for _, r := range tr.of(store.Session) {
		s, err := ratchet.ParseSession(r.value)
		if err != nil {
			t.Fatal(err)
		}
		e.sessions = append(e.sessions, s)
	}
	return e
}

// digger opens what it finds and looks inside.
type digger struct {
	boxes    []func([]byte) ([]byte, error)
	ends     []end
	seen     map[string]bool
	out      [][]byte
	messages int // pairwise ones that opened
}

func (d *digger) dig(b []byte) {
	if len(b) < 16 || d.seen[string(b)] {
		return
	}
	d.seen[string(b)] = true
	d.out = append(d.out, b)
	for _, open := range d.boxes {
		if plain, err := open(b); err == nil {
			d.dig(plain)
		}
	}
	for _, field := range append(fields(b), fields(wire.Unpad(b))...) {
		d.dig(field)
	}
}

// pairwise opens a message of a session with the states of its receiver.
func (d *digger) pairwise(e *end, data []byte) {
	s, err := envelope.OpenDevice(e.device, data, 0)
	if err != nil || s.Kind != envelope.PreKey && s.Kind != envelope.Ratchet {
		return
	}
	for _, session := range e.sessions {
		for _, keys := range e.prekeys {
			opened, err := ratchet.Open(e.device, keys, session, ratchet.Kind(s.Kind), s.Body, 946_684_800_000)
			if err == nil && !opened.Duplicate {
				d.messages++
				d.dig(opened.Plain)
				return
			}
		}
	}
}

// find looks for needles in hay and tells of each that it finds.
func find(t *testing.T, where string, n needles, hay [][]byte) {
	t.Helper()
	if len(hay) == 0 {
		t.Errorf("%s: nothing to look at", where)
	}
	told := map[string]bool{}
	for _, found := range n.in(bytes.Join(hay, []byte("\x00"))) {
		if !told[found] {
			told[found] = true
			t.Errorf("%s: %s", where, found)
		}
	}
}
