//go:build !js

package story

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const (
	success = "You've successfully set up a multi-device account"
	waiting = "Waiting for your primary device"
)

// member is what a person knows after registering.
type member struct {
	seed []string
	id   string
}

// register is step 1 of the story.
func register(p *page, name string) member {
	p.t.Helper()
	p.press("Register a new account")
	p.fill("Display name", name)
	p.press("Continue")
	seed := p.words("seed-words", 13)
	p.shot("seed")
	p.reload()
	if again := p.words("seed-words", 13); !slices.Equal(seed, again) {
		p.t.Fatalf("%s: a reload shows other words", p.name)
	}
	p.press("Continue")
	id := p.read("account-id")
	if len(id) != 66 || !strings.HasPrefix(id, "05") {
		p.t.Fatalf("%s: the account ID is %q", p.name, id)
	}
	p.find("button", "Copy public key")
	p.shot("key")
	p.press("Continue")
	p.until(`one('chat-list')`)
	return member{seed, id}
}

// join is step 2.
func join(p *page, account string) {
	p.t.Helper()
	p.press("Link device to an existing account")
	p.fill("Public key of your primary device", account)
	p.press("Link")
	p.until(`says(` + quote(waiting) + `)`)
	p.shot("waiting")
}

// openDialog is step 3.
func openDialog(p *page) {
	p.t.Helper()
	p.press("Settings")
	p.press("Devices")
	p.press("Link Device")
	p.find("heading", "Waiting for Device")
}

// compare is the first half of step 4.
func compare(primary, secondary *page) {
	primary.t.Helper()
	a, b := primary.words("link-words", 3), secondary.words("link-words", 3)
	if !slices.Equal(a, b) {
		primary.t.Fatalf("the words differ: %v and %v", a, b)
	}
	primary.find("heading", "Waiting for Device")
	primary.shot("words")
	secondary.shot("words")
	for _, p := range []*page{primary, secondary} {
		var early bool
		if p.eval(`says(`+quote(success)+`)`, &early); early {
			primary.t.Fatalf("%s: success is claimed too early", p.name)
		}
	}
}

// linked is the second half of step 4: what both sides say at the end.
func linked(account string, pages ...*page) {
	for _, p := range pages {
		p.t.Helper()
		p.until(`news().includes(` + quote(success) + `)`)
		p.shot("linked")
		toDevices(p)
		p.until(`one('device-list') && one('device-list').querySelectorAll('li').length === 2`)
		p.shot("devices")
		toAccount(p)
		if id := p.read("account-id"); id != account {
			p.t.Fatalf("%s shows another account: %s", p.name, id)
		}
	}
}

// toDevices opens Settings > Devices, wherever the page is.
func toDevices(p *page) {
	p.t.Helper()
	var there bool
	if p.eval(`!!one('device-list')`, &there); there {
		return
	}
	p.press("Settings")
	p.press("Devices")
}

// toAccount opens Settings, which shows the account ID.
func toAccount(p *page) {
	p.t.Helper()
	var there bool
	if p.eval(`!!one('account-id')`, &there); there {
		return
	}
	p.press("Settings")
	p.until(`one('account-id')`) // the page before may have a safety number too
}

// toNote opens Note to self.
func toNote(p *page) {
	p.t.Helper()
	p.until(`one('chat-list')`)
	var there bool
	if p.eval(`!!one('chat-log')`, &there); there {
		return
	}
	p.click(p.first(`[data-testid=chat-list] button`))
	p.until(`one('chat-log')`)
}

// link runs steps 2 to 4.
func link(primary, secondary *page, account string) {
	primary.t.Helper()
	join(secondary, account)
	openDialog(primary)
	compare(primary, secondary)
	primary.press("Authorise")
	secondary.press("Finish")
	linked(account, primary, secondary)
}

// write sends a note.
func write(p *page, body string) {
	p.t.Helper()
	toNote(p)
	p.fill("Message", body)
	p.press("Send")
}

// shows waits until the log is exactly this, all of it one's own.
func shows(p *page, bodies ...string) {
	p.t.Helper()
	toNote(p)
	want := make([][2]string, len(bodies))
	for i, b := range bodies {
		want[i] = [2]string{"out", b}
	}
	p.until(fmt.Sprintf(`JSON.stringify(messages()) === JSON.stringify(%s)`, jsonOf(want)))
}

