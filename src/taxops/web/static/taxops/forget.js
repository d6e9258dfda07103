// Who is not logged in leaves nothing behind: what pages kept on this device to be read without a net is thrown away.
// What waits to be sent (IndexedDB) stays: it is work that was done and is sent after the next login.
if ("caches" in self) {
  for (const name of await caches.keys()) if (name.startsWith("taxops-")) await caches.delete(name);
}
