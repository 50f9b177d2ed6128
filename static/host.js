// What the client asks of the browser around its pages (wasm/host): how much it
// stores and whether it keeps it, files, notifications, and marks apart from the
// database. Here, because the same in the client weighs ten times as much. Nothing
// throws: what a browser lacks, it does not do. The build puts it before page.js.
globalThis.tandemHost = (() => {
  "use strict";

  const MARK = "tandem"; // in localStorage: an account is kept here. Clear Data empties it
  const KEPT = "tandem kept"; // something is kept here, be it an account or what may become one
  const QUIET = "tandem quiet"; // no notifications, although the browser allows them
  const SAVING = 60 * 1000; // ms, after which a browser has certainly begun to save a file

  // tried is what f gives, or otherwise where the browser refuses.
  function tried(f, otherwise) {
    try {
      return f();
    } catch {
      return otherwise;
    }
  }

  const known = (name) => tried(() => localStorage.getItem(name) !== null, false);
  const know = (name, on) => tried(() => (on ? localStorage.setItem(name, "1") : localStorage.removeItem(name)));

  // fresh is whether nothing is kept here, as far as the browser may remember.
  const fresh = () => tried(() => localStorage.getItem(MARK) === null && localStorage.getItem(KEPT) === null, false);

  // room is whether the browser says anything, whether it keeps the data, how much
  // there is and may be, in bytes.
  async function room(persist) {
    try {
      const storage = navigator.storage;
      const kept = await (persist ? storage.persist() : storage.persisted());
      const { usage = 0, quota = 0 } = await storage.estimate().catch(() => ({}));
      return [1, kept ? 1 : 0, usage, quota];
    } catch {
      return [0, 0, 0, 0];
    }
  }

  // ringing is a view.Ringing.
  function ringing() {
    if (!globalThis.Notification) {
      return 0;
    }
    return { default: 1, denied: 2, granted: known(QUIET) ? 3 : 4 }[Notification.permission] ?? 0;
  }

  async function setRinging(on) {
    if (on && ringing() === 1) {
      await Notification.requestPermission().catch(() => {}); // its answer is the permission
    }
    know(QUIET, !on);
    return ringing();
  }

  // ring shows a notification. Phones have them by the worker only, and then a press
  // brings a tab to the front, wherever that is.
  function ring(title, body, tag, pressed) {
    const options = { body, tag, icon: "/web/icon-192.png" };
    try {
      const shown = new Notification(title, options);
      shown.onclick = () => {
        globalThis.focus();
        shown.close();
        pressed();
      };
    } catch {
      navigator.serviceWorker?.ready.then((r) => r.showNotification(title, options)).catch(() => {});
    }
  }

  function badge(n) {
    tried(() => (n > 0 ? navigator.setAppBadge(n) : navigator.clearAppBadge()).catch(() => {}));
  }

  // blob puts a piece of a file where the browser keeps it, on the disk if it is much.
  const blob = (bytes) => new Blob([bytes]);

  function save(name, pieces) {
    const address = URL.createObjectURL(new Blob(pieces, { type: "application/octet-stream" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.target = "_blank"; // or go-app takes the click for a step in the app
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), SAVING);
  }

  const chosen = (box) => document.getElementById(box)?.files[0] ?? null;
  const read = (file, at, to) => file.slice(at, to).arrayBuffer().catch(() => null);

  return { marked: () => known(MARK), mark: (on) => know(MARK, on), fresh, keep: () => know(KEPT, true), room, ringing, setRinging, ring, badge, blob, save, chosen, read };
})();
