//go:build !js

package site

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// notInTheApp are names that are in a program which links the test network or the
// demo, whatever else was stripped from it.
var notInTheApp = []string{"tandem/core/testnet.", "tandem/core/demo.", "tandem/core/store/memkv."}

// The client that is handed out has no network in it; the demo has.
func TestTheAppContainsNoTestnet(t *testing.T) {
	t.Parallel()
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{program: false, "web/demo.wasm": true} {
		wasm, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(wasm, []byte("tandem/core/client.")) {
			t.Errorf("%s does not contain the client: this test would see nothing", name)
		}
		for _, room := range notInTheApp {
			if got := bytes.Contains(wasm, []byte(room)); got != want {
				t.Errorf("%s contains %s: %v, want %v", name, room, got, want)
			}
		}
	}
}

// clockBench stands for the Go program that lives by the demo's clock: it reads
// what the clock has written, and notes when it is woken.
const clockBench = `
	globalThis.Go = class {
		constructor() {
			this.importObject = {gojs: {}};
			this.mem = new DataView(new ArrayBuffer(64));
			this._nextCallbackTimeoutID = 1;
			this.woken = [];
		}
		_resume() { for (const id of this.due) { this.call("clearTimeoutEvent", m => m.setInt32(8, id, true)); this.woken.push(this.nano()); } this.due = []; this.done?.(); }
		call(name, write) { write?.(this.mem); this.importObject.gojs["runtime." + name](0); }
		long(at) { return this.mem.getUint32(at, true) + this.mem.getInt32(at + 4, true) * 4294967296; }
		nano() { this.call("nanotime1"); return this.long(8) / 1e6; }
		wall() { this.call("walltime"); return this.long(8) * 1000 + this.mem.getInt32(16, true) / 1e6; }
		schedule(ms) {
			this.call("scheduleTimeoutEvent", m => { m.setUint32(8, ms, true); m.setInt32(12, 0, true); });
			return this.mem.getInt32(16, true);
		}
		// sleep is one wait of so many ms.
		async sleep(ms) {
			const from = this.nano();
			this.due = [this.schedule(ms)];
			await new Promise(done => this.done = done);
			return this.nano() - from;
		}
	};
`

// clockRun measures: how much faster the clock runs, what a wait of simulated time
// takes in real time, and what a jump does to either time.
const clockRun = `
	const go = new Go(), clock = demoClock, result = {};
	const rate = async () => {
		const real = performance.now(), from = go.nano();
		await new Promise(done => setTimeout(done, 200));
		return (go.nano() - from) / (performance.now() - real);
	};
	result.normal = await rate();
	clock.setSpeed(4);
	result.fast = await rate();
	const began = performance.now();
	result.slept = [await go.sleep(400)];
	result.real = performance.now() - began;
	clock.setSpeed(0);
	result.unthrottled = await rate();
	const start = performance.now();
	for (let n = 0; n < 100; n++) result.slept.push(await go.sleep(1000000));
	result.thousand = performance.now() - start;
	clock.setSpeed(1);
	result.again = await rate();
	const ahead = go.wall() - go.nano();
	clock.jump(86400000);
	result.jumped = go.wall() - go.nano() - ahead;
	const early = go.schedule(0); // and taken away again
	go.call("clearTimeoutEvent", m => m.setInt32(8, early, true));
	result.woken = go.woken.length;
	await go.sleep(50);
	result.late = go.woken.length - result.woken;
	return result;
`

// The demo's clock runs as fast as the real one, or four times as fast; where it is
// unthrottled, a day of waiting is over at once; a jump moves the time of day and
// wakes nobody; what is taken away does not ring.
func TestTheDemosClock(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile(filepath.Join("..", "..", "..", "static", "demo.js"))
	if err != nil {
		t.Fatal(err)
	}
	h := newHost(t, site(t, nil))
	p, _ := open(t, launch(t))
	p.visit(h.url)
	r := ask[struct {
		Normal, Fast, Unthrottled, Again, Real, Thousand, Jumped float64
		Slept                                                    []float64
		Woken, Late                                              int
	}](p, clockBench+string(script)+clockRun)
	near := func(what string, got, want, share float64) {
		if got < want*(1-share) || got > want*(1+share) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	// The two clocks are not read at one moment: a busy machine is seen in the rates.
	near("1x", r.Normal, 1, 0.2)
	near("4x", r.Fast, 4, 0.2)
	near("unthrottled, with nothing to wait for", r.Unthrottled, 1, 0.2)
	near("1x again", r.Again, 1, 0.2)
	near("a jump of a day", r.Jumped, 86400000, 0.02)
	if r.Real < 95 {
		t.Errorf("400 ms at 4x took %v ms", r.Real)
	}
	for i, slept := range r.Slept {
		if want := []float64{400, 1e6}[min(i, 1)]; slept < want {
			t.Errorf("woken after %v ms of %v", slept, want)
		}
	}
	if r.Thousand > 60_000 {
		t.Errorf("27 hours of waiting took %v ms", r.Thousand)
	}
	if r.Woken != 101 || r.Late != 1 {
		t.Errorf("woken %d times, and %d times after the jump", r.Woken, r.Late)
	}
}
