//go:build !js

package site

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"tandem/web/view"
)

const (
	// phone is a browser whose notifications are the worker's alone.
	phone = `
		globalThis.Notification = new Proxy(Notification, {construct() { throw new TypeError("Illegal constructor"); }});
		globalThis.shown = new Promise(done => {
			const show = ServiceWorkerRegistration.prototype.showNotification;
			ServiceWorkerRegistration.prototype.showNotification = async function(title, options) {
				await show.call(this, title, options);
				done([title, options.body, options.tag, (await fetch(options.icon)).headers.get("Content-Type")].join("; "));
			};
		});`

	// pressed is a press on a notification, in the worker, and what it does. A browser
	// without a screen has none to press, and without a real press it brings no tab to
	// the front.
	pressed = `
		const does = [];
		WindowClient.prototype.focus = async function() { does.push("leads to " + this.url); return this; };
		Clients.prototype.openWindow = async address => { does.push("opens " + address); };
		const press = new Event("notificationclick");
		press.notification = {close() { does.push("closes it"); }};
		let work;
		press.waitUntil = promise => { work = promise; };
		dispatchEvent(press);
		await work;
		return does;`
)

// worker is the worker of an origin, which answers like a tab. What the tab asks
// for wakes it.
func (p *tab) worker(browser context.Context, origin string) *tab {
	p.t.Helper()
	ask[bool](p, `return (await fetch("/web/app.css")).ok`)
	all, err := chromedp.Targets(browser)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, target := range all {
		if target.Type == "service_worker" && strings.HasPrefix(target.URL, origin) {
			ctx, cancel := chromedp.NewContext(browser, chromedp.WithTargetID(target.TargetID))
			p.t.Cleanup(cancel)
			if err := chromedp.Run(ctx); err != nil { // without a deadline, as in open
				p.t.Fatal(err)
			}
			return &tab{t: p.t, ctx: ctx}
		}
	}
	p.t.Fatal("there is no worker")
	return nil
}

// A phone shows notifications by the worker, and a press on one leads to the tab,
// or to a new one if it is gone. Whoever switches them off in Tandem has them off
// at the next visit, too, although the browser allows them.
func TestNotificationsOfAPhone(t *testing.T) {
	t.Parallel()
	h := newHost(t, site(t, nil))
	chromium := launch(t)
	p, _ := open(t, chromium)
	p.run(chromedp.ActionFunc(func(ctx context.Context) error {
		if _, err := page.AddScriptToEvaluateOnNewDocument(phone).Do(ctx); err != nil {
			return err
		}
		return browser.SetPermission(&browser.PermissionDescriptor{Name: "notifications"}, browser.PermissionSettingGranted).WithOrigin(h.url).
			Do(cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser))
	}))
	p.visit(h.url)
	if state := ask[string](p, settled); state != "activated" {
		t.Fatalf("the worker is %s", state)
	}

	const now = `return tandemHost.ringing();`
	for _, step := range []struct {
		do   string
		want view.Ringing
	}{
		{now, view.On},
		{`return tandemHost.setRinging(false);`, view.Silenced},
		{now, view.Silenced},
		{`return tandemHost.setRinging(true);`, view.On},
		{now, view.On},
	} {
		if got := ask[view.Ringing](p, step.do); got != step.want {
			t.Errorf("%s gives %d, want %d", step.do, got, step.want)
		}
		p.visit(h.url)
	}

	ask[bool](p, `tandemHost.ring("Ben", "New message", "a chat", () => {}); return true;`)
	if got, want := ask[string](p, `return shown;`), "Ben; New message; a chat; image/png"; got != want {
		t.Errorf("shown is %q, want %q", got, want)
	}
	w := p.worker(chromium, h.url)
	if got, want := ask[[]string](w, pressed), []string{"closes it", "leads to " + h.url + "/"}; !slices.Equal(got, want) {
		t.Errorf("a press does %q, want %q", got, want)
	}
	p.run(chromedp.Navigate("about:blank"))
	ask[bool](w, `
		while ((await clients.matchAll({type: "window"})).length > 0) await new Promise(done => setTimeout(done, 20));
		return true;`)
	if got, want := ask[[]string](w, pressed), []string{"closes it", "opens /"}; !slices.Equal(got, want) {
		t.Errorf("without a tab a press does %q, want %q", got, want)
	}
}
