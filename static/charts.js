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

  // A colour of tokens.css as the theme resolves it.
  const swatch = document.body.appendChild(Object.assign(document.createElement("span"), { hidden: true }));
  function colour(name) {
    swatch.style.color = `var(--cf-${name})`;
    return getComputedStyle(swatch).color;
  }

  function themed(own) {
    const style = getComputedStyle(document.documentElement);
    const line = colour("line");
    const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, automargin: true };
    const base = {
      autosize: true,
      margin: { l: 8, r: 8, t: 8, b: 8 },
      paper_bgcolor: "transparent",
      plot_bgcolor: "transparent",
      font: { family: style.getPropertyValue("--font-sans") || "Inter, sans-serif", size: 12, color: colour("ink") },
      colorway: Array.from({ length: SERIES }, (_, index) => colour(`series-${index + 1}`)),
      hovermode: "x unified",
      hoverlabel: { bgcolor: colour("surface"), bordercolor: line, font: { color: colour("ink") } },
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
