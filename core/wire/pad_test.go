package wire

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"testing"
)

//go:embed testdata/session_protocol.json
var sessionVectors []byte

// The published lengths, and that receivers take all three forms (network.md
// §8.2): ours, libsession 2026's with a block more, and none at all.
func TestPadVectors(t *testing.T) {
	var file struct {
		Padding struct {
			Cases []struct {
				Len    int
				Padded int `json:"padded_len_config_comment"`
				Newer  int `json:"padded_len_libsession_2026"`
			}
		}
	}
	if err := json.Unmarshal(sessionVectors, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Padding.Cases) < 9 {
		t.Fatalf("only %d cases", len(file.Padding.Cases))
	}
	for _, c := range file.Padding.Cases {
		message := bytes.Repeat([]byte{'a'}, c.Len)
		padded := Pad(message)
		if len(padded) != c.Padded {
			t.Errorf("Pad of %d = %d bytes, want %d", c.Len, len(padded), c.Padded)
		}
		newer := append(bytes.Clone(padded), make([]byte, c.Newer-c.Padded)...)
		for name, b := range map[string][]byte{"ours": padded, "libsession 2026": newer, "none": message} {
			if got := Unpad(b); !bytes.Equal(got, message) {
				t.Errorf("Unpad(%s of %d) = %d bytes", name, c.Len, len(got))
			}
		}
	}
}

func TestUnpadTakesWhatItCannotUnderstandAsItIs(t *testing.T) {
	for _, c := range []struct{ padded, want []byte }{
		{nil, nil},
		{[]byte{0x80}, nil},
		{[]byte{0x80, 0, 0}, nil},
		{[]byte{0, 0}, []byte{0, 0}},
		{[]byte{'a', 0, 0}, []byte{'a', 0, 0}},
		{[]byte{'a', 0x80, 0x80, 0}, []byte{'a', 0x80}},
		{[]byte{'a', 0, 0x80}, []byte{'a', 0}},
	} {
		if got := Unpad(c.padded); !bytes.Equal(got, c.want) {
			t.Errorf("Unpad(%x) = %x, want %x", c.padded, got, c.want)
		}
	}
}

func TestPadLeavesItsInputAlone(t *testing.T) {
	message := make([]byte, 3, 400)
	copy(message, "abc")
	padded := Pad(message)
	padded[0] = 'x'
	if string(message[:5]) != "abc\x00\x00" {
		t.Errorf("the input became %q", message[:5])
	}
}
