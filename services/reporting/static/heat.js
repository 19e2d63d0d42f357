// Squares of the map, the darker the more reports lie in them. The table below the map says the same of the busiest.
(() => {
  "use strict";

  const COLOURS = ["#fdd49e", "#fc8d59", "#e34a33", "#b30000", "#4d0000"];

  function start() {
    const box = document.querySelector("[data-heat]");
    if (!box || !window.MootGround) return;
    box.hidden = false;
    const map = MootGround.draw(box), drawn = L.layerGroup().addTo(map);
    let asked = 0;
    async function look() {
      const mine = ++asked, squares = await fetched(box, map);
      if (mine !== asked || !squares) return;
      drawn.clearLayers();
      const limits = steps(squares.map((each) => each[4]));
      squares.forEach((each) => square(each, limits).addTo(drawn));
      explain(limits);
    }
    map.on("moveend", look);
    look();
  }

  async function fetched(box, map) {
    const edges = map.getBounds(), address = new URL(box.dataset.heat, location.href);
    address.searchParams.set("box", [edges.getWest(), edges.getSouth(), edges.getEast(), edges.getNorth()].map((each) => each.toFixed(6)).join());
    address.searchParams.set("zoom", String(Math.round(map.getZoom())));
    try {
      const answer = await fetch(address);
      return answer.ok ? (await answer.json()).squares : null;
    } catch {
      return null;  // what is shown stays
    }
  }

  // The smallest number of each step: shares of what is on the map now, so that a quiet ward shows its own busy corner.
  function steps(counts) {
    const most = Math.max(1, ...counts);
    return [...new Set(COLOURS.map((_each, step) => Math.max(1, Math.ceil((most * step) / COLOURS.length))))];
  }

  function square([south, west, north, east, count], limits) {
    const step = limits.reduce((found, limit, at) => (count >= limit ? at : found), 0);
    const look = { color: "#0b0c0c", weight: 0.5, fillColor: COLOURS[step], fillOpacity: 0.7, interactive: true };
    return L.rectangle([[south, west], [north, east]], look).bindTooltip(String(count));
  }

  function explain(limits) {
    const key = document.querySelector(".moot-heat-key");
    key.hidden = false;
    key.querySelectorAll("[data-heat-step]").forEach((words, at) => {
      words.closest("li").hidden = at >= limits.length;
      words.textContent = at + 1 < limits.length && limits[at + 1] - 1 > limits[at] ? `${limits[at]} – ${limits[at + 1] - 1}`
        : at + 1 < limits.length ? `${limits[at]}` : `${limits[at]}+`;
    });
  }

  document.addEventListener("DOMContentLoaded", start);
})();
