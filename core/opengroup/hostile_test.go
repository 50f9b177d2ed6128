package opengroup

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"tandem/core/onion"
)

// What a server, or somebody with a server's help, can put into a room, and what
// is shown of it: only words under their author's own signature.
func TestHostileMessages(t *testing.T) {
	p := newPlace(t, false)
	ada, _ := p.join(newAccount())
	eve, _ := p.join(newAccount())
	_, v := p.join(newAccount())
	words := Words("by Ada", "Ada", p.now)
	sig := ada.member.signPost(words)
	bent := slices.Clone(sig)
	bent[3] ^= 1
	small := "15" + "01" + strings.Repeat("00", 31) // the neutral element: anything verifies under it
	huge := Words(strings.Repeat("x", 70<<10), "", p.now)
	tricks := Words("<img src=x onerror=alert(1)>\x00\u202egnp.exe", "\u202eAda", p.now)

	p.g.Plant("lobby", ada.Me(), words, nil)                                            // unsigned
	p.g.Plant("lobby", ada.Me(), words, bent)                                           // badly signed
	p.g.Plant("lobby", ada.Me(), words, eve.member.signPost(words))                     // forged author
	p.g.Plant("lobby", eve.Me(), words, sig)                                            // taken words
	p.g.Plant("lobby", small, words, make([]byte, 64))                                  // a key that is none
	p.g.Plant("lobby", "", words, sig)                                                  // nobody
	p.g.Plant("lobby", strings.ToUpper(ada.Me())+"00", words, sig)                      // no ID
	p.g.Plant("lobby", ada.Me(), huge, ada.member.signPost(huge))                       // huge
	p.g.Plant("lobby", ada.Me(), []byte("noise"), ada.member.signPost([]byte("noise"))) // no message
	p.g.Plant("lobby", eve.Me(), tricks, eve.member.signPost(tricks))
	p.g.Plant("lobby", ada.Me(), words, sig)
	p.g.Plant("lobby", ada.Me(), words, sig) // shown again

	reader := NewServer(v.Room.Host, newAccount())
	room := reader.Add("lobby")
	p.poll(reader)
	if len(room.Rows) != 2 {
		t.Fatalf("%d messages are shown: %q", len(room.Rows), said(room))
	}
	if got := room.Rows[0]; got.Author != eve.Me() || !strings.HasPrefix(got.Body, "<img") {
		t.Errorf("%+v", got)
	}
	if got := room.Rows[1]; got.Author != ada.Me() || got.Body != "by Ada" {
		t.Errorf("%+v", got)
	}
}

// What a server says about a room goes onto the page as one short line each.
func TestHostileInfo(t *testing.T) {
	p := newPlace(t, false)
	p.g.Open("bad", "  <b>\u202e\x00ybbol\u200b "+strings.Repeat("long ", 100), strings.Repeat("\n\u2066x", 5000))
	r, err := ParseURL(p.g.URL("bad"))
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(r.Host, newAccount())
	v := s.Add("bad")
	p.poll(s)
	if !strings.HasPrefix(v.Info.Name, "<b>ybbol long") || len(v.Info.Name) > MaxName || len(v.Info.Description) > maxDescription {
		t.Errorf("%q", v.Info.Name)
	}
	for _, c := range v.Info.Name + v.Info.Description {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) {
			t.Errorf("%U is left", c)
		}
	}
}

// Answers that are none: each is an error by kind, and what was there stays.
func TestHostileAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		r    onion.V4Response
		want error
	}{
		"refused":      {onion.V4Response{Code: 401}, ErrSignature},
		"forbidden":    {onion.V4Response{Code: 403}, ErrForbidden},
		"missing":      {onion.V4Response{Code: 404}, ErrMissing},
		"clock":        {onion.V4Response{Code: 425}, ErrClock},
		"busy":         {onion.V4Response{Code: 429}, ErrBusy},
		"failed":       {onion.V4Response{Code: 502}, ErrServer},
		"redirect":     {onion.V4Response{Code: 302, Headers: map[string]string{"location": "http://elsewhere/"}}, ErrRequest},
		"teapot":       {onion.V4Response{Code: 418}, ErrRequest},
		"empty":        {onion.V4Response{Code: 200}, ErrGarbage},
		"html":         {onion.V4Response{Code: 200, Body: []byte("<html>")}, ErrGarbage},
		"object":       {onion.V4Response{Code: 200, Body: []byte("{}")}, ErrGarbage},
		"nothing":      {onion.V4Response{Code: 200, Body: []byte("[]")}, ErrGarbage},
		"too many":     {onion.V4Response{Code: 200, Body: []byte("[" + strings.Repeat(`{"code":200},`, 9) + `{"code":200}]`)}, ErrGarbage},
		"no code":      {onion.V4Response{Code: 200, Body: []byte(`[{"body":{}}]`)}, ErrRequest},
		"capabilities": {onion.V4Response{Code: 200, Body: []byte(`[{"code":200,"body":{"capabilities":7}}]`)}, ErrGarbage},
	} {
		p := newPlace(t, false)
		s, v := p.join(newAccount())
		p.say(s, v, "here")
		if _, err := s.Polled(s.Poll(), c.r); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if len(v.Rows) != 1 || v.Info.Name != "The lobby" {
			t.Errorf("%s: what was there is gone", name)
		}
	}
}

