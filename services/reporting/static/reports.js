// The map of reports. What it marks stands below it as a list of links too: a screen reader and the keyboard use those.
(() => {
  "use strict";

  const MOST_LISTED = 60;

  function start() {
    const box = document.querySelector("[data-reports]");
    if (!box || !window.MootGround) return;
    box.hidden = false;
    document.getElementById("needs-script").remove();
    const map = MootGround.draw(box);
    const marks = L.layerGroup().addTo(map);
    let asked = 0;
    async function look() {
      const mine = ++asked;
      const found = await reports(box, map);
      if (mine !== asked || !found) return;  // the map has moved on, or there is nobody to ask: what is shown stays
      marks.clearLayers();
      found.features.forEach((each) => mark(each, map).addTo(marks));
      list(found.features);
      say(box.dataset, found);
    }
    map.on("moveend", look);
    look();
  }

  async function reports(box, map) {
    const edges = map.getBounds(), address = new URL(box.dataset.reports, location.href);
    address.searchParams.set("box", [edges.getWest(), edges.getSouth(), edges.getEast(), edges.getNorth()].map((each) => each.toFixed(6)).join());
    address.searchParams.set("zoom", String(Math.round(map.getZoom())));
    try {
      const answer = await fetch(address);
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  function mark(report, map) {
    const facts = report.properties, [lon, lat] = report.geometry.coordinates;
    const made = document.createElement("span");
    made.className = `moot-spot moot-spot--${facts.count > 1 ? "several" : facts.open ? "open" : "closed"}`;
    if (facts.count > 1) made.textContent = String(facts.count);
    // The links of the list are for the keyboard; a second round of stops would only be in the way.
    const icon = L.divIcon({ html: made, className: "moot-spot-icon", iconSize: null });
    const shown = L.marker([lat, lon], { icon, title: facts.title, keyboard: false });
    return shown.on("click", () => {
      if (facts.count > 1 && map.getZoom() < 18) map.setView([lat, lon], map.getZoom() + 2);
      else location.assign(facts.url);
    });
  }

  function list(found) {
    const links = document.getElementById("reports-list");
    links.replaceChildren(...found.slice(0, MOST_LISTED).map((each) => {
      const line = document.createElement("li"), link = document.createElement("a");
      link.className = "govuk-link";
      link.href = each.properties.url;
      link.textContent = each.properties.title;
      line.append(link);
      return line;
    }));
    document.getElementById("reports-here").hidden = !found.length;
  }

  function say(words, found) {
    const count = found.features.reduce((sum, each) => sum + each.properties.count, 0);
    const told = count ? words.shown.replace("{count}", count) : words.none;
    document.getElementById("reports-status").textContent = found.more ? `${told} ${words.more}` : told;
  }

  document.addEventListener("DOMContentLoaded", start);
})();
