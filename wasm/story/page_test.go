//go:build !js

package story

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// inPage are the words that the conditions below are written in.
const inPage = `
const visible = e => e.checkVisibility({visibilityProperty: true});
const one = id => {
	const all = [...document.querySelectorAll('[data-testid="' + id + '"]')];
	if (all.length > 1 && id !== 'message') throw new Error(id + ' exists ' + all.length + ' times');
	return all.length && visible(all[0]) ? all[0] : null;
};
const text = id => one(id) ? one(id).textContent : null;
const words = id => one(id) ? [...one(id).children].map(e => e.textContent.trim()) : [];
const messages = () => [...document.querySelectorAll('[data-testid=chat-log] [data-testid=message]')].map(m =>
	[m.dataset.direction, m.querySelector('[dir=auto]').textContent]);
const status = () => one('status') ? one('status').dataset.state : null;
const news = () => [...document.querySelectorAll('[role=status]')].map(e => e.textContent).join('\n');
const says = s => document.body.innerText.includes(s);
`

// eval runs an expression in the page and reads its value.
func (p *page) eval(expression string, into any) {
	p.t.Helper()
	p.do(evaluate(expression, into))
}

func evaluate(expression string, into any) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		v, fault, err := runtime.Evaluate("(() => {" + inPage + "return (" + expression + ")})()").WithReturnByValue(true).Do(ctx)
		if err != nil {
			return err
		}
		if fault != nil {
			return fault
		}
		return json.Unmarshal(v.Value, into)
	})
}

// until waits for a condition on the page. The page itself says when: it is
// looked at again whenever anything in it changes, and when the focus moves or a
// size changes, of which the browser tells nobody who waits for changes. What
// asks something of an element that is not there yet, does not hold yet.
func (p *page) until(condition string) {
	p.t.Helper()
	script := `new Promise((resolve, reject) => {` + inPage + `
		let watch, again;
		const look = () => {
			let yes = false;
			try { yes = !!(` + condition + `); } catch (e) { if (!(e instanceof TypeError)) { clearInterval(again); reject(e); } return; }
			if (yes) { watch.disconnect(); clearInterval(again); resolve(true); }
		};
		watch = new MutationObserver(look);
		watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
		again = setInterval(look, 250);
		look();
	})`
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	err := chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		for {
			_, fault, err := runtime.Evaluate(script).WithAwaitPromise(true).Do(ctx)
			if fault != nil {
				return fault
			}
			if err == nil || ctx.Err() != nil || !leftPage(err) {
				return err
			}
		}
	}))
	if err != nil {
		p.shot("failure")
		var shown string
		chromedp.Run(p.ctx, chromedp.Evaluate("document.body.innerText", &shown))
		p.t.Fatalf("%s waited in vain for %s: %v\nThe page says:\n%s", p.name, condition, err, shown)
	}
}

// leftPage reports whether a script ended because its page made way for another,
// which is to be asked again.
func leftPage(err error) bool {
	for _, said := range []string{"Inspected target navigated or closed", "Execution context was destroyed", "Cannot find context"} {
		if strings.Contains(err.Error(), said) {
			return true
		}
	}
	return false
}

// quote makes a JavaScript string.
func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// nodes asks the accessibility tree, as a screen reader does.
func (p *page) nodes(role, name string) []*accessibility.Node {
	p.t.Helper()
	var found []*accessibility.Node
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		root, fault, err := runtime.Evaluate("document").Do(ctx)
		if err != nil || fault != nil {
			return fmt.Errorf("no document: %w", err)
		}
		all, err := accessibility.QueryAXTree().WithObjectID(root.ObjectID).WithRole(role).WithAccessibleName(name).Do(ctx)
		for _, n := range all {
			if !n.Ignored {
				found = append(found, n)
			}
		}
		return err
	}))
	return found
}

// find waits for exactly one control with this role and name.
func (p *page) find(role, name string) cdp.BackendNodeID {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		found := p.nodes(role, name)
		if len(found) == 1 {
			return found[0].BackendDOMNodeID
		}
		if time.Now().After(deadline) {
			p.shot("failure")
			p.t.Fatalf("%s: there are %d controls of role %s named %q", p.name, len(found), role, name)
		}
		p.nextChange()
	}
}

