//go:build !js

package story

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// person stands in for the browser's own questions, which nobody can press here:
// what it answers, and what a page showed outside of itself.
const person = `(() => {
	if (!navigator.storage) return; // about:blank
	window.outside = {rang: [], badge: 0, prompted: 0, keeps: false};
	navigator.storage.persisted = async () => outside.kept === true;
	navigator.storage.persist = async () => outside.kept = outside.keeps;
	navigator.setAppBadge = async n => { outside.badge = n; };
	navigator.clearAppBadge = async () => { outside.badge = 0; };
	let permission = 'default';
	window.Notification = class {
		constructor(title, options) { outside.rang.push(title + ': ' + options.body); this.close = () => {}; outside.last = this; }
		static get permission() { return permission; }
		static async requestPermission() { return permission = 'granted'; }
	};
	Object.defineProperty(document, 'hidden', {get: () => outside.away === true});
})()`

// offer is the browser's offer to install the app.
const offer = `(() => {
	const e = new Event('beforeinstallprompt', {cancelable: true});
	e.prompt = async () => { outside.prompted++; };
	e.userChoice = Promise.resolve({outcome: 'dismissed'});
	dispatchEvent(e);
	return e.defaultPrevented;
})()`

const filePassphrase = "the passphrase of this file"

// downloads lets a profile save files, and says where.
func (b *page) downloads() (dir string) {
	b.t.Helper()
	dir = b.t.TempDir()
	b.do(chromedp.ActionFunc(func(ctx context.Context) error {
		return cdpbrowser.SetDownloadBehavior(cdpbrowser.SetDownloadBehaviorBehaviorAllow).WithBrowserContextID(b.profile).WithDownloadPath(dir).
			Do(cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser))
	}))
	return dir
}

// saved waits for a file in a folder.
func (p *page) saved(dir string) string {
	p.t.Helper()
	for range int(patience / (50 * time.Millisecond)) {
		if files, _ := filepath.Glob(filepath.Join(dir, "*.backup")); len(files) == 1 {
			return files[0]
		}
		p.until(`true`)
		<-time.After(50 * time.Millisecond)
	}
	p.t.Fatalf("%s: no file was saved", p.name)
	return ""
}

// away lets a page believe that nobody looks at it, or that somebody does.
func (p *page) away(yes bool) {
	p.t.Helper()
	p.eval(`(outside.away = `+jsonOf(yes)+`, document.dispatchEvent(new Event('visibilitychange')))`, new(bool))
}

// arrived waits until what one sent last is in the network, and has the other look
// there at once: while nobody looks at it, it does so once a minute.
func arrived(from, to *page) {
	from.t.Helper()
	from.until(`[...one('chat-log').querySelectorAll('[data-testid=message]')].at(-1).matches('[data-status=stored], [data-status=delivered]')`)
	to.press("Settings")
	to.press("Network")
	to.press("Rebuild path")
}

// evict does what a browser short of space does to an origin. "all" is what
// Chromium calls everything.
func (p *page) evict(origin, what string) {
	p.t.Helper()
	p.do(chromedp.Navigate("about:blank"), storage.ClearDataForOrigin(origin, what), chromedp.Navigate(origin))
}

// importFile fills the form of Import and presses its button.
func (p *page) importFile(file, passphrase string) {
	p.t.Helper()
	p.until(`document.querySelector('input[type=file]')`)
	p.do(dom.SetFileInputFiles([]string{file}).WithBackendNodeID(p.first(`input[type=file]`)))
	p.fill("Passphrase of the file", passphrase)
	p.press("Import")
}

