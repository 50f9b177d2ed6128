package testnet

import (
	"fmt"
	"math"
	"strconv"
)

// maxDepth bounds the nesting of a JSON document: deeper than any request, and
// shallow enough for the stack of a parser in a tab.
const maxDepth = 512

// negative is a JSON integer written with a minus sign. Storage servers tell it
// from one without (uint64) wherever a value "must be positive".
type negative int64

// parseJSON reads one JSON document into nil, bool, string, uint64, negative,
// float64, []any and map[string]any; of equal keys the last one counts. It is
// as strict as the parser of the storage servers, and its errors say what
// theirs say, because an onion request's sender gets to read them. A zero byte
// ends the document, as it does there.
func parseJSON(text []byte) (any, error) {
	p := jsonParser{text: text, line: 1}
	if len(text) >= 3 && string(text[:3]) == "\xef\xbb\xbf" {
		p.at, p.column = 3, 3
	}
	p.next()
	v := p.value(0)
	if p.err == nil {
		p.next()
		if p.token != tokenEnd {
			p.fail(tokenEnd, "value")
		}
	}
	return v, p.err
}

// token is what the parser stands on, in the words of the error texts.
type token string

const (
	tokenEnd    token = "end of input"
	tokenTrue   token = "true literal"
	tokenFalse  token = "false literal"
	tokenNull   token = "null literal"
	tokenString token = "string literal"
	tokenNumber token = "number literal"
	tokenBad    token = "<parse error>"
	tokenAny    token = "'[', '{', or a literal"
)

// jsonParser is a recursive descent over tokens.
type jsonParser struct {
	text   []byte
	at     int // bytes read
	line   int
	column int
	start  int // of the token
	token  token
	why    string // if token is tokenBad
	str    string // if token is tokenString
	num    any    // if token is tokenNumber
	err    error
}

// read takes a byte; the end reads as zero, and counts as a column.
func (p *jsonParser) read() byte {
	p.column++
	if p.at >= len(p.text) {
		p.at++
		return 0
	}
	c := p.text[p.at]
	p.at++
	if c == '\n' {
		p.line++
		p.column = 0
	}
	return c
}

// peek is the next byte; zero at the end.
func (p *jsonParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// bad makes the token an error.
func (p *jsonParser) bad(why string) { p.token, p.why = tokenBad, why }

// next reads a token.
func (p *jsonParser) next() {
	for c := p.peek(); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = p.peek() {
		p.read()
	}
	p.start = p.at
	switch c := p.read(); c {
	case '{', '}', '[', ']', ':', ',':
		p.token = punctuation(c)
	case 't':
		p.literal("true", tokenTrue)
	case 'f':
		p.literal("false", tokenFalse)
	case 'n':
		p.literal("null", tokenNull)
	case '"':
		p.string()
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		p.number(c)
	case 0:
		p.token = tokenEnd
	default:
		p.bad("invalid literal")
	}
}

func punctuation(c byte) token { return token("'" + string(rune(c)) + "'") }

// literal expects the rest of a word whose first letter was read.
func (p *jsonParser) literal(word string, t token) {
	for i := 1; i < len(word); i++ {
		if p.read() != word[i] {
			p.bad("invalid literal")
			return
		}
	}
	p.token = t
}

// number reads the rest of a number that begins with c.
func (p *jsonParser) number(c byte) {
	if c == '-' {
		if c = p.read(); c < '0' || c > '9' {
			p.bad("invalid number; expected digit after '-'")
			return
		}
	}
	if c != '0' {
		p.digits()
	}
	whole := true
	if p.peek() == '.' {
		whole = false
		p.read()
		if !p.someDigits("invalid number; expected digit after '.'") {
			return
		}
	}
	if e := p.peek(); e == 'e' || e == 'E' {
		whole = false
		p.read()
		why := "invalid number; expected '+', '-', or digit after exponent"
		if s := p.peek(); s == '+' || s == '-' {
			p.read()
			why = "invalid number; expected digit after exponent sign"
		}
		if !p.someDigits(why) {
			return
		}
	}
	p.token = tokenNumber
	p.num = toNumber(string(p.text[p.start:p.at]), whole)
	if f, ok := p.num.(float64); ok && math.IsInf(f, 0) && p.err == nil {
		// A number that no double holds is none: it could not be written again.
		p.err = fmt.Errorf("[json.exception.out_of_range.406] number overflow parsing '%s'", p.text[p.start:p.at])
	}
}

// toNumber finds the narrowest of the three kinds of number.
func toNumber(text string, whole bool) any {
	if whole && text[0] == '-' {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return negative(n)
		}
	} else if whole {
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			return n
		}
	}
	f, _ := strconv.ParseFloat(text, 64)
	return f
}

func (p *jsonParser) digits() {
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.read()
	}
}

// someDigits reads one digit or more; false, with the error, if there is none.
func (p *jsonParser) someDigits(why string) bool {
	if c := p.read(); c < '0' || c > '9' {
		p.bad(why)
		return false
	}
	p.digits()
	return true
}

// value reads the value whose first token is current.
func (p *jsonParser) value(depth int) any {
	if depth > maxDepth {
		p.err = fmt.Errorf("nested deeper than %d", maxDepth)
		return nil
	}
	switch p.token {
	case "'{'":
		return p.object(depth)
	case "'['":
		return p.array(depth)
	case tokenTrue:
		return true
	case tokenFalse:
		return false
	case tokenNull:
		return nil
	case tokenString:
		return p.str
	case tokenNumber:
		return p.num
	case tokenBad:
		p.fail("", "value")
		return nil
	}
	p.fail(tokenAny, "value")
	return nil
}

func (p *jsonParser) array(depth int) any {
	list := []any{}
	if p.next(); p.token == "']'" {
		return list
	}
	for {
		list = append(list, p.value(depth+1))
		if p.err != nil {
			return nil
		}
		switch p.next(); p.token {
		case "','":
			p.next()
		case "']'":
			return list
		default:
			p.fail("']'", "array")
			return nil
		}
	}
}

func (p *jsonParser) object(depth int) any {
	m := map[string]any{}
	if p.next(); p.token == "'}'" {
		return m
	}
	for {
		if p.token != tokenString {
			p.fail(tokenString, "object key")
			return nil
		}
		key := p.str
		if p.next(); p.token != "':'" {
			p.fail("':'", "object separator")
			return nil
		}
		p.next()
		m[key] = p.value(depth + 1)
		if p.err != nil {
			return nil
		}
		switch p.next(); p.token {
		case "','":
			p.next()
		case "'}'":
			return m
		default:
			p.fail("'}'", "object")
			return nil
		}
	}
}

// fail records what was found in place of what was expected, if anything
// certain was.
func (p *jsonParser) fail(expected token, where string) {
	found := "unexpected " + string(p.token)
	if p.token == tokenBad {
		found = p.why + "; last read: '" + p.lastRead() + "'"
	}
	if expected != "" {
		found += "; expected " + string(expected)
	}
	p.err = fmt.Errorf("[json.exception.parse_error.101] parse error at line %d, column %d: syntax error while parsing %s - %s",
		p.line, p.column, where, found)
}

// lastRead is the token so far, control characters made visible.
func (p *jsonParser) lastRead() string {
	var shown []byte
	for _, c := range p.text[p.start:min(p.at, len(p.text))] {
		if c <= 0x1f {
			shown = fmt.Appendf(shown, "<U+%04X>", c)
		} else {
			shown = append(shown, c)
		}
	}
	return string(shown)
}

// kindOf names a value as the servers' type errors do.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "number"
}
