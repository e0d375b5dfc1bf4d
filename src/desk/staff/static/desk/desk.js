// What HTML cannot do by itself: keys, closing menus, "select all", moving columns, toasts that go, drafts,
// and what was changed beside a conversation stored before its page goes.
// Every page works without this file.
"use strict";

const TOAST_SECONDS = 12;

const typing = (element) => element.closest("input, select, textarea, [contenteditable]");

function onKey(event) {
  if (event.key === "Escape") return closeMenus();
  if (document.body.dataset.keys === "off") return;
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (target) {
    event.preventDefault();
    if (target.matches("input, textarea")) { target.focus(); target.select(); } else target.click();
  } else if (event.key === "j" || event.key === "k") walk(event.key === "j" ? 1 : -1);
}

function walk(step) {
  const rows = [...document.querySelectorAll("td.main > a")];
  const next = rows[rows.indexOf(document.activeElement) + step] ?? (step > 0 ? rows[0] : null);
  next?.focus();
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu.contains(except)) continue;
    const held = menu.contains(document.activeElement);
    menu.open = false;
    if (held && !except) menu.querySelector("summary").focus();
  }
}

function countTicks(form) {
  const ticks = [...form.querySelectorAll("td.tick input")];
  const chosen = ticks.filter((tick) => tick.checked).length;
  const all = form.querySelector("th.tick input");
  if (all) { all.checked = chosen === ticks.length; all.indeterminate = chosen > 0 && !all.checked; }
  for (const place of form.querySelectorAll("[data-chosen]")) place.textContent = chosen;
}

// Shift takes all rows between this tick and the one before it, as in a mail program.
let lastTick = null;

function tickBetween(event) {
  const box = event.target.closest("td.tick input");
  if (!box) return;
  const ticks = [...box.form.querySelectorAll("td.tick input")];
  const [from, to] = [ticks.indexOf(lastTick), ticks.indexOf(box)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) for (const tick of ticks.slice(from, to + 1)) tick.checked = box.checked;
  lastTick = box;
}

function onChange(event) {
  const box = event.target.closest(".tick input");
  if (!box) return;
  const form = box.closest("form");
  if (box.closest("th")) {
    for (const tick of form.querySelectorAll("td.tick input")) tick.checked = box.checked;
  }
  countTicks(form);
}

function move(button) {
  const item = button.closest("li");
  const other = button.dataset.move === "up" ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (button.dataset.move === "up") other.before(item); else other.after(item);
  button.focus();
}

function onClick(event) {
  closeMenus(event.target);
  tickBetween(event);
  const button = event.target.closest("[data-move], [data-dismiss], [data-tick], [data-untick]");
  if (!button) return;
  if (button.dataset.move) move(button);
  if ("dismiss" in button.dataset) button.closest(button.dataset.dismiss || ".toast").remove();
  const ticked = "untick" in button.dataset ? false : "tick" in button.dataset ? true : null;
  if (ticked !== null) {
    for (const tick of button.form.querySelectorAll(".tick input")) tick.checked = ticked;
    countTicks(button.form);
  }
}

// A toast goes once nobody pointed at it or stood in it for a while; one of a failure stays.
function age() {
  for (const toast of document.querySelectorAll(".toast:not(.error, .warning)")) {
    const held = document.hidden || toast.matches(":hover, :focus-within");
    toast.dataset.seconds = held ? 0 : Number(toast.dataset.seconds ?? 0) + 1;
    if (Number(toast.dataset.seconds) > TOAST_SECONDS) toast.remove();
  }
}

// A kept page of the browser's history may hold old ticks: count again. Numbers to order columns by
// are for pages without this file, and keys that do nothing are not to be told of.
function onShow() {
  for (const form of document.querySelectorAll("form:has(td.tick)")) countTicks(form);
  for (const place of document.querySelectorAll(".columns noscript")) place.remove();
  if (document.body.dataset.keys !== "off") return;
  for (const one of document.querySelectorAll("[aria-keyshortcuts]")) one.removeAttribute("aria-keyshortcuts");
}

// What had the focus in a list may be gone with the swap: the focus goes to what it belonged to.
let home = "";

function leave(event) {
  if (storing) event.detail.shouldSwap = false;  // its form is about to be sent
  keepChanges(event.detail);
  const held = document.activeElement?.closest("#list *");
  const menu = held?.closest("details.menu[id]");
  home = held?.closest("#pager") ? "#pager a" : held ? `#${menu?.id ?? "filter-menu"} > summary` : "";
}

function arrive(event) {
  const form = event.target.querySelector("#panel form");
  if (form) for (const [name, value] of later.splice(0)) changeAgain(form.elements[name], value);
  if (home && document.activeElement === document.body) document.querySelector(home)?.focus();
  home = "";
}

