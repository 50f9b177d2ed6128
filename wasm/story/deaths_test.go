//go:build !js

package story

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// mortal opens a tab that can be stopped at a write.
func (p *page) mortal(url string) {
	p.t.Helper()
	p.before(haltAt)
	p.visit(url)
}

// dies destroys a tab as soon as it has stopped at one of its next writes, counted
// from 0, before it or right after it, and gives the one that is opened in its
// place. act is given the script that says where to stop, and makes the tab write.
func (b *browser) dies(place *place, p *page, n int, late bool, act func(stop string)) *page {
	p.t.Helper()
	act(fmt.Sprintf(`haltAt(%d, %t)`, n, late))
	select {
	case <-place.halted:
	case <-time.After(patience):
		p.t.Fatalf("%s has written nothing", p.name)
	}
	// The new tab must not be given the process of the old one.
	gone := make(chan struct{})
	chromedp.ListenTarget(p.ctx, func(event any) {
		if _, dead := event.(*inspector.EventTargetCrashed); dead {
			close(gone)
		}
	})
	p.crash()
	select {
	case <-gone:
	case <-time.After(patience):
		p.t.Fatalf("%s does not die", p.name)
	}
	again := b.tab(p.t, p.name, p.profile)
	again.mortal(place.origin)
	return again
}

// pushed presses a button of the tab that is to stop, and looks no further: a tab
// that stops, be it at a write of its own a moment before, answers nobody.
func (p *page) pushed(name string) func(stop string) {
	p.t.Helper()
	node := p.find("button", name)
	return func(stop string) {
		p.t.Helper()
		p.do(chromedp.ActionFunc(func(ctx context.Context) error {
			object, err := dom.ResolveNode().WithBackendNodeID(node).Do(ctx)
			if err == nil {
				_, _, err = runtime.CallFunctionOn(`function() { setTimeout(() => { ` + stop + `; this.click(); }, 0); }`).WithObjectID(object.ObjectID).Do(ctx)
			}
			return err
		}))
	}
}

// meanwhile lets another tab do what makes this one write.
func (p *page) meanwhile(act func()) func(stop string) {
	return func(stop string) {
		p.t.Helper()
		p.eval(stop, new(bool))
		act()
	}
}

// A device's tab is destroyed at a write of each thing that devices do with each
// other: linking on both sides, a friend request, its acceptance, sending,
// receiving, and what the devices of an account agree on. Each goes on where it
// was, nothing is lost, and nothing is there twice.
func TestDeathsAtWrites(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	phone, laptop, ben := chromium.open(t, "phone"), chromium.open(t, "laptop"), chromium.open(t, "ben")
	for _, p := range []*page{phone, laptop, ben} {
		p.mortal(place.origin)
	}
	ada := register(phone, "Ada")
	register(ben, "Ben")

	// Link: 1 the new device asks, 2 Authorise, 3 Finish.
	laptop.press("Link device to an existing account")
	laptop.fill("Public key of your primary device", ada.id)
	laptop = chromium.dies(place, laptop, 3, true, laptop.pushed("Link")) // the first ones make the store
	laptop.until(`says(` + quote(waiting) + `)`)
	openDialog(phone)
	compare(phone, laptop)
	phone = chromium.dies(place, phone, 0, false, phone.pushed("Authorise"))
	again(phone)
	compare(phone, laptop)
	phone.press("Authorise")
	laptop = chromium.dies(place, laptop, 0, true, laptop.pushed("Finish"))
	laptop.until(`one('chat-list') || status() === 'online' && [...document.querySelectorAll('button')].some(b => b.textContent === 'Finish' && !b.disabled)`)
	if laptop.has("Finish") {
		t.Log("Finish: it wrote something else first")
		laptop.press("Finish")
	}
	laptop.until(`one('chat-list')`)
	for _, p := range []*page{phone, laptop} {
		p.until(`!document.querySelector('dialog[open]')`)
		p.lists(2)
	}

	// 4 a friend request, 5 its acceptance on the secondary.
	const hello = "It is Ben."
	ben.press("New chat")
	ben.fill("Public key", ada.id)
	ben.fill("Message", hello)
	ben = chromium.dies(place, ben, 0, true, ben.pushed("Send friend request"))
	ben.until(`one('chat-list')`)
	var asked bool
	if ben.eval(`one('chat-list').querySelectorAll('button').length > 1`, &asked); !asked {
		t.Log("the friend request: it wrote something else first")
		befriend(ben, ada.id, hello)
	}
	phone.until(`text('request-count') === '1'`)
	laptop.until(`text('request-count') === '1'`)
	laptop.click(laptop.first(`button:has([data-testid=request-count])`))
	laptop = chromium.dies(place, laptop, 0, false, laptop.pushed("Accept"))
	laptop.until(`status() === 'online'`) // an acceptance is dated by the network
	laptop.until(`text('request-count') === '1'`)
	laptop.click(laptop.first(`button:has([data-testid=request-count])`))
	laptop.press("Accept")
	laptop.until(`!one('request-count')`)
	phone.until(`!one('request-count')`)
	openChat(phone, "Ben")
	openChat(laptop, "Ben")
	openChat(ben, "Ada")
	ben.until(`document.querySelector('textarea[aria-label=Message]') && !says('friend request is sent')`)

	// 6 sending, 7 receiving.
	written := []string{hello, "by the phone", "by the laptop", "by Ben"}
	phone.fill("Message", written[1])
	phone.until(`text('chat-list').includes('Draft: by the phone')`)
	phone = chromium.dies(place, phone, 0, true, phone.pushed("Send"))
	openChat(phone, "Ben")
	phone.until(`messages().length === 2 || document.querySelector('textarea[aria-label=Message]').value === ` + quote(written[1]))
	var unsent bool
	if phone.eval(`messages().length === 1`, &unsent); unsent {
		t.Log("Send: it wrote something else first, and the text stands where it was typed")
		phone.press("Send")
	}
	history(phone, 2)
	history(laptop, 2)
	history(ben, 2)
	ben = chromium.dies(place, ben, 0, false, ben.meanwhile(func() { send(laptop, written[2]) }))
	openChat(ben, "Ada")
	history(ben, 3)
	send(ben, written[3])

	// 8 what the devices of an account agree on.
	history(laptop, 4)
	phone.press("Settings")
	phone.press("Change name")
	phone.fill("Display name", "Ada L.")
	laptop = chromium.dies(place, laptop, 0, true, laptop.meanwhile(func() { phone.press("Save") }))
	laptop.until(`text('status') && says('Ada L.')`)

	openChat(phone, "Ben")
	openChat(laptop, "Ben")
	ben.until(`document.querySelector('h1').textContent === 'Ada L.'`)
	agree(t, written, phone, laptop, ben)
	for _, p := range []*page{phone, laptop, ben} {
		for _, l := range history(p, len(written)) {
			own := slices.Contains(written[1:3], l.text) == (p != ben)
			if own != (l.direction == "out") {
				t.Errorf("%s: %q is %s", p.name, l.text, l.direction)
			}
		}
	}
	place.checkRequests(t, phone, laptop, ben)
	place.checkOnions(t)
}
