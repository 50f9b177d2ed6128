package testnet

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tandem/core"
)

// comparison holds what is needed to judge an answer against its recording.
type comparison struct {
	t     testing.TB
	tr    *transcript
	nodes map[string]recordedNode // as the network under test has them
	now   core.Millis
	slack core.Millis // between the clock here and there
	bad   []string
}

func (c *comparison) fail(path, format string, args ...any) {
	c.bad = append(c.bad, path+": "+fmt.Sprintf(format, args...))
}

// asked is the request that an answer belongs to; signatures depend on it.
type asked struct {
	method string
	params map[string]any
}

var (
	nowMark  = regexp.MustCompile(`^<(now|ts)([+-]\d+)?>$`)
	sigMark  = regexp.MustCompile(`^<nodesig:([a-z_]+)>$`)
	longMark = regexp.MustCompile(`^<long:(\d+):([0-9a-f]{16})>$`)
	nMark    = regexp.MustCompile(`<(b64:)?(n\d+)\.([a-z_0-9]+)>`)
)

// field is what a node marker stands for.
func (c *comparison) field(node, field string) any {
	n, ok := c.nodes[node]
	if !ok {
		c.t.Fatalf("marker of unknown node %s", node)
	}
	switch field {
	case "ed25519":
		return n.Ed
	case "x25519":
		return n.X
	case "legacy":
		return n.Legacy
	case "address":
		return n.Address
	case "port":
		return strconv.Itoa(n.HTTPS)
	case "port_https":
		return json.Number(strconv.Itoa(n.HTTPS))
	case "port_omq", "port_quic":
		return json.Number(strconv.Itoa(n.OMQ))
	}
	c.t.Fatalf("unknown field %s", field)
	return nil
}

// text replaces node markers within a text.
func (c *comparison) text(s string) string {
	return nMark.ReplaceAllStringFunc(s, func(m string) string {
		g := nMark.FindStringSubmatch(m)
		v := fmt.Sprint(c.field(g[2], g[3]))
		if g[1] != "" {
			v = base64.StdEncoding.EncodeToString(unhex(c.t, v))
		}
		return v
	})
}

// json compares trees. record is the object that got stands in, member the
// node whose record it is.
func (c *comparison) json(path string, want, got any, of asked, member string, record map[string]any) {
	switch want := want.(type) {
	case map[string]any:
		m, ok := got.(map[string]any)
		if !ok {
			c.fail(path, "got %.80v, want an object", got)
			return
		}
		c.object(path, want, m, of, member)
	case []any:
		l, ok := got.([]any)
		if !ok || len(l) != len(want) {
			c.fail(path, "got %.200v, want %d elements", got, len(want))
			return
		}
		for i := range want {
			c.json(fmt.Sprintf("%s[%d]", path, i), want[i], l[i], c.entry(path, i, of), member, nil)
		}
	case string:
		c.leaf(path, want, got, of, member, record)
	default:
		if want != got {
			c.fail(path, "got %v, want %v", got, want)
		}
	}
}

// entry is the request behind one of several results.
func (c *comparison) entry(path string, i int, of asked) asked {
	list, _ := of.params["requests"].([]any)
	if !strings.HasSuffix(path, "results") || i >= len(list) {
		return of
	}
	m, _ := list[i].(map[string]any)
	return askedOf(m)
}

func askedOf(m map[string]any) asked {
	method, _ := m["method"].(string)
	params, _ := m["params"].(map[string]any)
	return asked{method, params}
}

func (c *comparison) object(path string, want, got map[string]any, of asked, member string) {
	if inner, ok := want["condition"].(bool); ok && of.method == "ifelse" {
		branch := "else"
		if inner {
			branch = "then"
		}
		if m, ok := of.params[branch].(map[string]any); ok {
			of = askedOf(m)
		}
	}
	left := make(map[string]bool)
	for k := range got {
		left[k] = true
	}
	for k, w := range want {
		k = c.text(k)
		g, ok := got[k]
		if !ok {
			c.fail(path, "%s is missing", k)
			continue
		}
		delete(left, k)
		m := member
		if strings.HasSuffix(path, ".swarm") {
			m = k
		}
		c.json(path+"."+k, w, g, of, m, got)
	}
	for k := range left {
		c.fail(path, "%s = %.80v is too much", k, got[k])
	}
}

