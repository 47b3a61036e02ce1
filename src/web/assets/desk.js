// The desk's own script. Every page works without it; it adds live updates, counts while typing, and the keyboard.
"use strict";

const byId = (id) => document.getElementById(id);
const regions = (root) => [...root.querySelectorAll("[data-region]")];
// What the server last sent for each region: the page itself is changed by us and by the browser.
const sent = new Map(regions(document).map((region) => [region.id, region.innerHTML]));

// --- Times, in the organisation's zone, as the reasons beside them tell them -----------------------------------
const zoneName = (() => {
  const local = Intl.DateTimeFormat().resolvedOptions().timeZone;
  try { return new Intl.DateTimeFormat(undefined, { timeZone: document.body.dataset.zone || local }).resolvedOptions().timeZone; } catch { return local; }
})();
const moments = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZone: zoneName });
function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    if ("moment" in time.dataset) time.textContent = moments.format(at);
    time.title = at.toLocaleString(undefined, { timeZone: zoneName, timeZoneName: "short" });
  }
}

// --- Never take away what somebody is writing ------------------------------------------------------------------
// A refused form comes back with what was written as its own value, so a form that came open counts as well.
const cameOpen = (region) => region.querySelector("form[data-keeps]") !== null && document.body.dataset.refused === "yes" &&
  [...region.querySelectorAll("details[open] form[data-keeps] textarea")].some((field) => field.value.trim() !== "");
function isWriting(region) {
  const fields = [...region.querySelectorAll("textarea, input:not([type=hidden])")];
  return fields.some((field) => field.value !== field.defaultValue) || cameOpen(region) ||
    (region.contains(document.activeElement) && document.activeElement.matches("textarea, input, select"));
}

// What is written outlives the page: a session that ends, a server that is away, a reload. It stays in this tab.
const page = document.body.dataset.page;
const keptName = (field) => `rapport-typed ${page} ${field.id}`;
const keptFields = () => [...document.querySelectorAll("form[data-keeps] textarea")];
function keptHere() {
  try { return Object.keys(sessionStorage).filter((name) => name.startsWith(`rapport-typed ${page} `)); } catch { return []; }
}
function keep(field) {
  try {
    if (field.value.trim() === "" || (field.value === field.defaultValue && document.body.dataset.refused !== "yes")) sessionStorage.removeItem(keptName(field));
    else sessionStorage.setItem(keptName(field), field.value);
  } catch { /* Then it lives as long as the page. */ }
}
function forget(names = keptHere()) {
  try { for (const name of names) sessionStorage.removeItem(name); } catch { /* Nothing was kept. */ }
}
function bringBack() {
  if (keptHere().length === 0) return;
  let isBack = false;
  for (const name of keptHere()) {
    const text = sessionStorage.getItem(name);
    const field = byId(name.slice(`rapport-typed ${page} `.length));
    // A refusal shows what was refused by itself.
    if (field ? field.value.trim() === text.trim() : document.querySelector(".unsent")) continue;
    isBack = true;
    if (field) {
      field.value = text;
      const details = field.closest("details");
      if (details) details.open = true;
      count(field);
    } else {
      const lost = byId("kept").appendChild(document.createElement("span"));
      lost.className = "text kept-text";
      lost.dir = "auto";
      lost.textContent = text;
    }
  }
  // Beside what it is about, where the page is scrolled to.
  (document.querySelector("#card .deck") || byId("state"))?.before(byId("kept"));
  byId("kept").hidden = !isBack;
}

// --- Live updates ----------------------------------------------------------------------------------------------
// On a wide screen the conversation scrolls beside the list; otherwise the page does.
function scroller() {
  const main = byId("main");
  return main && getComputedStyle(main).overflowY === "auto" ? main : document.scrollingElement;
}
// What a rep came for: the draft, or else the newest text.
function showNewest() {
  const newest = byId("card") || byId("state");
  if (!newest) return;
  const fits = newest.offsetHeight < scroller().clientHeight - 80;
  newest.scrollIntoView({ block: fits ? "end" : "start" });
}
function newestInSight() {
  const newest = byId("card") || byId("state");
  return newest !== null && newest.getBoundingClientRect().bottom <= scroller().clientHeight + 200;
}

