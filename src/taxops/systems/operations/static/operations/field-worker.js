// Answers for "my dispatches" and their pages when there is no net, from what the list kept on the device. With a net
// the server answers, always; what it answers is kept. Only pages of field work are its business (its scope).
const KEPT = "taxops-field";
const STATIC = new URL(location.href).searchParams.get("static") || "/static/";
const FIELD = new URL(registration.scope).pathname;
const PATIENCE_MS = 6000;
const LASTS_MS = 3 * 86400 * 1000; // a dispatch is done within two days; what is older says nothing true

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

async function kept(request) {
  const cache = await caches.open(KEPT);
  const found = await cache.match(request, { ignoreVary: true });
  if (!found || Date.now() - Date.parse(found.headers.get("date")) > LASTS_MS) return undefined;
  return found;
}

const patience = () => new Promise((_, reject) => { setTimeout(() => reject(new Error("no answer")), PATIENCE_MS); });

async function page(request) {
  let fresh;
  try {
    fresh = await Promise.race([fetch(request), patience()]);
  } catch {
    return (await kept(request)) ?? Response.error();
  }
  // the login is over: nothing of what it showed stays behind
  if (fresh.type === "opaqueredirect" || fresh.redirected || fresh.status === 401) await caches.delete(KEPT);
  else if (fresh.ok) await (await caches.open(KEPT)).put(request, fresh.clone());
  return fresh;
}

async function part(request) {
  try {
    return await fetch(request);
  } catch {
    return (await kept(request)) ?? Response.error();
  }
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname.startsWith(FIELD)) event.respondWith(page(request));
  else if (pathname.startsWith(STATIC)) event.respondWith(part(request));
});
