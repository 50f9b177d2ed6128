// The first script of the page: the browser fetches and compiles the program while
// it still reads the rest. page.js takes it over.
"use strict";
globalThis.tandemProgram = (() => {
  const address = document.querySelector("link[rel=preload][as=fetch]").href;
  // A page that a worker brought has its program from there, another one from the
  // browser's own cache, past a worker that has come since (app-worker.js).
  const cache = navigator.serviceWorker?.controller ? "default" : "force-cache";

  async function compile() {
    const response = await fetch(address);
    if (!response.ok) {
      throw new Error("the site answered " + response.status);
    }
    // Of an answer that is here Chromium makes a program faster than of a promise.
    return WebAssembly.compileStreaming(response);
  }

  const module = compile();
  module.catch(() => {}); // page.js says so
  return { module, again: () => fetch(address, { cache }) };
})();
