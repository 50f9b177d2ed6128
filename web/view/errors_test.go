package view

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/mnemonic"
)

// refusals are all errors that a page must be able to explain, by the name
// that they have in their package.
var refusals = map[string]map[string]error{
	"../../core/client": {
		"ErrNameEmpty": client.ErrNameEmpty, "ErrNameLong": client.ErrNameLong,
		"ErrTextEmpty": client.ErrTextEmpty, "ErrTextLong": client.ErrTextLong,
		"ErrOwnKey": client.ErrOwnKey, "ErrCode": client.ErrCode, "ErrOffline": client.ErrOffline, "ErrNotPrimary": client.ErrNotPrimary, "ErrNotNow": client.ErrNotNow,
		"ErrDeviceNameLong": client.ErrDeviceNameLong,
		"ErrStore":          client.ErrStore, "ErrNoNetworkFile": client.ErrNoNetworkFile, "ErrClosed": client.ErrClosed,
		"ErrPassphrase": client.ErrPassphrase, "ErrPassphraseShort": client.ErrPassphraseShort,
		"ErrPassphraseLong": client.ErrPassphraseLong, "ErrPassphraseWait": client.ErrPassphraseWait,
		"ErrOwnAccount": client.ErrOwnAccount, "ErrAlready": client.ErrAlready, "ErrBlocked": client.ErrBlocked,
		"ErrNotFriends": client.ErrNotFriends,
		"ErrBackup":     client.ErrBackup, "ErrBackupForeign": client.ErrBackupForeign, "ErrBackupAccount": client.ErrBackupAccount, "ErrBackupWords": client.ErrBackupWords,
		"ErrGroupURL": client.ErrGroupURL, "ErrGroupDown": client.ErrGroupDown, "ErrGroupKey": client.ErrGroupKey,
		"ErrGroupReply": client.ErrGroupReply, "ErrGroupSignature": client.ErrGroupSignature, "ErrGroupForbidden": client.ErrGroupForbidden,
		"ErrGroupMissing": client.ErrGroupMissing, "ErrGroupClock": client.ErrGroupClock, "ErrGroupBusy": client.ErrGroupBusy,
		"ErrGroupServer": client.ErrGroupServer, "ErrGroupGarbage": client.ErrGroupGarbage, "ErrGroupRequest": client.ErrGroupRequest,
	},
	"../../core/mnemonic": {
		"ErrCount": mnemonic.ErrCount, "ErrChecksum": mnemonic.ErrChecksum, "ErrRange": mnemonic.ErrRange,
	},
	".": {
		"ErrNoCode": ErrNoCode, "ErrOtherCode": ErrOtherCode, "ErrNoCamera": ErrNoCamera, "ErrNoClipboard": ErrNoClipboard,
		"ErrNoDrop": ErrNoDrop, "ErrNoFile": ErrNoFile, "ErrDiffer": ErrDiffer,
	},
	"../../core": {
		"ErrIDLength": core.ErrIDLength, "ErrIDHex": core.ErrIDHex, "ErrIDPrefix": core.ErrIDPrefix,
	},
}

func TestEveryRefusalHasOneSentence(t *testing.T) {
	said := map[string]string{}
	for dir, known := range refusals {
		declared := declaredErrors(t, dir)
		if listed := slices.Sorted(maps.Keys(known)); !slices.Equal(declared, listed) {
			t.Errorf("%s declares %v, this test knows %v", dir, declared, listed)
		}
		for name, err := range known {
			s := Sentence(fmt.Errorf("wrapped: %w", err))
			sentence(t, name, s)
			if s == unexpected {
				t.Errorf("%s has no sentence of its own", name)
			}
			if other, twice := said[s]; twice {
				t.Errorf("%s and %s say the same", name, other)
			}
			said[s] = name
		}
	}
	sentence(t, "an error that nobody foresaw", Sentence(errors.New("x")))
	if Sentence(nil) != "" {
		t.Error("no error is not silent")
	}
}

// declaredErrors are the exported sentinels of a package, sorted.
func declaredErrors(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				return false
			case *ast.ValueSpec:
				for _, id := range n.Names {
					if strings.HasPrefix(id.Name, "Err") {
						names = append(names, id.Name)
					}
				}
			}
			return true
		})
	}
	slices.Sort(names)
	return names
}

// sentence checks the form of what people read.
func sentence(t *testing.T, what, s string) {
	t.Helper()
	switch {
	case s == "":
		t.Errorf("%s: silent", what)
	case !strings.HasSuffix(s, "."):
		t.Errorf("%s: %q does not end", what, s)
	case s[:1] != strings.ToUpper(s[:1]):
		t.Errorf("%s: %q does not begin", what, s)
	case strings.Contains(s, "client:"), strings.Contains(s, "  "):
		t.Errorf("%s: %q is not for people", what, s)
	}
}

func TestWrongWordIsNamed(t *testing.T) {
	_, err := mnemonic.Decode("faxed mechanic mocked agony unrest qqqcloth pencil eccentric boyfriend oasis speedy ribbon faxed")
	s := SeedSentence(err, "")
	if !strings.Contains(s, "Word 6, “qqqcloth”,") || !Mistyped(err) {
		t.Errorf("%q", s)
	}
}

func TestSeedSentenceCounts(t *testing.T) {
	for typed, want := range map[string]string{
		"":               "first",
		" \n ":           "first",
		"torch":          "this is one",
		"torch\nsnake  ": "these are 2",
	} {
		_, err := mnemonic.Decode(typed)
		if s := SeedSentence(err, typed); !strings.Contains(s, want) {
			t.Errorf("%q: %q", typed, s)
		}
	}
}

func TestReadTarget(t *testing.T) {
	const key = "056173e859be4ef731e3c1c067d14dc17a0c2ddf33e5179b8d39709c70a51b904c"
	for _, good := range []string{
		key, strings.ToUpper(key), "  " + key + "\n",
		key[:22] + "\n" + key[22:44] + " \t" + key[44:],
	} {
		if got, err := ReadTarget(good); err != nil || got != key {
			t.Errorf("%q: %q, %v", good, got, err)
		}
	}
	for _, good := range []string{linkCode, " " + linkCode[:30] + "\n" + linkCode[30:] + "\n", "Tandem-Link:" + linkCode[12:]} {
		if got, err := ReadTarget(good); err != nil || got != linkCode {
			t.Errorf("%q: %q, %v", good, got, err)
		}
	}
	for bad, want := range map[string]string{
		"":                    "Paste",
		key[:63]:              "this has 63",
		key + "0":             "this has 67",
		"04" + key[2:]:        "starts with 05",
		key[:65] + "x":        "digits",
		"https://example.org": "this has 19",
		"tandem-link":         "this has 11",
	} {
		_, err := ReadTarget(bad)
		if s := TargetSentence(err, bad); !strings.Contains(s, want) || !Mistyped(err) {
			t.Errorf("%q: %q", bad, s)
		}
	}
}

func TestMistypedBlamesOnlyWhatWasTyped(t *testing.T) {
	for _, err := range []error{
		nil, client.ErrStore, client.ErrNotNow, client.ErrNotPrimary, client.ErrClosed, client.ErrNoNetworkFile, errors.New("x"),
	} {
		if Mistyped(err) {
			t.Errorf("the box is blamed for %v", err)
		}
	}
	for _, err := range []error{client.ErrNameEmpty, client.ErrNameLong, client.ErrTextLong, client.ErrOwnKey, client.ErrCode, mnemonic.ErrCount} {
		if !Mistyped(err) {
			t.Errorf("the box is not blamed for %v", err)
		}
	}
}
