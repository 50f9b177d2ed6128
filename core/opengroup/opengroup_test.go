package opengroup

import (
	"crypto/ed25519"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/onion"
)

//go:embed testdata/sogs.json
var sogsVectors []byte

func TestURLs(t *testing.T) {
	key := strings.Repeat("a1", 32)
	good := map[string]string{
		"http://open.example/lobby?public_key=" + key:                      "",
		" HTTPS://Open.Example:443/Lobby?public_key=" + key + "\n":         "https://open.example/Lobby?public_key=" + key,
		"http://1.2.3.4:8080/r/a-b_c?x=y&public_key=" + key + "#z":         "http://1.2.3.4:8080/a-b_c?public_key=" + key,
		"http://open.example:80/lobby/?public_key=" + strings.ToUpper(key): "http://open.example/lobby?public_key=" + key,
	}
	for text, want := range good {
		r, err := ParseURL(text)
		if want == "" {
			want = text
		}
		if err != nil || r.URL() != want {
			t.Errorf("%q: %v %q", text, err, r.URL())
			continue
		}
		if again, err := ParseRoom(r.Marshal()); err != nil || again != r || !IsRoom(r.ID()) || again.ID() != r.ID() {
			t.Errorf("%q does not come back", text)
		}
	}
	for _, text := range []string{
		"", "lobby", "ftp://a/b?public_key=" + key, "http:///b?public_key=" + key, "http://a/?public_key=" + key,
		"http://a/b", "http://a/b?public_key=" + key[2:], "http://a/b?public_key=" + key + "&public_key=" + key,
		"http://a/b/c?public_key=" + key, "http://a/../b?public_key=" + key, "http://a:0/b?public_key=" + key,
		"http://a:99999/b?public_key=" + key, "http://user@a/b?public_key=" + key, "http://a b/c?public_key=" + key,
		"http://a/b\u202e?public_key=" + key, "http://a/%2e?public_key=" + key, "http://a/b?public_key=" + strings.Repeat("0", 64),
		"javascript://a/b?public_key=" + key, "http://a/" + strings.Repeat("b", 65) + "?public_key=" + key,
	} {
		if r, err := ParseURL(text); !errors.Is(err, ErrURL) {
			t.Errorf("%q was taken for %q", text, r.URL())
		}
	}
}

// The requests of the vectors, signed byte for byte.
func TestVectorsOfRequests(t *testing.T) {
	var file struct {
		Seed     string `json:"user_ed25519_seed_hex"`
		Server   string `json:"server_pubkey_hex"`
		Requests []struct {
			Method, Path string
			Timestamp    int64
			Nonce        string `json:"nonce_base64"`
			Body         *string
			ToSign       string `json:"to_sign_hex"`
		}
	}
	if err := json.Unmarshal(sogsVectors, &file); err != nil || len(file.Requests) < 3 {
		t.Fatal(err)
	}
	server := [32]byte(unhex(t, file.Server))
	a := newAccount()
	for _, v := range file.Requests {
		nonce, err := base64.StdEncoding.DecodeString(v.Nonce)
		if err != nil {
			t.Fatal(err)
		}
		for _, blind := range []bool{true, false} {
			c := Call{method: v.Method, path: v.Path, member: NewMember(a, server, blind)}
			if v.Body != nil {
				c.body = []byte(*v.Body)
			}
			headers := map[string]string{}
			c.member.sign(headers, c, core.Millis(v.Timestamp), [16]byte(nonce))
			sig, err := base64.StdEncoding.DecodeString(headers["X-SOGS-Signature"])
			if err != nil {
				t.Fatal(err)
			}
			// The vectors' own bytes, under the key in the header, by the standard library.
			if !ed25519.Verify(unhex(t, headers["X-SOGS-Pubkey"])[1:], unhex(t, v.ToSign), sig) {
				t.Errorf("%s %s, blind %v: not what the vector signs", v.Method, v.Path, blind)
			}
		}
	}
}

