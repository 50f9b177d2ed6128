// The first script of the page: the browser fetches and compiles the program while
// it still reads the rest. page.js takes it over, with a copy of its very bytes, and
// says what went wrong.
"use strict";
globalThis.tandemProgram = (async () => {
  const response = await fetch(document.querySelector("link[rel=preload][as=fetch]").href);
  if (!response.ok) {
    throw new Error("the site answered " + response.status);
  }
  const copy = response.clone();
  return { module: await WebAssembly.compileStreaming(response), copy };
})();
globalThis.tandemProgram.catch(() => {});
