package view

import (
	"strings"
	"testing"

	"tandem/core"
)

// FuzzReadTarget is what a person pastes for a public key or a link code: what is
// taken for a key is one, and reading again what was read changes nothing.
func FuzzReadTarget(f *testing.F) {
	key := core.ID{5, 7}.Hex()
	for _, typed := range []string{"", key, strings.ToUpper(key[:33]) + "\n " + key[33:], "TANDEM-Link: AbC d", "tandem-link", key + "0"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		read, err := ReadTarget(typed)
		_ = TargetSentence(err, typed)
		switch {
		case err != nil && read != "":
			t.Errorf("%q is refused and still %q", typed, read)
		case err == nil && strings.HasPrefix(read, codePrefix):
		case err == nil:
			if id, err := core.ParseID(read); err != nil || id.Hex() != read {
				t.Errorf("%q is taken for the key %q", typed, read)
			}
		}
		if err == nil {
			if again, err := ReadTarget(read); err != nil || again != read {
				t.Errorf("%q became %q, then %q, %v", typed, read, again, err)
			}
		}
		friend, err := ReadKey(typed)
		if id, err2 := core.ParseID(friend); (err == nil) != (err2 == nil) || err == nil && id.Hex() != friend {
			t.Errorf("%q is the friend %q, %v", typed, friend, err)
		}
	})
}
