// The council's own map, drawn by Leaflet from its GeoJSON: no tiles are needed and nobody else is asked.
// `MootGround.draw(box)` makes the map in an element with data-ground; pages add to it what they show.
window.MootGround = (() => {
  "use strict";

  const COLOURS = { land: "#f6f4ee", edge: "#3d2b6b", street: "#ffffff", casing: "#8d8d8d", park: "#cfe5c6", thing: "#1d70b8" };
  const STREETS_FROM = 14, NAMES_FROM = 16, THINGS_FROM = 16, MOST_NAMES = 40, PAD = 0.15;

  function draw(box) {
    const settings = box.dataset;
    const place = document.createElement("div");
    box.prepend(place);
    const map = L.map(place, {
      attributionControl: Boolean(settings.attribution), zoomControl: false, preferCanvas: true, minZoom: 11, maxZoom: 20,
      zoomAnimation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    });
    map.setView([Number(settings.lat), Number(settings.lon)], Number(settings.zoom));
    L.control.zoom({ zoomInTitle: settings.zoomIn, zoomOutTitle: settings.zoomOut }).addTo(map);
    if (settings.attribution) map.attributionControl.setPrefix(false);
    ["areas", "lines", "things"].forEach((name, at) => { map.createPane(name).style.zIndex = String(350 + 10 * at); });
    // What is drawn repeats what the page says in words; a screen reader gets the words.
    place.querySelector(".leaflet-map-pane").setAttribute("aria-hidden", "true");
    place.setAttribute("role", "application");
    place.setAttribute("aria-label", settings.label);
    if (settings.describedby) place.setAttribute("aria-describedby", settings.describedby);
    if (settings.tiles) L.tileLayer(settings.tiles, { attribution: escaped(settings.attribution), maxZoom: 20 }).addTo(map);
    areas(map, settings);
    changing(map, settings);
    return map;
  }

  // Leaflet writes attributions as HTML.
  function escaped(text) {
    const made = document.createElement("span");
    made.textContent = text || "";
    return made.innerHTML;
  }

  async function shapes(settings, layer, box) {
    try {
      const answer = await fetch(`${settings.ground}${layer}.json${box ? `?box=${box}` : ""}`);
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;  // the map stays as it is; the page can be answered without it
    }
  }

  async function areas(map, settings) {
    const [edge, wards, parks] = await Promise.all(["boundary", "wards", "parks"].map((name) => shapes(settings, name)));
    const land = { pane: "areas", interactive: false, stroke: false };
    if (edge && !settings.tiles) L.geoJSON(edge, { ...land, style: { fillColor: COLOURS.land, fillOpacity: 1 } }).addTo(map);
    if (parks && !settings.tiles) {
      L.geoJSON(parks, { ...land, style: { fillColor: COLOURS.park, fillOpacity: 1 } }).addTo(map);
    }
    if (!wards) return;
    const lines = L.geoJSON(wards, {
      pane: "areas", interactive: false, style: { color: COLOURS.edge, weight: 2, dashArray: "6 6", fill: false },
    }).addTo(map);
    const names = L.layerGroup();
    lines.eachLayer((ward) => names.addLayer(name(ward.getBounds().getCenter(), ward.feature.properties.name, "moot-map__ward")));
    const show = () => (map.getZoom() < NAMES_FROM && map.getZoom() > 12 ? names.addTo(map) : names.remove());
    map.on("zoomend", show);
    show();
  }

  function name(at, text, className) {
    const shown = document.createElement("span");
    shown.textContent = text;
    return L.tooltip({ permanent: true, direction: "center", className, interactive: false, opacity: 1 }).setLatLng(at).setContent(shown);
  }

  // What is there in thousands is asked for as it comes into view.
  function changing(map, settings) {
    const streets = L.layerGroup().addTo(map), names = L.layerGroup().addTo(map), things = L.layerGroup().addTo(map);
    let asked = 0;
    async function look() {
      const zoom = map.getZoom(), mine = ++asked;
      const wanted = map.getBounds().pad(PAD).toBBoxString();
      const lines = zoom >= STREETS_FROM ? await shapes(settings, "streets", wanted) : null;
      const points = settings.layer && zoom >= THINGS_FROM ? await shapes(settings, settings.layer, wanted) : null;
      if (mine !== asked) return;  // the map has moved on meanwhile
      [streets, names, things].forEach((group) => group.clearLayers());
      if (lines && !settings.tiles) drawStreets(lines, streets, names, map);
      if (points) drawThings(points, things, map, settings);
    }
    map.on("moveend", look);
    look();
  }

  function drawStreets(lines, streets, names, map) {
    const zoom = map.getZoom();
    const width = (feature) => Math.max(2, (zoom - 12) * (feature.properties.main ? 2.4 : 1.6));
    const style = (color, more) => (feature) => ({ color, weight: width(feature) + more, opacity: 1 });
    const still = { pane: "lines", interactive: false };
    L.geoJSON(lines, { ...still, style: style(COLOURS.casing, 2) }).addTo(streets);
    const top = L.geoJSON(lines, { ...still, style: style(COLOURS.street, 0) }).addTo(streets);
    if (zoom < NAMES_FROM) return;
    let left = MOST_NAMES;
    top.eachLayer((street) => {
      const middle = halfway(street.getLatLngs().flat(), map.getBounds());
      if (middle && left-- > 0) names.addLayer(name(middle, street.feature.properties.name, "moot-map__street"));
    });
  }

  // The corner nearest to the middle of what is seen of the street.
  function halfway(corners, view) {
    const seen = corners.filter((each) => view.contains(each));
    if (!seen.length) return null;
    const a = seen[Math.floor((seen.length - 1) / 2)], b = seen[Math.ceil((seen.length - 1) / 2)];
    return L.latLng((a.lat + b.lat) / 2, (a.lng + b.lng) / 2);
  }

  function drawThings(points, things, map, settings) {
    L.geoJSON(points, {
      pointToLayer: (feature, at) => L.circleMarker(at, {
        pane: "things", radius: 7, weight: 2, color: "#0b0c0c", fillColor: COLOURS.thing, fillOpacity: 1, bubblingMouseEvents: false,
      }).on("click", () => map.fire("thing", { latlng: at, number: feature.properties.number })),
    }).eachLayer((each) => each.bindTooltip(`${settings.thing || ""} ${each.feature.properties.number}`.trim()).addTo(things));
  }

  return { draw, name };
})();
