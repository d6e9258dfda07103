// Forms that work without a net: what is sent is kept on the device first, and leaves it once the server has it; by
// this page, by the worker when the page is closed (where the browser can), else when a page is opened next.
import "./outbox-store.js";

const box = self.taxopsOutbox;
const state = document.querySelector("[data-outbox-state]");
const BUSY = "服务器暂时不能接收，请保持登录，稍后自动重试。";

function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-sm";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

async function show(said = "") {
  if (!state) return;
  const entries = await box.all();
  const waiting = entries.filter((entry) => !entry.refused).length;
  const words = [said, waiting && `有 ${waiting} 条已存在本机，联网后自动发送。`].filter(Boolean).join(" ");
  state.replaceChildren(...(words ? [words] : []));
  for (const entry of entries.filter((one) => one.refused)) {
    const line = document.createElement("p");
    const at = new Date(entry.fields.at);
    const when = Number.isNaN(at.getTime()) ? "" : at.toLocaleString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false });
    line.append(`${when} 的一条没有被接受：${entry.refused} `);
    line.append(button("再发一次", async () => { await box.put({ ...entry, refused: undefined }); await flush(); }));
    line.append(button("不再保留", async () => {
      if (confirm("这一条只存在本机，不再保留就找不回来了。确定吗？")) { await box.remove(entry.order); await show(); }
    }));
    state.append(line);
  }
  state.dataset.waiting = waiting;
  state.hidden = !state.hasChildNodes();
}

let running = null;
let again = false;

// One sending at a time on this page; what comes in between makes it look once more.
function flush() {
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    let said = "";
    do {
      again = false;
      await box.flush({ tell: (outcome) => { said = outcome === "busy" ? BUSY : ""; } });
      await show(said);
    } while (again);
  })().finally(() => { running = null; });
  return running;
}

// Only over https (or on this machine) do browsers know workers; without one the next page that is opened sends.
async function hire() {
  const hired = await navigator.serviceWorker?.register(new URL("outbox-worker.js", import.meta.url), { updateViaCache: "none" });
  const fresh = hired?.installing ?? hired?.waiting;
  if (fresh && !hired.active) {
    await new Promise((resolve) => {
      fresh.addEventListener("statechange", () => { if (["activated", "redundant"].includes(fresh.state)) resolve(); });
    });
  }
  return hired;
}
const worker = hire().catch(() => undefined);

// The browser is asked to wake the worker when there is a net, should this page be closed by then.
async function wakeLater() {
  try {
    await (await worker)?.sync?.register(box.NAME);
  } catch { /* not allowed here: the next page sends it */ }
}

// A photo leaves the device as a JPEG of at most 1280 pixels: small enough to be kept until there is a net.
async function small(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, 1280 / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", 0.7);
  });
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
      const photos = [];
      for (const [, file] of sent.filter(([, value]) => value instanceof File && value.size)) photos.push(await small(file));
      fields.key = freshKey();
      fields.at = new Date().toISOString();
      await box.add({ url: form.action, fields, photos, token: document.body.dataset.csrf });
      form.reset();
    } catch (error) {
      await show(error.name === "QuotaExceededError" ? "本机存储已满，没有保存；请联网发送后再试。" : "照片无法读取，没有保存。");
      return;
    } finally {
      delete form.dataset.busy;
    }
    wakeLater();
    await show();
    await flush();
    if (navigator.onLine && (await box.all()).length === 0) location.reload();
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
navigator.serviceWorker?.addEventListener("message", () => show());
setInterval(flush, 15000);
await flush();
