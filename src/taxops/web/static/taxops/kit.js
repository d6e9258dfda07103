// The page's behaviour: menu, theme, search, keyboard, lists, dialogs, forms, toasts. No framework, no inline code.
const root = document.documentElement;
const YEAR = 60 * 60 * 24 * 365;
root.classList.add("has-js");

const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const cookie = (name, value) => {
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `${name}=${value};path=/;max-age=${YEAR};samesite=lax${secure}`;
};

// ---- toasts -------------------------------------------------------------------------------
export function toast({ message, todo = "", tone = "good", undo = "" }) {
  const box = document.createElement("div");
  box.className = `tx-toast tx-${tone}`;
  const words = document.createElement("span");
  words.textContent = message;
  if (todo) {
    const more = document.createElement("small");
    more.textContent = todo;
    words.append(more);
  }
  box.append(words);
  if (undo) box.append(undoForm(undo));
  const close = document.createElement("button");
  close.type = "button";
  close.className = "tx-close";
  close.setAttribute("aria-label", "关闭");
  close.textContent = "×";
  box.append(close);
  $("#toasts")?.append(box);
  fade(box);
}
function undoForm(url) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  const token = document.createElement("input");
  token.type = "hidden";
  token.name = "csrfmiddlewaretoken";
  token.value = document.body.dataset.csrf;
  const button = document.createElement("button");
  button.className = "btn btn-sm";
  button.textContent = "撤销";
  form.append(token, button);
  return form;
}
// Failures stay until they are read; the rest goes away unless the reader points at it.
function fade(box) {
  if (box.classList.contains("tx-bad")) return;
  let timer;
  const start = () => { timer = setTimeout(() => box.remove(), $("form", box) ? 12000 : 6000); };
  box.addEventListener("mouseenter", () => clearTimeout(timer));
  box.addEventListener("mouseleave", start);
  start();
}
$$("#toasts .tx-toast").forEach(fade);
document.addEventListener("taxops:toast", (event) => toast(event.detail));

// ---- htmx ---------------------------------------------------------------------------------
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.body.dataset.csrf;
  // empty parameters have no place in an address
  if (event.detail.verb === "get" && event.target.id === "filters") {
    const kept = event.detail.formData;
    for (const name of [...new Set(kept.keys())]) if (kept.getAll(name).every((v) => v === "")) kept.delete(name);
  }
});
// The search box asks while one types; its "change" on leaving would ask the same once more, and that late
// answer could bring back a condition which the click that left the box has just taken away.
document.addEventListener("change", (event) => { if (event.target.matches?.(".tx-q input")) event.stopPropagation(); }, true);
// A wall board says in its own header that it stands still; toasts that nobody closes would cover it.
const onWall = document.body.classList.contains("tx-board");
document.addEventListener("htmx:sendError", () => onWall || toast({ message: "网络连接失败，操作没有完成。", todo: "请检查网络后重试。", tone: "bad" }));
document.addEventListener("htmx:responseError", (event) => {
  if (!onWall && !event.detail.xhr.getResponseHeader("HX-Trigger")) toast({ message: `服务器没有完成请求（${event.detail.xhr.status}）。`, todo: "请刷新页面后重试。", tone: "bad" });
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "dialog-body") openDialog();
  const shown = $("#tab")?.dataset.tab;  // only the tab's content came: its name is marked here
  if (shown) for (const one of $$(".tx-tabs > a")) one.ariaCurrent = one.id === `tab-${shown}` ? "page" : null;
  prepare(document);
});

function openDialog() {
  const dialog = $("#dialog");
  if (!dialog.open) dialog.showModal();
  $("[autofocus]", dialog)?.focus();
}

// ---- clicks -------------------------------------------------------------------------------
const acts = {
  fold() {
    const folded = root.classList.toggle("tx-folded");
    cookie("taxops_menu", folded ? "folded" : "open");
    if (!folded) restoreGroups();
    measure();
  },
  menu() { document.body.classList.toggle("tx-menu-open"); },
  search: openSearch,
  keys() { $("#keys")?.showModal(); },
  print(button, event) { event.preventDefault(); window.print(); },
  back() { history.back(); },
  async "copy-link"() {
    try {
      await navigator.clipboard.writeText(location.href);
      toast({ message: "链接已复制，可以发给同事。" });
    } catch {
      toast({ message: "浏览器不允许复制，请从地址栏复制。", tone: "warning" });
    }
  },
};