// One account, two devices: a keyring of a primary and the shared keys that a
// secondary gets. Both are one author, on servers that blind and on others, and
// what they sign verifies with the standard library.
func TestClaim12_OneAuthor(t *testing.T) {
	for _, plain := range []bool{false, true} {
		p := newPlace(t, plain)
		ring := identity.NewKeyring(identity.NewRoot(), 0)
		k := [32]byte{1}
		second, _, err := identity.OpenGrant(k, k, ring.Shared.SealGrant(k, k, nil))
		if err != nil {
			t.Fatal(err)
		}
		s1, v1 := p.join(ring.Shared.Account)
		s2, v2 := p.join(second.Account)
		p.say(s1, v1, "from the first")
		p.say(s2, v2, "from the second")
		if s1.Me() != s2.Me() || s1.Me() == "" {
			t.Fatal("two authors")
		}
		s3, v3 := p.join(newAccount())
		if got := said(v3); !slices.Equal(got, []string{"from the first", "from the second"}) || s3.Me() == s1.Me() {
			t.Fatalf("%q", got)
		}
		for i, post := range p.g.Posts("lobby") {
			if post.Author != s1.Me() || v3.Rows[i].Author != post.Author {
				t.Errorf("post %d has another author", i)
			}
			key := unhex(t, post.Author)[1:]
			if plain {
				ed := ring.Shared.Account.Ed()
				ed[31] &= 0x7f // what an X25519 key stands for, as XEdDSA has it
				key = ed[:]
			}
			if !ed25519.Verify(key, post.Data, post.Signature) {
				t.Errorf("post %d: the standard library refuses the signature", i)
			}
			if plain != (post.Author[:2] == "05") {
				t.Errorf("post %d is by %s…", i, post.Author[:2])
			}
		}
	}
}

// All that a member can do, and what others see of it.
func TestActs(t *testing.T) {
	p := newPlace(t, false)
	s1, v1 := p.join(newAccount())
	s2, v2 := p.join(newAccount())
	p.say(s1, v1, "one")
	p.say(s1, v1, "two")
	id := v1.Rows[0].ID

	p.ok(p.ask(s1.Edit("lobby", id, Words("uno", "Somebody", p.now))))
	p.ok(p.ask(must(s2.React("lobby", id, "🍍", true))))
	p.poll(s2)
	if got := said(v2); !slices.Equal(got, []string{"uno", "two"}) || !v2.Rows[0].Edited || v2.Rows[0].Name != "Somebody" {
		t.Fatalf("%q %+v", got, v2.Rows[0])
	}
	p.poll(s1)
	if got := fmt.Sprint(v1.Rows[0].Reactions); got != "[{🍍 1 false}]" {
		t.Errorf("reactions %s", got)
	}
	p.ok(p.ask(must(s2.React("lobby", id, "🍍", false))))
	p.poll(s1)
	if len(v1.Rows[0].Reactions) != 0 || v1.Rows[0].Body != "uno" {
		t.Errorf("%+v", v1.Rows[0])
	}

	for name, c := range map[string]Call{"delete": s2.Delete("lobby", id), "edit": s2.Edit("lobby", id, Words("mine", "", 1)), "ban": s2.Ban("lobby", s1.Me(), true), "pin": s2.Pin("lobby", id, true)} {
		if err := Check(p.ask(c).Code); !errors.Is(err, ErrForbidden) {
			t.Errorf("%s by another: %v", name, err)
		}
	}
	p.g.Moderate("lobby", s2.Me())
	p.g.Pin("lobby", id)
	p.poll(s1)
	p.poll(s2)
	if !v2.Info.Moderator || v1.Info.Moderator || !v1.Moderates(s2.Me()) || v1.Pin == nil || v1.Pin.Body != "uno" {
		t.Errorf("%+v %+v", v1.Info, v2.Info)
	}
	p.ok(p.ask(s2.Pin("lobby", id, false)))
	p.poll(s1)
	if v1.Pin != nil {
		t.Errorf("unpinned: %+v", v1.Pin)
	}
	p.ok(p.ask(s2.Pin("lobby", id, true)))
	p.poll(s1)
	if v1.Pin == nil || v1.Pin.ID != id {
		t.Errorf("pinned: %+v", v1.Pin)
	}
	p.ok(p.ask(s2.Delete("lobby", id)))
	p.poll(s1)
	if got := said(v1); !slices.Equal(got, []string{"two"}) || v1.Pin != nil {
		t.Errorf("after the deletion %q, pinned %v", got, v1.Pin)
	}
	p.ok(p.ask(s2.Ban("lobby", s1.Me(), true)))
	p.poll(s1)
	if !errors.Is(v1.Trouble, ErrForbidden) {
		t.Errorf("banned: %v", v1.Trouble)
	}
	p.ok(p.ask(s2.Ban("lobby", s1.Me(), false)))
	p.poll(s1)
	if v1.Trouble != nil {
		t.Errorf("no longer banned: %v", v1.Trouble)
	}
}

