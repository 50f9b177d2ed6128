// The service worker of Tandem: the app opens offline, and all of it is of one
// version. The build fills in the three names in braces (go-app's template, and
// core/gateway/sums.go).
//
// It keeps one cache per version, filled whole or not at all: a file that cannot
// be fetched, or is not the one that was built, fails the installation, and the
// next visit tries again. A newer version waits until a person wants it or no tab
// uses the older one, so that no tab ever runs on files of two versions. Caches
// that it did not make, POSTs (each message goes out as one) and other origins
// are none of its business.
"use strict";

const PREFIX = "tandem-site-";
const VERSION = "{{.Version}}";
const CACHE = PREFIX + VERSION;
const FILES = {{.ResourcesToCache}};
// SHA-256 of files by path. What is missing here, a host may write itself.
const SUMS = {{.Sums}};

const path = (file) => new URL(file, self.location).pathname;

// The demo is a second program, larger than the app. It is kept once somebody has
// opened it (the page says so), and by later versions from then on.
const DEMO = FILES.filter((file) => /^\/(web\/)?demo[./]/.test(path(file)));
const APP = FILES.filter((file) => !DEMO.includes(file));
const DEMO_PAGE = "/demo/";

// By path: a file may be asked for with or without the mark of its content.
const BY_PATH = new Map(FILES.map((file) => [path(file), file]));

self.addEventListener("install", (event) => {
  // Where the browser knows routes, a message does not wait for this worker to wake.
  event.addRoutes?.({ condition: { requestMethod: "POST" }, source: "network" }).catch(() => {});
  event.waitUntil(fill());
});

async function fill() {
  await keep((await opened()) ? FILES : APP);
}

// keep takes all of these files, or none.
async function keep(files) {
  const cache = await caches.open(CACHE);
  // "no-cache" asks the server whether what the browser has is still right: the
  // page has just loaded most of it.
  await cache.addAll(files.map((file) => new Request(file, { cache: "no-cache", integrity: SUMS[path(file)] || "" })));
}

// opened reports whether the demo was opened, in this version or an older one.
async function opened() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  const pages = await Promise.all(names.map((cacheName) => caches.match(DEMO_PAGE, { cacheName })));
  return pages.some(Boolean);
}

// keepDemo is for the first time that the demo is opened.
async function keepDemo() {
  if (!(await caches.match(DEMO_PAGE, { cacheName: CACHE }))) {
    await keep(DEMO);
  }
}

self.addEventListener("activate", (event) => event.waitUntil(sweep()));

async function sweep() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  if (old.length === 0) {
    // The first of this origin: the tabs that are open came from the network, and
    // wait for a restart as any later ones do.
    await self.clients.claim();
  }
}

self.addEventListener("message", (event) => {
  switch (event.data) {
    case "version":
      event.waitUntil(tell(event.ports[0], /^\/demo\/?$/.test(path(event.source.url)) ? "/web/demo.wasm" : "/web/app.wasm"));
      break;
    case "demo":
      event.waitUntil(keepDemo().catch(() => {})); // offline, or the host is at another version
      break;
    case "restart":
      event.waitUntil(self.skipWaiting());
      break;
  }
});

// tell says which version this is, and the hash of the program that the page which
// asks is about, of the bytes that the next tab will run; of the demo, where it is not
// kept, nobody knows that yet.
async function tell(port, program) {
  const client = await caches.match(BY_PATH.get(program), { cacheName: CACHE });
  const sum = client && (await crypto.subtle.digest("SHA-256", await client.arrayBuffer()));
  const sha256 = sum && Array.from(new Uint8Array(sum), (b) => b.toString(16).padStart(2, "0")).join("");
  port.postMessage({ version: VERSION, sha256: sha256 || "unknown" });
}

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || request.cache === "only-if-cached") {
    return; // the last: early.js wants what the browser has
  }
  let file = BY_PATH.get(url.pathname);
  // The names of files have a dot; anything else that a person opens is a page
  // of the app, and the shell knows the pages.
  if (!file && request.mode === "navigate" && !/\.[^/]*$/.test(url.pathname)) {
    file = BY_PATH.get(url.pathname + "/" === DEMO_PAGE ? DEMO_PAGE : "/");
  }
  if (file) {
    event.respondWith(answer(file, event));
  }
});

// answer falls back to the network: a browser short of space may have dropped
// the cache and kept the worker. Then it is filled again.
async function answer(file, event) {
  const kept = await caches.match(file, { cacheName: CACHE });
  if (kept) {
    return kept;
  }
  if (!DEMO.includes(file)) {
    event.waitUntil(refill());
  }
  return fetch(event.request);
}

let filling = null;

function refill() {
  filling ||= fill()
    .catch(() => {}) // offline, or the host is at another version: its worker will come
    .finally(() => (filling = null));
  return filling;
}

// A notification that a phone shows for a tab leads back to it.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const tabs = self.clients.matchAll({ type: "window" });
  event.waitUntil(tabs.then((open) => (open.length ? open[0].focus() : self.clients.openWindow("/"))));
});
