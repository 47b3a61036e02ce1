// The lead's phone: shows the thread of the chosen lead and sends what is typed.
"use strict";

const byId = (id) => document.getElementById(id);
const [lead, texts, trouble, field] = ["lead", "texts", "trouble", "text"].map(byId);
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
const GAP_MS = 20 * 60 * 1000;
let shown = [];

function draw(thread, whole) {
  const stick = whole || texts.scrollTop + texts.clientHeight >= texts.scrollHeight - 60;
  if (whole) { texts.replaceChildren(); shown = []; }
  if (thread.length === 0 && shown.length === 0 && texts.childElementCount === 0) {
    const empty = document.createElement("p");
    empty.className = "empty";
    empty.textContent = "No texts yet. Write one, or tap one below.";
    texts.append(empty);
  }
  for (const text of thread) {
    if (shown.some((known) => known.id === text.id)) continue;
    texts.querySelector(".empty")?.remove();
    const last = shown.at(-1);
    const at = new Date(text.at);
    if (!last || at - new Date(last.at) > GAP_MS) {
      const time = document.createElement("time");
      time.dateTime = text.at;
      time.textContent = day.format(at);
      texts.append(time);
    }
    const bubble = document.createElement("p");
    bubble.className = text.mine ? "mine" : "theirs";
    if (!whole) bubble.classList.add("fresh");
    bubble.textContent = text.text;
    texts.append(bubble);
    shown.push(text);
  }
  if (stick) texts.scrollTop = texts.scrollHeight;
}

function say(words) {
  trouble.hidden = words === "";
  if (trouble.textContent !== words) trouble.textContent = words;
}

async function look(whole = false) {
  const id = lead.value;
  if (!id) return;
  try {
    const answer = await fetch(`/phone/${encodeURIComponent(id)}`, { cache: "no-store" });
    if (!answer.ok) throw new Error(await answer.text());
    const thread = await answer.json();
    // Another lead may have been chosen while we waited.
    if (id === lead.value) { draw(thread, whole); say(""); }
  } catch {
    say("The demo does not answer. Is it still running?");
  }
}

async function send(words) {
  try {
    const answer = await fetch(`/phone/${encodeURIComponent(lead.value)}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text: words }),
    });
    if (!answer.ok) { say(await answer.text()); return false; }
    await look();
    texts.scrollTop = texts.scrollHeight;
    return true;
  } catch {
    say("The text was not sent: the demo does not answer.");
    return false;
  }
}

function choose() {
  byId("about").textContent = lead.selectedOptions[0]?.dataset.about ?? "";
  for (const list of document.querySelectorAll(".try")) list.hidden = list.dataset.lead !== lead.value;
  look(true);
}
lead.addEventListener("change", choose);
byId("write").addEventListener("submit", async (event) => {
  event.preventDefault();
  const words = field.value.trim();
  if (words !== "" && await send(words)) field.value = "";
  field.focus();
});
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    byId("write").requestSubmit();
  }
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-text], button[data-tab]");
  if (!button) return;
  if (button.dataset.text !== undefined) { send(button.dataset.text); return; }
  document.body.dataset.show = button.dataset.tab;
  for (const tab of document.querySelectorAll("button[data-tab]")) tab.setAttribute("aria-pressed", String(tab === button));
});

choose();
setInterval(() => { if (!document.hidden) look(); }, 1000);
