//go:build !js

package story

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The story of two tabs without any gateway: each tab posts to its guard's own
// HTTPS endpoint, as it can to nodes that send CORS and whose certificates the
// browser trusts.
func TestDirectStory(t *testing.T) {
	t.Parallel()
	place := settleDirect(t)
	chromium := launch(t, chromedp.Flag("ignore-certificate-errors-spki-list", strings.Join(place.spki, ",")))
	phone, laptop := chromium.open(t, "phone"), chromium.open(t, "laptop")
	phone.visit(place.origin)
	laptop.visit(place.twin)

	ada := register(phone, "Ada")
	link(phone, laptop, ada.id)
	write(phone, "from the phone")
	shows(laptop, "from the phone")
	write(laptop, "from the laptop")
	shows(phone, "from the phone", "from the laptop")
	phone.reload()
	shows(phone, "from the phone", "from the laptop")
	phone.until(`status() === 'online'`)
	rebuild(phone)

	place.checkRequests(t, phone, laptop)
	place.checkDirect(t, phone, laptop)
	place.checkOnions(t)
}

// rebuild looks at Settings > Network and takes another path, by keyboard.
func rebuild(p *page) {
	p.t.Helper()
	toAccount(p)
	p.pressByKey("Network")
	p.find("heading", "Network")
	// You, guard, node, node, mailbox.
	p.until(`one('path') && one('path').children.length === 5`)
	if name := p.read("profile"); name != "Local network" {
		p.t.Errorf("%s: the network is called %q", p.name, name)
	}
	if facts := p.read("network-facts"); !strings.Contains(facts, "your guard is called directly") {
		p.t.Errorf("%s: the page says %q", p.name, facts)
	}
	p.theme("dark")
	p.shot("network-dark")
	p.theme("light")
	p.size(320, 640)
	p.until(`document.documentElement.scrollWidth <= 320`)
	p.shot("network-narrow")
	p.size(1280, 800)
	p.shot("network")

	const guard = `one('path').children[1].firstChild.textContent`
	var old string
	p.eval(guard, &old)
	p.pressByKey("Rebuild path")
	p.until(`one('path').children.length === 5 && ` + guard + ` !== ` + quote(old))
	p.shot("network-rebuilt")
}

// checkDirect fails unless every request that left the tabs' own origins was an
// onion request to a node, and none went to a gateway.
func (p *place) checkDirect(t testing.TB, pages ...*page) {
	t.Helper()
	outside := 0
	for _, tab := range pages {
		tab.mu.Lock()
		for _, url := range tab.requests {
			switch {
			case strings.Contains(url, "/gateway/"):
				t.Errorf("%s asked a gateway: %s", tab.name, url)
			case strings.HasPrefix(url, "https://"):
				outside++
				if !strings.HasSuffix(url, "/onion_req/v2") {
					t.Errorf("%s asked a node for %s", tab.name, url)
				}
			}
		}
		tab.mu.Unlock()
	}
	if outside == 0 {
		t.Error("no tab spoke to a node: the check has seen nothing")
	}
}