// nextChange waits until the page changes, or for a moment where only the
// accessibility tree lags behind.
func (p *page) nextChange() {
	p.t.Helper()
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, _, err := runtime.Evaluate(`new Promise(done => {
			const watch = new MutationObserver(() => { watch.disconnect(); done(); });
			watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
			setTimeout(() => { watch.disconnect(); done(); }, 100);
		})`).WithAwaitPromise(true).Do(ctx)
		return err
	}))
}

// has reports whether a button of this name is there now.
func (p *page) has(name string) bool {
	p.t.Helper()
	return len(p.nodes("button", name)) > 0
}

// press clicks a button with the mouse.
func (p *page) press(name string) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		node, gone := p.find("button", name), false
		p.do(chromedp.ActionFunc(func(ctx context.Context) error {
			err := clickThrough(ctx, node)
			// A page that is drawn anew has another button of this name.
			gone = err != nil && strings.Contains(err.Error(), "detached") && time.Now().Before(deadline)
			if gone {
				return nil
			}
			return err
		}))
		if !gone {
			return
		}
	}
}

// click presses the mouse in the middle of a control.
func (p *page) click(node cdp.BackendNodeID) {
	p.t.Helper()
	p.do(chromedp.ActionFunc(func(ctx context.Context) error { return clickThrough(ctx, node) }))
}

// clickThrough clicks again if what came in above moved the control away meanwhile.
func clickThrough(ctx context.Context, node cdp.BackendNodeID) error {
	for {
		hit, err := clickOnce(ctx, node)
		if hit || err != nil {
			return err
		}
	}
}

// still is whether a control stays where it is for two frames: a line that comes in
// above just then would put another control under the mouse.
const still = `function() {
	const at = () => { const r = this.getBoundingClientRect(); return r.x + ' ' + r.y; };
	return new Promise(done => {
		const before = at(), look = () => done(this.isConnected && at() === before);
		requestAnimationFrame(() => requestAnimationFrame(look));
		setTimeout(look, 100);
	});
}`

// clickOnce reports whether the control heard the click. One that is gone, or
// whose page is, did.
func clickOnce(ctx context.Context, node cdp.BackendNodeID) (bool, error) {
	if err := dom.ScrollIntoViewIfNeeded().WithBackendNodeID(node).Do(ctx); err != nil {
		return false, err
	}
	object, err := dom.ResolveNode().WithBackendNodeID(node).Do(ctx)
	if err != nil {
		return false, err
	}
	on := func(script string) *runtime.CallFunctionOnParams {
		return runtime.CallFunctionOn(script).WithObjectID(object.ObjectID).WithReturnByValue(true)
	}
	if _, _, err := on(`function() {
		this.heard = {};
		for (const kind of ['pointerdown', 'click'])
			addEventListener(kind, e => { this.heard[kind] ||= this.contains(e.target); }, {capture: true, once: true});
	}`).Do(ctx); err != nil {
		return false, err
	}
	rests, _, err := on(still).WithAwaitPromise(true).Do(ctx)
	if err != nil || string(rests.Value) != "true" {
		return false, err
	}
	quads, err := dom.GetContentQuads().WithBackendNodeID(node).Do(ctx)
	if err != nil {
		return false, err
	}
	if len(quads) == 0 {
		return false, errors.New("the control has no place on the page")
	}
	q := quads[0]
	x, y := (q[0]+q[4])/2, (q[1]+q[5])/2
	button := func(does input.MouseType, x, y float64) error {
		return input.DispatchMouseEvent(does, x, y).WithButton(input.Left).WithClickCount(1).Do(ctx)
	}
	if err := button(input.MousePressed, x, y); err != nil {
		return false, err
	}
	// What came under the mouse in that very moment must not be pressed instead: a
	// button let go elsewhere presses nothing.
	if down, _, err := on(`function() { return !!this.heard.pointerdown; }`).Do(ctx); err == nil && string(down.Value) != "true" {
		return false, button(input.MouseReleased, 0, 0)
	}
	if err := button(input.MouseReleased, x, y); err != nil {
		return false, err
	}
	heard, _, err := on(`function() { return !!this.heard.click; }`).Do(ctx)
	if err != nil {
		return true, nil
	}
	return string(heard.Value) == "true", nil
}

