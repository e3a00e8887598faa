// Keeps what is typed: a second and a half after the last letter, and at the latest when the page is left. The server
// refuses to write over what somebody else saved meanwhile; then both are shown, and a person decides.
import { hearEarlier } from "../lms/js/early.js";

const PAUSE = 1500;
const AGAIN = 8000;

export default function draft(frame) {
  const form = frame.querySelector("form");
  const base = form.elements.base;
  const line = frame.querySelector("[data-draft-kept]");
  const clash = frame.querySelector("[data-clash]");
  const says = frame.dataset;
  let typed = 0;
  let kept = 0;
  let timer = null;
  let busy = false;

  const show = (state, words) => {
    line.dataset.state = state;
    line.querySelector("[data-words]").textContent = words;
  };
  const later = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  };

  async function save() {
    if (busy || kept === typed || !clash.hidden) return;
    const until = typed;
    busy = true;
    show("saving", says.saysSaving);
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json", "X-CSRFToken": says.token },
      });
      const said = await answer.json();
      if (answer.ok) {
        base.value = said.revision;
        kept = until;
        show(kept === typed ? "saved" : "typing", kept === typed ? says.saysSaved : says.saysTyping);
      } else if (answer.status === 409 && said.revision) {
        clash.dataset.revision = said.revision;
        clash.querySelector("[data-refused]").textContent = said.refused;
        clash.querySelector("a").href = form.action;
        clash.hidden = false;
        show("clash", says.saysTyping);
      } else {
        show("away", said.refused || said.detail || says.saysAway);
      }
    } catch {
      show("away", says.saysAway);
      later(AGAIN);
    } finally {
      busy = false;
      if (kept !== typed && clash.hidden && line.dataset.state === "typing") later(PAUSE);
    }
  }

  frame.querySelector("[data-over]").addEventListener("click", () => {
    base.value = clash.dataset.revision;
    clash.hidden = true;
    save();
  });
  form.addEventListener("input", () => {
    typed += 1;
    if (clash.hidden) show("typing", says.saysTyping);
    later(PAUSE);
  });
  form.addEventListener("submit", () => {
    kept = typed;
  });
  addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());
  addEventListener("beforeunload", (event) => {
    if (kept !== typed) event.preventDefault();
  });
  // the sending of a file reloads the page: what was typed goes first
  frame.addEventListener("keep-now", (event) => {
    event.detail.until(save().then(() => kept === typed));
  });
  more(form);
  if (says.live) live(form.elements.body, frame.querySelector("[data-shown]"), says);
  hearEarlier(form);
}

// The last, empty question or work gets another one under it as soon as something is typed into it.
function more(form) {
  form.addEventListener("input", (event) => {
    const group = event.target.closest("[data-more]");
    if (!group) return;
    const all = form.querySelectorAll(`[data-more=${group.dataset.more}]`);
    if (all[all.length - 1] !== group || all.length >= 24) return;
    const next = group.cloneNode(true);
    const number = all.length;
    for (const field of next.querySelectorAll("input, textarea")) {
      field.name = field.name.replace(/^q\d+-/, `q${number}-`);
      if (field.type === "checkbox") field.checked = false;
      else field.value = "";
    }
    const legend = next.querySelector("legend");
    legend.textContent = legend.textContent.replace(/\d+/, number + 1);
    group.after(next);
  });
}

// The text as the doctor sees it, made by the server's own sanitiser.
function live(text, shown, says) {
  let timer = null;
  let asked = 0;
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = (asked += 1);
      try {
        const answer = await fetch(says.live, {
          method: "POST",
          body: JSON.stringify({ text: text.value }),
          headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": says.token },
        });
        if (answer.ok && mine === asked) shown.innerHTML = (await answer.json()).html;
      } catch {
        // without network the last view stays
      }
    }, 300);
  });
}
