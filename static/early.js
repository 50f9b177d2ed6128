// The first script of the page: the browser fetches the program while it still reads
// the rest. On a first visit it compiles it once that is drawn, or is slow. page.js takes it over.
"use strict";
globalThis.tandemProgram = (() => {
  const address = document.querySelector("link[rel=preload][as=fetch]").href;
  // What runs, once more: a page that a worker brought has it from there, another one
  // from the browser's own cache; past a worker that has come since (app-worker.js),
  // and past the network, which may have another program by now.
  const from = navigator.serviceWorker?.controller ? {} : { cache: "only-if-cached", mode: "same-origin" };

  const LATE = 100; // ms, after which a page that is slow to draw holds up the start no more

  // drawn comes with the first picture of the page, which compiling would hold up: it
  // takes all processors. A tab that is not seen draws none, and one whose files a
  // worker brings has them all so soon that to wait would only make the app later.
  const drawn = new Promise((resolve) => {
    if (document.hidden || navigator.serviceWorker?.controller) {
      resolve();
    }
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, LATE);
  });

  async function compile() {
    const response = await fetch(address);
    if (!response.ok) {
      throw new Error("the site answered " + response.status);
    }
    await drawn;
    return WebAssembly.compileStreaming(response);
  }

  const module = compile();
  module.catch(() => {}); // page.js says so
  return { module, again: () => fetch(address, from) };
})();
