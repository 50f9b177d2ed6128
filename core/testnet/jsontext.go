package testnet

import (
	"fmt"
	"unicode/utf8"
)

// string reads the rest of a string literal.
func (p *jsonParser) string() {
	plain := p.at
	for p.at < len(p.text) && p.text[p.at] >= 0x20 && p.text[p.at] < 0x80 && p.text[p.at] != '"' && p.text[p.at] != '\\' {
		p.at++
	}
	p.column += p.at - plain
	if p.peek() == '"' { // nearly all strings: no escapes, no accents
		p.str, p.token = string(p.text[plain:p.at]), tokenString
		p.read()
		return
	}
	out := append([]byte(nil), p.text[plain:p.at]...)
	for {
		c := p.read()
		switch {
		case p.at > len(p.text):
			p.bad("invalid string: missing closing quote")
			return
		case c == '"':
			p.str, p.token = string(out), tokenString
			return
		case c == '\\':
			r, ok := p.escape()
			if !ok {
				return
			}
			out = utf8.AppendRune(out, r)
		case c < 0x20:
			p.bad("invalid string: control character " + controlName(c))
			return
		case c < 0x80:
			out = append(out, c)
		default:
			r, size := utf8.DecodeRune(p.text[p.at-1:])
			if r == utf8.RuneError && size <= 1 {
				p.bad("invalid string: ill-formed UTF-8 byte")
				return
			}
			for range size - 1 {
				p.read()
			}
			out = utf8.AppendRune(out, r)
		}
	}
}

// escape reads what follows a backslash.
func (p *jsonParser) escape() (rune, bool) {
	switch c := p.read(); c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
		return p.unicode()
	}
	p.bad("invalid string: forbidden character after backslash")
	return 0, false
}

// unicode reads four hex digits, and four more after a high surrogate.
func (p *jsonParser) unicode() (rune, bool) {
	r, ok := p.hex4()
	if !ok {
		p.bad(`invalid string: '\u' must be followed by 4 hex digits`)
		return 0, false
	}
	switch {
	case r >= 0xd800 && r < 0xdc00:
		if p.read() == '\\' && p.read() == 'u' {
			low, ok := p.hex4()
			if !ok {
				p.bad(`invalid string: '\u' must be followed by 4 hex digits`)
				return 0, false
			}
			if low >= 0xdc00 && low < 0xe000 {
				return (r-0xd800)<<10 + (low - 0xdc00) + 0x10000, true
			}
		}
		p.bad("invalid string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF")
		return 0, false
	case r >= 0xdc00 && r < 0xe000:
		p.bad("invalid string: surrogate U+DC00..U+DFFF must follow U+D800..U+DBFF")
		return 0, false
	}
	return r, true
}

func (p *jsonParser) hex4() (rune, bool) {
	var r rune
	for range 4 {
		c := p.read()
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// controlName says which character is meant and how it should have been written.
func controlName(c byte) string {
	names := [32]string{"NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI",
		"DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US"}
	short := map[byte]string{'\b': ` or \b`, '\t': ` or \t`, '\n': ` or \n`, '\f': ` or \f`, '\r': ` or \r`}
	return fmt.Sprintf(`U+%04X (%s) must be escaped to \u%04X%s`, c, names[c], c, short[c])
}
