// Package mnemonic turns bytes into words that people can write down, compare
// and read aloud, and back: the 13 words of an account and the 3 words of
// linking (network.md §1.2, 1.3; multi-device.md §5).
//
// Four bytes, read as a little-endian number, are three words of a list of
// 1,626; a last word repeats one of the others as a checksum. Words are told
// apart by their first three letters, so a typing slip after them is harmless.
//
// The list (english.txt, order significant) is the one that Electrum 1, Monero
// and Session share.
package mnemonic

import (
	_ "embed"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"sync"
)

//go:embed english.txt
var english string

const (
	listLength   = 1626
	prefixLength = 3
	// maxText bounds what Decode looks at: 13 words of at most 12 letters with
	// generous white space. Longer texts are somebody's file, not a phrase.
	maxText = 4096
	// seedWords is the length of an account's phrase: 16 bytes and a checksum.
	seedWords = 13
)

// Reasons why a text is not a phrase.
var (
	ErrCount    = errors.New("mnemonic: a phrase has 13 words")
	ErrChecksum = errors.New("mnemonic: the last word does not fit the others")
	ErrRange    = errors.New("mnemonic: these words do not belong together")
)

// WordError names a word that is not in the list: its place (from 1) and the
// word as typed, cut to 24 bytes. Place and word are the user's own input; the
// page may show them, a log must not.
type WordError struct {
	Place int
	Word  string
}

// Error leaves the word out: it may be a part of somebody's secret.
func (e *WordError) Error() string {
	return fmt.Sprintf("mnemonic: word %d is not in the list", e.Place)
}

// list is the word list with its index by prefix.
type list struct {
	words  []string
	prefix map[string]uint32
}

// words parses the embedded list once, when it is first needed.
var words = sync.OnceValue(func() list {
	l := list{words: strings.Fields(english), prefix: make(map[string]uint32, listLength)}
	for i, w := range l.words {
		l.prefix[w[:prefixLength]] = uint32(i)
	}
	if len(l.words) != listLength || len(l.prefix) != listLength {
		panic("mnemonic: internal error: the embedded list is damaged")
	}
	return l
})

// Encode writes 16 bytes as 13 words.
func Encode(entropy [16]byte) []string {
	out := make([]string, 0, seedWords)
	for i := 0; i < len(entropy); i += 4 {
		three := ThreeWords([4]byte(entropy[i:]))
		out = append(out, three[:]...)
	}
	return append(out, out[checksumPlace(out)])
}

// ThreeWords writes 4 bytes as 3 words, without a checksum.
func ThreeWords(b [4]byte) [3]string {
	const n = listLength
	l := words().words
	x := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
	w1 := x % n
	w2 := (x/n + w1) % n
	w3 := (x/n/n + w2) % n
	return [3]string{l[w1], l[w2], l[w3]}
}

// Decode reads a phrase of 13 words in any case, with any white space.
// Errors: ErrCount, *WordError, ErrRange, ErrChecksum; in this order, so that
// the first thing that a person can mend is named first.
func Decode(text string) ([16]byte, error) {
	var entropy [16]byte
	if len(text) > maxText {
		return entropy, ErrCount
	}
	typed := strings.Fields(strings.ToLower(text))
	if len(typed) != seedWords {
		return entropy, ErrCount
	}
	places := make([]uint32, len(typed))
	for i, w := range typed {
		at, ok := find(w)
		if !ok {
			return entropy, &WordError{Place: i + 1, Word: w[:min(len(w), 24)]}
		}
		places[i] = at
	}
	for i := 0; i < 4; i++ {
		four, ok := decodeThree([3]uint32(places[3*i:]))
		if !ok {
			return [16]byte{}, ErrRange
		}
		copy(entropy[4*i:], four[:])
	}
	if places[checksumPlace(typed[:12])] != places[12] {
		return [16]byte{}, ErrChecksum
	}
	return entropy, nil
}

// find looks a lower-case word up by its prefix.
func find(word string) (uint32, bool) {
	if len(word) < prefixLength {
		return 0, false
	}
	at, ok := words().prefix[word[:prefixLength]]
	return at, ok
}

// decodeThree is the inverse of ThreeWords. It refuses combinations above
// 2^32, of which 1626³ leaves a few.
func decodeThree(w [3]uint32) ([4]byte, bool) {
	const n = listLength
	x := uint64(w[0]) + n*uint64((n-w[0]+w[1])%n) + n*n*uint64((n-w[1]+w[2])%n)
	if x >= 1<<32 {
		return [4]byte{}, false
	}
	return [4]byte{byte(x), byte(x >> 8), byte(x >> 16), byte(x >> 24)}, true
}

// checksumPlace says which of the 12 words (at least 3 bytes each) is repeated.
func checksumPlace(twelve []string) uint32 {
	var prefixes strings.Builder
	for _, w := range twelve {
		prefixes.WriteString(w[:prefixLength])
	}
	return crc32.ChecksumIEEE([]byte(prefixes.String())) % uint32(len(twelve))
}
