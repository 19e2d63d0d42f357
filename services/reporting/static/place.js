// Where the problem is: a pin on the map and the position of the phone, both written into the two fields of the form,
// which is all that is sent. Every word comes from the page, in its language.
(() => {
  "use strict";

  const box = document.querySelector("[data-place]");
  if (!box) return;
  const words = box.dataset;
  const [lat, lon] = ["lat", "lon"].map((name) => document.getElementById(name));
  const status = document.getElementById("place-status");
  const canvas = box.querySelector("[data-ground]");
  const CLOSE = 18;
  box.hidden = false;
  document.querySelectorAll("[data-without-script]").forEach((each) => { each.hidden = true; });

  const map = window.L && window.MootGround.draw(canvas);
  let pin = null, asked = 0;

  function filled(text, values) {
    return Object.entries(values).reduce((made, [name, value]) => made.replace(`{${name}}`, value), text || "");
  }

  function say(text) { status.textContent = text; }

  // Write the place into the form, show it, and say in words where it is.
  async function set(at, about) {
    lat.value = at.lat.toFixed(6);
    lon.value = at.lng.toFixed(6);
    show(at);
    const mine = ++asked;
    const found = await lookUp(`at?lat=${at.lat.toFixed(5)}&lon=${at.lng.toFixed(5)}`);
    if (mine !== asked) return;
    const where = !found ? "" : found.ours ? filled(found.place ? words.near : words.set, found)
      : filled(found.elsewhere ? words.elsewhere : words.outside, found);
    say([about, where].filter(Boolean).join(" "));
  }

  async function lookUp(path) {
    try {
      const answer = await fetch(words.ground + path);
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  function show(at) {
    if (!map) return;
    if (!pin) {
      const icon = L.divIcon({ className: "", html: document.getElementById("place-pin").content.firstElementChild.cloneNode(true), iconSize: [30, 30], iconAnchor: [15, 36] });
      pin = L.marker(at, { icon, draggable: true, keyboard: false }).addTo(map);
      pin.on("dragend", () => set(pin.getLatLng()));
    }
    pin.setLatLng(at);
    if (!map.getBounds().contains(at)) map.setView(at, Math.max(map.getZoom(), CLOSE));
  }

  function typed() {
    const at = [lat, lon].map((field) => Number(field.value.replace(",", ".")));
    return lat.value && lon.value && at.every(Number.isFinite) && Math.abs(at[0]) < 85 && Math.abs(at[1]) <= 180 ? L.latLng(at) : null;
  }

  function onTheMap() {
    map.on("click", (event) => set(event.latlng));
    map.on("thing", (event) => set(event.latlng, filled(words.thing, event)));
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      if (event.target !== map.getContainer()) return;
      event.preventDefault();  // neither the page scrolls nor the form is sent
      set(map.getCenter());
    });
    [lat, lon].forEach((field) => field.addEventListener("change", () => { const at = typed(); if (at) set(at); }));
    const before = typed();
    if (before) {
      show(before);
      map.setView(before, CLOSE);
    }
  }

  // The position of the phone or computer, asked for when the button is pressed and never before.
  function position(button) {
    if (!("geolocation" in navigator)) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      say(words.looking);
      navigator.geolocation.getCurrentPosition(found, failed, { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 });
    });
  }

  function found(answer) {
    const { latitude, longitude, accuracy } = answer.coords;
    const about = filled(accuracy > 100 ? words.rough : words.found, { metres: Math.max(1, Math.round(accuracy)) });
    set({ lat: latitude, lng: longitude }, about);
    if (map) map.setView([latitude, longitude], accuracy > 100 ? 16 : CLOSE);
  }

  function failed(fault) {
    say(fault.code === fault.PERMISSION_DENIED ? words.denied : words.failed);
  }

  // To a street by its name: one is gone to, several are offered.
  function search(field, button, list) {
    async function go() {
      const answer = field.value.trim() && await lookUp(`streets?words=${encodeURIComponent(field.value.trim())}`);
      const streets = (answer && answer.streets) || [];
      list.replaceChildren();
      if (!streets.length) return say(filled(words.none, { words: field.value.trim() }));
      if (streets.length === 1) return goTo(streets[0]);
      streets.forEach((street) => {
        const item = document.createElement("li"), choice = document.createElement("button");
        choice.type = "button";
        choice.className = "govuk-button govuk-button--secondary";
        choice.textContent = street.label;
        choice.addEventListener("click", () => goTo(street));
        item.append(choice);
        list.append(item);
      });
      say(filled(words.several, { count: streets.length }));
    }
    button.addEventListener("click", go);
    field.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); go(); } });
  }

  function goTo(street) {
    map.setView([street.lat, street.lon], CLOSE);
    say(filled(words.shown, { street: street.label }));
    map.getContainer().focus();
  }

  if (map) {
    onTheMap();
    search(document.getElementById("place-search"), document.getElementById("place-go"), document.getElementById("place-streets"));
  }
  document.querySelectorAll("[data-position]").forEach(position);
})();