// A reply names what it answers, and shows it as it is here: not as the reply has it.
func TestReplies(t *testing.T) {
	p := newPlace(t, false)
	ada, v := p.join(newAccount())
	eve, v2 := p.join(newAccount())
	p.say(ada, v, "one\nand more")
	p.poll(eve)
	first := v2.Rows[0]
	post := func(data []byte) Message {
		t.Helper()
		if err := v2.Posted(p.ask(eve.Post("lobby", data))); err != nil {
			t.Fatal(err)
		}
		p.poll(ada)
		return v.Rows[len(v.Rows)-1]
	}
	good := post(Reply("yes", "Eve", p.now, &first))
	if to, replies := v.Answered(&good); !replies || to.ID != first.ID || to.Author != ada.Me() || to.Body != "one\nand more" || good.Body != "yes" {
		t.Errorf("%v %+v", replies, to)
	}
	waits := Unsent(Reply("yes", "Eve", p.now, &first))
	if to, replies := v.Answered(&waits); !replies || to.ID != first.ID || waits.Body != "yes" {
		t.Errorf("while it waits: %v %+v", replies, to)
	}
	p.ok(p.ask(eve.Edit("lobby", good.ID, Reworded("yes, both", "Eve", p.now, &good))))
	p.poll(ada)
	good = v.Rows[1]
	if to, _ := v.Answered(&good); to.ID != first.ID || good.Body != "yes, both" {
		t.Errorf("once it is edited: %+v", to)
	}
	lie := first
	lie.Body = "words that Ada never said"
	forged := post(Reply("look", "Eve", p.now, &lie))
	if to, _ := v.Answered(&forged); to.Body != first.Body {
		t.Errorf("it shows %q as Ada's", to.Body)
	}
	lie.Posted++
	lie.said = 0
	nothing := post(Reply("look here", "Eve", p.now, &lie))
	if to, replies := v.Answered(&nothing); !replies || to.Author != "" || to.Body != "" {
		t.Errorf("a quote of nothing shows %q", to.Body)
	}
	plain := post(Words("alone", "Eve", p.now))
	if _, replies := v.Answered(&plain); replies {
		t.Error("every message is a reply")
	}
	_, again := kept(t, ada, v)
	if to, _ := again.Answered(&again.Rows[1]); to.ID != first.ID {
		t.Error("on the disk it answers nothing")
	}
	p.ok(p.ask(ada.Delete("lobby", first.ID)))
	p.poll(ada)
	if to, replies := v.Answered(&good); !replies || to.Author != "" {
		t.Errorf("what was deleted is quoted: %q", to.Body)
	}
}

func must(c Call, err error) Call {
	if err != nil {
		panic(err)
	}
	return c
}

// A large room: the newest are there at once, older ones page by page, never
// more than the window; and who was away for long does not read all of it.
func TestLargeRoom(t *testing.T) {
	p := newPlace(t, false)
	author := newAccount()
	s, v := p.join(author)
	fill := func(from, to int) {
		for i := from; i < to; i++ {
			data := Words(fmt.Sprint(i), "", p.now)
			p.g.Plant("lobby", s.Me(), data, s.member.signPost(data))
		}
	}
	fill(0, 1000)
	_, reader := p.join(newAccount())
	if len(reader.Rows) != page || reader.Rows[page-1].Body != "999" || !reader.Older {
		t.Fatalf("%d rows", len(reader.Rows))
	}
	for i := 0; reader.Older; i++ {
		if i > 12 || len(reader.Rows) > Window {
			t.Fatal("too many")
		}
		reader.Changed()
		if err := reader.Preceded(p.ask(s.Before(reader))); err != nil {
			t.Fatal(err)
		}
		if !reader.Changed() {
			t.Fatal("nobody is told of what was read, or that it was all")
		}
	}
	if reader.Rows[0].Body != "0" || !reader.Newer || len(reader.Rows) != Window {
		t.Errorf("%s, newer %v", reader.Rows[0].Body, reader.Newer)
	}
	p.poll(s) // it was away for 1,000 messages
	if len(v.Rows) > Window || v.Rows[len(v.Rows)-1].Body != "999" {
		t.Errorf("%d rows, the last is %s", len(v.Rows), v.Rows[len(v.Rows)-1].Body)
	}
}