// first is the first element of a selector.
func (p *page) first(selector string) cdp.BackendNodeID {
	p.t.Helper()
	p.until(`document.querySelector(` + quote(selector) + `)`)
	var id cdp.BackendNodeID
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		object, fault, err := runtime.Evaluate(`document.querySelector(` + quote(selector) + `)`).Do(ctx)
		if err != nil || fault != nil {
			return fmt.Errorf("no %s: %w", selector, err)
		}
		node, err := dom.DescribeNode().WithObjectID(object.ObjectID).Do(ctx)
		if err == nil {
			id = node.BackendNodeID
		}
		return err
	}))
	return id
}

// fill types into a text box, replacing what was there.
func (p *page) fill(box, content string) {
	p.t.Helper()
	node := p.find("textbox", box)
	p.do(
		dom.Focus().WithBackendNodeID(node),
		chromedp.Evaluate(`document.activeElement.select()`, nil),
		input.InsertText(content),
	)
}

// key presses one key, for those who have no mouse.
func (p *page) key(k string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(k))
}

// maxTabs is more than any page here has controls.
const maxTabs = 60

// reach moves the focus by Tab to a control with this role and name.
func (p *page) reach(role, name string) {
	p.t.Helper()
	p.reachNode(p.find(role, name), role+" "+name)
}

func (p *page) reachNode(want cdp.BackendNodeID, what string) {
	p.t.Helper()
	for range maxTabs {
		var here cdp.BackendNodeID
		p.do(chromedp.ActionFunc(func(ctx context.Context) error {
			object, fault, err := runtime.Evaluate("document.activeElement").Do(ctx)
			if err != nil || fault != nil {
				return fmt.Errorf("no focus: %w", err)
			}
			node, err := dom.DescribeNode().WithObjectID(object.ObjectID).Do(ctx)
			if err != nil {
				return err
			}
			here = node.BackendNodeID
			return nil
		}))
		if here == want {
			return
		}
		p.key(kb.Tab)
	}
	p.shot("failure")
	p.t.Fatalf("%s: %d presses of Tab do not lead to the %s", p.name, maxTabs, what)
}

// pressByKey reaches a button by Tab and presses it by Enter.
func (p *page) pressByKey(name string) {
	p.t.Helper()
	p.reach("button", name)
	p.key(kb.Enter)
}

// fillByKey reaches a text box by Tab and types into it.
func (p *page) fillByKey(box, content string) {
	p.t.Helper()
	p.reach("textbox", box)
	p.do(input.InsertText(content))
}

// read is the text of the one visible element with a test id.
func (p *page) read(id string) string {
	p.t.Helper()
	p.until(`text(` + quote(id) + `)`)
	var s string
	p.eval(`text(`+quote(id)+`)`, &s)
	return s
}

// words are the words of an element, one element each.
func (p *page) words(id string, count int) []string {
	p.t.Helper()
	p.until(fmt.Sprintf(`words(%s).length === %d`, quote(id), count))
	var out []string
	p.eval(`words(`+quote(id)+`)`, &out)
	if whole := p.read(id); strings.Join(strings.Fields(whole), " ") != strings.Join(out, " ") {
		p.t.Fatalf("%s: %s holds more than its words: %q", p.name, id, whole)
	}
	return out
}

// out is where pictures of each step go; git ignores it.
const out = "../../.out/story"

// settled waits for every animation that has an end.
const settled = `Promise.all(document.getAnimations()
	.filter(a => a.effect.getComputedTiming().iterations !== Infinity)
	.map(a => a.finished.catch(() => 0))).then(() => true)`

// shot keeps a picture of the page.
func (p *page) shot(step string) {
	p.t.Helper()
	var picture []byte
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	err := chromedp.Run(ctx, awaited(settled, new(bool)), chromedp.ActionFunc(func(ctx context.Context) error {
		var err error
		picture, err = cdpage.CaptureScreenshot().Do(ctx)
		return err
	}))
	if err != nil {
		p.t.Logf("no picture of %s: %v", step, err)
		return
	}
	name := strings.ReplaceAll(p.t.Name(), "/", "-") + "-" + step + "-" + p.name + ".png"
	if err = os.MkdirAll(out, 0o755); err == nil {
		err = os.WriteFile(filepath.Join(out, name), picture, 0o644)
	}
	if err != nil {
		p.t.Logf("no picture of %s: %v", step, err)
	}
}
