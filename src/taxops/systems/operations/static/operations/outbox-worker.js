// Sends what a page kept, when the page is closed by the time there is a net again (Background Sync). It caches
// nothing and answers no requests: what a page shows always comes from the server.
importScripts("outbox-store.js");

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

async function send() {
  const empty = await taxopsOutbox.flush();
  for (const page of await clients.matchAll({ includeUncontrolled: true })) page.postMessage(taxopsOutbox.NAME);
  if (!empty) throw new Error("something waits still"); // the browser asks again later
}

addEventListener("sync", (event) => {
  if (event.tag === taxopsOutbox.NAME) event.waitUntil(send());
});
