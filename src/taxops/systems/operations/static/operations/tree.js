// The health tree's editor: rows that are added, moved and removed; the text field stays what is stored.
const known = JSON.parse(document.getElementById("tree-known").textContent);
const field = document.getElementById("id_tree");
const card = document.getElementById("tree-editor");
const box = card.querySelector("[data-tree-root]");
const said = document.getElementById("tree-trial");
const names = new Map([
  ...known.checks.map((one) => [`check:${one.code}`, one.name]),
  ...known.systems.map((one) => [`system:${one.code}`, `系统：${one.name}`]),
]);
const GROUPS = { all: "全部正常", any: "任一正常", k: "至少几项正常", percent: "至少百分之几正常" };
const bad = new Set();
const undone = [];
let root = null;
let at = []; // the path of the chosen row
let timer = 0;

// ---- the tree as data: {kind, code} or {kind: group, n, least, pattern, parts} -------------------
function read(data) {
  if (!data || typeof data !== "object") return null;
  for (const kind of ["check", "system"]) if (kind in data) return { kind, code: data[kind] };
  const kind = "all" in data ? "all" : "any" in data ? "any" : "percent" in data ? "percent" : "k";
  const of = kind === "all" ? data.all : kind === "any" ? data.any : data.of;
  return {
    kind, n: data.percent ?? data.k ?? 1, least: data.min ?? 0,
    pattern: typeof of === "string" ? of : "", parts: Array.isArray(of) ? of.map(read).filter(Boolean) : [],
  };
}
function write(node) {
  if (!node.parts) return { [node.kind]: node.code };
  const of = node.pattern || node.parts.map(write);
  const least = node.least ? { min: node.least } : {};
  if (node.kind === "percent") return { percent: node.n, ...least, of };
  if (node.kind === "k") return { k: node.n, ...least, of };
  return { [node.kind]: of };
}
const group = (parts = [], kind = "all") => ({ kind, n: 1, least: 0, pattern: "", parts });
const find = (path) => path.reduce((node, place) => node?.parts?.[place], root);
const above = (path) => find(path.slice(0, -1));

function load() {
  try { root = field.value.trim() ? read(JSON.parse(field.value)) : null; } catch { root = null; }
  if (root && !root.parts) root = group([root]);
}
function keep() { undone.push(field.value); if (undone.length > 50) undone.shift(); }
function changed() {
  field.value = root && (root.parts.length || root.pattern) ? JSON.stringify(write(root), null, 2) : "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  draw();
}

