package testnet_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/crypto/blake2b"

	"tandem/core"
	"tandem/core/onion"
	"tandem/core/testnet"
)

// The checks of an open-group server on who asks, with nothing but
// crypto/ed25519 on this side.
func TestGroupsAuthenticate(t *testing.T) {
	now := core.Millis(1_790_000_000_000)
	net, err := testnet.New(testnet.Options{Nodes: 3, Swarms: 1, Now: func() core.Millis { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	open := func(plain bool) *testnet.Groups {
		g, err := net.NewGroups(testnet.GroupOptions{Seed: [32]byte{7}, Host: fmt.Sprint("groups", plain), Plain: plain})
		if err != nil {
			t.Fatal(err)
		}
		g.Open("lobby", "Lobby", "")
		return g
	}
	g, blinding := open(true), open(false)
	_, text, _ := strings.Cut(g.URL("lobby"), "public_key=")
	server, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	nonces := 0
	sign := func(r onion.V4Request, at core.Millis) onion.V4Request {
		nonces++
		nonce := fmt.Appendf(nil, "%016d", nonces)
		stamp := strconv.FormatInt(int64(at/core.Second), 10)
		message := append([]byte{}, server...)
		message = append(message, nonce...)
		message = append(message, stamp+r.Method+r.Endpoint...)
		if len(r.Body) > 0 {
			sum := blake2b.Sum512(r.Body)
			message = append(message, sum[:]...)
		}
		r.Headers = map[string]string{
			"X-SOGS-Pubkey": fmt.Sprintf("00%x", key.Public()), "x-sogs-timestamp": stamp,
			"X-SOGS-Nonce":     base64.StdEncoding.EncodeToString(nonce),
			"X-SOGS-Signature": base64.StdEncoding.EncodeToString(ed25519.Sign(key, message)),
		}
		return r
	}
	info := onion.V4Request{Method: "GET", Endpoint: "/room/lobby"}
	post := onion.V4Request{Method: "POST", Endpoint: "/room/lobby/message", Body: []byte(`{"data":"AAAA","signature":"` + strings.Repeat("A", 86) + `=="}`)}
	twice, bent, longer := sign(post, now), sign(post, now), sign(post, now)
	bent.Headers["X-SOGS-Signature"] = base64.StdEncoding.EncodeToString(make([]byte, 64))
	longer.Body = append([]byte(" "), longer.Body...)
	short := sign(info, now)
	delete(short.Headers, "X-SOGS-Nonce")
	for _, c := range []struct {
		name string
		g    *testnet.Groups
		r    onion.V4Request
		want int
	}{
		{"nobody reads", g, info, 200},
		{"nobody writes", g, post, 401},
		{"signed", g, sign(info, now), 200},
		{"a post", g, twice, 201},
		{"the same once more", g, twice, 425},
		{"a bent signature", g, bent, 401},
		{"another body", g, longer, 401},
		{"yesterday", g, sign(info, now-25*core.Hour), 425},
		{"tomorrow", g, sign(info, now+25*core.Hour), 425},
		{"no nonce", g, short, 400},
		{"the account's own ID where it must be blinded", blinding, sign(info, now), 400},
		{"no room", g, sign(onion.V4Request{Method: "GET", Endpoint: "/room/none"}, now), 404},
		{"no right", g, sign(onion.V4Request{Method: "POST", Endpoint: "/user/05/ban", Body: []byte(`{"rooms":["lobby"]}`)}, now), 403},
	} {
		if got := c.g.Ask(c.r); got.Code != c.want {
			t.Errorf("%s: %d %s, want %d", c.name, got.Code, got.Body, c.want)
		}
	}
	if n := len(g.Posts("lobby")); n != 1 {
		t.Errorf("%d posts", n)
	}
}