document.addEventListener("click", (event) => {
  const target = event.target;
  if (!(target instanceof Element)) return;
  for (const pop of $$("details.tx-pop[open]")) if (!pop.contains(target)) pop.open = false;
  if (target.matches("dialog")) { target.close(); return; }
  const closing = target.closest("[data-close]");
  if (closing) { closing.closest("dialog")?.close(); return; }
  const toastClose = target.closest(".tx-close");
  if (toastClose) { toastClose.closest(".tx-toast")?.remove(); return; }
  const doing = target.closest("[data-do]");
  if (doing && acts[doing.dataset.do]) { acts[doing.dataset.do](doing, event); closePops(doing); return; }
  const dialog = target.closest("[data-dialog]");
  if (dialog) { closePops(dialog); fillQuery(); $(`#${dialog.dataset.dialog}`)?.showModal(); return; }
  const theme = target.closest("[data-theme-set]");
  if (theme) return setTheme(theme.dataset.themeSet);
  const move = target.closest("[data-move]");
  if (move) return moveItem(move);
  const set = target.closest("[data-set]");
  if (set) setFields(set);
  listClick(target, event);
});

function closePops(from) { from.closest("details.tx-pop")?.removeAttribute("open"); }

function fillQuery() {
  const body = $("#list-body");
  if (body) for (const input of $$('[name="back"]', $("#list"))) input.value = body.dataset.query;
}

function setFields(button) {
  const form = button.form;
  for (const pair of button.dataset.set.split(",")) {
    const [name, value] = pair.split("=");
    if (form?.elements[name]) form.elements[name].value = value;
  }
}

function setTheme(theme) {
  cookie("taxops_theme", theme);
  document.dispatchEvent(new CustomEvent("taxops:theme-set", { detail: theme }));
  for (const button of $$("[data-theme-set]")) button.toggleAttribute("aria-pressed", false);
  $(`[data-theme-set="${theme}"]`)?.setAttribute("aria-pressed", "true");
}

function moveItem(button) {
  const item = button.closest("li");
  if (button.dataset.move === "up") item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  button.focus();
}

// ---- menu groups remember whether they are open; until then they are as the server says ----
const GROUPS = "taxops-menu-open";
function rememberedGroups() {
  try { return JSON.parse(localStorage.getItem(GROUPS)) || {}; } catch { return {}; }
}
const asServed = Object.fromEntries($$(".tx-group").map((group) => [group.dataset.group, group.open]));
function restoreGroups() {
  const remembered = rememberedGroups();
  for (const group of $$(".tx-group")) {
    const name = group.dataset.group;
    group.open = (remembered[name] ?? asServed[name]) || Boolean($("[aria-current]", group));
  }
}
for (const group of $$(".tx-group")) {
  $("summary", group).addEventListener("click", (event) => {
    if (root.classList.contains("tx-folded") && window.innerWidth > 800) {
      event.preventDefault();
      acts.fold();
      group.open = true;
      return;
    }
    localStorage.setItem(GROUPS, JSON.stringify({ ...rememberedGroups(), [group.dataset.group]: !group.open }));
  });
}
if (!root.classList.contains("tx-folded")) restoreGroups();
$(".tx-menu [aria-current]")?.scrollIntoView({ block: "nearest" });

// ---- global search ------------------------------------------------------------------------
function openSearch() {
  const dialog = $("#search");
  if (!dialog) return;
  if (!dialog.open) dialog.showModal();
  const input = $("input", dialog);
  input.focus();
  input.select();
}
$("#search")?.addEventListener("keydown", (event) => {
  const hits = $$(".tx-hit", event.currentTarget);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    const at = hits.findIndex((hit) => hit.classList.contains("is-at"));
    const next = Math.min(Math.max(at + step, 0), hits.length - 1);
    hits.forEach((hit, i) => hit.classList.toggle("is-at", i === next));
    hits[next]?.scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter") {
    const hit = hits.find((one) => one.classList.contains("is-at")) || hits[0];
    if (hit) { event.preventDefault(); location.assign(hit.href); }
  }
});