// A server that always has more is not asked for ever.
func TestEndlessRoom(t *testing.T) {
	p := newPlace(t, false)
	s, v := p.join(newAccount())
	data := Words("again", "", p.now)
	sig, id := b64(s.member.signPost(data)), int64(1)
	many := func() []byte {
		var list []any
		for range maxListed {
			id++
			list = append(list, map[string]any{"id": id, "seqno": id + 1<<40, "session_id": s.Me(), "data": b64(data), "signature": sig})
		}
		return encoded([]any{
			map[string]any{"code": 200, "body": map[string]any{"capabilities": []string{"sogs", "blind"}}},
			map[string]any{"code": 200, "body": map[string]any{}}, map[string]any{"code": 200, "body": list},
		})
	}
	for n := 0; ; n++ {
		again, err := s.Polled(s.Poll(), onion.V4Response{Code: 200, Body: many()})
		if err != nil || n > 10 {
			t.Fatalf("poll %d: %v", n, err)
		}
		if len(v.Rows) > Window {
			t.Fatalf("%d rows", len(v.Rows))
		}
		if !again {
			break
		}
	}
}

// A server that pins another message in each answer, or never tells what is in a
// room, is not asked without a pause either.
func TestRestlessServer(t *testing.T) {
	const able = `{"code":200,"body":{"capabilities":["blind"]}}`
	for name, answer := range map[string]func(n int) string{
		"pins": func(n int) string {
			return fmt.Sprintf(able+`,{"code":200,"body":{"details":{"name":"x","info_updates":%d,"pinned_messages":[{"id":%d}]}}},{"code":200,"body":[]}`, 9_000_000_000+n, n)
		},
		"says nothing": func(int) string { return able },
		"begins anew": func(n int) string {
			return fmt.Sprintf(able+`,{"code":200,"body":{"details":{"name":"x","info_updates":%d}}}`, 9_000_000_000-n)
		},
	} {
		p := newPlace(t, false)
		s, _ := p.join(newAccount())
		s.Add("silent")
		again, n := true, 0
		for ; again && n <= maxHaste+1; n++ {
			again, _ = s.Polled(s.Poll(), onion.V4Response{Code: 200, Body: []byte("[" + answer(n+1) + "]")})
		}
		if again {
			t.Errorf("%s: %d polls without a pause", name, n)
		}
	}
}

// An answer of very many parts would cost a hundred times its bytes.
func TestCrowdedAnswer(t *testing.T) {
	p := newPlace(t, false)
	s, v := p.join(newAccount())
	p.say(s, v, "here")
	crowd := []byte("[" + strings.Repeat("0,", maxParts) + "0]")
	inside := []byte(`[{"code":200,"body":{"capabilities":["` + strings.Repeat(`","`, maxParts) + `"]}}]`)
	for _, body := range [][]byte{crowd, inside} {
		r := onion.V4Response{Code: 200, Body: body}
		if _, err := s.Polled(s.Poll(), r); !errors.Is(err, ErrGarbage) {
			t.Errorf("a poll: %v", err)
		}
		if err := v.Preceded(r); !errors.Is(err, ErrGarbage) {
			t.Errorf("older ones: %v", err)
		}
		if err := v.Posted(r); !errors.Is(err, ErrGarbage) {
			t.Errorf("a post: %v", err)
		}
	}
	if len(v.Rows) != 1 {
		t.Error("what was there is gone")
	}
}

