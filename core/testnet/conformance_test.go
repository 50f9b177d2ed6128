package testnet

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"tandem/core"
)

// allowed are the only differences from the recordings, by case. Numbers are
// those of the recordings' README. A case in this list must differ.
func allowed() map[string]string {
	return map[string]string{
		"server-target-dotdot":   "34: a target with .. leads to another path than the one that was checked; the README says to refuse it",
		"server-target-fragment": "34: likewise #",
	}
}

const maxAllowed = 10

// stand is a network under test.
type stand interface {
	// prepare empties the network and puts nodes into the state of a case. It
	// reports false if that cannot be done here.
	prepare(c *recordedCase, all []*recordedCase) bool
	// send sends a request as it is and brings back the answer.
	send(node string, r *recordedRequest, body []byte) (httpAnswer, error)
	// upstream opens a server outside that answers as specified.
	upstream(u *upstreamSpec) *upstream
	nodes() map[string]recordedNode
	now() core.Millis
	slack() core.Millis
}

// httpAnswer is an answer with all its headers, names in lower case.
type httpAnswer struct {
	status int
	header [][2]string
	body   []byte
}

func (a httpAnswer) get(name string) (string, bool) {
	for _, h := range a.header {
		if h[0] == name {
			return h[1], true
		}
	}
	return "", false
}

// upstream is a server outside and what it was sent.
type upstream struct {
	port     int
	received []ServerRequest
}

// TestConformance replays every recorded case against a network in process,
// each on a network of its own, on the clock of a bubble.
func TestConformance(t *testing.T) {
	if n := len(allowed()); n > maxAllowed {
		t.Errorf("%d allowed differences, at most %d", n, maxAllowed)
	}
	for file, tr := range transcripts(t) {
		for i := range tr.Cases {
			c := &tr.Cases[i]
			if testing.Short() && i%16 != 0 && c.Group != "dead" {
				continue
			}
			t.Run(file+"/"+c.Name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &inProcess{t: t, tr: tr}
					judge(t, c, replay(t, tr, s, c))
					s.net.Close()
				})
			})
		}
	}
}

// judge fails the test unless a case agrees, or differs as allowed.
func judge(t *testing.T, c *recordedCase, bad []string) {
	t.Helper()
	reason, excused := allowed()[c.Name]
	switch {
	case excused && len(bad) == 0 && *transcriptDir == "":
		t.Errorf("agrees, but is excused: %s", reason)
	case !excused && len(bad) > 0:
		t.Errorf("%s", strings.Join(bad, "\n"))
	}
}

// replay runs a case's setup and then the case, and lists the differences.
func replay(t *testing.T, tr *transcript, s stand, c *recordedCase) []string {
	t.Helper()
	all := make([]*recordedCase, 0, len(c.Setup)+1)
	for _, name := range c.Setup {
		all = append(all, tr.find(t, name))
	}
	all = append(all, c)
	if !s.prepare(c, all) {
		t.Skip("needs a network that can be stopped")
	}
	now := s.now()
	for _, step := range all[:len(all)-1] {
		play(t, tr, s, step, now, false)
	}
	return play(t, tr, s, c, now, true)
}

// play sends one case, and compares unless it is only a step on the way to
// another.
func play(t *testing.T, tr *transcript, s stand, c *recordedCase, now core.Millis, compare bool) []string {
	t.Helper()
	m := markers{t: t, tr: tr, now: now}
	if c.Request.Guard != "" {
		return playOnion(m, s, c, compare)
	}
	body, of := storageBody(m, &c.Request)
	got, err := s.send(c.Request.Node, &c.Request, body)
	if err != nil && c.HTTP.Status != 0 { // 0: the connection was closed without an answer
		return []string{err.Error()}
	}
	if !compare {
		return nil
	}
	cmp := &comparison{t: t, tr: tr, nodes: s.nodes(), now: now, slack: s.slack()}
	cmp.http(c, got)
	cmp.body(c, got.body, of)
	return cmp.bad
}

// storageBody is the body of a storage request, and what it asks.
func storageBody(m markers, r *recordedRequest) ([]byte, asked) {
	m.t.Helper()
	switch {
	case r.BodyFill > 0:
		return []byte(strings.Repeat("x", r.BodyFill)), asked{}
	case r.BodyText != nil:
		return latin1(m.expand(*r.BodyText)), asked{}
	case r.Method == "":
		return nil, asked{}
	}
	params := m.expand(compact(m.t, r.Params))
	p, _ := decode(m.t, []byte(params)).(map[string]any)
	return fmt.Appendf(nil, `{"jsonrpc":"2.0","method":%q,"params":%s}`, r.Method, params), asked{r.Method, p}
}

// http compares status and headers.
func (c *comparison) http(rec *recordedCase, got httpAnswer) {
	if got.status != rec.HTTP.Status {
		c.fail("status", "got %d (%.200s), want %d", got.status, got.body, rec.HTTP.Status)
	}
	kind, has := got.get("content-type")
	if want := rec.HTTP.ContentType; want == nil && has || want != nil && kind != *want {
		c.fail("content-type", "got %q, want %v", kind, want)
	}
	want := maps.Clone(rec.HTTP.Headers)
	seen := make(map[string]int)
	for _, h := range got.header {
		seen[h[0]]++
		if slices.Contains([]string{"server", "content-type", "date", "content-length"}, h[0]) {
			continue
		}
		if v, ok := want[h[0]]; !ok || c.text(v) != h[1] {
			c.fail("header "+h[0], "got %q, want %q", h[1], v)
		}
		delete(want, h[0])
	}
	for name := range want {
		c.fail("header "+name, "is missing")
	}
	for name, n := range seen {
		if n > 1 != slices.Contains(rec.HTTP.Repeated, name) {
			c.fail("header "+name, "came %d times", n)
		}
	}
}

// body compares a body that is not encrypted.
func (c *comparison) body(rec *recordedCase, got []byte, of asked) {
	want := decode(c.t, rec.Body)
	text, ok := want.(string)
	if !ok {
		if rec.Canonical && !isCanonical(c.t, got) {
			c.fail("body", "is not canonical: %.200s", got)
		}
		c.json("body", want, decode(c.t, got), of, "", nil)
		return
	}
	if failedUpstream(rec) {
		return // the words are those of libcurl and OpenSSL
	}
	if longMark.MatchString(text) {
		c.leaf("body", text, runes(got), of, "", nil)
	} else if w := string(latin1(c.text(text))); w != string(got) {
		c.fail("body", "got %.300q, want %.300q", got, w)
	}
}

// runes is bytes as text of which each character is one.
func runes(b []byte) string {
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
	}
	return string(out)
}

// failedUpstream: the server outside gave no answer that could be handed on.
func failedUpstream(rec *recordedCase) bool {
	u := rec.Request.Upstream
	return u != nil && rec.Encoding == "plain" && rec.HTTP.Status != u.Status && (rec.HTTP.Status == 502 || rec.HTTP.Status == 504)
}

// The recordings cover what they promise.
func TestRecordingsAreWhole(t *testing.T) {
	if *transcriptDir != "" {
		t.Skip("other recordings")
	}
	for file, want := range map[string]int{"storage-rpc": 356, "onion": 135} {
		if n := len(transcripts(t)[file].Cases); n != want {
			t.Errorf("%s has %d cases, want %d", file, n, want)
		}
	}
}