// ---- keyboard -----------------------------------------------------------------------------
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); openSearch(); return; }
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") {
    const pop = $("details.tx-pop[open]");
    if (pop) { pop.open = false; $("summary", pop).focus(); return; }
    document.body.classList.remove("tx-menu-open");
    if (typing) event.target.blur();
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
  const pages = { "[": "prev", "]": "next" };
  if (event.key === "/") { const box = $("#q"); if (box) { event.preventDefault(); box.focus(); box.select(); } }
  else if (event.key === "?") acts.keys();
  else if (event.key === "j") moveRow(1);
  else if (event.key === "k") moveRow(-1);
  else if (event.key === "x") { const tick = $("tr.is-at .tx-tick input"); if (tick) tick.click(); }
  else if (event.key === "Enter" && event.target === document.body) { const row = $("tr.is-at[data-href]"); if (row) location.assign(row.dataset.href); }
  else if (event.key === "o") $("tr.is-at [data-unfold]")?.click();
  else if (pages[event.key]) $(`.tx-pager a[rel="${pages[event.key]}"]`)?.click();
  else if (/^[a-z]$/.test(event.key)) takeBulk($(`#bulk [data-key="${event.key}"]`));
});
// A letter acts on the ticked rows, or on the one that is pointed at.
function takeBulk(button) {
  if (!button) return;
  if (!ticks().some((tick) => tick.checked)) $("tr.is-at .tx-tick input")?.click();
  if (ticks().some((tick) => tick.checked)) button.click();
}

let atRow; // survives a refresh of the list
function moveRow(step) {
  const rows = $$(".tx-list tbody tr");
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains("is-at"));
  const next = Math.min(Math.max(at + step, 0), rows.length - 1);
  rows.forEach((row, i) => row.classList.toggle("is-at", i === next));
  atRow = rows[next].dataset.pk;
  rows[next].scrollIntoView({ block: "nearest" });
}

// ---- lists --------------------------------------------------------------------------------
function listClick(target, event) {
  const all = target.closest("[data-all]");
  const form = $("#bulk");
  if (all && form) { form.elements.all.value = "1"; chosen(all.dataset.total); return; }
  if (target.closest("[data-none]")) { ticks().forEach((tick) => { tick.checked = false; }); chosen(); return; }
  const option = target.closest(".tx-org-options [data-code]");
  if (option) return chooseOrg(option);
  const quick = target.closest("[data-days]");
  if (quick) return chooseDays(quick);
  const row = target.closest(".tx-list tr[data-href]");
  if (row && !target.closest("a, button, input, label, summary") && !String(window.getSelection())) {
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank"); else location.assign(row.dataset.href);
  }
}
const ticks = () => $$('.tx-list .tx-tick input[name="ids"]');
function chosen(everything = "") {
  const form = $("#bulk");
  if (!form) return;
  const count = ticks().filter((tick) => tick.checked).length;
  if (!everything) form.elements.all.value = "0";
  form.hidden = !count && !everything;
  $("[data-chosen]", form).textContent = everything ? `已选全部 ${everything} 条` : `已选 ${count} 条`;
  const head = $("[data-tick-all]");
  if (head) { head.checked = count > 0 && count === ticks().length; head.indeterminate = count > 0 && !head.checked; }
}
document.addEventListener("change", (event) => {
  const input = event.target;
  if (input.matches("[data-tick-all]")) ticks().forEach((tick) => { tick.checked = input.checked; });
  if (input.closest(".tx-tick")) { chosen(); event.stopPropagation(); }
  const filter = input.closest("[data-filter]");
  if (filter) describe(filter);
  else if (input.closest(".tx-f")) input.closest(".tx-f").classList.toggle("is-on", input.value !== "");
});
function describe(filter) {
  const words = $("[data-words]", filter);
  let text = "";
  if (filter.dataset.filter === "dates") {
    const [first, last] = $$('input[type="date"]', filter).map((input) => input.value);
    text = first && last ? (first === last ? first : `${first} 至 ${last}`) : first ? `${first} 及以后` : last ? `${last} 及以前` : "";
  } else if (filter.dataset.filter === "org") {
    text = $("[data-org-value]", filter).dataset.name || "";
  } else {
    text = $$("input:checked", filter).map((input) => input.closest("label").textContent.trim()).join("、");
  }
  words.textContent = text || filter.dataset.usual || "全部";
  filter.classList.toggle("is-on", text !== "");
}
function chooseOrg(option) {
  const filter = option.closest("[data-filter]");
  const value = $("[data-org-value]", filter);
  value.value = option.dataset.code;
  value.dataset.name = option.dataset.code ? `${option.dataset.name}及下级` : "";
  filter.open = false;
  value.dispatchEvent(new Event("change", { bubbles: true }));
}
function chooseDays(button) {
  const [first, last] = $$('input[type="date"]', button.closest("[data-filter]"));
  const day = (back) => new Date(Date.now() - back * 864e5).toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
  first.value = day(Number(button.dataset.days));
  last.value = day(0);
  last.dispatchEvent(new Event("change", { bubbles: true }));
}
let orgTimer;
async function findOrgs(input) {
  const options = $(".tx-org-options", input.closest("[data-filter]"));
  const answer = await fetch(`${input.dataset.url}&text=${encodeURIComponent(input.value)}`, { headers: { "HX-Request": "true" } });
  if (answer.ok) options.innerHTML = await answer.text();
}
document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-org-text]")) return;
  event.stopPropagation();
  clearTimeout(orgTimer);
  orgTimer = setTimeout(() => findOrgs(event.target), 200);
}, true);
document.addEventListener("toggle", (event) => {
  const filter = event.target;
  if (!(filter instanceof Element) || !filter.matches("details.tx-pop") || !filter.open) return;
  for (const pop of $$("details.tx-pop[open]")) if (pop !== filter && !pop.contains(filter)) pop.open = false;
  const text = $("[data-org-text]", filter);
  if (text) { text.focus(); findOrgs(text); }
}, true);