// A device exports, its browser throws the data away, and the file makes a new
// device, twice: after IndexedDB alone was lost, and after everything was. On the
// way the browser is asked to keep the data, offers to install the app, and shows
// notifications.
func TestStorage(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	phone, other := chromium.open(t, "phone"), chromium.open(t, "other")
	phone.before(person)
	folder := phone.downloads()
	phone.visit(place.origin)
	other.visit(place.twin)
	ada := register(phone, "Ada")
	register(other, "Ben")
	write(phone, "first of all")
	write(phone, "second of all")

	phone.press("Settings")
	phone.until(`!document.getElementById('install-app')`)
	phone.until(offer)
	phone.press("Install app")
	phone.until(`outside.prompted === 1 && !document.getElementById('install-app')`)

	phone.press("Notifications")
	phone.until(`/Last checked (just now|\d+ s ago)/.test(text('last-checked')) && says('A closed tab cannot ring')`)
	phone.click(phone.first(`#notify`))
	phone.until(`document.getElementById('notify').checked && says('is shown while nobody looks')`)
	phone.looks("notices")
	phone.away(true)
	befriend(other, ada.id, "It is Ben")
	arrived(other, phone)
	phone.until(`outside.rang.join() === 'Tandem: Somebody asks to be your friend' && outside.badge === 1 && document.title.startsWith('(1) ')`)
	phone.away(false)
	phone.eval(`(outside.last.onclick(), true)`, new(bool))
	phone.press("Accept")
	// What the request said is a message now, and the page has led to it.
	phone.until(`one('chat-log') && document.querySelector('h1').textContent === 'Ben' && outside.badge === 0 && !document.title.startsWith('(')`)

	// Switched off here, nothing is shown, although the browser allows it.
	phone.press("Settings")
	phone.press("Notifications")
	phone.click(phone.first(`#notify`))
	phone.until(`!document.getElementById('notify').checked && says('Off.') && !says('The browser will ask')`)
	phone.away(true)
	openChat(other, "Ada")
	send(other, "nobody hears this")
	arrived(other, phone)
	phone.until(`outside.badge === 1 && document.title.startsWith('(1) ')`)
	var rang int
	if phone.eval(`outside.rang.length`, &rang); rang != 1 {
		t.Errorf("switched off, it rang %d times", rang-1)
	}
	phone.away(false)

	phone.press("Settings")
	phone.press("Storage")
	phone.until(`one('kept').dataset.kept === 'no' && says('Not protected')`)
	phone.press("Ask the browser to keep it")
	phone.until(`one('kept').dataset.kept === 'no' && says('The browser said no')`)
	phone.until(`outside.keeps = true`)
	phone.press("Ask the browser to keep it")
	phone.until(`one('kept').dataset.kept === 'yes' && says('has promised')`)
	phone.looks("storage")
	phone.press("Export")
	phone.fill("Passphrase", filePassphrase)
	phone.fill("Passphrase again", filePassphrase)
	phone.press("Export")
	phone.until(`text('transferred').includes('4 messages')`)
	file := phone.saved(folder)
	if info, err := os.Stat(file); err != nil || info.Size() < 500 {
		t.Fatalf("the file: %v, %v", info, err)
	}

	// The database alone is gone: the page says so, and makes no account by itself.
	phone.evict(place.origin, "indexeddb")
	phone.find("heading", "This browser removed your data")
	phone.find("button", "Link device to an existing account")
	phone.find("button", "Restore using seed")
	phone.looks("evicted")
	phone.press("Import a file")
	phone.importFile(file, "not this one at all")
	phone.until(`says('This is not the passphrase')`)
	phone.importFile(file, filePassphrase)
	phone.find("heading", "Welcome back, Ada")
	phone.until(`text('account-id') === ` + quote(ada.id))
	phone.press("Continue")
	openChat(phone, "Note to self")
	shows(phone, "first of all", "second of all")
	write(phone, "after the eviction")

	// Everything is gone, and nobody can know that anything was there.
	phone.evict(place.origin, "all")
	phone.find("button", "Register a new account")
	phone.press("Restore using seed")
	phone.press("Import a file instead")
	phone.importFile(file, filePassphrase)
	phone.find("heading", "Welcome back, Ada")
	phone.press("Continue")
	openChat(phone, "Note to self")
	shows(phone, "first of all", "second of all")
	openChat(phone, "Ben")
	send(phone, "still here")
	openChat(other, "Ada")
	other.until(`messages().some(m => m[1] === 'still here')`)
	place.checkRequests(t, phone, other)

	// The server is gone: the app opens all the same, with its history, and keeps
	// what is written.
	phone.do(awaited(`navigator.serviceWorker.ready.then(() => true)`, new(bool)))
	place.stop()
	phone.do(chromedp.Navigate(place.origin))
	openChat(phone, "Note to self")
	shows(phone, "first of all", "second of all")
	write(phone, "into the void")
	phone.until(`one('chat-log').querySelector('[data-status=queued]')`)
	phone.reload()
	openChat(phone, "Note to self")
	shows(phone, "first of all", "second of all", "into the void")
}
