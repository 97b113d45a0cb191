// Draws every [data-figure] with Plotly, in the colours of the theme, and again when the theme changes.
(() => {
  "use strict";

  const SERIES = 6;

  function merge(base, extra) {
    const merged = { ...base };
    for (const [key, value] of Object.entries(extra)) {
      const both = value && merged[key] && typeof value === "object" && !Array.isArray(value);
      merged[key] = both ? merge(merged[key], value) : value;
    }
    return merged;
  }

  function themed(own) {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--cf-${name}`).trim();
    const axis = { gridcolor: colour("grid"), linecolor: colour("grid"), zerolinecolor: colour("grid"), automargin: true };
    const base = {
      autosize: true,
      margin: { l: 8, r: 8, t: 8, b: 8 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: style.getPropertyValue("--font-sans") || "Inter, sans-serif", size: 12, color: colour("ink") },
      colorway: Array.from({ length: SERIES }, (_, index) => colour(`series-${index + 1}`)),
      hovermode: "x unified",
      hoverlabel: { bgcolor: colour("surface"), bordercolor: colour("grid"), font: { color: colour("ink") } },
      legend: { orientation: "h", x: 0, y: -0.2, yanchor: "top", traceorder: "normal", itemwidth: 30 },
      showlegend: true,
      bargap: 0.25,
      xaxis: { ...axis, showgrid: false },
      yaxis: axis,
    };
    return merge(base, own);
  }

  function draw(chart) {
    const figure = JSON.parse(document.getElementById(chart.dataset.figure).textContent);
    const data = figure.data.map((trace) =>
      trace.type === "scatter" ? merge({ line: { width: 2 }, marker: { size: 5 } }, trace) : trace,
    );
    return Plotly.react(chart, data, themed(figure.layout ?? {}), { displayModeBar: false, responsive: true }).then(() => {
      chart.dataset.drawn = document.documentElement.classList.contains("dark") ? "dark" : "light";
    });
  }

  const drawAll = () => document.querySelectorAll("[data-figure]").forEach(draw);

  new MutationObserver(drawAll).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  drawAll();
})();