// A table wider than the page scrolls in its own box; otherwise its head sticks below the top bar.
function measure() {
  for (const list of $$(".tx-list")) {
    const table = $(".tx-table", list);
    if (!table) continue;
    list.classList.remove("is-scrolled-x");
    list.classList.toggle("is-scrolled-x", window.innerWidth > 800 && table.scrollWidth > table.parentElement.clientWidth + 1);
  }
}
window.addEventListener("resize", measure);

// ---- forms --------------------------------------------------------------------------------
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches(".tx-once")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  dirty.delete(form);
  const button = event.submitter || $("button:not([type=button])", form);
  setTimeout(() => button?.setAttribute("aria-busy", "true"));
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of $$(".tx-once")) { delete form.dataset.sent; $("[aria-busy]", form)?.removeAttribute("aria-busy"); }
});
const dirty = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-dirty]")) dirty.add(form);
});
window.addEventListener("beforeunload", (event) => {
  for (const form of dirty) if (!form.isConnected) dirty.delete(form);
  if (dirty.size) event.preventDefault();
});
$(".tx-summary")?.focus();

// ---- clock of boards ----------------------------------------------------------------------
const clock = $("[data-clock]");
if (clock) {
  // The server's time, carried on by this machine's steady clock: a wrong wall clock does not show.
  const began = performance.now();
  const start = new Date(clock.getAttribute("datetime")).getTime();
  const tick = () => { clock.textContent = new Date(start + performance.now() - began).toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" }); };
  setInterval(tick, 1000);
  tick();
}

// ---- what a fresh part of the page needs ---------------------------------------------------
let alpine = false;
function prepare(from) {
  measure();
  if (atRow && !$(".tx-list tr.is-at")) $(`.tx-list tr[data-pk="${CSS.escape(atRow)}"]`)?.classList.add("is-at");
  if (!alpine && $("[x-data]", from)) {
    alpine = true;
    const script = document.createElement("script");
    script.src = `${document.body.dataset.static}vendor/alpine-csp.min.js`;
    document.head.append(script);
  }
  document.dispatchEvent(new Event("taxops:ready"));
}
prepare(document);
