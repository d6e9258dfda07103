// What is pressed without a net is kept on the device (IndexedDB) until the server has it. Pages and the worker share
// this file. Every entry has its own key; the server takes a key once, so sending again is harmless.
(() => {
  const NAME = "taxops-outbox";
  const TIMEOUT_MS = 60000;

  const asked = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  function open() {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("entries", { keyPath: "order", autoIncrement: true });
    return asked(request);
  }

  async function use(mode, work) {
    const base = await open();
    try {
      const round = base.transaction("entries", mode);
      const kept = new Promise((resolve, reject) => {
        round.oncomplete = resolve;
        round.onabort = () => reject(round.error);
      });
      const [found] = await Promise.all([asked(work(round.objectStore("entries"))), kept]);
      return found;
    } finally { base.close(); }
  }

  const all = () => use("readonly", (store) => store.getAll());
  const add = (entry) => use("readwrite", (store) => store.add(entry));
  const put = (entry) => use("readwrite", (store) => store.put(entry));
  const remove = (order) => use("readwrite", (store) => store.delete(order));

  function post(entry, token) {
    const body = new FormData();
    for (const [name, value] of Object.entries(entry.fields)) body.append(name, value);
    for (const [number, photo] of (entry.photos || []).entries()) body.append("photo", photo, `现场照片${number + 1}.jpg`);
    return fetch(entry.url, {
      method: "POST", body, credentials: "same-origin", redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { Accept: "application/json", "X-CSRFToken": token },
    });
  }

  // The token that was good when something was pressed may not be good when there is a net again.
  async function freshToken(entry) {
    const page = await fetch(entry.url, { credentials: "same-origin", redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    return page.ok ? /data-csrf="([^"]+)"/.exec(await page.text())?.[1] : undefined;
  }

  // "sent" and "refused" are over; "away" (no net) and "busy" (not signed in, a server in trouble) are tried again.
  async function deliver(entry) {
    let answer;
    try {
      answer = await post(entry, entry.token || "");
      if (answer.status === 403) {
        const token = await freshToken(entry);
        if (token && token !== entry.token) answer = await post(entry, token);
      }
    } catch { return "away"; }
    if (answer.type === "opaqueredirect" || [401, 403, 429].includes(answer.status) || answer.status >= 500) return "busy";
    if (answer.ok) {
      await remove(entry.order);
      return "sent";
    }
    const told = await answer.json().catch(() => ({}));
    await put({ ...entry, refused: told.what || "内容有误" });
    return "refused";
  }

  // Sends what waits, oldest first; true when nothing waits any more. One sender at a time in the whole browser, the
  // others wait for it; where locks are unknown the key alone protects.
  async function flush({ tell = () => {} } = {}) {
    const work = async () => {
      for (const entry of await all()) {
        if (entry.refused) continue;
        const outcome = await deliver(entry);
        tell(outcome);
        if (outcome === "away" || outcome === "busy") return false;
      }
      return true;
    };
    return navigator.locks ? navigator.locks.request(NAME, work) : work();
  }

  self.taxopsOutbox = { NAME, add, all, flush, put, remove };
})();