// ---- drawing ------------------------------------------------------------------------------------
const make = (tag, props = {}, ...inside) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) if (name in made && name !== "list") made[name] = value; else made.setAttribute(name, value);
  made.append(...inside);
  return made;
};
function options(node) {
  const choice = make("select", { className: "form-select form-select-sm", ariaLabel: "判定方式" });
  for (const [code, word] of Object.entries(GROUPS)) choice.append(make("option", { value: code, selected: code === node.kind }, word));
  choice.addEventListener("change", () => { keep(); node.kind = choice.value; if (node.kind === "percent") node.n = 60; else if (node.kind === "k") node.n = Math.max(1, Math.min(2, node.parts.length)); if (node.kind === "all" || node.kind === "any") { node.least = 0; node.pattern = ""; } changed(); });
  const found = [choice];
  if (node.kind === "k" || node.kind === "percent") {
    const n = make("input", { type: "number", className: "form-control form-control-sm mon-n", min: 1, max: node.kind === "percent" ? 100 : Math.max(1, node.parts.length), value: node.n, ariaLabel: node.kind === "percent" ? "百分比" : "项数" });
    n.addEventListener("change", () => { keep(); node.n = Math.max(1, Math.min(Number(n.max), Math.round(Number(n.value)) || 1)); changed(); });
    found.push(n, make("span", {}, node.kind === "percent" ? "%" : `／ ${node.parts.length} 项`));
  }
  if (node.pattern) found.push(make("code", {}, `成员：${node.pattern}`));
  return found;
}
function adder(path) {
  const choice = make("select", { className: "form-select form-select-sm mon-add", ariaLabel: "向这一组添加" });
  choice.append(make("option", { value: "" }, "＋ 添加…"), make("option", { value: "group" }, "一组"));
  const used = new Set(find(path).parts.map((part) => `${part.kind}:${part.code}`));
  for (const [label, rows, kind] of [["本系统的检查项", known.checks, "check"], ["其他系统", known.systems, "system"]]) {
    const part = make("optgroup", { label });
    for (const one of rows) if (!used.has(`${kind}:${one.code}`)) part.append(make("option", { value: `${kind}:${one.code}` }, `${one.name}（${one.code}）`));
    if (part.childElementCount) choice.append(part);
  }
  choice.addEventListener("change", () => {
    if (!choice.value) return;
    keep();
    const into = find(path);
    const cut = choice.value.indexOf(":");
    into.parts.push(choice.value === "group" ? group([], "any") : { kind: choice.value.slice(0, cut), code: choice.value.slice(cut + 1) });
    at = [...path, into.parts.length - 1];
    changed();
  });
  return choice;
}
function button(word, title, run) {
  const made = make("button", { type: "button", className: "btn btn-sm btn-icon", title, ariaLabel: title }, word);
  made.addEventListener("click", (event) => { event.stopPropagation(); run(); });
  return made;
}
function row(node, path) {
  const line = make("div", { className: `mon-row ${node.parts ? "mon-row-group" : "mon-row-leaf"}`, tabIndex: 0, draggable: path.length > 0 });
  line.dataset.path = path.join(".");
  line.classList.toggle("is-at", path.join() === at.join() && path.length === at.length);
  if (node.parts) line.append(...options(node));
  else {
    const key = `${node.kind}:${node.code}`;
    const tick = make("input", { type: "checkbox", className: "form-check-input", checked: bad.has(key) });
    tick.addEventListener("change", () => { if (tick.checked) bad.add(key); else bad.delete(key); ask(); line.classList.toggle("is-bad", tick.checked); });
    line.classList.toggle("is-bad", bad.has(key));
    line.append(make("span", { className: "mon-row-name" }, names.get(key) || `${node.code}（已不存在）`), make("label", { className: "mon-row-tick" }, tick, " 设为中断"));
  }
  if (path.length) line.append(make("span", { className: "mon-row-tools" },
    button("↑", "上移", () => move(path, -1)), button("↓", "下移", () => move(path, 1)),
    button("→", "移入上面的组", () => indent(path)), button("←", "移出这一组", () => outdent(path)), button("×", "删除", () => drop(path))));
  return line;
}
function branch(node, path) {
  const item = make("li", {}, row(node, path));
  if (node.parts) {
    const inside = make("ul", {}, ...node.parts.map((part, place) => branch(part, [...path, place])));
    if (!node.pattern) inside.append(make("li", { className: "mon-row-add" }, adder(path)));
    item.append(inside);
  }
  return item;
}
function draw() {
  const focused = box.contains(document.activeElement);
  box.replaceChildren(root ? make("ul", { className: "mon-tree mon-tree-edit" }, branch(root, [])) : make("p", { className: "tx-muted" }, "没有定义：任一紧急或重要的检查项中断，系统即为中断。"));
  if (!root) box.append(button("开始定义", "开始定义", () => { keep(); root = group(); at = []; changed(); }));
  card.querySelector('[data-tree="undo"]').disabled = !undone.length;
  if (focused) box.querySelector(".is-at")?.focus();
  ask();
}