function grow(old, fresh) {
  // A log is only ever added to or put right piece by piece, so that a screen reader hears what is new and no more.
  const keep = new Set([...fresh.children].map((child) => child.id));
  for (const child of [...old.children]) if (!keep.has(child.id)) child.remove();
  let previous = null;
  for (const child of [...fresh.children]) {
    let mine = child.id ? byId(child.id) : null;
    if (!mine) {
      mine = child;
      mine.classList.add("fresh");
      localTimes(mine);
    } else if (sent.get(child.id) !== child.outerHTML && mine.outerHTML !== child.outerHTML) {
      sent.set(child.id, child.outerHTML);
      localTimes(child);
      mine.replaceWith(child);
      mine = child;
    }
    const place = previous ? previous.nextElementSibling : old.firstElementChild;
    if (place !== mine) old.insertBefore(mine, place);
    previous = mine;
  }
}

function swap(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const open = [...old.querySelectorAll("details[open][id]")].map((details) => details.id);
  const scrolled = old.scrollTop;
  old.replaceChildren(...fresh.childNodes);
  localTimes(old);
  for (const id of open) if (byId(id)) byId(id).open = true;
  old.scrollTop = scrolled;
  if (!focused) return;
  const again = focused.id && byId(focused.id);
  const target = again || old.querySelector("a, button, summary, [tabindex]") || byId("thread") || old;
  target.focus({ preventScroll: true });
}

// A draft that has just taken another's place is not what the thumb was on its way to.
const UNREAD_MS = 1000;
const swappedAt = new Map();
const isUnread = (region) => performance.now() - (swappedAt.get(region?.id) ?? -Infinity) < UNREAD_MS;
// How old something is changes every minute, and nothing with it.
const ageless = (html) => html.replace(/(<time[^>]*\bdata-age\b[^>]*>)[^<]*/g, "$1");

let forced = false;
// Regions that came with what was refused in them: they differ from the plain page without anything having changed.
const refusedIn = new Set();
function update(page) {
  const stick = byId("thread") !== null && newestInSight();
  let kept = false;
  let changed = false;
  for (const fresh of regions(page)) {
    const old = byId(fresh.id);
    const html = fresh.innerHTML;
    if (!old || sent.get(fresh.id) === html) continue;
    const isNews = ageless(sent.get(fresh.id) ?? "") !== ageless(html);
    if (!forced && isWriting(old)) {
      if (!isNews) continue;
      const isRefusal = refusedIn.delete(fresh.id);
      if (isRefusal) sent.set(fresh.id, html);
      else kept = true;
      continue;
    }
    if (forced) forget();
    sent.set(fresh.id, html);
    if (fresh.id === "thread" || fresh.id === "draft") changed = true;
    if (isNews) swappedAt.set(fresh.id, performance.now());
    if ("grows" in old.dataset) grow(old, fresh);
    else swap(old, fresh);
  }
  if (forced) delete document.body.dataset.refused;
  forced = false;
  byId("changed").hidden = !kept;
  document.title = page.title;
  watchFields(document);
  if (stick && !kept && changed) showNewest();
}

