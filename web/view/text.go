package view

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"tandem/core/client"
)

// Limits of a message.
const (
	// TextLimit is the most characters of one message (client.ErrTextLong).
	TextLimit = 2000
	// textNear is where the count begins to show: early enough to end a
	// sentence, late enough not to nag.
	textNear = 1800
)

// CheckText refuses what the engine would refuse, so that the box keeps it.
// Errors: client.ErrTextEmpty, client.ErrTextLong.
func CheckText(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return client.ErrTextEmpty
	case utf8.RuneCountInString(text) > TextLimit:
		return client.ErrTextLong
	}
	return nil
}

// TextCount is the line under the box near the limit; empty before.
func TextCount(text string) string {
	n := utf8.RuneCountInString(text)
	switch {
	case n < textNear:
		return ""
	case n <= TextLimit:
		return fmt.Sprintf("%s of %s characters", grouped(n), grouped(TextLimit))
	}
	return fmt.Sprintf("%s of %s characters: %s too many", grouped(n), grouped(TextLimit), grouped(n-TextLimit))
}

// grouped writes 2000 as 2,000.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plural writes "1 message", "2 messages".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// Initial is the letter in a person's avatar: the first character of the name.
func Initial(name string) string {
	for _, r := range strings.TrimSpace(name) {
		return strings.ToUpper(string(r))
	}
	return "?"
}
