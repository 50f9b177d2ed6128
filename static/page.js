// What stands around the client on its page. The build puts it in front of
// go-app's loader (core/gateway/loader.go), in the same file.
//
//   hash      the SHA-256 of the program that runs in this tab
//   update    a newer version waits until somebody presses "Restart to update";
//             then all tabs of the origin start anew together
//   crash     when the program has ended, or cannot be loaded, the page says so and
//             offers to reload it, or to restart it where a newer version waits
//
// It must work when the client does not, so nothing of it is Go, and what it says
// stands outside of what go-app draws.
globalThis.tandem = (() => {
  "use strict";

  // An address of no page leads to the app; what it shows stands behind the #.
  const inDemo = /^\/demo\/?$/.test(location.pathname);
  if (location.pathname !== "/" && !inDemo) {
    history.replaceState(null, "", "/" + location.search + location.hash);
  }

  const HOUR = 60 * 60 * 1000; // ms, between two looks for a newer version
  const ANSWER = 60 * 1000; // ms, until a worker counts as mute: it reads and hashes the program
  const FIRST = 1000; // ms, that the client gets to itself for its first page
  const TAKEOVER = 1000; // ms, that a worker gets to take over; then the page is loaded anew as it is

  // --- The program ---

  let hashed;
  const hash = new Promise((resolve) => (hashed = resolve));

  // calm comes when the client has drawn and its bytes are hashed, or it cannot: what
  // would hold it up waits, and so does the worker, which renews what is hashed.
  let calmed;
  const calm = new Promise((resolve) => (calmed = resolve));

  // start takes the place of the loader's fetch and compilation: early.js began with
  // the page. What is hashed, when there is nothing more urgent, is what the browser
  // kept of that: a copy made on the way would slow each start.
  async function start(imports) {
    const { module, again } = globalThis.tandemProgram;
    const instance = await WebAssembly.instantiate(await module, imports);
    const early = inDemo ? again() : null; // which asks for nothing once it runs
    early?.catch(() => {}); // what follows says "unknown" of it
    setTimeout(async () => {
      await (early ?? again()).then(sha256).then(hashed, () => hashed("unknown"));
      calmed(); // the first worker renews what the browser keeps
    }, FIRST);
    return { instance };
  }

  async function sha256(response) {
    if (!response.ok) {
      throw new Error("the site answered " + response.status);
    }
    const sum = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
    return Array.from(new Uint8Array(sum), (b) => b.toString(16).padStart(2, "0")).join("");
  }

  // --- What the page says ---

  // say shows a line above the app with one button, instead of any line before.
  function say(element, role, icon, content, verb, press) {
    document.querySelector("body > .site-line")?.remove();
    const line = document.createElement(element);
    line.className = "site-line banner";
    line.setAttribute("role", role);
    const button = document.createElement("button");
    button.className = "btn btn-small btn-primary";
    button.type = "button";
    button.textContent = verb;
    button.addEventListener("click", () => press(button));
    const fill = () => line.append(drawing(icon), ...content, button);
    if (role === "status") {
      setTimeout(fill, 100); // what comes into a status is read aloud, not what it brings along
    } else {
      fill();
    }
    // Until the client has drawn, go-app takes the first element for its own.
    if (document.querySelector("body > .shell-page")) {
      document.body.append(line);
    } else {
      document.body.prepend(line);
    }
    return line;
  }

  function drawing(icon) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", "/web/icons.svg#i-" + icon);
    svg.append(use);
    return svg;
  }

  function paragraph(text, kind) {
    const p = document.createElement("p");
    p.className = kind || "";
    p.textContent = text;
    return p;
  }

  // --- Crash ---

  const RESTART = "Restart to update";

  let over = false;
  let program; // the Go that runs
  let next; // the newer version that waits
  let way; // the button that leads on when the program has ended

  const waits = () => next?.state === "installed";

  // lead makes that button say what it does. A newer version may do better.
  function lead() {
    if (way) {
      way.textContent = waits() ? RESTART : "Reload";
    }
  }

  function reload() {
    if (waits()) {
      next.postMessage("restart");
      setTimeout(() => location.reload(), TAKEOVER);
    } else {
      location.reload();
    }
  }

  // end says that the program has ended. A dialog that it left open would keep
  // everything else from being reached, so then the line is one as well.
  function end(text) {
    if (over) {
      return;
    }
    over = true;
    if (program) {
      program.exited = true; // what a trap has left runs on no more
    }
    globalThis.tandemLetGo?.(); // the writer's lock: another tab shall work on
    const below = document.querySelector("dialog:modal");
    const line = say("dialog", below ? "alertdialog" : "alert", "alert", [paragraph(text)], "Reload", reload);
    line.classList.add("warn");
    way = line.querySelector("button");
    lead();
    if (below) {
      line.setAttribute("aria-label", text);
      line.addEventListener("close", () => line.showModal());
      line.showModal();
    } else {
      line.setAttribute("open", "");
    }
  }

  const kept = inDemo ? "" : " What was sent or received is kept.";
  const crashed = () => end("Tandem has stopped because of an error in it." + kept);
  const failed = () => {
    calmed(); // a newer version may come
    end("Tandem could not be loaded.");
  };

  // A panic ends the run; a trap leaves it hanging, and is an error of the page, or
  // nobody's where a promise had woken the program.
  if (globalThis.Go) {
    const run = Go.prototype.run;
    Go.prototype.run = async function (instance) {
      program = this;
      try {
        await run.call(this, instance);
      } finally {
        crashed();
      }
    };
  }
  const trapped = (thrown) => {
    if (thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError) {
      crashed();
    }
  };
  addEventListener("error", (event) => trapped(event.error));
  addEventListener("unhandledrejection", (event) => trapped(event.reason));
  // Who leaves the page need not be told that it ends.
  addEventListener("pagehide", () => (over = true));
  addEventListener("pageshow", (event) => event.persisted && (over = false));

  // --- Update ---

  const version = () => goappGetenv("GOAPP_VERSION");
  // brief is a version as people see it: its number and 8 digits of its content.
  const brief = (v) => v.slice(0, v.indexOf("-") + 9);
  const ends = (sum) => (sum.length > 8 ? sum.slice(0, 4) + "…" + sum.slice(-4) : "hash " + sum);

  // ask makes a worker say which version it keeps, and the hash of its program.
  function ask(worker) {
    return new Promise((resolve) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = (event) => resolve(event.data);
      setTimeout(() => resolve({}), ANSWER);
      worker.postMessage("version", [channel.port2]);
    });
  }

  // offer shows what a worker has, if it is not what runs here.
  async function offer(registration, worker) {
    const newer = await ask(worker);
    const mine = await hash;
    if (!newer.version || newer.version === version() || over) {
      return;
    }
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = "SHA-256 of both";
    details.append(summary, paragraph("New: " + newer.sha256, "mono"), paragraph("Running: " + mine, "mono"));
    const text = document.createElement("div");
    text.className = "site-text";
    text.append(
      paragraph(`Version ${brief(newer.version)} is ready (${ends(newer.sha256)}). You run ${brief(version())} (${ends(mine)}).`),
      details,
    );
    say("div", "status", "refresh", [text], RESTART, (button) => {
      button.disabled = true;
      if (registration.waiting) {
        registration.waiting.postMessage("restart");
      } else {
        location.reload();
      }
    });
  }

  // follow sees newer versions come, and starts anew when one takes over.
  async function follow() {
    const workers = navigator.serviceWorker;
    let controlled = !!workers.controller;
    workers.addEventListener("controllerchange", async () => {
      const worker = workers.controller;
      if (!worker) {
        return;
      }
      if (!controlled) {
        // The first worker of this origin takes over a page that came from the
        // network. It may be of a newer version already.
        controlled = true;
        offer(await workers.ready, worker);
      } else if ((await ask(worker)).version !== version()) {
        location.reload();
      }
    });

    const registration = await workers.ready;
    const watch = (worker) => {
      const look = () => {
        if (worker.state === "installed") {
          next = worker;
          offer(registration, worker);
        }
        lead();
      };
      worker.addEventListener("statechange", look);
      look();
    };
    registration.addEventListener("updatefound", () => watch(registration.installing));
    [registration.installing, registration.waiting].filter(Boolean).forEach(watch);

    // A tab that stays open for days asks, too.
    let asked = Date.now();
    const update = () => {
      if (document.visibilityState === "visible" && Date.now() - asked >= HOUR) {
        asked = Date.now();
        registration.update().catch(() => {}); // offline
      }
    };
    document.addEventListener("visibilitychange", update);
    setInterval(update, HOUR);
  }
  if ("serviceWorker" in navigator) {
    follow();
  }

  return { start, failed, calm, hash: () => hash };
})();
