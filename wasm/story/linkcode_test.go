//go:build !js

package story

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/dom"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// detector is a BarcodeDetector as a page may meet it: it sees what the test
// tells it, and remembers what it was shown.
const detector = `
globalThis.BarcodeDetector = class {
	static async getSupportedFormats() { return ['qr_code']; }
	async detect(picture) {
		const seen = (picture.videoWidth || picture.width) > 0 ? picture.constructor.name : 'nothing';
		if (document.documentElement.dataset.shown !== seen) document.documentElement.dataset.shown = seen;
		return globalThis.seen ? [{rawValue: globalThis.seen}] : [];
	}
};
delete globalThis.seen;
`

// shown: the detector was last shown this kind of picture, and not an empty one.
func shown(kind string) string {
	return `document.documentElement.dataset.shown === ` + quote(kind)
}

// noFormats is one that knows no QR codes, as desktops may have.
const noFormats = `globalThis.BarcodeDetector = class { static async getSupportedFormats() { return []; } };`

// noDetector is a browser without any.
const noDetector = `delete globalThis.BarcodeDetector;`

// fakeCamera lets Chromium film its own test picture, and say yes by itself.
var fakeCamera = []chromedp.ExecAllocatorOption{
	chromedp.Flag("use-fake-device-for-media-stream", true),
	chromedp.Flag("use-fake-ui-for-media-stream", true),
}

// The primary shows a link code. A decoder that is not ours reads it off the
// screen in both themes and on a phone; a device links by it, is known by it,
// and gets a name.
func TestLinkByCode(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t, fakeCamera...)
	phone, laptop := chromium.open(t, "phone"), chromium.open(t, "laptop")
	laptop.before(detector)
	phone.visit(place.origin)
	laptop.visit(place.twin)
	register(phone, "Ada")
	openDialog(phone)
	phone.until(`document.querySelector('.qr svg') && says('tandem-link:')`)
	var code string
	phone.eval(`[...document.querySelectorAll('dialog .mono')].map(e => e.textContent).find(t => t.startsWith('tandem-link:'))`, &code)
	picture := phone.readsAs(code)

	// The new device: without a detector nothing is offered that cannot work.
	laptop.press("Link device to an existing account")
	laptop.find("button", "Scan QR code")
	laptop.look("ways")
	laptop.camera(code)
	laptop.picture(picture, code)
	laptop.press("Link")
	compare(phone, laptop)
	phone.until(`says('Knows the link code')`)
	phone.fill("Device name", "Studio")
	phone.size(360, 740)
	phone.fits("words")
	phone.shot("words-narrow")
	phone.size(1280, 800)
	phone.press("Authorise")
	laptop.press("Finish")
	laptop.until(`news().includes(` + quote(success) + `)`)
	laptop.looks("linked")
	for _, p := range []*page{phone, laptop} {
		p.until(`news().includes(` + quote(success) + `)`)
		toDevices(p)
		p.until(`one('device-list') && one('device-list').querySelectorAll('li').length === 2 && text('device-list').includes('Studio')`)
	}
	place.checkRequests(t, phone, laptop)
}

// readsAs checks the QR code of the open dialog as it is on the screen, and
// keeps it as a file.
func (p *page) readsAs(code string) (file string) {
	p.t.Helper()
	file = filepath.Join(p.t.TempDir(), "code.png")
	for _, screen := range []struct {
		width, height int64
		theme         string
	}{{1280, 800, "light"}, {1280, 800, "dark"}, {360, 740, "dark"}, {360, 740, "light"}, {narrow, 640, "dark"}} {
		name := fmt.Sprintf("qr-%d-%s", screen.width, screen.theme)
		p.resize(screen.width, screen.height)
		p.theme(screen.theme)
		p.fits(name)
		p.shot(name)
		// The symbol itself, without its quiet zone of four modules a side.
		var symbol float64
		p.eval(`(s => s.getBoundingClientRect().width * (s.viewBox.baseVal.width - 8) / s.viewBox.baseVal.width)(document.querySelector('.qr svg'))`, &symbol)
		if symbol < 280 && screen.width >= 360 {
			p.t.Errorf("%s: the code is %.0f pixels wide", name, symbol)
		}
		// A narrower window has no room for that: there it has the whole width.
		var beside float64
		if p.eval(`innerWidth - document.querySelector('.qr svg').getBoundingClientRect().width`, &beside); beside > 2 && screen.width < 360 {
			p.t.Errorf("%s: %.0f pixels beside the code are not used", name, beside)
		}
		b := p.clip(".qr")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			p.t.Fatal(err)
		}
		if read, err := decodeQR(b); err != nil || read != code {
			p.t.Errorf("%s: it is read as %q: %v", name, read, err)
		}
	}
	p.size(1280, 800)
	p.theme("light")
	return file
}