// leaf compares a text, which may be a marker.
func (c *comparison) leaf(path, want string, got any, of asked, member string, record map[string]any) {
	if g := nMark.FindStringSubmatch(want); g != nil && g[0] == want {
		if v := c.field(g[2], g[3]); v != got {
			c.fail(path, "got %v, want %v", got, v)
		}
		return
	}
	switch {
	case nowMark.MatchString(want):
		c.time(path, nowMark.FindStringSubmatch(want), got)
	case want == "<height>":
		if _, ok := got.(json.Number); !ok {
			c.fail(path, "got %v, want a height", got)
		}
	case want == "<block_hash>":
		if s, ok := got.(string); !ok || len(s) != 64 {
			c.fail(path, "got %v, want a block hash", got)
		}
	case sigMark.MatchString(want):
		c.signature(path, sigMark.FindStringSubmatch(want)[1], got, of, member, record)
	case longMark.MatchString(want):
		g := longMark.FindStringSubmatch(want)
		s, _ := got.(string)
		sum := sha256.Sum256(latin1(s))
		if strconv.Itoa(len(latin1(s))) != g[1] || hex.EncodeToString(sum[:8]) != g[2] {
			c.fail(path, "got %d characters %x, want %s", len(s), sum[:8], want)
		}
	default:
		if got != c.text(want) {
			c.fail(path, "got %.200q, want %.200q", got, c.text(want))
		}
	}
}

// time checks <now±N>, which is exact, and <ts±N>, which is the other clock.
func (c *comparison) time(path string, g []string, got any) {
	n, ok := got.(json.Number)
	if !ok {
		c.fail(path, "got %v, want a number", got)
		return
	}
	v, err := n.Int64()
	off, _ := strconv.ParseInt(g[2], 10, 64)
	slack := int64(c.slack)
	if g[1] == "now" {
		slack = 0
	}
	if d := v - int64(c.now) - off; err != nil || d > slack || d < -slack {
		c.fail(path, "got now%+d, want now%+d", v-int64(c.now), off)
	}
}

// signature verifies a node's signature over the text of the recordings' table
// node_signed_text, put together here once more.
func (c *comparison) signature(path, method string, got any, of asked, member string, record map[string]any) {
	text, ok := nodeSigned(method, of.params, record)
	s, _ := got.(string)
	sig, err := base64.StdEncoding.Strict().DecodeString(s)
	key, errKey := hex.DecodeString(member)
	if !ok || err != nil || errKey != nil || len(key) != 32 || !ed25519.Verify(key, []byte(text), sig) {
		c.fail(path, "not a signature of %s over %q", member, text)
	}
}

func nodeSigned(method string, params, record map[string]any) (string, bool) {
	pubkey := fmt.Sprint(params["pubkey"])
	switch method {
	case "store":
		return fmt.Sprint(record["hash"]), true
	case "delete":
		return pubkey + texts(params["messages"]) + texts(record["deleted"]), true
	case "delete_all":
		return pubkey + texts(params["timestamp"]) + allHashes(record["deleted"]), true
	case "delete_before":
		return pubkey + texts(params["before"]) + allHashes(record["deleted"]), true
	case "expire_all":
		return pubkey + texts(params["expiry"]) + allHashes(record["updated"]), true
	case "expire":
		text := pubkey + texts(record["expiry"]) + texts(params["messages"]) + texts(record["updated"])
		unchanged, _ := record["unchanged"].(map[string]any)
		var pairs []string
		for h, e := range unchanged {
			pairs = append(pairs, h+texts(e))
		}
		slices.Sort(pairs)
		return text + strings.Join(pairs, ""), true
	case "revoke_subaccount":
		return pubkey + texts(params["timestamp"]) + rawTokens(params["revoke"]), true
	case "unrevoke_subaccount":
		return pubkey + texts(params["timestamp"]) + rawTokens(params["unrevoke"]), true
	}
	return "", false
}

// texts joins a value or a list of them.
func texts(v any) string {
	if l, ok := v.([]any); ok {
		var s string
		for _, e := range l {
			s += fmt.Sprint(e)
		}
		return s
	}
	return fmt.Sprint(v)
}

// allHashes joins a list, or the lists of all namespaces, sorted.
func allHashes(v any) string {
	var all []string
	collect := func(v any) {
		l, _ := v.([]any)
		for _, e := range l {
			all = append(all, fmt.Sprint(e))
		}
	}
	if m, ok := v.(map[string]any); ok {
		for _, l := range m {
			collect(l)
		}
	} else {
		collect(v)
	}
	slices.Sort(all)
	return strings.Join(all, "")
}

// rawTokens joins tokens as bytes.
func rawTokens(v any) string {
	l, ok := v.([]any)
	if !ok {
		l = []any{v}
	}
	var raw string
	for _, e := range l {
		s := fmt.Sprint(e)
		b, err := hex.DecodeString(s)
		if err != nil || len(b) != 36 {
			b, _ = base64.StdEncoding.DecodeString(s)
		}
		raw += string(b)
	}
	return raw
}