let asked = 0;
let pending = null;
// The server says what was just done for as long as it is true, and we ask for it for as long as it is news.
const done = new URLSearchParams(location.search).get("done");
const NEWS_MS = 12000;
function address() {
  const asked = new URL(page, location.href);
  if (done && performance.now() < NEWS_MS) asked.searchParams.set("done", done);
  return asked;
}
async function refresh() {
  const turn = ++asked;
  try {
    const answer = await fetch(address(), { headers: { accept: "text/html" }, cache: "no-store" });
    if (answer.redirected || answer.status === 401) return signedOut();
    if (!answer.ok) askAgain("Rapport does not answer. Trying again.");
    if (!answer.ok || turn !== asked) return undefined;
    if (isOut) backIn();
    say("");
    update(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    askAgain("No connection. Trying again.");
  }
  return undefined;
}
function askAgain(why) {
  say(why);
  clearTimeout(pending);
  if (!document.hidden) pending = setTimeout(refresh, 3000);
}
// After a restart, or twelve hours: signing in is for the reader to begin, who may be writing.
let isOut = false;
function signedOut() {
  isOut = true;
  hush();
  clearTimeout(retry);
  say("Signed out.");
  for (const field of keptFields()) keep(field);
  byId("sign-in").href = `/login?next=${encodeURIComponent(page)}`;
  byId("changed").hidden = true;
  byId("signed-out").hidden = false;
}
// Signed in again in another tab.
function backIn() {
  isOut = false;
  byId("signed-out").hidden = true;
  say("");
  listen();
}
function refreshSoon() {
  clearTimeout(pending);
  pending = setTimeout(refresh, 120);
}

function say(words) {
  const live = byId("live");
  if (live && live.textContent !== words) live.textContent = words;
}

let source = null;
let retry = null;
function listen() {
  if (source || isOut || document.hidden || !byId("rows")) return;
  source = new EventSource("/desk/events");
  source.addEventListener("open", () => { say(""); refreshSoon(); });
  source.addEventListener("changed", refreshSoon);
  source.addEventListener("error", () => {
    say("No connection. Trying again.");
    if (source && source.readyState === EventSource.CLOSED) {
      hush();
      clearTimeout(retry);
      retry = setTimeout(listen, 3000);
      // Why it was closed is not told: the page itself says whether somebody must sign in.
      refresh();
    }
  });
}
function hush() {
  if (source) source.close();
  source = null;
}
// A hidden page lets its connection go: browsers allow only six to a server.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hush();
  else if (isOut) refresh();
  else listen();
});
window.addEventListener("pagehide", hush);
window.addEventListener("pageshow", (event) => { if (event.persisted) { listen(); refreshSoon(); } });
setInterval(() => { if (!document.hidden && source) refreshSoon(); }, 60000);

// --- Counting while typing: the server counts, so that the count is the one that is billed ---------------------
const counting = new Map();
async function count(field) {
  const target = byId(field.dataset.counted);
  const text = field.value;
  const body = new URLSearchParams({ text });
  try {
    const answer = await fetch("/desk/segments", { method: "POST", body, headers: { accept: "application/json" } });
    if (!answer.ok) return;
    const cost = await answer.json();
    if (field.value !== text) return;
    const words = cost.hint ? `${cost.sentence} · ${cost.hint}` : cost.sentence;
    if (target.textContent !== words) target.textContent = words;
  } catch { /* The old count stays until there is a connection. */ }
}
function watchFields(root) {
  for (const field of root.querySelectorAll("textarea[data-counted]")) {
    if (field.dataset.watched) continue;
    field.dataset.watched = "yes";
    field.addEventListener("input", () => {
      clearTimeout(counting.get(field.id));
      counting.set(field.id, setTimeout(() => count(field), 250));
    });
  }
}

document.addEventListener("input", (event) => {
  if (event.target.matches("form[data-keeps] textarea")) keep(event.target);
});

// How long a form that was sent may take to lead to another page.
const GONE_MS = 15000;

// --- Forms -----------------------------------------------------------------------------------------------------
document.addEventListener("submit", (event) => {
  // A second tap on a slow connection must not ask twice; a request that was broken off may be made again.
  const goneAt = Number(event.target.dataset.gone ?? -Infinity);
  if (performance.now() - goneAt < GONE_MS) { event.preventDefault(); return; }
  if (isUnread(event.target.closest("[data-region]"))) {
    event.preventDefault();
    say("This has just changed. Look at it once more.");
    return;
  }
  event.target.dataset.gone = String(performance.now());
  if (event.target.id === "sign-out") {
    try { sessionStorage.clear(); } catch { /* Nothing was kept. */ }
  }
  for (const button of event.target.querySelectorAll("button[type=submit]")) button.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.gone;
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});
document.addEventListener("toggle", (event) => {
  if (!(event.target instanceof HTMLDetailsElement) || !event.target.open) return;
  const field = event.target.querySelector("textarea, input:not([type=hidden]), select");
  if (field && event.target.contains(document.activeElement)) field.focus();
}, true);
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const back = event.target instanceof Element && event.target.closest("[data-back]");
  if (back && history.length > 1) { event.preventDefault(); history.back(); }
});

