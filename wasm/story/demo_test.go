//go:build !js

package story

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// outside notes every way out of a page, and every storage that it opens.
const outside = `
window.outside = [];
const note = (holder, name) => {
	const call = holder && holder[name];
	if (call) holder[name] = function(...args) { window.outside.push(name + ' ' + args[0]); return call.apply(this, args); };
};
note(IDBFactory.prototype, 'open');
note(IDBFactory.prototype, 'deleteDatabase');
note(Storage.prototype, 'setItem');
note(CacheStorage.prototype, 'open');
note(StorageManager.prototype, 'getDirectory');
note(window, 'fetch');
note(XMLHttpRequest.prototype, 'open');
note(Navigator.prototype, 'sendBeacon');
note(LockManager.prototype, 'request');
for (const name of ['get', 'getAll', 'set', 'delete']) note(window.CookieStore && CookieStore.prototype, name);
const cookie = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
Object.defineProperty(Document.prototype, 'cookie', {
	get() { window.outside.push('cookie'); return cookie.get.call(this); },
	set(c) { window.outside.push('cookie ' + c); cookie.set.call(this, c); },
});
for (const name of ['WebSocket', 'WebTransport', 'EventSource', 'BroadcastChannel', 'RTCPeerConnection', 'Worker', 'SharedWorker']) {
	if (window[name]) window[name] = new Proxy(window[name], {construct(c, args) { window.outside.push(name); return new c(...args); }});
}`

// inDevice is the way into the pages of a device of the demo.
const inDevice = `
const device = seat => document.querySelector('.device-frame[data-seat=' + seat + '] > .frame-host').shadowRoot;
const spoken = seat => [...device(seat).querySelectorAll('[data-testid=message] [dir=auto]')].map(e => e.textContent);
const button = (tree, name) => [...tree.querySelectorAll('button')].find(b => (b.getAttribute('aria-label') || b.textContent).trim() === name);
`

// within is a condition that reaches into the devices. What happens there wakes
// nobody who watches the page around it, but the picture of the network does.
func within(condition string) string { return `(() => {` + inDevice + `return ` + condition + `})()` }

// demoCounts are the counters as they stand.
type demoCounts struct{ Sent, Shown, Lost, Twice int }

func (p *page) counts() (c demoCounts) {
	p.t.Helper()
	p.eval(`Object.fromEntries(['Sent', 'Shown', 'Lost', 'Twice'].map(n => [n, Number(text('demo-' + n.toLowerCase()))]))`, &c)
	return c
}

// inDevice runs a script that reaches into the devices of the demo.
func (p *page) inDevice(script string) {
	p.t.Helper()
	p.do(chromedp.Evaluate(`(() => {`+inPage+inDevice+script+`})()`, nil))
}

// pick presses one of a group of buttons.
func (p *page) pick(group, name string) {
	p.t.Helper()
	p.inDevice(`button(one(` + quote(group) + `), ` + quote(name) + `).click()`)
}