// A server that shows one post's words in the place of another's, as an edit, does
// not make the author say them twice.
func TestWordsAreShownOnce(t *testing.T) {
	p := newPlace(t, false)
	s, v := p.join(newAccount())
	p.say(s, v, "one")
	p.say(s, v, "two")
	p.say(s, v, "three")
	low, high := v.Rows[0], v.Rows[2]
	low.ID, high.ID = high.ID, low.ID
	v.put(low) // the third says "one"
	if got := said(v); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("%q", got)
	}
	v.put(high) // the first says "three"
	if got := said(v); !slices.Equal(got, []string{"three", "two"}) {
		t.Errorf("%q", got)
	}
	v.Older, v.Newer = true, true
	last := v.Rows[1]
	last.Body = "zwei"
	v.put(last)
	last.ID, last.data = last.ID+1, []byte("beyond")
	v.put(last)
	if got := said(v); !slices.Equal(got, []string{"three", "zwei"}) {
		t.Errorf("%q", got)
	}
}

// A signature is checked once: what is here already needs none, and lends none to
// anything else.
func TestVerifiedOnce(t *testing.T) {
	p := newPlace(t, false)
	s, v := p.join(newAccount())
	eve, _ := p.join(newAccount())
	p.say(s, v, "one")
	here := v.Rows[0]
	entry := func(id int64, author string, data []byte) map[string]any {
		return map[string]any{"id": id, "seqno": id, "session_id": author, "data": b64(data)}
	}
	other := Words("other", "", p.now)
	for name, c := range map[string]struct {
		entry map[string]any
		want  []string
	}{
		"the same":        {entry(here.ID, here.Author, here.data), []string{"one"}},
		"other words":     {entry(here.ID, here.Author, other), nil},
		"another author":  {entry(here.ID, eve.Me(), here.data), nil},
		"another message": {entry(here.ID+1, here.Author, here.data), nil},
	} {
		v.Rows = []Message{here}
		if err := v.listed(step{kind: asRecent}, encoded([]any{c.entry})); err != nil || !slices.Equal(said(v), c.want) {
			t.Errorf("%s: %v %q", name, err, said(v))
		}
	}
}

func TestReactions(t *testing.T) {
	for emoji, want := range map[string]bool{
		"🍍": true, "👍🏽": true, "❤️": true, "👩\u200d🚀": true, "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F": true,
		"": false, "a": false, "../x": false, "\u202e🍍": false, "\u200d": false, "\u2066🍍": false, "\u0085": false, "\u00a0": false,
		"\u2028": false, "🍍\xff": false, strings.Repeat("🍍", 13): false,
	} {
		if validEmoji(emoji) != want {
			t.Errorf("%q: %v", emoji, !want)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	f.Add("https://open.example:8443/lobby?public_key=" + strings.Repeat("0a", 32))
	f.Add("http://[::1]/x?public_key=")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseURL(text)
		if err != nil {
			return
		}
		if again, err := ParseURL(r.URL()); err != nil || again != r {
			t.Fatalf("%q is not canonical", r.URL())
		}
		if again, err := ParseRoom(r.Marshal()); err != nil || again != r {
			t.Fatal("it does not come back")
		}
	})
}

func FuzzParseRoom(f *testing.F) {
	f.Add(Room{Host{"http://a", [32]byte{1}}, "b"}.Marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := ParseRoom(b); err == nil && !validToken(r.Token) {
			t.Fatal("a room without a name")
		}
	})
}

// Whatever a server answers, bounds hold and nothing panics.
func FuzzPolled(f *testing.F) {
	f.Add([]byte(`[{"code":200,"body":{"capabilities":["blind"]}},{"code":200,"body":{"active_users":3,"details":{"name":"x","info_updates":4,"pinned_messages":[{"id":7}]}}},` +
		`{"code":200,"body":[{"id":1,"seqno":2,"session_id":"15","posted":1.5,"data":"AA==","signature":"AA==","reactions":{"🍍":{"count":1}}},{"id":2,"seqno":3,"deleted":true,"data":null},{"id":1,"seqno":4}]}]`))
	f.Add([]byte(`[{"code":200,"body":{"capabilities":["x"]}},{"code":403}]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := NewServer(Host{"http://a", [32]byte{1}}, newAccount())
		s.member = NewMember(s.account, s.Host.Key, true)
		v := s.Add("b")
		_, _ = s.Polled(s.Poll(), onion.V4Response{Code: 200, Body: b})
		_ = v.Preceded(onion.V4Response{Code: 200, Body: b})
		_ = v.Posted(onion.V4Response{Code: 200, Body: b})
		if len(v.Rows) > Window || len(v.Info.Name) > MaxName || v.Info.Name == "" {
			t.Fatal("a bound does not hold")
		}
		v.Unread("", 0)
	})
}
