// Arrow keys walk from the search line through the hits and back; Enter on the line opens the first hit.
const line = document.getElementById("kb-q");

function hits() {
  return [...document.querySelectorAll("#found .kb-hits a")];
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || !line || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const all = hits();
  const at = all.indexOf(document.activeElement);
  if (at < 0 && document.activeElement !== line) return;
  event.preventDefault();
  const next = at + (event.key === "ArrowDown" ? 1 : -1);
  (next < 0 ? line : all[Math.min(next, all.length - 1)] ?? line).focus();
});
