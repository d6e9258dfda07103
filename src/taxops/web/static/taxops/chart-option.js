// From a chart as a page or a report declares it to the ECharts option: one function for both, no document, no window.
// The page gives it the colours of its theme; the report engine runs the same text without a browser.
export function chartOption(chart, theme) {
  return merged(made(chart, theme), chart.option);
}

function made(chart, theme) {
  const base = {
    color: theme.palette,
    animation: theme.animate,
    animationDuration: 250,
    textStyle: { fontFamily: theme.font, color: theme.muted, fontSize: 12 },
    aria: { enabled: false },
    tooltip: {
      trigger: chart.kind === "pie" ? "item" : "axis",
      renderMode: "richText", // markup with styles would be refused by the content policy
      backgroundColor: theme.raised,
      borderColor: theme.line,
      textStyle: { color: theme.ink, fontSize: 12, fontFamily: theme.font },
      valueFormatter: (value) => (value === null || value === undefined ? "—" : `${theme.number(value)} ${chart.unit}`),
    },
  };
  if (chart.series.length > 1 || chart.kind === "pie") base.legend = { top: 0, right: 0, itemWidth: 14, itemHeight: 8, icon: "roundRect", textStyle: { color: theme.muted } };
  if (chart.kind === "pie") return { ...base, series: [pie(chart, theme)] };
  const bars = chart.kind === "bar" || chart.kind === "stack";
  return {
    ...base,
    grid: { left: 4, right: 12, top: chart.series.length > 1 ? 34 : 16, bottom: 4, containLabel: true },
    xAxis: { type: "category", data: chart.categories, boundaryGap: bars, axisLine: { lineStyle: { color: theme.line } }, axisTick: { show: false }, axisLabel: { color: theme.muted, hideOverlap: true } },
    yAxis: { type: "value", min: bars ? 0 : undefined, scale: !bars, splitNumber: 4, splitLine: { lineStyle: { color: theme.line } }, axisLabel: { color: theme.muted, formatter: (value) => theme.number(value) } },
    series: chart.series.map((one) => series(chart, one, bars, theme)),
  };
}

function series(chart, one, bars, theme) {
  const links = one.links.length > 0;
  return {
    name: one.name,
    type: bars ? "bar" : "line",
    data: one.values,
    stack: chart.kind === "stack" ? "all" : undefined,
    areaStyle: chart.kind === "area" ? { opacity: 0.14 } : undefined,
    itemStyle: one.tone ? { color: theme.fills[one.tone] } : undefined,
    lineStyle: { width: 1.75, color: one.tone ? theme.fills[one.tone] : undefined },
    symbol: "circle",
    symbolSize: 5,
    showSymbol: links && one.values.length < 60,
    barMaxWidth: 28,
    connectNulls: false,
    cursor: links ? "pointer" : "default",
    emphasis: { focus: "none" },
  };
}

function pie(chart, theme) {
  const [one] = chart.series;
  return {
    name: one.name, type: "pie", radius: ["52%", "76%"], center: ["50%", "56%"],
    data: one.values.map((value, place) => ({ value, name: chart.categories[place] })),
    label: { color: theme.soft, formatter: "{b} {d}%" },
    itemStyle: { borderColor: theme.surface, borderWidth: 2 },
  };
}

function merged(base, extra) {
  for (const [key, value] of Object.entries(extra)) {
    base[key] = value && typeof value === "object" && !Array.isArray(value) && base[key] && typeof base[key] === "object" ? merged({ ...base[key] }, value) : value;
  }
  return base;
}
