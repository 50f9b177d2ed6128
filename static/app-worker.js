// The service worker of Tandem: the app opens offline, and all of it is of one
// version. The build fills in the two names in braces (go-app's template).
//
// It keeps one cache per version, filled whole or not at all: a file that
// cannot be fetched fails the installation, and the next visit tries again. A
// newer version waits until no tab uses the older one, so that no tab ever
// runs on files of two versions. Caches that it did not make, POSTs (each
// message goes out as one) and other origins are none of its business.
"use strict";

const PREFIX = "tandem-site-";
const CACHE = PREFIX + "{{.Version}}";
const FILES = {{.ResourcesToCache}};

// By path: a file may be asked for with or without the mark of its content.
const BY_PATH = new Map(FILES.map((file) => [new URL(file, self.location).pathname, file]));

self.addEventListener("install", (event) => event.waitUntil(fill()));

async function fill() {
  const cache = await caches.open(CACHE);
  // "no-cache" asks the server whether what the browser has is still right: the
  // page has just loaded most of it.
  await cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })));
}

self.addEventListener("activate", (event) => event.waitUntil(sweep()));

async function sweep() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) {
    return;
  }
  let file = BY_PATH.get(url.pathname);
  // The names of files have a dot; anything else that a person opens is a page
  // of the app, and the shell knows the pages.
  if (!file && request.mode === "navigate" && !/\.[^/]*$/.test(url.pathname)) {
    file = BY_PATH.get("/");
  }
  if (file) {
    event.respondWith(answer(file, request));
  }
});

// answer falls back to the network: a browser short of space may have dropped
// the cache and kept the worker.
async function answer(file, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(file)) || fetch(request);
}
