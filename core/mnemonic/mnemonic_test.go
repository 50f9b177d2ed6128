package mnemonic

import (
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

//go:embed testdata/identity.json
var identityVectors []byte

func vectors(t *testing.T) map[string]string {
	t.Helper()
	var file struct {
		Vectors []struct {
			Entropy  string `json:"entropy_hex"`
			Mnemonic string
		}
	}
	if err := json.Unmarshal(identityVectors, &file); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{
		// legacy-2019.md A1: constants of the original project's own tests.
		"d00b59030976f19901fd97e4f6975dea": "faxed mechanic mocked agony unrest loincloth pencil eccentric boyfriend oasis speedy ribbon faxed",
		"dda60b081cd3df82160119bb53fedc9f": "guide inbound jerseys bays nouns basin sulking awkward stockpile ostrich ascend pylons ascend",
	}
	for _, v := range file.Vectors {
		out[v.Entropy] = v.Mnemonic
	}
	if len(out) < 8 {
		t.Fatalf("only %d vectors", len(out))
	}
	return out
}

func TestVectors(t *testing.T) {
	for entropy, phrase := range vectors(t) {
		b, err := hex.DecodeString(entropy)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(Encode([16]byte(b)), " "); got != phrase {
			t.Errorf("Encode(%s) = %q, want %q", entropy, got, phrase)
		}
		back, err := Decode(phrase)
		if err != nil || hex.EncodeToString(back[:]) != entropy {
			t.Errorf("Decode(%q) = %x, %v", phrase, back, err)
		}
	}
}

func TestPairingWordsOfTheOriginal(t *testing.T) {
	// legacy-2019.md A1: the first 4 bytes of the two device keys.
	for four, want := range map[[4]byte]string{
		{0x52, 0xb8, 0x5a, 0x43}: "niche woven elite",
		{0x4e, 0x1c, 0xa8, 0x68}: "cuisine fetches rally",
	} {
		three := ThreeWords(four)
		if got := strings.Join(three[:], " "); got != want {
			t.Errorf("ThreeWords(%x) = %q, want %q", four, got, want)
		}
	}
}

func TestDecodeIsForgivingAboutForm(t *testing.T) {
	const phrase = "vexed enjoy pigment films adept voted vexed enjoy pigment films adept voted adept"
	for _, typed := range []string{
		strings.ToUpper(phrase),
		"  " + strings.ReplaceAll(phrase, " ", "\r\n\t ") + "\n",
		"vex enj pig fil ade vot vex enj pig fil ade vot ade",
	} {
		got, err := Decode(typed)
		if err != nil || hex.EncodeToString(got[:]) != "0123456789abcdef0123456789abcdef" {
			t.Errorf("Decode(%q) = %x, %v", typed, got, err)
		}
	}
}

func TestDecodeNamesWhatIsWrong(t *testing.T) {
	const phrase = "vexed enjoy pigment films adept voted vexed enjoy pigment films adept voted adept"
	for _, c := range []struct {
		name, typed string
		want        error
	}{
		{"nothing", "", ErrCount},
		{"twelve words", strings.TrimSuffix(phrase, " adept"), ErrCount},
		{"fourteen words", phrase + " adept", ErrCount},
		{"a book", strings.Repeat("adept ", 100_000), ErrCount},
		{"wrong checksum", strings.TrimSuffix(phrase, "adept") + "films", ErrChecksum},
		{"two words swapped", strings.Replace(phrase, "vexed enjoy", "enjoy vexed", 1), ErrChecksum},
		{"above 2^32", strings.Repeat("abbey abbey zoom ", 4) + "abbey", ErrRange},
	} {
		if _, err := Decode(c.typed); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
	}
	_, err := Decode(strings.Replace(phrase, "films", "qqqqq", 1))
	var word *WordError
	if !errors.As(err, &word) || word.Place != 4 || word.Word != "qqqqq" {
		t.Errorf("wrong word: %v", err)
	}
	if err != nil && strings.Contains(err.Error(), "qqqqq") {
		t.Error("the error text holds a word of the phrase")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("vexed enjoy pigment films adept voted vexed enjoy pigment films adept voted adept")
	f.Add("abbey zoom abbey")
	f.Add("\x80\xff ä ß 漢字 a b c d e f g h i j")
	f.Fuzz(func(t *testing.T, text string) {
		entropy, err := Decode(text)
		if err != nil {
			return
		}
		again, err := Decode(strings.Join(Encode(entropy), " "))
		if err != nil || again != entropy {
			t.Fatalf("Encode and Decode differ: %x, %x, %v", entropy, again, err)
		}
	})
}
