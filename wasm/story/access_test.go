//go:build !js

package story

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	permit "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// interactive are the roles that a person can act on.
var interactive = []string{"button", "textbox", "link", "checkbox", "radio", "combobox", "switch", "slider", "tab", "menuitem", "searchbox"}

// axValue is a value of the accessibility tree.
type axValue struct {
	Value any `json:"value"`
}

// named fails for each control in the accessibility tree that has no name.
func (p *page) named(step string) {
	p.t.Helper()
	// Asked for by hand: the library does not know all words of today's answer.
	var tree struct {
		Nodes []struct {
			Ignored bool    `json:"ignored"`
			Role    axValue `json:"role"`
			Name    axValue `json:"name"`
		} `json:"nodes"`
	}
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		return cdp.Execute(ctx, accessibility.CommandGetFullAXTree, nil, &tree)
	}))
	controls := 0
	for _, n := range tree.Nodes {
		role, _ := n.Role.Value.(string)
		if n.Ignored || !slices.Contains(interactive, role) {
			continue
		}
		controls++
		if name, _ := n.Name.Value.(string); strings.TrimSpace(name) == "" {
			p.t.Errorf("%s, %s: a %s has no name", p.name, step, role)
		}
	}
	if controls == 0 {
		p.t.Errorf("%s, %s: no controls were found", p.name, step)
	}
}

// fits fails if the page can be scrolled sideways.
func (p *page) fits(step string) {
	p.t.Helper()
	var wide [2]int
	p.eval(`[document.documentElement.scrollWidth, innerWidth]`, &wide)
	if wide[0] > wide[1] {
		p.shot("wide-" + step)
		p.t.Errorf("%s, %s: the page is %d pixels wide in a window of %d", p.name, step, wide[0], wide[1])
	}
}

// look checks a page as everybody may meet it.
func (p *page) look(step string) {
	p.t.Helper()
	p.named(step)
	p.fits(step)
	p.shot(step)
}

// announced waits until a live region says a text.
func (p *page) announced(text string) {
	p.t.Helper()
	p.until(`[...document.querySelectorAll('[role=status], [aria-live]')].some(e => e.textContent.includes(` + quote(text) + `))`)
}

// focused waits until the focus is on something with this name or text.
func (p *page) focused(selector string) {
	p.t.Helper()
	p.until(`document.activeElement && document.activeElement.matches(` + quote(selector) + `)`)
}

// narrow is the narrowest window that must do.
const narrow = 320