// --- Keyboard --------------------------------------------------------------------------------------------------
const keys = byId("keys");
const remembered = (() => { try { return localStorage.getItem("rapport-keys"); } catch { return null; } })();
if (keys) {
  keys.closest("[hidden]").hidden = false;
  keys.checked = remembered !== "off";
  keys.addEventListener("change", () => {
    try { localStorage.setItem("rapport-keys", keys.checked ? "on" : "off"); } catch { /* Then it holds for this page. */ }
  });
}
function move(step) {
  const rows = [...document.querySelectorAll(".row a")].filter((row) => row.offsetParent !== null);
  if (rows.length === 0) return;
  const here = rows.indexOf(document.activeElement);
  const start = here >= 0 ? here : rows.findIndex((row) => row.hasAttribute("aria-current"));
  const next = Math.min(rows.length - 1, Math.max(0, start + step));
  rows[next].focus();
}
function openEdit() {
  const edit = byId("edit");
  if (!edit) return;
  edit.open = true;
  byId("edit-text").focus();
}
document.addEventListener("keydown", (event) => {
  const at = event.target instanceof Element ? event.target : document.body;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    // Only what the focus is in: a row of the list is another lead's.
    const written = document.querySelector(".deck details[open] form");
    const inDraft = at.closest("#card") !== null && !at.matches("input, select");
    const form = at.matches("textarea") ? at.form : inDraft ? written || byId("approve").form : null;
    const button = form?.querySelector("button[type=submit]");
    if (!button || button.disabled) return;
    event.preventDefault();
    form.requestSubmit(button);
    return;
  }
  if (event.key === "Escape") {
    const open = at.closest("details[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
    return;
  }
  if (!keys || !keys.checked || event.ctrlKey || event.metaKey || event.altKey) return;
  if (at.matches("input, textarea, select")) return;
  const inCard = at.closest("#card") !== null && at.closest(".deck details[open]") === null;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "a" && inCard && !byId("approve").disabled) byId("approve").form.requestSubmit(byId("approve"));
  else if (event.key === "e" && inCard) openEdit();
  else return;
  event.preventDefault();
});

// --- Start -----------------------------------------------------------------------------------------------------
localTimes(document);
watchFields(document);
const zone = byId("zone");
if (zone) zone.textContent = zoneName || "your zone";
// A page that answers a form stands at the form's address: reloading must show it, not ask again.
if (location.pathname + location.search !== document.body.dataset.page) history.replaceState(null, "", document.body.dataset.page + location.hash);
byId("show-changed")?.addEventListener("click", () => { forced = true; refresh(); });
byId("drop-kept")?.addEventListener("click", () => {
  forget();
  for (const field of keptFields()) field.value = field.defaultValue;
  for (const details of document.querySelectorAll(".deck details[open]")) details.open = false;
  byId("kept").remove();
});
const notice = byId("notice");
if (notice && notice.classList.contains("refused")) {
  document.body.dataset.refused = "yes";
  for (const region of regions(document)) if (cameOpen(region)) refusedIn.add(region.id);
}
// What was sent is no longer to be kept; what was refused, or never came, is.
const OF_DRAFT = ["edit-text", "wish-text", "no-text"];
const used = { approved: OF_DRAFT, edited: OF_DRAFT, instructed: OF_DRAFT, rejected: OF_DRAFT, summary: ["summary-text"] }[done];
if (used) forget(used.map((id) => `rapport-typed ${page} ${id}`));
bringBack();
document.querySelector(".side .row.current")?.scrollIntoView({ block: "nearest" });
if (notice && notice.classList.contains("refused")) notice.focus();
else if (byId("thread") && !location.hash) showNewest();
// A line that is there from the start is not read out by itself.
if (notice && done) notice.focus({ preventScroll: true });
listen();
