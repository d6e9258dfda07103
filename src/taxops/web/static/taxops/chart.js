// Draws the charts that the page declares; colours come from the page, so light and dark just work.
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

function option(chart) {
  const ink = colour("muted");
  const line = colour("line");
  const palette = [1, 2, 3, 4, 5, 6].map((n) => colour(`c${n}`));
  const font = getComputedStyle(document.body).fontFamily;
  const base = {
    color: palette,
    animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 250,
    textStyle: { fontFamily: font, color: ink, fontSize: 12 },
    aria: { enabled: false },
    tooltip: {
      trigger: chart.kind === "pie" ? "item" : "axis",
      renderMode: "richText", // markup with styles would be refused by the content policy
      backgroundColor: colour("raised"),
      borderColor: line,
      textStyle: { color: colour("ink"), fontSize: 12, fontFamily: font },
      valueFormatter: (value) => (value === null || value === undefined ? "—" : `${number.format(value)} ${chart.unit}`),
    },
  };
  if (chart.series.length > 1 || chart.kind === "pie") base.legend = { top: 0, right: 0, itemWidth: 14, itemHeight: 8, icon: "roundRect", textStyle: { color: ink } };
  if (chart.kind === "pie") return { ...base, series: [pie(chart)] };
  const bars = chart.kind === "bar" || chart.kind === "stack";
  return {
    ...base,
    grid: { left: 4, right: 12, top: chart.series.length > 1 ? 34 : 16, bottom: 4, containLabel: true },
    xAxis: { type: "category", data: chart.categories, boundaryGap: bars, axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: ink, hideOverlap: true } },
    yAxis: { type: "value", min: bars ? 0 : undefined, scale: !bars, splitNumber: 4, splitLine: { lineStyle: { color: line } }, axisLabel: { color: ink, formatter: (value) => number.format(value) } },
    series: chart.series.map((one) => series(chart, one, bars)),
  };
}

function series(chart, one, bars) {
  const links = one.links.length > 0;
  return {
    name: one.name,
    type: bars ? "bar" : "line",
    data: one.values,
    stack: chart.kind === "stack" ? "all" : undefined,
    areaStyle: chart.kind === "area" ? { opacity: 0.14 } : undefined,
    itemStyle: one.tone ? { color: colour(`fill-${one.tone}`) } : undefined,
    lineStyle: { width: 1.75, color: one.tone ? colour(`fill-${one.tone}`) : undefined },
    symbol: "circle",
    symbolSize: 5,
    showSymbol: links && one.values.length < 60,
    barMaxWidth: 28,
    connectNulls: false,
    cursor: links ? "pointer" : "default",
    emphasis: { focus: "none" },
  };
}

function pie(chart) {
  const [one] = chart.series;
  return {
    name: one.name, type: "pie", radius: ["52%", "76%"], center: ["50%", "56%"],
    data: one.values.map((value, place) => ({ value, name: chart.categories[place] })),
    label: { color: colour("soft"), formatter: "{b} {d}%" },
    itemStyle: { borderColor: colour("surface"), borderWidth: 2 },
  };
}

function merged(base, extra) {
  for (const [key, value] of Object.entries(extra)) {
    base[key] = value && typeof value === "object" && !Array.isArray(value) && base[key] && typeof base[key] === "object" ? merged({ ...base[key] }, value) : value;
  }
  return base;
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
  picture.setOption(merged(option(chart), chart.option));
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
