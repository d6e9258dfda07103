// Forms that work without a net: what is sent is kept on the device first, and leaves it once the server has it.
// Every entry has its own key; the server takes a key once, so sending again is harmless.
const SLOT = "taxops-outbox";
const state = document.querySelector("[data-outbox-state]");

function read() {
  try { return JSON.parse(localStorage.getItem(SLOT)) || []; } catch { return []; }
}

function keep(entries) {
  localStorage.setItem(SLOT, JSON.stringify(entries));
  show(entries);
}

function show(entries = read(), said = "") {
  if (!state) return;
  const refused = entries.filter((entry) => entry.refused);
  const waiting = entries.length - refused.length;
  const words = [];
  if (said) words.push(said);
  if (waiting) words.push(`有 ${waiting} 条已存在本机，联网后自动发送。`);
  for (const entry of refused) words.push(`${entry.fields.at?.slice(5, 16).replace("T", " ") ?? ""} 的一条没有被接受：${entry.refused}`);
  state.textContent = words.join(" ");
  state.hidden = words.length === 0;
}

async function send() {
  const entry = read().find((one) => !one.refused);
  if (!entry) return false;
  const body = new FormData();
  for (const [name, value] of Object.entries(entry.fields)) body.append(name, value);
  let answer;
  try {
    answer = await fetch(entry.url, {
      method: "POST", body, credentials: "same-origin", redirect: "manual",
      headers: { Accept: "application/json", "X-CSRFToken": document.body.dataset.csrf },
    });
  } catch { return false; } // no net: it stays
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403 || answer.status >= 500) {
    show(read(), "服务器暂时不能接收，请保持登录，稍后自动重试。");
    return false;
  }
  const told = await answer.json().catch(() => ({}));
  const left = read();
  if (answer.ok) keep(left.filter((one) => one.fields.key !== entry.fields.key));
  else keep(left.map((one) => (one.fields.key === entry.fields.key ? { ...one, refused: told.what || "内容有误" } : one)));
  document.dispatchEvent(new CustomEvent("outbox:sent", { detail: { ok: answer.ok, told } }));
  return true;
}

async function flush() {
  const work = async () => { while (await send()); };
  // One tab at a time; where locks are unknown the key alone protects.
  if (navigator.locks) await navigator.locks.request(SLOT, { ifAvailable: true }, async (lock) => { if (lock) await work(); });
  else await work();
  show();
}

// A photo leaves the device as a JPEG of at most 1280 pixels: small enough to be kept until there is a net.
async function small(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, 1280 / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.7);
}

function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

for (const form of document.querySelectorAll("form[data-outbox]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.busy) return; // pressed twice
    form.dataset.busy = "1";
    try {
      const sent = [...new FormData(form, event.submitter)].filter(([name]) => name !== "csrfmiddlewaretoken");
      const fields = Object.fromEntries(sent.filter(([, value]) => typeof value === "string"));
      const photos = sent.filter(([, value]) => value instanceof File && value.size);
      for (const [number, [, file]] of photos.entries()) fields[`photo_${number}`] = await small(file);
      fields.key = freshKey();
      fields.at = new Date().toISOString();
      keep([...read(), { url: form.action, fields }]);
      form.reset();
    } catch (error) {
      show(read(), error.name === "QuotaExceededError" ? "本机存储已满，没有保存；请联网发送后再试。" : "照片无法读取，没有保存。");
      return;
    } finally {
      delete form.dataset.busy;
    }
    await flush();
    if (navigator.onLine && read().length === 0) location.reload();
  });
}

const where = document.querySelector("[data-locate]");
if (where && navigator.geolocation) {
  const told = document.querySelector("[data-locate-state]");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      where.elements.latitude.value = coords.latitude.toFixed(6);
      where.elements.longitude.value = coords.longitude.toFixed(6);
      told.textContent = `已定位，误差约 ${Math.round(coords.accuracy)} 米`;
    },
    () => { told.textContent = "没有定位，请写明地点"; },
    { enableHighAccuracy: true, timeout: 10000 },
  );
}

addEventListener("online", flush);
setInterval(flush, 15000);
show();
flush();
