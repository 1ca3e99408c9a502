"use strict";
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const options = { responsive: true, displayModeBar: false, scrollZoom: false, doubleClick: false };
  const drawn = [];
  for (const place of document.querySelectorAll("[data-figure]")) {
    const figure = figures[place.dataset.figure];
    Plotly.newPlot(place, figure.data, figure.layout, options);
    drawn.push(place);
  }

  // Paper has its own width, and nothing on it unfolds.
  const unfolded = [];
  addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll("details[data-print]:not([open])")) {
      each.open = true;
      unfolded.push(each);
    }
    for (const each of drawn) Plotly.relayout(each, { width: 640 });
  });
  addEventListener("afterprint", () => {
    for (const each of unfolded.splice(0)) each.open = false;
    for (const each of drawn) Plotly.relayout(each, { width: null, autosize: true });
  });

  // A link to a folded list unfolds it.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = target && target.closest("details");
    if (folded) folded.open = true;
  };
  addEventListener("hashchange", unfold);
  unfold();
})();