// The demo beside a real account: it plays to its end while a third of all
// requests are lost, nothing is lost or twice, nothing leaves the tab, and the
// account is as it was.
func TestDemo(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	app := chromium.open(t, "app")
	app.visit(place.origin)
	app.find("button", demoName)
	ada := register(app, "Ada")
	write(app, "of the real account")
	// A worker that takes over in the middle has the page load its icons again, from it.
	app.do(awaited(`new Promise(done => {
		const look = () => navigator.serviceWorker.controller ? done(true) : setTimeout(look, 50);
		look();
	})`, new(bool)))

	p := chromium.tab(t, "demo", app.profile)
	p.before(outside)
	p.visit(place.origin + "/demo/")
	p.until(`one('demo-play') && one('demo-sent')`)
	p.shot("begin")
	p.mu.Lock()
	loaded := len(p.requests)
	p.mu.Unlock()
	var seen int // what loads the program, and nothing else
	p.eval(`(all => {
		window.outside = all.filter(way => !/^fetch .*\/web\/demo\.wasm\?/.test(way));
		return all.length - window.outside.length;
	})(window.outside)`, &seen)
	if seen == 0 {
		t.Error("nobody saw what loads the program")
	}

	p.do(chromedp.Evaluate(`(() => {
		const loss = document.getElementById('f-loss');
		loss.value = 30;
		loss.dispatchEvent(new Event('input', {bubbles: true}));
	})()`, nil))
	p.eval(`(() => {
		const set = demoClock.setSpeed;
		window.factors = [];
		demoClock.setSpeed = factor => { window.factors.push(factor); set(factor); };
		return true;
	})()`, new(bool))
	p.press("4×")
	p.press("1×")
	p.press("Unthrottled")
	p.until(`window.factors.join() === '4,1,0'`)
	p.press("Play")
	pauses(p)
	p.until(hopDrawn)
	p.until(`one('demo-say').dataset.done === 'true'`)
	p.until(`Number(text('demo-shown')) === Number(text('demo-sent'))`)
	if c := p.counts(); c.Sent < 7 || c.Lost != 0 || c.Twice != 0 {
		t.Errorf("the demo ends with %+v", c)
	}
	p.shot("end")

	// Now it is one's own: what is typed on the laptop is on the phone.
	p.press("Unthrottled") // a third of all requests is still lost, and the script's end has slowed it down
	before := p.counts()
	p.pick("demo-desk", "Ada’s laptop")
	p.until(`visible(document.querySelector('.desk > [data-seat=laptop]'))`)
	p.until(within(`device('laptop').querySelector('.composer textarea')`))
	p.inDevice(`device('laptop').querySelector('.composer textarea').focus()`)
	p.do(input.InsertText("typed by hand"))
	p.key(kb.Enter)
	p.until(`Number(text('demo-shown')) === ` + jsonOf(before.Sent+1))
	p.until(within(`['phone', 'laptop'].every(s => spoken(s).filter(t => t === 'typed by hand').length === 1)`))
	p.press("1×")

	// A dialog covers its device and no more: it has the focus, Esc leaves it, and
	// everything beside it can be pressed.
	p.inDevice(`device('laptop').querySelector('[aria-label=Settings]').click()`)
	p.until(within(`button(device('laptop'), 'Change name')`))
	p.inDevice(`button(device('laptop'), 'Change name').focus(); button(device('laptop'), 'Change name').click()`)
	p.until(within(`device('laptop').activeElement && device('laptop').activeElement.closest('dialog[open]')`))
	p.key(kb.Escape)
	p.until(within(`!device('laptop').querySelector('dialog[open], [data-shut]')`))

	// A page takes its open dialog along, and leaves nothing shut behind.
	p.inDevice(`button(device('laptop'), 'Change name').click()`)
	p.until(within(`device('laptop').querySelector('dialog[open]') && device('laptop').querySelector('[data-shut]')`))
	p.inDevice(`device('laptop').querySelector('.chat').click()`)
	p.until(within(`device('laptop').querySelector('.composer textarea') && !device('laptop').querySelector('dialog[open], [data-shut]')`))

	// A message that is gone for good is counted.
	p.press("Remove a stored message")
	p.until(`text('demo-lost') === '1'`)
	p.press("Kill this device")
	p.until(`document.querySelector('.phone .device-off')`)
	p.shot("killed")
	p.press("Start it again")
	p.until(`!document.querySelector('.phone .device-off')`)
	asOnAPhone(p)

	var ways []string
	if p.eval(`window.outside`, &ways); len(ways) != 0 {
		t.Errorf("the demo asked for %q", ways)
	}
	p.mu.Lock()
	if n := len(p.requests); n != loaded {
		t.Errorf("the demo sent %q", p.requests[loaded:])
	}
	p.mu.Unlock()

	// And out of it: the account is there, and is no other.
	p.press("Leave the demo")
	p.until(`one('chat-list')`)
	shows(p, "of the real account")
	toAccount(p)
	if id := p.read("account-id"); id != ada.id {
		t.Error("the demo left another account behind")
	}
	place.checkRequests(t, app, p)
}

const demoName = "Try the demo (nothing leaves this tab)"

// hopDrawn: the picture shows a request on its way, and a node that it reached.
const hopDrawn = `document.querySelector('.swarm .net-packet') && document.querySelector('.swarm .net-node.on') &&
	[...document.querySelectorAll('.swarm .net-hop')].some(e => e.getAttribute('d').includes('L'))`

// pauses stops the script, which has just begun, before a dialogue is over and lets
// it go on: meanwhile the devices live, and nobody types. The button is pressed
// by the page itself, which no script outruns that is still on its way there.
func pauses(p *page) {
	p.t.Helper()
	p.until(`one('demo-say').dataset.step >= 8 && one('demo-say').dataset.done !== 'true' && (one('demo-play').click(), true)`)
	p.until(`one('demo-play').textContent.trim() === 'Go on'`)
	p.shot("paused")
	stands := func() (at string) {
		p.t.Helper()
		p.until(`(window.drawn = (window.drawn ?? 0) + 1) % 12 === 0`)
		p.eval(`one('demo-say').dataset.step + ', sent ' + text('demo-sent')`, &at)
		return at
	}
	stands() // what was under way is over
	if before, after := stands(), stands(); before != after {
		p.t.Errorf("paused, the demo goes on from step %s to step %s", before, after)
	}
	p.eval(`one('demo-play').click() === undefined`, new(bool))
}

// asOnAPhone looks at the demo as a phone does, in the dark, without movement.
func asOnAPhone(p *page) {
	p.t.Helper()
	p.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
		{Name: "prefers-reduced-motion", Value: "reduce"}, {Name: "prefers-color-scheme", Value: "dark"},
	}))
	p.size(320, 640)
	p.until(`document.documentElement.scrollWidth <= 320`)
	for _, pane := range [][2]string{{"Network", ".swarm"}, {"Ines, a friend", ".desk > [data-seat=friend]"}, {"Ada’s phone", ".phone"}} {
		p.pick("demo-pane", pane[0])
		p.until(`visible(document.querySelector(` + quote(pane[1]) + `)) && [...document.querySelector('.stagewise').children].filter(visible).length === 1`)
		p.shot("narrow-" + pane[0][:3])
	}
	p.pick("demo-pane", "Network")
	p.until(`visible(document.querySelector('.swarm'))`)
	var moving int
	if p.eval(`[...document.querySelectorAll('.swarm *')].filter(e => /[1-9]/.test(getComputedStyle(e).transitionDuration) || getComputedStyle(e).animationName !== 'none').length`, &moving); moving > 0 {
		p.t.Errorf("%d parts of the picture move although nobody wants it", moving)
	}
	p.do(emulation.SetEmulatedMedia())
	p.size(1280, 960)
}