func TestStoryByKeyboardInANarrowWindow(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	phone, laptop := chromium.open(t, "phone"), chromium.open(t, "laptop")
	for _, p := range []*page{phone, laptop} {
		p.size(narrow, 640)
		p.allowClipboard(place)
	}
	phone.visit(place.origin)
	laptop.visit(place.twin)
	laptop.theme("dark")

	// Register.
	phone.find("button", "Register a new account")
	phone.look("1-welcome")
	phone.pressByKey("Register a new account")
	phone.find("textbox", "Display name")
	phone.look("2-name")
	phone.fillByKey("Display name", "Ada")
	phone.pressByKey("Continue")
	phone.words("seed-words", 13)
	phone.look("3-words")
	phone.pressByKey("Continue")
	id := phone.read("account-id")
	phone.look("4-key")
	phone.pressByKey("Copy public key")
	phone.until(`news().toLowerCase().includes('copied')`)
	if got := phone.clipboard(); got != id {
		t.Errorf("the clipboard holds %q", got)
	}
	phone.pressByKey("Continue")
	phone.until(`one('chat-list')`)
	phone.look("5-main")

	// Link.
	laptop.find("button", "Link device to an existing account")
	laptop.pressByKey("Link device to an existing account")
	laptop.find("textbox", "Public key of your primary device")
	laptop.look("6-enter-key")
	laptop.fillByKey("Public key of your primary device", id)
	laptop.pressByKey("Link")
	laptop.until(`says(` + quote(waiting) + `)`)
	laptop.look("7-waiting")
	phone.pressByKey("Settings")
	phone.find("button", "Devices")
	phone.look("8-settings")
	phone.pressByKey("Devices")
	phone.find("button", "Link Device")
	phone.look("9-devices")
	phone.pressByKey("Link Device")
	phone.find("heading", "Waiting for Device")
	phone.focused("dialog[open], dialog[open] *")
	a, b := phone.words("link-words", 3), laptop.words("link-words", 3)
	if !slices.Equal(a, b) {
		t.Fatalf("the words differ: %v and %v", a, b)
	}
	phone.announced("words")
	laptop.announced("words")
	phone.look("10-words")
	laptop.look("10-words")
	phone.pressByKey("Authorise")
	laptop.find("button", "Finish")
	laptop.look("11-finish")
	laptop.pressByKey("Finish")
	for _, p := range []*page{phone, laptop} {
		p.until(`news().includes(` + quote(success) + `)`)
		p.look("12-linked")
	}
	phone.until(`!document.querySelector('dialog[open]')`)
	phone.focused("button")

	// What is left to do stands in the list. A button that has done its work is gone,
	// and the focus stays where it was.
	laptop.pressByKey("Protect it")
	laptop.focused(".side .checks")
	laptop.until(`![...document.querySelectorAll('button')].some(b => b.textContent === 'Protect it')`)

	// From anywhere to the next chat, and not while a dialog is open.
	laptop.pressByKey("Settings")
	laptop.find("heading", "Settings")
	laptop.do(chromedp.KeyEvent(kb.ArrowDown, chromedp.KeyModifiers(input.ModifierAlt)))
	laptop.until(`one('chat-log')`)

	// Write: Enter sends, Shift and Enter breaks the line.
	laptop.until(`one('chat-list') || one('chat-log')`)
	laptop.noteByKey()
	laptop.reach("textbox", "Message")
	laptop.do(input.InsertText("first line"))
	laptop.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(input.ModifierShift)))
	laptop.do(input.InsertText("second line"))
	laptop.key(kb.Enter)
	laptop.until(`JSON.stringify(messages()) === JSON.stringify([['out', 'first line\nsecond line']])`)
	laptop.look("13-chat")
	phone.noteByKey()
	phone.until(`JSON.stringify(messages()) === JSON.stringify([['out', 'first line\nsecond line']])`)
	phone.find("log", "")
	phone.look("13-chat")
	place.checkRequests(t, phone, laptop)
}

// noteByKey goes to Note to self from wherever the page is.
func (p *page) noteByKey() {
	p.t.Helper()
	for range 4 {
		var at [2]bool
		p.eval(`[!!one('chat-log'), !!one('chat-list')]`, &at)
		if at[0] {
			return
		}
		if at[1] {
			want := p.first(`[data-testid=chat-list] button`)
			p.reachNode(want, "Note to self")
			p.key(kb.Enter)
			p.until(`one('chat-log')`)
			return
		}
		p.do(chromedp.KeyEvent(kb.ArrowLeft, chromedp.KeyModifiers(input.ModifierAlt)))
		p.do(chromedp.NavigateBack())
	}
	p.t.Fatalf("%s: Back does not lead to the chats", p.name)
}

// allowClipboard lets the page write to the clipboard, as a press would.
func (p *page) allowClipboard(place *place) {
	p.t.Helper()
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		for _, origin := range []string{place.origin, place.twin} {
			err := permit.GrantPermissions([]permit.PermissionType{"clipboardReadWrite", "clipboardSanitizedWrite"}).
				WithOrigin(origin).WithBrowserContextID(p.profile).
				Do(cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser))
			if err != nil {
				return fmt.Errorf("clipboard: %w", err)
			}
		}
		return nil
	}))
}

func (p *page) clipboard() string {
	p.t.Helper()
	var text string
	p.do(awaited(`navigator.clipboard.readText()`, &text))
	return text
}
