//go:build !js

package story

import (
	"fmt"
	"slices"
	"testing"
)

// befriend sends a friend request by the page New chat, without a mouse.
func befriend(p *page, account, text string) {
	p.t.Helper()
	p.pressByKey("New chat")
	p.find("textbox", "Public key")
	p.fillByKey("Public key", account)
	p.fillByKey("Message", text)
	p.pressByKey("Send friend request")
	p.until(`one('chat-log')`)
}

// takeBack deletes the newest message for everyone, without a mouse.
func takeBack(p *page) {
	p.t.Helper()
	options(p)
	p.look("message")
	p.pressByKey("Delete for everyone")
	p.until(`!document.querySelector('dialog[open]')`)
}

// openChat opens the chat of a name, wherever the page is, at a width where the
// list is beside it.
func openChat(p *page, name string) {
	p.t.Helper()
	p.until(`document.querySelector('h1') && document.querySelector('h1').textContent === ` + quote(name) + ` && one('chat-log') ||
		one('chat-list') && [...one('chat-list').querySelectorAll('button')].some(b => b.querySelector('.chat-name').textContent === ` + quote(name) + ` && (b.click(), true)) && false`)
}

// send sends a message in the open chat.
func send(p *page, text string) {
	p.t.Helper()
	p.fill("Message", text)
	p.press("Send")
}

// line is a message as a page shows it.
type line struct{ direction, text string }

// history waits until the open log has so many messages, and reads it.
func history(p *page, count int) []line {
	p.t.Helper()
	p.until(fmt.Sprintf(`messages().length === %d`, count))
	var pairs [][2]string
	p.eval(`messages()`, &pairs)
	lines := make([]line, len(pairs))
	for i, m := range pairs {
		lines[i] = line{m[0], m[1]}
	}
	return lines
}

// agree fails unless each open log is of what was written, all of it once, in the
// order of the first.
func agree(t *testing.T, written []string, pages ...*page) {
	t.Helper()
	var order []string
	for _, p := range pages {
		var texts []string
		for _, l := range history(p, len(written)) {
			texts = append(texts, l.text)
		}
		if order == nil {
			order = texts
		}
		if !slices.Equal(texts, order) {
			t.Errorf("%s shows\n%q, %s\n%q", p.name, texts, pages[0].name, order)
		}
	}
	slices.Sort(order)
	if want := slices.Sorted(slices.Values(written)); !slices.Equal(order, want) {
		t.Errorf("the log holds %q, written was %q", order, want)
	}
}

// Two people, two devices each, one conversation (claims 7 and 8, in Chromium): a
// request, an acceptance on the secondary, 40 messages in all directions, one
// device away for half of them, and a reload of each.
func TestFourDevices(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	a1, a2 := chromium.open(t, "a1"), chromium.open(t, "a2")
	b1, b2 := chromium.open(t, "b1"), chromium.open(t, "b2")
	all := []*page{a1, a2, b1, b2}
	lobby := openLobby(t, place)
	for _, p := range all[1:] {
		p.visit(place.origin)
	}
	ada, ben := arriveInvited(a1, place.origin, lobby, "Ada"), register(b1, "Ben")
	linkMore(a1, a2, ada.id, "Ada 2", 2)
	linkMore(b1, b2, ben.id, "Ben 2", 2)

	// The request: once on each of Ben's devices, in its own list.
	const hello = "It is Ada, from the <b>print</b> workshop."
	a1.press("New chat")
	a1.looks("new-chat")
	befriend(a1, ben.id, hello)
	a1.until(`says('friend request is sent')`)
	a1.look("asked")
	for _, p := range []*page{b1, b2} {
		p.until(`text('request-count') === '1'`)
	}
	b2.click(b2.first(`button:has([data-testid=request-count])`))
	b2.until(`one('request-list') && one('request-list').children.length === 1 && text('request-list').includes('Ada') && text('request-list').includes(` + quote(hello) + `)`)
	b2.looks("requests")
	b2.pressByKey("Accept")
	openChat(b2, "Ada")
	b1.until(`!one('request-count')`)
	openChat(b1, "Ada")
	for _, p := range []*page{a1, a2} {
		openChat(p, "Ben")
		p.until(`document.querySelector('textarea[aria-label=Message]') && !says('friend request is sent')`)
	}

	// 20 messages by all, then 20 while one of Ben's devices sleeps.
	written := []string{hello}
	say := func(p *page) {
		text := fmt.Sprintf("%d from %s", len(written), p.name)
		written = append(written, text)
		send(p, text)
	}
	for range 5 {
		for _, p := range all {
			say(p)
		}
	}
	for _, p := range all {
		history(p, len(written))
	}
	b1.visit("about:blank")
	for range 5 {
		for _, p := range []*page{a1, b2, a2, a1} {
			say(p)
		}
	}
	for _, p := range []*page{a1, a2, b2} {
		history(p, len(written))
	}
	b1.visit(place.origin)

	name := map[*page]string{a1: "Ben", a2: "Ben", b1: "Ada", b2: "Ada"}
	mine := map[*page][]*page{a1: {a1, a2}, a2: {a1, a2}, b1: {b1, b2}, b2: {b1, b2}}
	check := func() {
		t.Helper()
		for _, p := range all {
			openChat(p, name[p])
		}
		agree(t, written, all...)
		for _, p := range all {
			for _, m := range history(p, len(written)) {
				own := m.text == hello && name[p] == "Ben" || slices.ContainsFunc(mine[p], func(by *page) bool {
					return slices.Contains(written, m.text) && len(m.text) > 2 && m.text[len(m.text)-2:] == by.name
				})
				if own != (m.direction == "out") {
					t.Errorf("%s: %q is %s", p.name, m.text, m.direction)
				}
			}
		}
	}
	check()
	// What was sent came: each of one's own is at least delivered.
	a1.until(`document.querySelectorAll('[data-testid=message][data-direction=out]:not([data-status=delivered], [data-status=read])').length === 0`)
	a1.looks("chat")
	b1.looks("chat")

	// What is taken back, is gone everywhere.
	send(a1, "a slip")
	for _, p := range all {
		history(p, len(written)+1)
	}
	takeBack(a1)
	check()

	// Whoever is blocked on one device is blocked on the other.
	b2.press("Details")
	b2.pressByKey("Block")
	b1.until(`says('You blocked')`)
	b1.look("blocked")
	b1.pressByKey("Unblock")
	b2.find("button", "Block")

	// Both sides see the same safety number.
	a1.press("Details")
	a1.looks("details")
	seen := a1.read("safety-number")
	toAccount(b2)
	if own := b2.read("safety-number"); own != seen {
		t.Errorf("Ada sees %q, Ben has %q", seen, own)
	}

	// A draft and the whole conversation survive a reload of each.
	openChat(a2, "Ben")
	a2.fill("Message", "half a sentence")
	a2.until(`text('chat-list').includes('Draft: half a sentence')`)
	for _, p := range all {
		p.reload()
	}
	check()
	a2.until(`document.querySelector('textarea[aria-label=Message]').value === 'half a sentence'`)
	for _, p := range []*page{a1, a2, b1} {
		p.until(`status() === 'online'`) // who joins asks the network
	}
	meetInTheLobby(t, lobby, a1, a2, b1)
	place.checkRequests(t, all...)
	place.checkOnions(t)
}