// A sequence ends at its first failure: a room that fails does not keep the
// others from being read, and is read again when it is well.
func TestRoomsInTrouble(t *testing.T) {
	p := newPlace(t, false)
	p.g.Open("zoo", "Zoo", "")
	s, lobby := p.join(newAccount())
	bad1, bad2, zoo := s.Add("gone"), s.Add("away"), s.Add("zoo")
	for range 8 {
		p.poll(s)
	}
	if !zoo.Loaded || zoo.Trouble != nil || lobby.Trouble != nil || !errors.Is(bad1.Trouble, ErrMissing) || !errors.Is(bad2.Trouble, ErrMissing) {
		t.Fatalf("%v %v %v %v", zoo.Trouble, lobby.Trouble, bad1.Trouble, bad2.Trouble)
	}
	if !lobby.Changed() || !zoo.Changed() || !bad1.Changed() || !bad2.Changed() {
		t.Error("nobody is told of what was found")
	}
	p.poll(s)
	if zoo.Changed() || lobby.Changed() || bad1.Changed() || bad2.Changed() {
		t.Error("what is as it was is shown anew")
	}
	p.g.Open("gone", "Back", "")
	p.g.Open("away", "Back", "")
	for range 2 {
		p.poll(s)
	}
	if bad1.Trouble != nil || bad2.Trouble != nil {
		t.Error("they do not come back")
	}
	if !bad1.Changed() || !bad2.Changed() || zoo.Changed() {
		t.Error("that they are back is told of others, or of nobody")
	}
}

// What one room still has to ask for does not keep the pin of the next from being
// told of in the same poll.
func TestPinsOfTwoRooms(t *testing.T) {
	p := newPlace(t, false)
	p.g.Open("zoo", "Zoo", "")
	s, lobby := p.join(newAccount())
	zoo := s.Add("zoo")
	p.poll(s)
	plant := func(token, text string) int64 {
		data := Words(text, "", p.now)
		return p.g.Plant(token, s.Me(), data, s.member.signPost(data))
	}
	gone, here := plant("lobby", "gone"), plant("zoo", "here")
	p.poll(s)
	p.g.Withdraw("lobby", gone)
	p.g.Pin("lobby", gone)
	p.g.Pin("zoo", here)
	lobby.Changed()
	zoo.Changed()
	poll := s.Poll()
	if _, err := s.Polled(poll, p.ask(poll.Call)); err != nil {
		t.Fatal(err)
	}
	if !zoo.Changed() || zoo.Pin == nil || zoo.Pin.ID != here {
		t.Errorf("the pin is %v", zoo.Pin)
	}
}

// More rooms on one server than one answer should carry: they are read a few at a
// time, without a pause.
func TestManyRooms(t *testing.T) {
	p := newPlace(t, false)
	s, _ := p.join(newAccount())
	for i := range 5 * maxFresh {
		name := fmt.Sprint("room", i)
		p.g.Open(name, name, "")
		s.Add(name)
	}
	calls := p.g.Calls()
	p.poll(s)
	for _, v := range s.Views() {
		if !v.Loaded || v.Trouble != nil {
			t.Errorf("%s: %v", v.Room.Token, v.Trouble)
		}
	}
	if n := p.g.Calls() - calls; n != 5 {
		t.Errorf("%d polls", n)
	}
}

// The first request has no name on it, and who was blinded stays so.
func TestNamelessFirst(t *testing.T) {
	p := newPlace(t, false)
	r, err := ParseURL(p.g.URL("lobby"))
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(r.Host, newAccount())
	s.Add("lobby")
	if got := s.Poll().Request(p.now); got.Headers["X-SOGS-Pubkey"] != "" || got.Endpoint != "/capabilities" {
		t.Errorf("%+v", got)
	}
	p.poll(s)
	me := s.Me()
	p.g.Lie(func(r onion.V4Request) (onion.V4Response, bool) {
		return onion.V4Response{Code: 200, Body: encoded([]any{map[string]any{"code": 200, "body": map[string]any{"capabilities": []string{"sogs"}}}})}, true
	})
	p.poll(s)
	if s.Me() != me || me[:2] != "15" {
		t.Error("the account's own ID was given away")
	}
}