// ---- moving -------------------------------------------------------------------------------------
function move(path, step) {
  const list = above(path).parts;
  const place = path.at(-1);
  if (place + step < 0 || place + step >= list.length) return;
  keep();
  [list[place], list[place + step]] = [list[place + step], list[place]];
  at = [...path.slice(0, -1), place + step];
  changed();
}
function indent(path) {
  const list = above(path).parts;
  const place = path.at(-1);
  let into = -1;
  for (let i = place - 1; i >= 0 && into < 0; i -= 1) if (list[i].parts && !list[i].pattern) into = i;
  if (into < 0) return;
  keep();
  const [node] = list.splice(place, 1);
  list[into].parts.push(node);
  at = [...path.slice(0, -1), into, list[into].parts.length - 1];
  changed();
}
function outdent(path) {
  if (path.length < 2) return;
  keep();
  const [node] = above(path).parts.splice(path.at(-1), 1);
  const up = path.slice(0, -1);
  above(up).parts.splice(up.at(-1) + 1, 0, node);
  at = [...up.slice(0, -1), up.at(-1) + 1];
  changed();
}
function drop(path) {
  keep();
  above(path).parts.splice(path.at(-1), 1);
  at = path.slice(0, -1);
  changed();
}
const pathOf = (line) => (line.dataset.path ? line.dataset.path.split(".").map(Number) : []);

box.addEventListener("focusin", (event) => {
  const line = event.target.closest(".mon-row");
  if (!line) return;
  at = pathOf(line);
  box.querySelectorAll(".is-at").forEach((one) => one.classList.remove("is-at"));
  line.classList.add("is-at");
});
box.addEventListener("keydown", (event) => {
  if (!event.target.classList.contains("mon-row")) return;
  const path = pathOf(event.target);
  const rows = [...box.querySelectorAll(".mon-row")];
  if (event.altKey && path.length) {
    const acts = { ArrowUp: () => move(path, -1), ArrowDown: () => move(path, 1), ArrowLeft: () => outdent(path), ArrowRight: () => indent(path) };
    if (acts[event.key]) { event.preventDefault(); acts[event.key](); }
  } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    event.preventDefault();
    rows[rows.indexOf(event.target) + (event.key === "ArrowUp" ? -1 : 1)]?.focus();
  } else if (event.key === "Delete" && path.length) { event.preventDefault(); drop(path); }
  else if (event.key === " ") { const tick = event.target.querySelector('input[type="checkbox"]'); if (tick) { event.preventDefault(); tick.click(); } }
});
let carried = null;
box.addEventListener("dragstart", (event) => { const line = event.target.closest(".mon-row"); if (line) { carried = pathOf(line); event.dataTransfer.effectAllowed = "move"; } });
box.addEventListener("dragover", (event) => { if (carried && event.target.closest(".mon-row")) event.preventDefault(); });
box.addEventListener("drop", (event) => {
  const line = event.target.closest(".mon-row");
  if (!line || !carried) return;
  event.preventDefault();
  const to = pathOf(line);
  const from = carried;
  carried = null;
  const key = from.join(".");
  if (to.join(".") === key || to.join(".").startsWith(`${key}.`) || find(to).pattern) return; // not into itself
  keep();
  const node = find(from);
  const target = find(to);
  const list = above(from).parts;
  const beside = target.parts ? null : above(to).parts;
  list.splice(list.indexOf(node), 1);
  if (beside) beside.splice(beside.indexOf(target), 0, node); else target.parts.push(node);
  at = [];
  changed();
});

// ---- what it would say -----------------------------------------------------------------------------
function ask() { clearTimeout(timer); timer = setTimeout(send, 200); }
async function send() {
  const body = new URLSearchParams({ tree: field.value });
  for (const key of bad) body.append("bad", key);
  try {
    const answer = await fetch(card.dataset.trial, { method: "POST", body, headers: { "X-CSRFToken": document.body.dataset.csrf, "HX-Request": "true" } });
    if (!answer.ok) throw new Error(String(answer.status));
    said.innerHTML = await answer.text();
  } catch { said.textContent = "推演没有完成，请检查网络；保存时平台会再次核对。"; }
}

card.addEventListener("click", (event) => {
  const doing = event.target.closest("[data-tree]")?.dataset.tree;
  if (doing === "undo" && undone.length) { field.value = undone.pop(); load(); draw(); }
  else if (doing === "clear") { keep(); root = null; at = []; changed(); }
  else if (doing === "default") { keep(); root = group(known.checks.filter((one) => !one.minor).map((one) => ({ kind: "check", code: one.code }))); at = []; changed(); }
});
field.addEventListener("change", () => { load(); draw(); });
card.hidden = false;
load();
draw();
