// The wall board's seconds: running durations, how old the picture is. Everything else comes from the server.
const drift = Date.parse(document.querySelector("[data-asof]")?.dataset.asof ?? "") - Date.now() || 0;
const clock = () => Date.now() + drift; // the wall's own clock may be wrong; the server's is not
const two = (n) => String(n).padStart(2, "0");

function words(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const days = Math.floor(s / 86400);
  const rest = `${two(Math.floor(s / 3600) % 24)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return days ? `${days} 天 ${rest}` : rest;
}

function second() {
  const now = clock();
  for (const one of document.querySelectorAll("[data-running]")) {
    const text = words(now - Date.parse(one.dataset.running));
    if (one.textContent !== text) one.textContent = text;
  }
  const head = document.querySelector("[data-asof]");
  const sign = head?.querySelector("[data-age]");
  if (!sign) return;
  const age = Math.round((now - Date.parse(head.dataset.asof)) / 1000);
  sign.classList.toggle("is-old", age > 30);
  if (age > 30) sign.textContent = `数据已有 ${words(age * 1000)} 没有更新，画面停在最后一次`;
}

setInterval(second, 1000);
document.addEventListener("htmx:afterSwap", second);
// A wall is left alone for weeks: when the way to the server comes back, ask at once.
window.addEventListener("online", () => document.querySelector("[data-live]")?.dispatchEvent(new CustomEvent("taxops:live")));
second();
