//go:build !js

package story

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take for anything: machines are shared and
// noisy, and nothing here measures speed.
const patience = 180 * time.Second

// browser is one Chromium.
type browser struct {
	ctx context.Context
	end func() // closes it, so that it writes everything down
}

// launch starts Chromium, which make has installed, with more flags if need be.
func launch(t testing.TB, more ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	path, err := findChromium()
	if err != nil {
		t.Fatal(err)
	}
	profiles, err := os.MkdirTemp("", "tandem-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	options := append([]chromedp.ExecAllocatorOption{},
		chromedp.ExecPath(path),
		chromedp.UserDataDir(profiles),
		chromedp.NoFirstRun,
		chromedp.Headless,
		chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-quic", true),
		// What an address bar suggests is two pages of their own in each window, and
		// took a fifth of the time of all stories. Nobody types there.
		chromedp.Flag("disable-features", "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup"),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	if _, story := t.(*testing.T); story {
		// What the engine compiles a second time, to be faster later, is a fifth of the
		// processors' time in stories, whose pages end before they gain by it.
		options = append(options, chromedp.Flag("js-flags", "--liftoff-only"))
	}
	options = append(options, more...)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(allocator)
	b := &browser{ctx: ctx, end: sync.OnceFunc(func() { chromedp.Cancel(ctx) })} // waits until Chromium has ended
	t.Cleanup(func() {
		b.end()
		end()
		stop()
		if err := os.RemoveAll(profiles); err != nil {
			t.Logf("Chromium left files behind: %v", err)
		}
	})
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return b
}

func findChromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("Chromium is missing: run this by `make story`, which gets it or says how")
}

// page is one tab. Tabs of one profile share their storage.
type page struct {
	t       testing.TB
	name    string
	ctx     context.Context
	profile cdp.BrowserContextID

	mu       sync.Mutex // guards the fields below
	requests []string   // every URL that the tab asked for
	faults   []string   // exceptions, errors in the console, and what the policy forbade
}

// open makes a fresh profile with one tab in it.
func (b *browser) open(t testing.TB, name string) *page {
	t.Helper()
	var profile cdp.BrowserContextID
	err := chromedp.Run(b.ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		var err error
		profile, err = target.CreateBrowserContext().Do(cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser))
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	return b.tab(t, name, profile)
}

// tab opens one more tab of a profile.
func (b *browser) tab(t testing.TB, name string, profile cdp.BrowserContextID) *page {
	t.Helper()
	var id target.ID
	err := chromedp.Run(b.ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		var err error
		id, err = target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).
			Do(cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser))
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithTargetID(id))
	t.Cleanup(cancel)
	p := &page{t: t, name: name, ctx: ctx, profile: profile}
	chromedp.ListenTarget(ctx, p.listen)
	// The first Run attaches to the tab for as long as its context lives, so it
	// must not have a deadline.
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(err)
	}
	p.do(network.Enable(), runtime.Enable(), log.Enable())
	p.size(1280, 800)
	return p
}

// listen remembers what the tab asks for and what goes wrong in it.
func (p *page) listen(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError && e.Entry.Source == log.SourceSecurity {
			p.faults = append(p.faults, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		p.faults = append(p.faults, e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError {
			for _, a := range e.Args {
				p.faults = append(p.faults, string(a.Value)+a.Description)
			}
		}
	}
}

// do runs browser actions within the patience of this story.
func (p *page) do(actions ...chromedp.Action) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		p.shot("failure")
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

// size sets the window, in CSS pixels.
func (p *page) size(width, height int64) {
	p.t.Helper()
	p.do(emulation.SetDeviceMetricsOverride(width, height, 1, false))
}

// theme chooses light or dark, as a system would.
func (p *page) theme(name string) {
	p.t.Helper()
	p.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}))
}

// before runs a script in every page of the tab before its own.
func (p *page) before(script string) {
	p.t.Helper()
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := cdpage.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
		return err
	}))
}

// visit loads an address and waits for the first page of the app.
func (p *page) visit(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
}

// reload loads the page anew, as F5 does.
func (p *page) reload() {
	p.t.Helper()
	p.do(chromedp.Reload())
}

// close ends the tab.
func (p *page) close() {
	p.t.Helper()
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		return target.CloseTarget(chromedp.FromContext(ctx).Target.TargetID).
			Do(cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser))
	}))
}
