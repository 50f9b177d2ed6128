package client

import (
	"testing"

	"tandem/core"
	"tandem/core/store"
)

// FuzzParseSmall is the parsers of what siblings or the store say in a few
// bytes: read marks, facts of devices, and how far a restored device has come.
func FuzzParseSmall(f *testing.F) {
	f.Add(marshalPosition(store.Position{Sent: 7, ID: core.MessageID{Device: core.ID{5, 1}, Counter: 9}}))
	f.Add(facts{Facts: core.Facts{Name: "Kitchen", Platform: "Firefox"}, seen: 8}.marshal())
	f.Add((&restoring{choice: removeAll, drop: core.ID{5, 2}, done: 3}).marshal())
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
