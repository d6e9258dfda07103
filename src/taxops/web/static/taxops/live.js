// Follows events of the server (/live/) and refreshes the parts of the page that show them, at most once a second.
const parts = () => [...document.querySelectorAll("[data-live]")];
const topics = () => [...new Set(parts().map((part) => part.dataset.live))].sort();
const pending = new Set();
const since = document.body.dataset.since;
let source = null;
let following = "";
let timer = 0;
let refreshed = 0;
let lost = 0;
let over = false;

function refresh() {
  timer = 0;
  if (document.hidden) return; // caught up when the page is looked at again
  refreshed = Date.now();
  for (const part of parts()) {
    if (!pending.has(part.dataset.live)) continue;
    const target = part.dataset.liveTarget ? part.querySelector(part.dataset.liveTarget) : part;
    // a list is not pulled away under somebody who chooses rows or reads a dialog
    if (target && !document.querySelector("dialog[open]") && !target.querySelector('input[name="ids"]:checked')) target.dispatchEvent(new CustomEvent("taxops:live"));
  }
  pending.clear();
}

function note(topic) {
  if (topic) pending.add(topic);
  else topics().forEach((one) => pending.add(one));
  if (!timer) timer = setTimeout(refresh, Math.max(50, refreshed + 1000 - Date.now())); // the first at once
}

function state(connected) {
  const sign = document.getElementById("live-state");
  if (sign) sign.hidden = connected;
  document.documentElement.classList.toggle("is-offline", !connected);
}

function told(event) {
  let topic = "";
  try { topic = JSON.parse(event.data).topic || ""; } catch { /* an event without a topic concerns every part */ }
  document.dispatchEvent(new CustomEvent("taxops:event", { detail: { kind: event.type, data: event.data } }));
  note(topics().find((one) => topic === one || topic.startsWith(`${one}.`) || topic.startsWith(`${one}@`)) || "");
}

// The server closes the stream: after the login ended there is nothing to reconnect to.
function bye(event) {
  let reason = "";
  try { reason = JSON.parse(event.data).reason; } catch { /* any other goodbye is followed by a reconnect */ }
  if (reason !== "session") return;
  source.close();
  over = true;
  document.dispatchEvent(new CustomEvent("taxops:toast", { detail: { message: "登录已失效，页面不再自动更新。", todo: "请刷新页面重新登录。", tone: "bad" } }));
}

function follow() {
  if (over) return;
  const wanted = topics().map((topic) => `topic=${encodeURIComponent(topic)}`).join("&");
  if (wanted === following && source && source.readyState !== EventSource.CLOSED) return;
  source?.close();
  source = null;
  following = wanted;
  if (!wanted) { state(true); return; }
  source = new EventSource(`/live/?${wanted}${since ? `&since=${encodeURIComponent(since)}` : ""}`);
  source.addEventListener("bye", bye);
  source.addEventListener("open", () => { if (lost) note(""); lost = 0; state(true); });
  for (const kind of ["diff", "snapshot", "message"]) source.addEventListener(kind, told);
  source.addEventListener("error", () => {
    lost += 1;
    if (lost > 1) state(false);
    // the browser retries by itself unless the server refused; then we do, ever more slowly
    if (source?.readyState === EventSource.CLOSED) {
      state(false);
      setTimeout(follow, Math.min(30000, 1000 * 2 ** Math.min(lost, 5)));
    }
  });
}

document.addEventListener("visibilitychange", () => { if (!document.hidden && pending.size && !timer) refresh(); });
document.addEventListener("taxops:ready", follow);
window.addEventListener("pagehide", () => source?.close());
window.addEventListener("pageshow", (event) => { if (event.persisted) { following = ""; follow(); } });
follow();
