//go:build !js

package story

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// clockAhead lets a test send the machine to sleep: its clock goes on, and that
// which only runs does not.
const clockAhead = `
{
	const Real = Date;
	let ahead = 0;
	globalThis.sleepFor = ms => { ahead += ms; return true; };
	globalThis.Date = class extends Real {
		constructor(...given) { given.length ? super(...given) : super(Real.now() + ahead); }
		static now() { return Real.now() + ahead; }
	};
}`

// unwrapped tries the browser's wrapping key on all that is stored, from every
// byte on, and says how long each thing is that it opens.
const unwrapped = `(async () => {
	const done = r => new Promise((ok, no) => { r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });
	const db = await done(indexedDB.open('tandem'));
	const key = await done(db.transaction('keys').objectStore('keys').get('wrap'));
	const all = await done(db.transaction('records').objectStore('records').getAll());
	db.close();
	const sizes = [];
	for (const v of all) {
		for (let at = 0; at < Math.min(2, v.length); at++) {
			await crypto.subtle.decrypt({name: 'AES-GCM', iv: v.slice(at, at + 12),
				additionalData: new TextEncoder().encode('tandem data key v1')}, key, v.slice(at + 12))
				.then(plain => sizes.push(plain.byteLength), () => 0);
		}
	}
	return sizes;
})()`

// A passphrase is set, locks, refuses another one, opens again, holds across a
// reload and after a night's sleep, and Clear Data helps who forgot it.
func TestLock(t *testing.T) {
	t.Parallel()
	const passphrase = "vier Wörter und 🐈"
	place, chromium := settle(t), launch(t)
	phone := chromium.open(t, "phone")
	phone.before(clockAhead)
	phone.visit(place.origin)
	register(phone, "Ada")
	write(phone, "nobody's business")
	phone.opens(32) // the data key, as it is

	phone.press("Settings")
	phone.press("Lock")
	phone.looks("unset")
	phone.until(`one('chat-list')`) // the window has grown again, and what was drawn anew is there
	phone.fill("New passphrase", passphrase)
	phone.fill("New passphrase again", passphrase+"!")
	phone.press("Set passphrase")
	phone.until(`says('two different passphrases')`)
	phone.look("differ")
	phone.fill("New passphrase again", passphrase)
	phone.press("Set passphrase")
	phone.find("button", "Lock now")
	phone.announced("The passphrase is set.")
	phone.until(`document.getElementById('auto-lock')?.value === '15'`)
	phone.looks("set")
	phone.until(`one('chat-list')`)
	phone.opens(127) // what only the passphrase opens

	phone.choose("auto-lock", "1")
	phone.press("Lock now")
	phone.until(`says('Tandem is locked') && !says('Ada')`)
	phone.caret()
	phone.looks("locked")
	phone.fill("Passphrase", "not this one")
	phone.press("Unlock")
	phone.until(`says('This is not the passphrase') && document.querySelector('[role=timer]')`)
	phone.look("wrong")
	phone.until(`!document.querySelector('[role=timer]')`)
	phone.fill("Passphrase", passphrase)
	start := time.Now()
	phone.press("Unlock")
	phone.until(`document.getElementById('auto-lock')?.value === '1'`)
	t.Logf("unlocked in %v", time.Since(start).Round(time.Millisecond))
	shows(phone, "nobody's business")

	phone.reload()
	phone.until(`says('Tandem is locked')`)
	phone.caret()
	phone.fill("Passphrase", passphrase)
	phone.key("\r")
	shows(phone, "nobody's business")

	// Used now and then, it stays open; left alone, or after a sleep, it does not. Two
	// sleeps are more than the minute, and one leaves room in it for a slow machine.
	for range 2 {
		phone.sleep(31 * time.Second)
		phone.rest() // until it listens again: what comes right after another use is not counted
		phone.fill("Message", "x")
		phone.key("y")
		phone.find("button", "Send")
	}
	phone.rest()
	phone.sleep(2 * time.Minute)
	phone.until(`says('Tandem is locked') && !says('business')`)

	phone.press("Forgotten?")
	phone.until(`document.querySelector('dialog[open]')`)
	phone.looks("forgotten")
	phone.press("Clear Data")
	phone.find("button", "Register a new account")
	if left := phone.databases(); left != "" {
		t.Errorf("Clear Data left something: %s", left)
	}
	register(phone, "Ada again")
	phone.until(`status() === 'online'`)
	place.checkRequests(t, phone)
}

// opens fails unless the browser's key opens one stored value, of this size.
func (p *page) opens(size int) {
	p.t.Helper()
	var got []int
	p.do(awaited(unwrapped, &got))
	if !slices.Equal(got, []int{size}) {
		p.t.Errorf("%s: the browser's key opens values of %v bytes, want one of %d", p.name, got, size)
	}
}

// caret fails unless the passphrase can be typed at once: nothing in the page
// changes when the focus does, so it is looked at by the clock.
func (p *page) caret() {
	p.t.Helper()
	var there bool
	p.do(awaited(`new Promise(done => {
		let left = 200;
		const look = () => {
			const yes = document.activeElement && document.activeElement.matches('#first[type=password]');
			yes || !--left ? done(!!yes) : setTimeout(look, 50);
		};
		look();
	})`, &there))
	if !there {
		p.t.Errorf("%s: the caret is not where the passphrase goes", p.name)
	}
}

// choose takes a value of a list.
func (p *page) choose(id, value string) {
	p.t.Helper()
	var done bool
	p.eval(fmt.Sprintf(`(s => { s.value = %s; s.dispatchEvent(new Event('change', {bubbles: true})); return true; })(document.getElementById(%s))`,
		quote(value), quote(id)), &done)
}

// sleep lets the machine sleep.
func (p *page) sleep(d time.Duration) {
	p.t.Helper()
	var done bool
	p.eval(fmt.Sprintf(`sleepFor(%d)`, d.Milliseconds()), &done)
}

// rest waits until the page listens to its user again, and has looked at the
// clock: longer than both take.
func (p *page) rest() {
	p.t.Helper()
	p.do(awaited(`new Promise(done => setTimeout(() => done(true), 3000))`, new(bool)))
}
