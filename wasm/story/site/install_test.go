//go:build !js

package site

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// pictures are the sizes of all that the manifest names, as the browser sees them.
const pictures = `
	const m = await (await fetch(document.querySelector("link[rel=manifest]").href)).json();
	const out = {};
	for (const i of [...m.icons, ...m.screenshots, ...m.shortcuts.flatMap(s => s.icons)]) {
		if (i.type === "image/svg+xml") continue;
		const b = await createImageBitmap(await (await fetch(i.src)).blob());
		out[i.src] = b.width + "x" + b.height === i.sizes ? "" : b.width + "x" + b.height;
	}
	return JSON.stringify(out);`

// The app can be installed, by a browser with a profile that stays: Chromium finds
// nothing against it, and whatever the manifest names is there.
func TestCanBeInstalled(t *testing.T) {
	t.Parallel()
	h := newHost(t, site(t, nil))
	p, _ := open(t, launch(t))
	p.visit(h.url)
	ask[bool](p, controlled)
	p.run(chromedp.ActionFunc(func(ctx context.Context) error {
		// A worker that has just come is not seen at once.
		against, err := page.GetInstallabilityErrors().Do(ctx)
		for _, a := range against {
			t.Errorf("against installing: %s %v", a.ErrorID, a.ErrorArguments)
		}
		if err != nil {
			return err
		}
		_, faults, text, _, err := page.GetAppManifest().Do(ctx)
		for _, f := range faults {
			t.Errorf("the manifest: %s", f.Message)
		}
		var m struct {
			Display   string
			Icons     []struct{ Src, Sizes, Purpose string }
			Shortcuts []struct{ Name, URL string }
		}
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			return err
		}
		maskable := 0
		for _, i := range m.Icons {
			if strings.HasPrefix(i.Src, "/web/") && !strings.Contains(i.Src, "?v=") {
				t.Errorf("%s is not asked for by its content", i.Src)
			}
			if i.Purpose == "maskable" {
				maskable++
			}
		}
		if m.Display != "standalone" || maskable == 0 || len(m.Shortcuts) == 0 {
			t.Errorf("%+v", m)
		}
		return err
	}))
	var sizes map[string]string
	if err := json.Unmarshal([]byte(ask[string](p, pictures)), &sizes); err != nil {
		t.Fatal(err)
	}
	for name, size := range sizes {
		if size != "" {
			t.Errorf("%s is %s", name, size)
		}
	}
	if len(sizes) < 6 {
		t.Errorf("%d pictures", len(sizes))
	}
}
