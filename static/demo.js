// The clock of the demo. The build puts it between page.js and go-app's loader, in
// the demo's own script (core/gateway/demofiles.go).
//
// In the demo simulated time passes: the Go program asks this clock what time it
// is and when to wake it, and nothing in it knows the difference. It runs as fast
// as the real one, or four times as fast; unthrottled it jumps to whatever comes
// next as soon as the program has nothing to do.
globalThis.demoClock = (() => {
  "use strict";

  const MILLION = 1000000; // ns in a ms
  const WORD = 4294967296; // 2^32

  const origin = Date.now() - performance.now();
  let base = performance.now(); // simulated ms, at the real moment since
  let since = base;
  let factor = 1;
  let unthrottled = false;
  let ahead = 0; // how far the time of day is ahead of simulated time

  const timers = new Map(); // by id: { at, wake, handle }

  const now = () => base + (performance.now() - since) * factor;

  function rebase(to) {
    base = to;
    since = performance.now();
  }

  // A message comes as soon as the page has done what is waiting, drawing too.
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    let first = null;
    for (const timer of timers.values()) {
      if (!first || timer.at < first.at) {
        first = timer;
      }
    }
    if (unthrottled && first) {
      ring(first);
    }
  };

  function ring(timer) {
    if (timer.at > now()) {
      rebase(timer.at);
    }
    timer.wake();
  }

  function arm(timer) {
    clearTimeout(timer.handle);
    if (unthrottled) {
      channel.port2.postMessage(null);
    } else {
      timer.handle = setTimeout(ring, Math.max(0, (timer.at - now()) / factor), timer);
    }
  }

  // setSpeed takes 1, 4, or 0 for unthrottled.
  function setSpeed(speed) {
    rebase(now());
    unthrottled = speed === 0;
    factor = speed || 1;
    timers.forEach(arm);
  }

  // jump puts the time of day ahead by ms. No timer notices: so does a machine
  // that sleeps.
  function jump(ms) {
    ahead += ms;
  }

  // Whoever starts the program gets one that lives by this clock.
  const Plain = globalThis.Go;
  globalThis.Go = class extends Plain {
    constructor() {
      super();
      const set64 = (at, v) => {
        this.mem.setUint32(at, v, true);
        this.mem.setUint32(at + 4, Math.floor(v / WORD), true);
      };
      const get64 = (at) => this.mem.getUint32(at, true) + this.mem.getInt32(at + 4, true) * WORD;

      Object.assign(this.importObject.gojs, {
        // func nanotime1() int64
        "runtime.nanotime1": (sp) => {
          sp >>>= 0;
          set64(sp + 8, (origin + now()) * MILLION);
        },

        // func walltime() (sec int64, nsec int32)
        "runtime.walltime": (sp) => {
          sp >>>= 0;
          const ms = Math.floor(origin + now() + ahead);
          set64(sp + 8, ms / 1000);
          this.mem.setInt32(sp + 16, (ms % 1000) * MILLION, true);
        },

        // func scheduleTimeoutEvent(delay int64) int32
        "runtime.scheduleTimeoutEvent": (sp) => {
          sp >>>= 0;
          const id = this._nextCallbackTimeoutID++;
          const timer = {
            at: now() + get64(sp + 8),
            wake: () => {
              this._resume();
              // The program takes its timer away by clearTimeoutEvent; until it has
              // seen that it is due, it is asked again.
              while (timers.has(id)) {
                this._resume();
              }
            },
          };
          timers.set(id, timer);
          arm(timer);
          this.mem.setInt32(sp + 16, id, true);
        },

        // func clearTimeoutEvent(id int32)
        "runtime.clearTimeoutEvent": (sp) => {
          sp >>>= 0;
          const id = this.mem.getInt32(sp + 8, true);
          clearTimeout(timers.get(id)?.handle);
          timers.delete(id);
        },
      });
    }
  };

  return { setSpeed, jump };
})();

// The demo works offline once it was opened: the worker keeps its files, too.
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.ready.then((registration) => registration.active.postMessage("demo"));
}
