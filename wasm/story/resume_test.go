//go:build !js

package story

import "testing"

// reloaded loads tabs anew, side by side.
func reloaded(pages ...*page) {
	for _, p := range pages {
		p.t.Helper()
		p.do(evaluate(`(window.left = true, setTimeout(() => location.reload(), 0), true)`, new(bool)))
	}
	for _, p := range pages {
		p.until(`!window.left && document.querySelector('button')`)
	}
}

// again opens the dialog that a reload has closed, once the network has said the
// time: what is authorised is dated by it.
func again(p *page) {
	p.t.Helper()
	p.until(`status() === 'online'`)
	toDevices(p)
	p.press("Link Device")
	p.find("heading", "Waiting for Device")
}

// stage waits until a tick of the wait is in a state.
func (p *page) stage(name, state string) {
	p.t.Helper()
	p.until(`[...document.querySelectorAll('.stages li')].some(e => e.textContent.includes(` + quote(name) +
		`) && e.dataset.state === ` + quote(state) + `)`)
}

// Both tabs are loaded anew at every step of a linking, between Authorise and
// Finish too, and the new one loses its gateway in between: it carries on where
// it was.
func TestResumeAtEveryStep(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	phone, laptop := chromium.open(t, "phone"), chromium.open(t, "laptop")
	phone.visit(place.origin)
	ada := register(phone, "Ada")

	// Offline from the start: why, and Try again from there.
	place.down.Store(true)
	laptop.visit(place.twin)
	join(laptop, ada.id)
	laptop.stage("Key made", "done")
	laptop.stage("Network reached", "failed")
	reloaded(laptop)
	laptop.stage("Network reached", "failed")
	laptop.until(`document.querySelector('.stages [data-state=failed] .small').textContent.length > 20`)
	laptop.look("offline")
	place.down.Store(false)
	laptop.press("Try again")
	laptop.stage("Request stored", "done")
	laptop.until(`/\b(10:00|9:[0-5]\d)\b/.test(document.body.innerText)`)
	reloaded(phone, laptop) // 1
	laptop.stage("Request stored", "done")
	phone.until(`news().includes('A device wants to be linked')`) // 2
	if phone.has("Authorise") {
		t.Error("Authorise beside the dialog")
	}
	reloaded(phone, laptop)
	phone.until(`news().includes('A device wants to be linked')`)
	openDialog(phone) // 3
	reloaded(phone, laptop)
	again(phone)
	laptop.words("link-words", 3) // 4
	reloaded(phone, laptop)
	again(phone)
	compare(phone, laptop) // 5, 6
	reloaded(phone, laptop)
	again(phone)
	compare(phone, laptop)
	phone.press("Authorise")           // 7
	phone.until(`says('Authorised.')`) // a press is a command only once the tab has seen it
	reloaded(phone, laptop)
	laptop.find("button", "Finish") // 8
	reloaded(phone, laptop)

	// Without a gateway Finish says so, and loses nothing.
	laptop.find("button", "Finish")
	place.down.Store(true)
	laptop.press("Finish")
	laptop.until(`[...document.querySelectorAll('[role=alert]')].some(e => e.textContent.includes('network'))`)
	place.down.Store(false)
	laptop.until(`status() === 'online'`)
	laptop.press("Finish") // 9
	laptop.until(`news().includes(` + quote(success) + `)`)
	reloaded(phone, laptop)
	for _, p := range []*page{phone, laptop} {
		toDevices(p)
		p.until(`one('device-list') && one('device-list').querySelectorAll('li').length === 2 && !says('not confirmed')`)
	}
	write(laptop, "carried on")
	shows(phone, "carried on")
	place.checkRequests(t, phone, laptop)
}