// Fields that were changed while an answer was on its way are changed again in the form that it brings.
let later = [];

function keepChanges({ requestConfig: { elt, formData }, shouldSwap }) {
  if (!shouldSwap || !elt.matches("#panel form")) return;
  later = [...new FormData(elt)].filter(([name, value]) => value !== formData.get(name));
}

function changeAgain(field, value) {
  field.value = value;
  if (field.matches("select")) field.dispatchEvent(new Event("change", { bubbles: true }));
  else if (field !== document.activeElement) htmx.trigger(field.form, "submit");
}

// What was changed beside the conversation is stored before the page goes, by whatever button or link.
const altered = (form) => [...form.elements].some((field) => (field.matches("select") ? ![...field.options].every((one) => one.selected === one.defaultSelected) : field.matches("[type=datetime-local]") && !field.validity.badInput && field.value !== field.defaultValue));
const handsOver = (form) => ["team", "assigned_to"].some((name) => form.elements[name]?.selectedOptions[0]?.defaultSelected === false);
let storing = false;

function store(form) {
  const body = new FormData(form);
  // A day that is half typed is none yet: what is stored stays.
  for (const field of form.elements) if (field.validity?.badInput) body.set(field.name, field.defaultValue);
  return fetch(form.action, { method: "POST", body, keepalive: true }).catch(() => {});
}

// What hands the ticket over comes after the comment: its writer may reach the ticket no more.
function storeFirst(event) {
  if (storing) return event.preventDefault();
  const panel = document.querySelector("#panel form");
  if (!panel || panel === event.target || event.defaultPrevented || event.target.method !== "post") return;
  if (!altered(panel) || handsOver(panel)) return;
  event.preventDefault();
  storing = true;
  const { target, submitter } = event;
  store(panel).finally(() => { storing = false; panel.remove(); target.requestSubmit(submitter); });
}

function storeLast() {
  const panel = document.querySelector("#panel form");
  if (panel && altered(panel)) store(panel);
}

// A browser gives nothing for a day without its time: say that it is not stored.
function tellIncomplete(event) {
  const field = event.target;
  if (!field.matches?.("[data-incomplete]")) return;
  field.parentElement.querySelector(".incomplete")?.remove();
  if (!field.validity.badInput) return;
  const said = Object.assign(document.createElement("small"), { className: "errors incomplete", textContent: field.dataset.incomplete });
  said.setAttribute("role", "alert");
  field.after(said);
}

// What is half written outlives every other button of its page, and a log-in that is over: this tab
// keeps it, with who may read it, until it was said once more than before it was sent.
const drafted = (form) => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken"));
const squeezed = (text) => text.replace(/\s+/g, " ").trim();
const saidTimes = (text) => [...document.querySelectorAll("article .prose")].filter((one) => squeezed(one.textContent) === text).length;

function keepDraft(event) {
  const form = event.target.closest("form[data-draft]");
  if (!form) return;
  sessionStorage.setItem(form.dataset.draft, drafted(form));
  sessionStorage.removeItem(`sent ${form.dataset.draft}`);
}

function sendDraft(event) {
  const form = event.target;
  if (form.matches("[data-forget]")) for (const name of Object.keys(sessionStorage)) if (name.includes("draft ")) sessionStorage.removeItem(name);
  if (!form.matches("[data-draft]")) return;
  const text = squeezed(form.querySelector("textarea").value);
  sessionStorage.setItem(`sent ${form.dataset.draft}`, JSON.stringify({ text, times: saidTimes(text) }));
}

function restoreDrafts() {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const name = form.dataset.draft;
    const sent = JSON.parse(sessionStorage.getItem(`sent ${name}`));
    if (sent && saidTimes(sent.text) > sent.times) for (const one of [name, `sent ${name}`]) sessionStorage.removeItem(one);
    if (form.querySelector("textarea").value) continue;
    for (const [field, value] of JSON.parse(sessionStorage.getItem(name)) ?? []) if (form.elements[field]) form.elements[field].value = value;
  }
}

document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
document.addEventListener("change", onChange);
document.addEventListener("input", keepDraft);
document.addEventListener("submit", sendDraft);
document.addEventListener("submit", storeFirst);
document.addEventListener("focusout", tellIncomplete);
window.addEventListener("pagehide", storeLast);
window.addEventListener("pageshow", onShow);
window.addEventListener("pageshow", restoreDrafts);
document.addEventListener("htmx:afterSettle", onShow);
document.addEventListener("htmx:beforeSwap", leave);
document.addEventListener("htmx:afterSettle", arrive);
setInterval(age, 1000);
restoreDrafts();
