// What the pages of exports do beyond HTML: find and order columns, fetch a finished file once,
// and leave a page alone where nothing moved.
// Every page works without this file.
"use strict";

(() => {
  const CHOICE = "waybill.fetch";
  const HIDDEN_MS = 10_000;
  const GOT = "waybill.got";
  const GOT_KEPT = 50;
  const ASKED = "waybill.asked";
  const JUST_MS = 60_000;
  const shown = new WeakMap();
  let asked = 0;
  let ran = false;
  let held = false;
  let word = "";

  const chosen = () => localStorage.getItem(CHOICE) !== "no";

  // crypto.randomUUID is there on https alone.
  const fresh = () =>
    [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  function count(list) {
    const boxes = [...list.querySelectorAll("input[name=columns]")];
    const place = list.closest("fieldset").querySelector("[data-column-count]");
    if (place) place.textContent = `${boxes.filter((box) => box.checked).length} / ${boxes.length}`;
  }

  function changed(list) {
    count(list);
    list.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function shift(button) {
    const item = button.closest("li");
    const up = button.dataset.shift === "up";
    const other = up ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (up) other.before(item); else other.after(item);
    button.focus();
    changed(item.parentElement);
  }

  function sift(field) {
    const text = field.value.trim().toLowerCase();
    for (const item of field.closest("fieldset").querySelectorAll(".cols li")) {
      const label = item.querySelector("[name=columns]").getAttribute("aria-label");
      item.hidden = !label.toLowerCase().includes(text);
    }
  }

  function drag(event) {
    const item = event.target.closest?.(".cols li");
    if (!item) return;
    const lifted = document.querySelector(".cols .lifted");
    if (event.type === "dragstart") item.classList.add("lifted");
    if (event.type === "dragend") item.classList.remove("lifted");
    if (event.type === "dragover" && lifted) {
      event.preventDefault();
      const half = item.getBoundingClientRect();
      if (item !== lifted) item[event.clientY < half.y + half.height / 2 ? "before" : "after"](lifted);
    }
    if (event.type === "drop" && lifted) { event.preventDefault(); changed(item.parentElement); }
  }

  // Enter in the name of a preset keeps the preset; the form's own button would export.
  function keep(event) {
    if (event.key !== "Enter" || !event.target.matches("[name=preset_name]")) return;
    event.preventDefault();
    event.target.form.querySelector("[data-keep]").click();
  }

  // A second press within three seconds is the same wish; the server knows it by its key anyway.
  function once(event) {
    const form = event.target.closest?.("form[data-once]");
    if (!form) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    sessionStorage.setItem(ASKED, Date.now());
    setTimeout(() => document.body.dispatchEvent(new Event("waybill:sent")), 1500);
    setTimeout(() => {
      delete form.dataset.sent;
      const key = form.querySelector("[name=key]");
      if (key) key.value = fresh();
    }, 3000);
  }

  // A page in the background asks five times less often.
  function ask(event) {
    if (!event.target.matches?.("[data-poll]")) return;
    const now = performance.now();
    if (document.hidden && now - asked < HIDDEN_MS) { event.preventDefault(); return; }
    asked = now;
    ran = true;
  }

  // What is as it was stays as it is: a swap takes the reader's place, and often the focus.
  function compare(event) {
    const { target, xhr, shouldSwap } = event.detail;
    if (!shouldSwap || !target.matches("[hx-trigger*='every ']")) return;
    const tag = xhr.getResponseHeader("ETag")?.replace(/^W\//, "") || xhr.responseText;
    if (tag === (shown.get(target) ?? target.dataset.tag)) event.detail.shouldSwap = false;
    shown.set(target, tag);
    held = target.contains(document.activeElement);
  }

  // Two pages of one export fetch its file once.
  function got(link) {
    const names = (localStorage.getItem(GOT) ?? "").split(" ");
    const name = link.pathname;
    if (names.includes(name)) return true;
    localStorage.setItem(GOT, [...names, name].slice(-GOT_KEPT).join(" "));
    return false;
  }

  function settled(event) {
    if (event.target.id !== "panel") return;
    const said = document.getElementById("said");
    ready();
    const bar = event.target.querySelector("progress");
    const words = event.target.querySelector(".pill")?.textContent ?? "";
    if (word) document.title = document.title.replace(`, ${word}`, `, ${words}`);
    word = words;
    // What had the focus may be gone with the end of the export.
    if (held && document.activeElement === document.body) document.getElementById("act")?.focus();
    held = false;
    const percent = bar?.max ? Math.floor((10 * bar.value) / bar.max) * 10 : 0;
    const now = bar && bar.hasAttribute("value") ? `${words}, ${percent} %` : words;
    if (said && said.textContent !== now) said.textContent = now;
    take();
  }

  function take() {
    const link = document.querySelector("#panel [data-fetch]");
    if (link && ran && chosen() && !got(link)) link.click();
    if (link) ran = false;
  }

  // An export may have ended before its page is there: whoever just asked for it waited as well.
  function justAsked() {
    const then = Number(sessionStorage.getItem(ASKED));
    sessionStorage.removeItem(ASKED);
    return Date.now() - then < JUST_MS;
  }

  function begin() {
    word = document.querySelector("#panel .pill")?.textContent ?? "";
    ready();
    if (justAsked()) ran = true;
    take();
  }

  function ready() {
    for (const list of document.querySelectorAll(".cols")) count(list);
    for (const box of document.querySelectorAll("[data-fetch-choice]")) box.checked = chosen();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-shift]");
    if (button) shift(button);
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-column-search]")) sift(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-fetch-choice]")) {
      localStorage.setItem(CHOICE, event.target.checked ? "yes" : "no");
    }
    if (event.target.matches(".cols input")) count(event.target.closest(".cols"));
  });
  for (const name of ["dragstart", "dragover", "drop", "dragend"]) {
    document.addEventListener(name, drag);
  }
  document.addEventListener("keydown", keep);
  document.addEventListener("submit", once);
  document.addEventListener("htmx:beforeRequest", ask);
  document.addEventListener("htmx:beforeSwap", compare);
  document.addEventListener("htmx:afterSettle", settled);
  document.addEventListener("DOMContentLoaded", begin);
})();
