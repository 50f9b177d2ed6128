//go:build !js

package story

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tandem/core/identity"
	"tandem/core/onion"
	"tandem/core/snode"
	"tandem/core/testnet"
)

func TestWhatWasQueuedGoesOutWhenTheGatewayIsBack(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	phone, laptop := chromium.open(t, "phone"), chromium.open(t, "laptop")
	phone.visit(place.origin)
	laptop.visit(place.twin)
	ada := register(phone, "Ada")
	link(phone, laptop, ada.id)

	place.down.Store(true)
	phone.until(`status() === 'offline'`)
	write(phone, "written while offline")
	phone.until(`one('chat-log').querySelector('[data-status=queued]')`)
	phone.look("offline")
	phone.reload()
	shows(phone, "written while offline")
	place.down.Store(false)
	phone.until(`status() === 'online'`)
	shows(laptop, "written while offline")
	phone.until(`one('chat-log').querySelector('[data-status=stored], [data-status=delivered]')`)
}

func TestARefusedStorageSaysSo(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	p := chromium.open(t, "private")
	p.before(`indexedDB.open = () => { throw new DOMException('no', 'SecurityError') };`)
	p.visit(place.origin)
	p.until(`says('does not let Tandem store')`)
	p.look("refused")
}

func TestAFullStorageSaysSoAndLosesNothing(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	p := chromium.open(t, "full")
	p.before(`window.full = false;
		const put = IDBObjectStore.prototype.put;
		IDBObjectStore.prototype.put = function (...a) {
			if (window.full) throw new DOMException('full', 'QuotaExceededError');
			return put.apply(this, a);
		};`)
	p.visit(place.origin)
	register(p, "Ada")
	write(p, "before")
	shows(p, "before")
	p.eval(`window.full = true`, new(bool))
	toNote(p)
	p.fill("Message", "does not fit")
	p.press("Send")
	p.until(`says('no room left')`)
	p.look("full")
	p.eval(`(window.full = false, true)`, new(bool))
	p.until(`document.querySelector('textarea').value === 'does not fit'`)
	p.press("Send")
	shows(p, "before", "does not fit")
	p.reload()
	shows(p, "before", "does not fit")
}

// sentences: each bad input gives one, where it happened.
func TestBadInputIsAnsweredWhereItHappened(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	p := chromium.open(t, "clumsy")
	p.visit(place.origin)

	p.press("Register a new account")
	p.press("Continue")
	p.refuses("Display name")
	p.fill("Display name", strings.Repeat("ä", 5000))
	p.press("Continue")
	p.refuses("Display name")
	p.look("name")
	p.visit(place.origin)

	p.press("Restore using seed")
	for _, seed := range []string{
		"", "abbey", "abbey abbey abbey abbey abbey abbey abbey abbey abbey abbey abbey abbey qqqqq",
		"vexed enjoy pigment films adept voted vexed enjoy pigment films adept voted films",
	} {
		p.fill("Seed", seed)
		p.press("Continue")
		p.refuses("Seed")
	}
	p.look("seed")
	p.visit(place.origin)

	p.press("Link device to an existing account")
	for _, key := range []string{
		"", "05", "15" + strings.Repeat("ab", 32), strings.Repeat("zz", 33),
		strings.Repeat("05", 40),
	} {
		p.fill("Public key of your primary device", key)
		p.press("Link")
		p.refuses("Public key of your primary device")
	}
	p.look("key")
	place.checkRequests(t, p)
}

// refuses waits until a box is marked as wrong with a sentence beside it.
func (p *page) refuses(box string) {
	p.t.Helper()
	p.find("textbox", box)
	p.until(`(() => {
		const box = document.querySelector('input[aria-invalid=true], textarea[aria-invalid=true]');
		const alert = document.querySelector('[role=alert]');
		return box && alert && alert.textContent.trim().length > 10;
	})()`)
}

// TestTheLeakCheckSeesALeak is the control of checkOnions: a client that lets a
// relay read what it carries is found out.
func TestTheLeakCheckSeesALeak(t *testing.T) {
	t.Parallel()
	place := settle(t)
	nodes := place.network.Nodes()
	rpc := snode.Info().Body()
	body, _, err := onion.Build([]onion.Hop{hop(t, nodes[0]), hop(t, nodes[1]), hop(t, nodes[2])}, hop(t, nodes[3]), rpc)
	if err != nil {
		t.Fatal(err)
	}
	place.post(nodes[0], body)
	if bodies, leaks := leaks(place.network.Witness()); bodies != 1 || leaks != 0 {
		t.Fatalf("an honest request counts as %d bodies, %d leaks", bodies, leaks)
	}
	place.post(nodes[1], bare(t, hop(t, nodes[1]), nodes[2], rpc))
	if _, leaks := leaks(place.network.Witness()); leaks != 1 {
		t.Fatalf("the leaked layer was not noticed: %d leaks", leaks)
	}
}

// post hands an onion request to a node, without sockets.
func (p *place) post(to testnet.NodeInfo, body []byte) {
	p.network.Node(to.Ed).Serve(context.Background(), http.MethodPost, "/onion_req/v2", testnet.Header{}, body)
}

// bare is what no client may send: one layer for a relay, and under it the body
// of the request itself instead of the next layer (network.md §6.1, 6.2).
func bare(t *testing.T, relay onion.Hop, next testnet.NodeInfo, rpc []byte) []byte {
	t.Helper()
	mine := identity.NewEphemeral()
	shared, err := mine.Agree(relay.X)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte("LOKI"))
	mac.Write(shared[:])
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	public := mine.Public()
	plain := framed(rpc, fmt.Sprintf(`{"destination":%q,"ephemeral_key":"%x"}`, next.Ed.Hex(), public))
	iv := make([]byte, gcm.NonceSize())
	return framed(gcm.Seal(iv, iv, plain, nil), fmt.Sprintf(`{"ephemeral_key":"%x"}`, public))
}

func framed(blob []byte, control string) []byte {
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(blob)))
	return append(append(out, blob...), control...)
}

func hop(t *testing.T, n testnet.NodeInfo) onion.Hop {
	t.Helper()
	x, err := identity.X25519FromEd(n.Ed)
	if err != nil {
		t.Fatal(err)
	}
	return onion.Hop{Ed: n.Ed, X: x}
}