func TestStory(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	phone, laptop := chromium.open(t, "phone"), chromium.open(t, "laptop")
	phone.visit(place.origin)
	laptop.visit(place.twin)

	ada := register(phone, "Ada")
	link(phone, laptop, ada.id)

	// A text that is nothing but text.
	hostile := "<b onclick=\"x\">&amp;</b> \u202eevil\u202c \U0001F600"
	write(phone, "from the phone")
	shows(laptop, "from the phone")
	write(laptop, hostile)
	shows(phone, "from the phone", hostile)
	phone.until(`one('chat-log').querySelectorAll('[data-status=stored], [data-status=delivered]').length === 2`)
	phone.shot("chat")
	laptop.shot("chat")
	phone.reload()
	laptop.reload()
	shows(phone, "from the phone", hostile)
	shows(laptop, "from the phone", hostile)
	openedAgain(phone, func() {
		write(laptop, "after the reload")
		shows(phone, "from the phone", hostile, "after the reload")
	})
	shows(laptop, "from the phone", hostile, "after the reload")
	phone.until(`status() === 'online'`)

	// Restore using seed harms neither of the others.
	tablet := chromium.open(t, "tablet")
	tablet.visit(place.origin)
	restore(tablet, ada)
	write(phone, "still linked")
	shows(laptop, "from the phone", hostile, "after the reload", "still linked")

	place.checkRequests(t, phone, laptop, tablet)
	place.checkOnions(t)
}

// openedAgain closes the dialog about a message and opens it again before the browser
// says that it closed. Whenever that comes, just before it opens or at any time after,
// the dialog stays what it is: nothing would be left of it but its frame.
func openedAgain(p *page, meanwhile func()) {
	p.t.Helper()
	options(p)
	p.eval(`!addEventListener('close', e => { e.stopImmediatePropagation(); window.late = e; }, {capture: true, once: true})`, new(bool))
	p.press("Cancel")
	p.until(`window.late`)
	p.eval(`!!(window.news = setInterval(dialog => dialog.dispatchEvent(new Event('close')), 0, document.getElementById('message-dialog')))`, new(bool))
	options(p)
	meanwhile()
	p.eval(`!clearInterval(news)`, new(bool))
	p.press("Cancel")
	p.until(`!document.querySelector('dialog[open]')`)
}

// restore is step 6.
func restore(p *page, who member) {
	p.t.Helper()
	p.press("Restore using seed")
	p.fill("Seed", "  "+strings.ToUpper(strings.Join(who.seed[:5], "\n"))+" \t "+strings.Join(who.seed[5:], "  ")+"\n")
	p.press("Continue")
	p.fill("Display name", "Ada")
	p.press("Continue")
	if id := p.read("account-id"); id != who.id {
		p.t.Fatalf("%s: the words give another account", p.name)
	}
	p.shot("restored")
	p.press("Continue")
	p.until(`one('chat-list')`)
}

func TestClearDataThenLink(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	phone, laptop := chromium.open(t, "phone"), chromium.open(t, "laptop")
	phone.visit(place.origin)
	laptop.visit(place.origin)
	ada := register(phone, "Ada")
	register(laptop, "Somebody else")
	write(laptop, "to be forgotten")

	laptop.press("Settings")
	laptop.press("Clear Data")
	laptop.until(`document.querySelector('dialog[open]')`)
	laptop.shot("clear")
	laptop.press("Clear Data")
	laptop.find("button", "Link device to an existing account")
	laptop.until(`localStorage.length === 0 && sessionStorage.length === 0`)
	if left := laptop.databases(); left != "" {
		t.Errorf("Clear Data left something: %s", left)
	}

	// Reject once: the other side says so.
	join(laptop, ada.id)
	openDialog(phone)
	compare(phone, laptop)
	phone.press("Reject")
	laptop.until(`says('declined') || says('rejected')`)
	laptop.shot("rejected")
	phone.press("Cancel")
	laptop.press("Continue")

	// Cancel once: the other side says so.
	join(laptop, ada.id)
	phone.press("Link Device")
	compare(phone, laptop)
	laptop.press("Cancel")
	phone.until(`says('cancelled') || says('stopped')`)
	phone.shot("cancelled")
	laptop.press("Continue")
	phone.press("Cancel")

	link(phone, laptop, ada.id)
	write(laptop, "linked after all")
	shows(phone, "linked after all")
	place.checkRequests(t, phone, laptop)
	place.checkOnions(t)

	absent(t, place, phone, laptop, ada, "linked after all")
}

// databases lists what is in IndexedDB: names of databases that hold a record.
func (p *page) databases() string {
	p.t.Helper()
	var left string
	p.do(awaited(`(async () => {
		const left = [];
		for (const {name} of await indexedDB.databases()) {
			const db = await new Promise((ok, no) => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); r.onerror = no; });
			for (const store of db.objectStoreNames) {
				const count = await new Promise((ok, no) => { const r = db.transaction(store).objectStore(store).count(); r.onsuccess = () => ok(r.result); r.onerror = no; });
				if (count) left.push(name + '/' + store + ': ' + count);
			}
			db.close();
		}
		return left.join(', ');
	})()`, &left))
	return left
}
