package linking

import (
	"bytes"
	"testing"

	"tandem/core"
)

// letters of a whole linking, as seeds.
func seeds(f *testing.F) *story {
	f.Helper()
	return newStory(f).confirming()
}

// FuzzMessages: whatever is read can be written again with the same bytes of
// the fields that are known, and nothing panics.
func FuzzMessages(f *testing.F) {
	s := seeds(f)
	for _, l := range []Letter{s.request, s.challenge, s.reveal, s.done} {
		f.Add(uint8(l.Kind), l.Bytes)
	}
	f.Add(uint8(KindGrant), s.granted().Signed)
	f.Add(uint8(KindReject), s.forgeEnd(KindReject, s.h.keys.Device, s.j.device.ID()).Signed)
	f.Add(uint8(KindCancel), s.forgeEnd(KindCancel, s.h.keys.Device, s.j.device.ID()).Signed)
	f.Fuzz(func(t *testing.T, kind uint8, b []byte) {
		var (
			h      *head
			fields []byte
		)
		switch Kind(kind) {
		case KindRequest:
			if q, err := readRequest(b); err == nil {
				h, fields = &q.head, q.fields()
			}
		case KindChallenge:
			if c, err := readChallenge(b); err == nil {
				h, fields = &c.head, c.fields()
			}
		case KindReveal:
			if v, err := readReveal(b); err == nil {
				h, fields = &v.head, v.fields()
			}
		case KindGrant:
			if g, err := readGrant(b); err == nil {
				h = &g.head
			}
		default:
			if e, err := readEnding(Kind(kind), b); err == nil {
				h, fields = &e.head, e.fields()
			}
		}
		if h == nil {
			return
		}
		h.verify()
		if h.account[0] != 0x05 || h.device[0] != 0x05 || h.kind != Kind(kind) || len(fields) > maxBody {
			t.Fatal("read what is not a message")
		}
	})
}

// FuzzHear feeds both machines, in every state, with bytes.
func FuzzHear(f *testing.F) {
	s := seeds(f)
	for _, l := range []Letter{s.request, s.challenge, s.reveal, s.done} {
		f.Add(uint8(l.Kind), l.Bytes)
	}
	asking := newStory(f).ask().j.record()
	revealed := newStory(f).revealed()
	f.Fuzz(func(t *testing.T, kind uint8, b []byte) {
		for _, record := range [][]byte{asking, revealed.j.record()} {
			m, err := LoadSecondary(record)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.Step(noon, Heard{Kind: Kind(kind), Signed: b}); err != nil {
				t.Fatal(err)
			}
		}
		h := revealed.h
		p, err := LoadPrimary(h.keys.Shared.Account, h.keys.Device, core.EdKey{}, [][]byte{h.saved[revealed.attempt]})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Step(noon, Heard{Kind: Kind(kind), Signed: b}); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzSecondaryRecord: a record that is read is one that would be written, and
// the machine works with it.
func FuzzSecondaryRecord(f *testing.F) {
	for _, build := range []func(*story) *story{(*story).ask, (*story).revealed, (*story).holding, (*story).confirming, (*story).confirmed} {
		f.Add(build(newStory(f)).j.record())
	}
	s := newStory(f).holding()
	s.j.must(s.now, Differ{})
	f.Add(s.j.record())
	s.j.must(s.now+EndingTime, Tick{})
	f.Add(s.j.record())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseSecondary(b)
		if err != nil {
			return
		}
		again, err := parseSecondary(r.marshal())
		if err != nil || !bytes.Equal(again.marshal(), r.marshal()) {
			t.Fatal("what was read cannot be written")
		}
		m := &Secondary{rec: r}
		m.View()
		m.Due(noon)
		m.Grant()
		if _, err := m.Step(noon, Tick{}); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzPrimaryRecord is the same for the other side.
func FuzzPrimaryRecord(f *testing.F) {
	for _, build := range []func(*story) *story{(*story).pend, (*story).challenged, (*story).inWords, (*story).authorised, (*story).confirmed} {
		s := build(newStory(f))
		f.Add(s.h.saved[s.attempt])
	}
	s := newStory(f).inWords()
	s.h.must(s.now, Reject{s.attempt})
	f.Add(s.h.saved[s.attempt])
	h := newHouse(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := LoadPrimary(h.keys.Shared.Account, h.keys.Device, core.EdKey{}, [][]byte{b})
		if err != nil {
			return
		}
		for _, r := range p.attempts {
			if again, err := parsePrimary(r.marshal()); err != nil || !bytes.Equal(again.marshal(), r.marshal()) {
				t.Fatal("what was read cannot be written")
			}
		}
		p.View(noon)
		p.Due(noon)
		for _, in := range []PrimaryInput{Tick{}, OpenDialog{}, CloseDialog{}} {
			if _, err := p.Step(noon, in); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzGrant(f *testing.F) {
	f.Add(Grant{List: []byte("list"), Profile: "Alice", DeviceName: "Laptop"}.marshal())
	f.Add(Grant{List: []byte("list"), Known: []Known{{Device: newHouse(f).id(), Facts: core.Facts{Name: "Phone", Platform: "Chromium"}}}}.marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := parseGrant(b)
		if err != nil {
			return
		}
		if !g.fits() {
			t.Fatal("a grant that does not fit was read")
		}
		if again, err := parseGrant(g.marshal()); err != nil || !bytes.Equal(again.marshal(), g.marshal()) {
			t.Fatal("what was read cannot be written")
		}
	})
}
