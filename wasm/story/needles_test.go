//go:build !js

package story

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// needles are secrets in every form in which they could lie somewhere: raw,
// hex, base64 of both alphabets at each of the three offsets, decimal numbers;
// and text in UTF-16 too, as browsers store it.
type needles struct {
	what  map[string]string    // form → what it is
	start map[[8]byte][]string // first bytes → forms that begin so
	first [1 << 16]bool        // first two bytes of any form
}

func newNeedles() *needles {
	return &needles{what: map[string]string{}, start: map[[8]byte][]string{}}
}

// bytes adds a key. What is short or has hardly any bytes that differ would be
// found by chance.
func (n *needles) bytes(what string, secret []byte) {
	distinct := map[byte]bool{}
	for _, b := range secret {
		distinct[b] = true
	}
	if len(secret) < 16 || len(distinct) < 8 {
		return
	}
	n.add(what, secret)
	n.text(what+" in hex", hex.EncodeToString(secret))
	n.text(what+" in HEX", strings.ToUpper(hex.EncodeToString(secret)))
	for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for at := range 3 {
			// What stands before and behind decides the first and the last
			// characters; those between are always the same.
			text := e.EncodeToString(append(make([]byte, at), secret...))
			n.text(what+" in base64", text[(at*8+5)/6:(at+len(secret))*8/6])
		}
	}
	numbers := make([]string, len(secret))
	for i, b := range secret {
		numbers[i] = fmt.Sprint(b)
	}
	n.text(what+" in numbers", strings.Join(numbers, ","))
}

// text adds a text as it is and in UTF-16.
func (n *needles) text(what, s string) {
	n.add(what, []byte(s))
	var wide []byte
	for _, u := range utf16.Encode([]rune(s)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	n.add(what+", UTF-16", wide)
}

// phrase adds the words of a recovery phrase, and any three that follow each
// other, however they are joined.
func (n *needles) phrase(words []string) {
	for _, between := range []string{" ", "", ",", "\n", `","`, "</li><li>", "</span><span>"} {
		for i := 0; i+3 <= len(words); i++ {
			n.text("three words of the phrase", strings.Join(words[i:i+3], between))
		}
	}
}

func (n *needles) add(what string, form []byte) {
	if len(form) < 8 || n.what[string(form)] != "" {
		return
	}
	n.what[string(form)] = what
	head := [8]byte(form)
	n.start[head] = append(n.start[head], string(form))
	n.first[int(form[0])<<8|int(form[1])] = true
}

// in says which needles are in the hay, once each.
func (n *needles) in(hay []byte) []string {
	var found []string
	for i := 0; i+8 <= len(hay); i++ {
		if !n.first[int(hay[i])<<8|int(hay[i+1])] {
			continue
		}
		for _, form := range n.start[[8]byte(hay[i:])] {
			if len(hay)-i >= len(form) && string(hay[i:i+len(form)]) == form && !slices.Contains(found, n.what[form]) {
				found = append(found, n.what[form])
			}
		}
	}
	return found
}

// Every form is found wherever it stands.
func TestNeedlesAreFoundInEveryForm(t *testing.T) {
	secret := make([]byte, 32)
	for i := range secret {
		secret[i] = byte(i*37 + 250)
	}
	n := newNeedles()
	n.bytes("key", secret)
	n.phrase([]string{"vexed", "enjoy", "pigment", "films"})
	forms := [][]byte{
		secret, []byte(hex.EncodeToString(secret)), fmt.Appendf(nil, "%X", secret),
		[]byte(strings.ReplaceAll(strings.Trim(fmt.Sprint(secret), "[]"), " ", ",")),
		[]byte(`["enjoy","pigment","films"]`), []byte("enjoy pigment films"),
	}
	for before := range 4 {
		whole := slices.Concat(bytes.Repeat([]byte{0xa7}, before), secret, []byte{1, 2, 3}[:before%3])
		forms = append(forms, []byte(base64.StdEncoding.EncodeToString(whole)), []byte(base64.URLEncoding.EncodeToString(whole)))
	}
	for i, form := range forms {
		for offset := range 5 {
			hay := slices.Concat(bytes.Repeat([]byte{'x'}, offset), form, []byte("yz"))
			if len(n.in(hay)) == 0 {
				t.Errorf("form %d is not found: %q", i, form)
			}
			if i > 0 {
				var wide []byte
				for _, b := range hay {
					wide = append(wide, b, 0)
				}
				if len(n.in(wide)) == 0 {
					t.Errorf("form %d is not found in UTF-16", i)
				}
			}
		}
		if found := n.in(slices.Concat(form[:len(form)/4], []byte("-"), form[len(form)/4+1:])); len(found) > 0 && len(form) < 100 && i < 3 {
			t.Errorf("form %d is found where it is not: %v", i, found)
		}
	}
}
