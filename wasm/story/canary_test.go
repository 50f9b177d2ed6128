//go:build !js

package story

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tandem/core/identity"
	"tandem/core/mnemonic"
	"tandem/core/store"
	"tandem/core/wire"
)

// secrets are all private keys that two devices ever had, in all forms.
type secrets struct{ *needles }

// pair adds an Ed25519 key by its seed: the seed, and both halves of what it
// expands to, the scalar as it is hashed and as it is clamped.
func (s secrets) pair(what string, seed []byte) {
	h := sha512.Sum512(seed)
	s.bytes(what+": seed", seed)
	s.bytes(what+": scalar, not clamped", h[:32])
	s.bytes(what+": prefix", h[32:])
	h[0] &= 248
	h[31] = h[31]&63 | 64
	s.bytes(what+": scalar", h[:32])
}

// account adds all that follows from the words on the registration page
// (multi-device.md §2), and gives the entropy.
func (s secrets) account(t *testing.T, words []string) []byte {
	t.Helper()
	entropy, err := mnemonic.Decode(strings.Join(words, " "))
	if err != nil {
		t.Fatal(err)
	}
	from := func(info string) []byte {
		key, err := hkdf.Key(sha256.New, entropy[:], nil, info, 32)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	s.phrase(words)
	s.bytes("entropy", entropy[:])
	s.pair("account key", append(entropy[:], make([]byte, 16)...))
	s.pair("list key", from("tandem device list v1"))
	s.bytes("reading key", from("tandem device list reading v1"))
	s.bytes("snapshot key", from("tandem snapshot v1"+string(binary.BigEndian.AppendUint64(nil, 0))))
	return entropy[:]
}

// device adds what is in the store of a page now: the device key, prekeys,
// sessions, and the ephemerals, nonces and grants of an attempt to link.
func (s secrets) device(p *page) {
	p.t.Helper()
	opened := p.opened()
	for _, kind := range []store.Kind{store.Keyring, store.PreKeys, store.Session, store.Linking} {
		for _, blob := range all(p.t, opened, kind) {
			for _, field := range leaves(blob.Value) {
				if !bytes.ContainsFunc(field, func(r rune) bool { return r > '~' || r < ' ' }) {
					continue // the name of a device or a browser: no secret, and everywhere
				}
				s.bytes(fmt.Sprintf("%s: %v", p.name, kind), field)
			}
		}
	}
}

// keyring is that of a page.
func keyring(p *page) *identity.Keyring {
	p.t.Helper()
	blobs := all(p.t, p.opened(), store.Keyring)
	if len(blobs) != 1 {
		p.t.Fatalf("%s: %d keyrings", p.name, len(blobs))
	}
	k, err := identity.ParseKeyring(blobs[0].Value)
	if err != nil {
		p.t.Fatal(err)
	}
	return k
}

// leaves are all fields of a message, in all depths.
func leaves(message []byte) [][]byte {
	var out [][]byte
	err := wire.Fields(message, func(f wire.Field) error {
		if len(f.Bytes) >= 16 {
			out = append(append(out, f.Bytes), leaves(f.Bytes)...)
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return out
}

// canary is a secret that is really there: the search must find it in each
// place before anything is believed that it does not find.
type canary struct {
	*needles
	key []byte
}

func newCanary(place string) canary {
	c := canary{newNeedles(), make([]byte, 32)}
	rand.Read(c.key)
	c.bytes("canary in "+place, c.key)
	return c
}

func (c canary) mustBeIn(t *testing.T, place string, hay []byte) {
	t.Helper()
	if len(c.in(hay)) == 0 {
		t.Fatalf("the canary in %s is not found: the search sees nothing there", place)
	}
}

// plants puts one canary into each place that an origin has.
func plants(p *page) map[string]canary {
	p.t.Helper()
	planted := map[string]canary{}
	for _, place := range []string{"indexedDB", "cache", "localStorage", "sessionStorage", "request"} {
		planted[place] = newCanary(place)
	}
	p.do(awaited(fmt.Sprintf(`(async () => {
		const bytes = s => Uint8Array.from(atob(s), c => c.charCodeAt(0));
		const done = r => new Promise((ok, no) => { r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });
		const open = indexedDB.open('canary');
		open.onupgradeneeded = () => open.result.createObjectStore('cage');
		const db = await done(open);
		const bird = new Uint8Array(8000);
		bird.set(bytes(%q), 4000);
		await done(db.transaction('cage', 'readwrite').objectStore('cage').put(bird, 'bird'));
		// So much beside it that LevelDB packs it into a table.
		for (let i = 0; i < 300; i++) {
			await done(db.transaction('cage', 'readwrite').objectStore('cage').put(new Uint8Array(60000).fill(i), i));
		}
		await done(db.transaction('cage', 'readwrite').objectStore('cage').delete(IDBKeyRange.bound(0, 300)));
		db.close();
		await (await caches.open('canary')).put('/canary', new Response(bytes(%q)));
		localStorage.setItem('canary', %q);
		sessionStorage.setItem('canary', %q);
		await fetch('/gateway/canary', {method: 'POST', body: bytes(%q)});
		return true;
	})()`,
		base64.StdEncoding.EncodeToString(planted["indexedDB"].key), base64.StdEncoding.EncodeToString(planted["cache"].key),
		"key="+base64.URLEncoding.EncodeToString(planted["localStorage"].key), hex.EncodeToString(planted["sessionStorage"].key),
		base64.StdEncoding.EncodeToString(planted["request"].key)), new(bool)))
	return planted
}

// overhear keeps what tabs send: address, headers and body.
func (p *place) overhear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = [][]byte{}
}

// hear is what overhear asked for, if it did.
func (p *place) hear(r *http.Request) {
	p.mu.Lock()
	keep := p.heard != nil
	p.mu.Unlock()
	if !keep {
		return
	}
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = append(p.heard, slices.Concat([]byte(r.URL.String()+fmt.Sprint(r.Header)), body))
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestClaim6_CanaryInChromium: after a whole linking run with notes, nothing of
// the entropy, the words and the private keys lies readable in what the browser
// stores, in its profile on the disk, or in what it sent. The wrapping key
// itself, which no script can read, lies in the profile too; it is not
// searched, for nobody outside the browser knows it. What Chromium encrypts
// itself, such as its list of open tabs, is searched only as it lies there.
func TestClaim6_CanaryInChromium(t *testing.T) {
	t.Parallel()
	profile, err := os.MkdirTemp("", "tandem-canary-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) }) // after Chromium has ended
	place := settle(t)
	place.overhear()
	found := secrets{newNeedles()}
	written := newNeedles()
	written.text("a note", "from the phone, for nobody else")

	// The tabs of the browser's own profile, not of one that lives in memory.
	chromium := launch(t, chromedp.UserDataDir(profile))
	phone, laptop := chromium.tab(t, "phone", ""), chromium.tab(t, "laptop", "")
	phone.visit(place.origin)
	laptop.visit(place.twin)
	ada := register(phone, "Ada")
	entropy := found.account(t, ada.seed)
	// Words that are typed and left: a browser remembers forms of its history.
	laptop.press("Restore using seed")
	laptop.fill("Seed", strings.Join(ada.seed, " "))
	laptop.visit(place.twin + "/?again")
	join(laptop, ada.id)
	openDialog(phone)
	compare(phone, laptop)
	found.device(phone)
	found.device(laptop)
	phone.press("Authorise")
	laptop.find("button", "Finish")
	laptop.until(`![...document.querySelectorAll('button')].find(b => b.textContent.includes('Finish')).disabled`)
	found.device(laptop)
	laptop.press("Finish")
	linked(ada.id, phone, laptop)
	write(phone, "from the phone, for nobody else")
	shows(laptop, "from the phone, for nobody else")
	write(laptop, "from the laptop")
	shows(phone, "from the phone, for nobody else", "from the laptop")
	for _, p := range []*page{phone, laptop} {
		found.device(p)
		found.pair(p.name+": device key", keyring(p).Device.MarshalSecret())
	}
	if got := fields(keyring(phone).MarshalSecret(), 3); !bytes.Equal(got, entropy) || fields(keyring(laptop).MarshalSecret(), 3) != nil {
		t.Fatal("the keys that are searched for are not those of the devices")
	}

	planted := plants(phone)
	for _, p := range []*page{phone, laptop} {
		search(t, p, found, written, planted)
	}
	place.mu.Lock()
	sent := bytes.Join(place.heard, nil)
	place.mu.Unlock()
	planted["request"].mustBeIn(t, "requests", sent)
	report(t, "what was sent", append(found.in(sent), written.in(sent)...))

	// And once more, as on the next day.
	chromium.end()
	chromium = launch(t, chromedp.UserDataDir(profile))
	again := chromium.tab(t, "again", "")
	again.visit(place.origin)
	again.until(`one('chat-list')`)
	chromium.end()
	searchDisk(t, profile, found, written, planted)
	t.Logf("%d forms of secrets", len(found.what))
}

// fields is the value of one field of a message.
func fields(message []byte, number int) (value []byte) {
	wire.Fields(message, func(f wire.Field) error {
		if int(f.Number) == number {
			value = f.Bytes
		}
		return nil
	})
	return value
}

// search looks through all that a page can read of its origin's storage.
func search(t *testing.T, p *page, found secrets, written *needles, planted map[string]canary) {
	t.Helper()
	where := map[string][]byte{}
	for _, s := range p.stored(false) {
		place := s.Where
		switch {
		case strings.HasPrefix(place, "cache/"):
			place = "cache"
		case strings.Contains(place, "/"):
			place = "indexedDB"
		}
		if s.Where == "tandem/keys" && string(s.Value) != "CryptoKey false" {
			t.Errorf("%s: the wrapping key is %q", p.name, s.Value)
		}
		where[place] = slices.Concat(where[place], []byte(s.Where), s.Key, s.Value, []byte{0})
	}
	if p.name == "phone" {
		for _, place := range []string{"indexedDB", "cache", "localStorage", "sessionStorage"} {
			planted[place].mustBeIn(t, place, where[place])
		}
	}
	for place, hay := range where {
		report(t, p.name+", "+place, append(found.in(hay), written.in(hay)...))
	}
}

// searchDisk looks through the profile, raw and unpacked.
func searchDisk(t *testing.T, profile string, found secrets, written *needles, planted map[string]canary) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range files(t, profile) {
		for how, hay := range map[string][]byte{"as it lies there": f.raw, "unpacked": f.inside, "its name": []byte(f.name)} {
			report(t, f.name+" "+how, append(found.in(hay), written.in(hay)...))
			for place, c := range planted {
				if len(c.in(hay)) > 0 {
					seen[place] = true
					seen["packed "+place] = seen["packed "+place] || how == "unpacked" && f.packed > 0
				}
			}
		}
	}
	for _, place := range []string{"indexedDB", "packed indexedDB", "cache", "localStorage"} {
		if !seen[place] {
			t.Errorf("the canary of %s is not found on the disk: the search sees nothing there", place)
		}
	}
}

func report(t *testing.T, where string, found []string) {
	t.Helper()
	for _, what := range found {
		t.Errorf("%s: %s", where, what)
	}
}