// clip is a picture of one element, as it is on the screen.
func (p *page) clip(selector string) []byte {
	p.t.Helper()
	var at struct{ X, Y, Width, Height float64 }
	p.eval(`(e => { e.scrollIntoView(); const r = e.getBoundingClientRect(); return {X: r.x + scrollX, Y: r.y + scrollY, Width: r.width, Height: r.height}; })(document.querySelector(`+quote(selector)+`))`, &at)
	var b []byte
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		var err error
		b, err = cdpage.CaptureScreenshot().WithClip(&cdpage.Viewport{X: at.X, Y: at.Y, Width: at.Width, Height: at.Height, Scale: 1}).Do(ctx)
		return err
	}))
	return b
}

func decodeQR(picture []byte) (string, error) {
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return "", err
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", err
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		return "", err
	}
	return result.GetText(), nil
}

// camera scans a code, after the person has stopped it once.
func (p *page) camera(code string) {
	p.t.Helper()
	p.press("Scan QR code")
	p.until(shown("HTMLVideoElement"))
	p.shot("camera")
	p.press("Stop the camera")
	p.until(`!document.querySelector('video')`)
	p.press("Scan QR code")
	p.do(chromedp.Evaluate(`globalThis.seen = `+quote(code), nil))
	p.until(`!document.querySelector('video') && news().includes('The QR code was read.')`)
	p.holds(code)
}

// picture reads a code from a file, after one that holds something else.
func (p *page) picture(file, code string) {
	p.t.Helper()
	p.fill("Public key of your primary device", "x")
	choose := func() {
		box := p.first(`input[type=file]`)
		p.do(dom.SetFileInputFiles([]string{file}).WithBackendNodeID(box))
	}
	p.find("button", "Read a picture of the QR code")
	for _, wrong := range []string{``, `https://example.org`} {
		p.do(chromedp.Evaluate(`globalThis.seen = `+quote(wrong), nil))
		choose()
		p.until(`document.querySelector('[role=alert]')`)
		p.fill("Public key of your primary device", "x")
		p.until(`!document.querySelector('[role=alert]')`)
	}
	p.do(chromedp.Evaluate(`globalThis.seen = `+quote(code), nil))
	choose()
	p.until(shown("ImageBitmap") + ` && news().includes('The QR code was read.')`)
	p.holds(code)
}

// holds waits until the box holds a code.
func (p *page) holds(code string) {
	p.t.Helper()
	p.until(`document.getElementById('first').value === ` + quote(code))
}

// Browsers that cannot read QR codes offer no button for it, and a code that is
// not whole says so.
func TestWithoutADetector(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	for name, script := range map[string]string{"none": noDetector, "no-formats": noFormats} {
		p := chromium.open(t, name)
		p.before(script)
		p.visit(place.origin)
		p.press("Link device to an existing account")
		p.find("button", "Paste")
		for _, b := range []string{"Scan QR code", "Read a picture of the QR code"} {
			if p.has(b) {
				t.Errorf("%s: there is a button %q", name, b)
			}
		}
		p.fill("Public key of your primary device", "tandem-link:"+strings.Repeat("A", 50))
		p.press("Link")
		p.until(`says('This link code is not whole')`)
		p.look("not-whole")
		place.checkRequests(t, p)
	}
}
