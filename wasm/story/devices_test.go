//go:build !js

package story

import (
	"fmt"
	"strings"
	"testing"
)

// linkMore links one more device to an account, by its public key, under a name.
func linkMore(primary, secondary *page, account, name string, devices int) {
	primary.t.Helper()
	join(secondary, account)
	toDevices(primary)
	primary.press("Link Device")
	compare(primary, secondary)
	primary.fill("Device name", name)
	primary.find("radio", "Last 30 days")
	primary.click(primary.find("radio", "Everything"))
	primary.until(`document.querySelector('dialog[open] .segments label:last-child input').checked`)
	primary.shot("asks-for-the-past")
	primary.press("Authorise")
	secondary.press("Finish")
	secondary.until(`news().includes(` + quote(success) + `)`)
	primary.until(`!document.querySelector('dialog[open]')`)
	secondary.lists(devices, name)
	primary.lists(devices, name)
}

// lists waits until Settings > Devices names so many devices, these among them.
func (p *page) lists(count int, names ...string) {
	p.t.Helper()
	toDevices(p)
	p.until(fmt.Sprintf(`one('device-list').children.length === %d && %s.every(name => text('device-list').includes(name))`,
		count, jsonOf(append([]string{}, names...))))
}

// looks keeps pictures of a page as it is on a desk and on a phone, by day and
// by night.
func (p *page) looks(step string) {
	p.t.Helper()
	for _, width := range []int64{1280, 360} {
		p.resize(width, 740)
		for _, theme := range []string{"light", "dark"} {
			p.theme(theme)
			p.look(fmt.Sprintf("%s-%d-%s", step, width, theme))
		}
	}
	p.theme("light")
	p.resize(320, 640)
	p.fits(step + "-320")
	p.resize(1280, 800)
}

// resize is size until the app has drawn itself for that: its list and a page beside
// each other in a wide window, and one of them in another.
func (p *page) resize(width, height int64) {
	p.t.Helper()
	p.size(width, height)
	p.until(fmt.Sprintf(`innerWidth === %d && (shell =>
		!shell || (innerWidth >= 720) === (shell.children.length === 2 && !shell.firstElementChild.hidden))(document.querySelector('.shell'))`, width))
}

// Three devices of one account: what each writes reaches the two others; a name
// given on one is seen on all; one is unlinked, one leaves, and neither keeps
// anything nor stays in a list.
func TestThreeDevices(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	phone, laptop, tablet := chromium.open(t, "phone"), chromium.open(t, "laptop"), chromium.open(t, "tablet")
	for _, p := range []*page{phone, laptop, tablet} {
		p.visit(place.origin)
	}
	ada := register(phone, "Ada")
	write(phone, "before all others")
	linkMore(phone, laptop, ada.id, "Laptop", 2)
	shows(laptop, "before all others")
	linkMore(phone, tablet, ada.id, "Tablet", 3)
	laptop.lists(3, "Laptop", "Tablet")
	phone.looks("devices")
	laptop.looks("devices")

	notes := []string{"before all others"}
	for _, p := range []*page{phone, laptop, tablet} {
		note := "from the " + p.name
		notes = append(notes, note)
		write(p, note)
		for _, other := range []*page{phone, laptop, tablet} {
			shows(other, notes...)
		}
	}

	// A name given on the laptop is seen on the phone.
	toDevices(laptop)
	laptop.press("Rename Tablet")
	laptop.focused("input")
	laptop.fill("Device name", "Kitchen")
	laptop.look("rename")
	laptop.press("Save")
	for _, p := range []*page{laptop, phone, tablet} {
		p.lists(3, "Kitchen")
	}

	// A new display name of the account is on all its devices.
	laptop.press("Settings")
	laptop.press("Change name")
	laptop.focused("#own-name")
	laptop.fill("Display name", "Ada L.")
	laptop.press("Save")
	for _, p := range []*page{laptop, phone, tablet} {
		p.until(`text('status') && says('Ada L.') && !document.querySelector('dialog[open]')`)
	}

	// Unlink: the tablet says so, and has nothing left.
	phone.press("Unlink Kitchen")
	phone.until(`document.querySelector('dialog[open]')`)
	phone.focused("dialog[open] button")
	phone.looks("unlink")
	phone.press("Unlink")
	tablet.find("heading", "This device was unlinked")
	tablet.looks("unlinked")
	tablet.keepsOnlyThat()
	phone.lists(2, "Laptop")
	laptop.lists(2, "Laptop")
	tablet.press("Continue")
	tablet.find("button", "Link device to an existing account")
	if left := tablet.databases(); left != "" {
		t.Errorf("in the end the unlinked device keeps %s", left)
	}

	// Leave: the laptop is gone from the phone's list.
	laptop.press("Unlink this device")
	laptop.looks("leave")
	laptop.press("Unlink and erase")
	laptop.find("heading", "This device was unlinked")
	laptop.shot("left")
	laptop.keepsOnlyThat()
	phone.until(`one('device-list') && one('device-list').children.length === 1`)
	phone.shot("alone")
	place.checkRequests(t, phone, laptop, tablet)
	place.checkOnions(t)
}

// keepsOnlyThat fails if a device that was unlinked has more than the news of
// it, which it tells after a reload too: two records, under a fresh key.
func (p *page) keepsOnlyThat() {
	p.t.Helper()
	if left := p.databases(); left != "tandem/keys: 1, tandem/records: 2" {
		p.t.Errorf("%s keeps %s", p.name, left)
	}
	p.reload()
	p.find("heading", "This device was unlinked")
}

// Restore while the old primary lives: the others stay, and the old primary is
// asked whether that was its owner.
func TestRestoreIsAskedAbout(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	phone, laptop, fresh := chromium.open(t, "phone"), chromium.open(t, "laptop"), chromium.open(t, "fresh")
	for _, p := range []*page{phone, laptop, fresh} {
		p.visit(place.origin)
	}
	ada := register(phone, "Ada")
	linkMore(phone, laptop, ada.id, "Laptop", 2)

	fresh.press("Restore using seed")
	fresh.fill("Seed", strings.Join(ada.seed, " "))
	fresh.press("Continue")
	fresh.fill("Display name", "Ada")
	fresh.press("Continue")
	if id := fresh.read("account-id"); id != ada.id {
		t.Fatalf("the words give another account")
	}
	fresh.until(`says('This account has 2 other devices') && document.querySelector('input[type=radio]').checked`)
	fresh.looks("restored")
	fresh.press("Continue")
	fresh.until(`document.querySelector('nav.side')`) // the window has its two panes again
	fresh.lists(3, "Laptop", "Primary device")

	phone.until(`says('Was it you?')`)
	phone.looks("was-it-you")
	phone.press("Yes, it was me")
	phone.until(`!says('Was it you?')`)
	toDevices(phone)
	phone.until(`says('This is a secondary device') && one('device-list') && one('device-list').children.length === 3`)
	phone.shot("secondary-now")
	write(fresh, "from the new primary")
	shows(phone, "from the new primary")
	shows(laptop, "from the new primary")
	place.checkRequests(t, phone, laptop, fresh)
}
