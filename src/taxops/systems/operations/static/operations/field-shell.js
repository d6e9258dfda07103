// The list of my dispatches keeps itself, every dispatch in it and what they are shown with on the device, so that
// they can be read where there is no net. What is mine no longer goes; the login page throws everything away.
const KEPT = "taxops-field";
const state = document.querySelector("[data-field-shell]");
const { static: assets } = document.body.dataset;

async function keep(worker) {
  await navigator.serviceWorker.register(`${worker}?static=${encodeURIComponent(assets)}`);
  await navigator.serviceWorker.ready;
  const here = location.pathname;
  const mine = [here, ...[...document.querySelectorAll("a[data-keep]")].map((link) => link.pathname)];
  const cache = await caches.open(KEPT);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith(here) && !mine.includes(pathname)) await cache.delete(request);
  }
  for (const page of mine) {
    const answer = await fetch(page, { credentials: "same-origin", redirect: "manual", headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(page);
    await cache.put(page, answer);
  }
  const parts = performance.getEntriesByType("resource").map(({ name }) => name.split("#")[0]);
  for (const part of new Set(parts.filter((name) => new URL(name).pathname.startsWith(assets)))) {
    if (!(await cache.match(part))) await cache.add(part);
  }
  return mine.length - 1;
}

if (state && "caches" in self && navigator.serviceWorker) {
  try {
    const count = await keep(state.dataset.fieldShell);
    state.textContent = `${count} 个派工单已存在本机，没有网络时也能打开。`;
  } catch {
    state.textContent = navigator.onLine ? "派工单没有存到本机，没有网络时可能打不开。" : "现在没有网络，显示的是上次存在本机的内容。";
  }
  state.hidden = false;
}
