//go:build !js

package story

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"testing"

	"tandem/core/store"
	"tandem/core/store/memkv"
)

// stored is one value that a page finds in its browser, as the page reads it.
type stored struct {
	Where string // database/store, cache/address, localStorage, sessionStorage
	Key   []byte
	Value []byte
}

// dump is everything that an origin keeps, read by the page itself: all that any
// script of the origin could read. Its argument: of IndexedDB alone.
const dump = `(async databasesOnly => {
	const out = [];
	const bytes = v => v instanceof Uint8Array ? v : v instanceof ArrayBuffer ? new Uint8Array(v)
		: new TextEncoder().encode(typeof v === 'string' ? v : v instanceof CryptoKey ? 'CryptoKey ' + v.extractable : JSON.stringify(v));
	const base64 = v => {
		const b = bytes(v);
		let s = '';
		for (let i = 0; i < b.length; i += 8192) s += String.fromCharCode(...b.subarray(i, i + 8192));
		return btoa(s);
	};
	const add = (Where, Key, Value) => out.push({Where, Key: base64(Key), Value: base64(Value)});
	const done = r => new Promise((ok, no) => { r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });
	for (const {name} of await indexedDB.databases()) {
		const db = await done(indexedDB.open(name));
		for (const store of db.objectStoreNames) {
			const objects = db.transaction(store).objectStore(store);
			const [keys, values] = await Promise.all([done(objects.getAllKeys()), done(objects.getAll())]);
			keys.forEach((k, i) => add(name + '/' + store, k, values[i]));
		}
		db.close();
	}
	if (databasesOnly) return out;
	for (const name of await caches.keys()) {
		const cache = await caches.open(name);
		for (const request of await cache.keys()) {
			const response = await cache.match(request);
			add('cache/' + request.url, JSON.stringify([...request.headers, ...response.headers]), await response.arrayBuffer());
		}
	}
	for (const [name, area] of [['localStorage', localStorage], ['sessionStorage', sessionStorage]]) {
		for (let i = 0; i < area.length; i++) add(name, area.key(i), area.getItem(area.key(i)));
	}
	return out;
})(%t)`

func (p *page) stored(databasesOnly bool) []stored {
	p.t.Helper()
	var out []stored
	p.do(awaited(fmt.Sprintf(dump, databasesOnly), &out))
	return out
}

// pageKeeper unwraps with the key that WebCrypto holds in the page: what a
// script that got into the page could do, and the only way to that key.
type pageKeeper struct{ p *page }

func (k pageKeeper) Wrap(context.Context, []byte) ([]byte, error) {
	return nil, errors.New("story: this only reads")
}

func (k pageKeeper) Unwrap(_ context.Context, wrapped []byte) ([]byte, error) {
	var out []byte
	k.p.do(awaited(fmt.Sprintf(`(async () => {
		const b = Uint8Array.from(atob(%q), c => c.charCodeAt(0));
		const done = r => new Promise((ok, no) => { r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });
		const db = await done(indexedDB.open('tandem'));
		const key = await done(db.transaction('keys').objectStore('keys').get('wrap'));
		db.close();
		const readable = await crypto.subtle.exportKey('raw', key).then(() => true, () => false);
		if (readable) throw new Error('the wrapping key can be exported');
		const plain = await crypto.subtle.decrypt({name: 'AES-GCM', iv: b.subarray(0, 12),
			additionalData: new TextEncoder().encode('tandem data key v1')}, key, b.subarray(12));
		return btoa(String.fromCharCode(...new Uint8Array(plain)));
	})()`, base64.StdEncoding.EncodeToString(wrapped)), &out))
	return out, nil
}

// opened is the store of a page, opened here by the program's own code.
func (p *page) opened() *store.Store {
	p.t.Helper()
	records := map[string][]byte{}
	for _, s := range p.stored(true) {
		if s.Where == "tandem/records" {
			records[string(s.Key)] = s.Value
		}
	}
	disk := &memkv.Disk{}
	disk.Restore(records)
	s, err := store.Open(context.Background(), disk.Open(), pageKeeper{p})
	if err != nil {
		p.t.Fatalf("%s: %d records do not open: %v", p.name, len(records), err)
	}
	p.t.Cleanup(func() { s.Close() })
	return s
}

// all are the records of a kind.
func all(t testing.TB, s *store.Store, kind store.Kind) []store.Blob {
	t.Helper()
	blobs, err := s.All(context.Background(), kind)
	if err != nil {
		t.Fatal(err)
	}
	return blobs
}
