package linking

import (
	"bytes"
	"testing"
)

// A record whose messages are another attempt's, or another device's, is
// damaged: the words that it would show are nobody's.
func TestMixedPrimaryRecords(t *testing.T) {
	s := newStory(t).inWords()
	s.h.must(s.now, CloseDialog{})
	s = &story{t: t, h: s.h, j: newJoiner(t), now: s.now}
	s.inWords()
	other := s.asker()
	other.challenge = only(t, s.h.must(s.now, heard(t, other.request)), KindChallenge)
	other.reveal = only(t, other.j.must(s.now, heard(t, other.challenge)), KindReveal)
	for name, change := range map[string]func(r *primaryRecord){
		"nothing":           func(*primaryRecord) {},
		"another request":   func(r *primaryRecord) { r.request = other.request.Bytes },
		"another challenge": func(r *primaryRecord) { r.challenge = other.challenge.Bytes },
		"another reveal":    func(r *primaryRecord) { r.reveal = other.reveal.Bytes },
		"another id":        func(r *primaryRecord) { r.attempt = other.attempt },
		"another device":    func(r *primaryRecord) { r.device = other.j.device.ID() },
		"another time":      func(r *primaryRecord) { r.created++ },
	} {
		r := *s.h.p.attempts[s.attempt]
		change(&r)
		_, err := LoadPrimary(s.h.keys.Shared.Account, s.h.keys.Device, s.h.root.ListKey().Ed(), [][]byte{r.marshal()})
		if (err == nil) != (name == "nothing") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A field that the state does not have, and one that it must have.
	r := s.h.p.attempts[s.attempt]
	for name, b := range map[string][]byte{
		"one too many":   r.append(r.marshal(), 11),
		"one is missing": bytes.Replace(r.marshal(), r.append(nil, 12), nil, 1),
	} {
		if _, err := LoadPrimary(s.h.keys.Shared.Account, s.h.keys.Device, s.h.root.ListKey().Ed(), [][]byte{b}); err != ErrRecord {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMixedSecondaryRecords(t *testing.T) {
	s, other := newStory(t).holding(), newStory(t).holding()
	for name, change := range map[string]func(r *secondaryRecord){
		"nothing":           func(*secondaryRecord) {},
		"another request":   func(r *secondaryRecord) { r.request = other.request.Bytes },
		"another challenge": func(r *secondaryRecord) { r.challenge = other.challenge.Bytes },
		"another reveal":    func(r *secondaryRecord) { r.reveal = other.reveal.Bytes },
		"another grant":     func(r *secondaryRecord) { r.grant = other.granted().Signed },
		"another id":        func(r *secondaryRecord) { r.attempt = other.attempt },
		"another account":   func(r *secondaryRecord) { r.account = other.h.id() },
		"another device":    func(r *secondaryRecord) { r.device = other.j.device },
	} {
		r := *s.j.s.rec
		change(&r)
		if _, err := LoadSecondary(r.marshal()); (err == nil) != (name == "nothing") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
