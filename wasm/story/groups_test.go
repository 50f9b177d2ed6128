//go:build !js

package story

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp/kb"

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

// openLobby starts a server of open groups; who writes first in its room moderates.
func openLobby(t *testing.T, place *place) (url string) {
	t.Helper()
	g, err := place.network.NewGroups(testnet.GroupOptions{Seed: [32]byte{12}, Host: "groups.test", FirstModerates: true})
	if err != nil {
		t.Fatal(err)
	}
	g.Open("lobby", "Lobby", "Everybody")
	return g.URL("lobby")
}

// arriveInvited opens a link to an open group where there is no account, makes one,
// and joins: the link is kept, through a reload as well.
func arriveInvited(p *page, origin, url, name string) member {
	p.t.Helper()
	p.visit(origin + "/#new/" + url)
	p.until(`says('can join it once you have an account')`)
	p.look("invited")
	who := register(p, name)
	p.until(`status() === 'online' && document.querySelector('#group-url')?.value === ` + quote(url))
	p.press("Join")
	p.until(`document.querySelector('h1').textContent === 'Lobby' && one('chat-log')`)
	return who
}

// options opens the dialog about the newest message.
func options(p *page) {
	p.t.Helper()
	p.reachNode(p.first("#chat-log"), "log")
	p.key(kb.ArrowUp)
	p.focused("[data-testid=message]")
	p.key(kb.Enter)
	p.focused("dialog[open] button")
}

// does presses a button of that dialog, which closes once it is done.
func does(p *page, button string) {
	p.t.Helper()
	options(p)
	p.press(button)
	p.until(`!document.querySelector('dialog[open]')`)
}

// meetInTheLobby is one account on two devices, and another one, in an open group
// (claim 12, in Chromium): the first device has joined, the second is in by that;
// the other account is invited; both devices are one author to it; what one deletes,
// and that it leaves, holds on both; an answer shows what it is
// about; who moderates pins, bans and deletes.
func meetInTheLobby(t *testing.T, url string, a1, a2, b1 *page) {
	t.Helper()
	openChat(a1, "Lobby")
	send(a1, "from the first")
	history(a1, 1)
	openChat(a2, "Lobby")
	send(a2, "from the second")
	a1.press("Details")
	a1.press("Invite Ben")
	a1.until(`news().includes('Invited: Ben')`)
	a1.look("group-details")
	openChat(b1, "Ada")
	b1.press("Join")
	b1.until(`document.querySelector('h1').textContent === 'Lobby' && one('chat-log')`)
	seen := authors(b1, 2)
	if len(seen) != 2 || seen[0] != seen[1] || len(seen[0]) != 66 || seen[0][:2] != "15" {
		t.Errorf("a third account sees the authors %q", seen)
	}
	b1.look("group")
	openChat(a1, "Lobby")
	for _, p := range []*page{a1, a2} {
		if own := history(p, 2); !slices.Equal(own, []line{{"out", "from the first"}, {"out", "from the second"}}) {
			t.Errorf("%s shows %q", p.name, own)
		}
	}
	const liked = `document.querySelector('[data-emoji="👍"]')?.textContent`
	does(b1, "👍")
	b1.until(liked + ` === '👍 1'`)
	does(a1, "👍")
	a1.until(liked + ` === '👍 2'`)

	takeBack(a2)
	history(a2, 1)
	history(a1, 1)
	history(b1, 1)
	options(b1)
	b1.press("Reply")
	b1.until(`text('replying')?.includes('from the first')`)
	b1.looks("replying")
	b1.until(`one('chat-list')`) // it is drawn wide again, with another box
	send(b1, "by Ben")
	history(b1, 2)
	history(a2, 2)
	a2.until(`document.querySelector('blockquote').textContent === 'Ada' + 'from the first'`)
	does(a2, "Pin")
	a2.until(`text('pinned')?.includes('by Ben')`)
	options(a2)
	a2.looks("moderate")
	a2.until(`one('chat-list')`)
	a2.until(`[...document.querySelectorAll('dialog[open] li')].every(l => l.scrollWidth <= l.clientWidth)`)
	a2.press("Ban author")
	a2.until(`!document.querySelector('dialog[open]')`)
	b1.reload() // what it shows now, is on its disk
	b1.until(`says('does not permit this')`)
	if read := history(b1, 2); !slices.Equal(read, []line{{"in", "from the first"}, {"out", "by Ben"}}) {
		t.Errorf("who is banned has read %q", read)
	}
	does(a2, "Unban author")
	a2.press("Unpin")
	a2.until(`!one('pinned')`)
	takeBack(a2)
	history(a2, 1)
	b1.reload()
	b1.until(`!says('does not permit this')`)
	history(b1, 1)

	a1.press("Details")
	a1.press("Leave")
	for _, p := range []*page{a1, a2} {
		p.until(`one('chat-list') && !text('chat-list').includes('Lobby')`)
	}
	b1.press("Details")
	b1.press("Leave")
	b1.until(`!text('chat-list').includes('Lobby')`)
	joinLobby(b1, url)
	history(b1, 1)
}
