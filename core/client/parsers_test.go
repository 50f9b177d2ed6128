package client

import (
	"bytes"
	"testing"

	"tandem/core"
	"tandem/core/envelope"
	"tandem/core/store"
)

// FuzzParseSmall is the parsers of what siblings or the store say in a few
// bytes: read marks, facts of devices, how far a restored device has come, what
// is to be posted, and what could not be opened.
func FuzzParseSmall(f *testing.F) {
	f.Add(marshalPosition(store.Position{Sent: 7, ID: core.MessageID{Device: core.ID{5, 1}, Counter: 9}}))
	f.Add(facts{Facts: core.Facts{Name: "Kitchen", Platform: "Firefox"}, seen: 8}.marshal())
	f.Add((&restoring{choice: removeAll, drop: core.ID{5, 2}, done: 3}).marshal())
	post := posting{room: core.ID{15, 1}, number: postingBase, text: "text", data: []byte("data"), sent: 4, failed: 1}
	f.Add(post.marshal())
	f.Add(marshalUnopened(envelope.Sealed{Kind: envelope.Ratchet, Body: []byte("body"), Created: 5, Account: core.ID{5, 3}}))
	f.Add([]byte{0x08, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		if at, err := parsePosition(b); err == nil {
			if again, err := parsePosition(marshalPosition(at)); err != nil || again != at {
				t.Errorf("a position %+v became %+v, %v", at, again, err)
			}
		}
		if x, err := parseFacts(b); err == nil {
			if again, err := parseFacts(x.marshal()); err != nil || again != x {
				t.Errorf("facts %+v became %+v, %v", x, again, err)
			}
		}
		if r, err := parseRestoring(b); err == nil {
			again, err := parseRestoring(r.marshal())
			if err != nil || again.choice != r.choice || again.drop != r.drop || again.done != r.done {
				t.Errorf("restoring %+v became %+v, %v", r, again, err)
			}
		}
		if p, err := parsePosting(b); err == nil {
			if again, err := parsePosting(p.marshal()); err != nil || !bytes.Equal(again.marshal(), p.marshal()) {
				t.Errorf("a posting %+v became %+v, %v", p, again, err)
			}
		}
		sender := core.ID{5, 4}
		if _, err := parseUnopened(string(sender[:len(sender)-1]), b); err == nil {
			t.Error("of no sender")
		}
		if s, err := parseUnopened(string(sender[:])+"more", b); err == nil {
			again, err := parseUnopened(string(sender[:])+"more", marshalUnopened(s))
			if err != nil || again.Sender != sender || again.Kind != s.Kind || again.Created != s.Created ||
				again.Account != s.Account || !bytes.Equal(again.Body, s.Body) {
				t.Errorf("unopened %+v became %+v, %v", s, again, err)
			}
		}
	})
}

// FuzzParseTarget is what a person pastes to join: a public key or a link code.
func FuzzParseTarget(f *testing.F) {
	f.Add(core.ID{5, 1}.Hex())
	f.Add(" tandem-link:")
	f.Add("05")
	f.Fuzz(func(t *testing.T, text string) {
		account, code, err := parseTarget(text)
		if err != nil {
			return
		}
		if account.IsZero() || account[0] != 5 || code != nil && code.Account != account {
			t.Errorf("%q joins %v by %+v", text, account, code)
		}
	})
}
