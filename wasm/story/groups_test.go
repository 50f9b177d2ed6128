//go:build !js

package story

import (
	"slices"
	"testing"

	"tandem/core/testnet"
)

// joinLobby joins an open group by the page New chat.
func joinLobby(p *page, url string) {
	p.t.Helper()
	p.press("New chat")
	p.fill("Open group URL", url)
	p.press("Join")
	p.until(`document.querySelector('h1').textContent === 'Lobby' && one('chat-log')`)
}

// authors waits until the open log has so many messages, and reads whose they are.
func authors(p *page, count int) (out []string) {
	p.t.Helper()
	history(p, count)
	p.eval(`[...document.querySelectorAll('[data-testid=message]')].map(m => m.dataset.author)`, &out)
	return out
}

// meetInTheLobby is one account on two devices, and another one, in an open group
// (claim 12, in Chromium): the first device joins, the second is in by that; both
// are one author to others; what one deletes, and that it leaves, holds on both.
func meetInTheLobby(t *testing.T, place *place, a1, a2, b1 *page) {
	t.Helper()
	g, err := place.network.NewGroups(testnet.GroupOptions{Seed: [32]byte{12}, Host: "groups.test"})
	if err != nil {
		t.Fatal(err)
	}
	g.Open("lobby", "Lobby", "Everybody")
	joinLobby(a1, g.URL("lobby"))
	send(a1, "from the first")
	history(a1, 1)
	openChat(a2, "Lobby")
	send(a2, "from the second")
	joinLobby(b1, g.URL("lobby"))
	seen := authors(b1, 2)
	if len(seen) != 2 || seen[0] != seen[1] || len(seen[0]) != 66 || seen[0][:2] != "15" {
		t.Errorf("a third account sees the authors %q", seen)
	}
	b1.look("group")
	for _, p := range []*page{a1, a2} {
		if own := history(p, 2); !slices.Equal(own, []line{{"out", "from the first"}, {"out", "from the second"}}) {
			t.Errorf("%s shows %q", p.name, own)
		}
	}
	takeBack(a2)
	history(a2, 1)
	history(a1, 1)
	a1.press("Details")
	a1.look("group-details")
	a1.press("Leave")
	for _, p := range []*page{a1, a2} {
		p.until(`one('chat-list') && !text('chat-list').includes('Lobby')`)
	}
	history(b1, 1)
}
