// Draws the charts that the page declares; colours come from the page, so light and dark just work.
import { chartOption } from "./chart-option.js";

const drawn = new Map();
let library = null;

function load() {
  library ??= new Promise((resolve, reject) => {
    if (window.echarts) return resolve(window.echarts);
    const script = document.createElement("script");
    script.src = `${document.body.dataset.static}vendor/echarts.min.js`;
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });
  return library;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--tx-${name}`).trim();
const number = new Intl.NumberFormat("zh-CN", { maximumFractionDigits: 3 });

const TONES = ["good", "warning", "bad", "unknown", "suspended", "active", "plain"];

function theme() {
  return {
    palette: [1, 2, 3, 4, 5, 6].map((n) => colour(`c${n}`)),
    fills: Object.fromEntries(TONES.map((tone) => [tone, colour(`fill-${tone}`)])),
    ...Object.fromEntries(["ink", "soft", "muted", "line", "raised", "surface"].map((name) => [name, colour(name)])),
    font: getComputedStyle(document.body).fontFamily,
    animate: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    number: (value) => number.format(value),
  };
}

async function draw(figure) {
  const holder = figure.querySelector(".tx-chart-canvas");
  const data = figure.querySelector('script[type="application/json"]');
  if (!holder || !data) return;
  const chart = JSON.parse(data.textContent);
  let echarts;
  try { echarts = await load(); } catch { figure.classList.add("no-chart"); figure.querySelector("details").open = true; return; }
  drawn.get(holder)?.dispose();
  const picture = echarts.init(holder, null, { renderer: "canvas" });
  picture.setOption(chartOption(chart, theme()));
  picture.on("click", (at) => {
    const link = chart.series[at.seriesIndex]?.links[at.dataIndex];
    if (link) location.assign(link);
  });
  drawn.set(holder, picture);
}

function all(force = false) {
  for (const [holder, picture] of drawn) if (!holder.isConnected) { picture.dispose(); drawn.delete(holder); }
  for (const figure of document.querySelectorAll("[data-chart]")) {
    if (force || !drawn.has(figure.querySelector(".tx-chart-canvas"))) draw(figure);
  }
}

document.addEventListener("taxops:ready", () => all());
document.addEventListener("taxops:theme", () => all(true));
window.addEventListener("resize", () => drawn.forEach((picture) => picture.resize()));
window.addEventListener("beforeprint", () => document.querySelectorAll(".tx-chart-data").forEach((one) => { one.open = true; }));
all();
