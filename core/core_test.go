package core_test

import (
	"strings"
	"testing"

	"tandem/core"
)

// FuzzParseID is an ID as it is typed, pasted or stored as text.
func FuzzParseID(f *testing.F) {
	whole := core.ID{5, 1, 0xab}.Hex()
	for _, text := range []string{"", whole, " " + strings.ToUpper(whole) + "\n", whole[1:], "06" + whole[2:], whole[:65] + "g", strings.Repeat("é", 33)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := core.ParseID(text)
		switch err {
		case nil:
			if id.Hex() != strings.ToLower(strings.TrimSpace(text)) || id[0] != 5 {
				t.Errorf("%q is %s", text, id.Hex())
			}
			if again, err := core.IDFromBytes(id[:]); err != nil || again != id {
				t.Errorf("%q: its bytes are no ID: %v", text, err)
			}
		case core.ErrIDLength, core.ErrIDHex, core.ErrIDPrefix:
			if !id.IsZero() {
				t.Errorf("%q is refused and still %s", text, id)
			}
		default:
			t.Errorf("%q: %v", text, err)
		}
		var read core.ID
		if err := read.UnmarshalText([]byte(text)); err == nil {
			if again, err := read.MarshalText(); err != nil || string(again) != strings.ToLower(text) && !(read.IsZero() && len(again) == 0) {
				t.Errorf("%q became %q, %v", text, again, err)
			}
		}
	})
}
