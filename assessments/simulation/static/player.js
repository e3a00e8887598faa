// A consultation: a tap shows the finding at once and is sent when it can be. Without this script the same page works as
// plain forms; with it nothing is loaded anew, and a network that is gone changes one line.
import { signedOut } from "../lms/js/session.js";
import { Outbox } from "./outbox.js";

export default async function player(root) {
  await new Consultation(root).begin();
}

const read = (id) => JSON.parse(document.getElementById(id).textContent);

class Consultation {
  constructor(root) {
    this.root = root;
    this.places = root.dataset;
    this.found = read("case-state").found;
    this.words = read("case-words");
    const stand = read("case-stand");
    this.done = new Set(stand.done);
    this.touched = new Set();
    this.trouble = null;
    this.ending = false;
    this.outbox = new Outbox({ person: stand.person, token: stand.csrf, tell: (what, address) => this.#hear(what, address) });
  }

  async begin() {
    await this.outbox.restore();
    for (const step of this.outbox.of(this.places.acts)) this.#apply(step.act, step.happened);
    this.#listen();
    this.#showPart(location.hash.slice(1));
    this.root.querySelectorAll(".case-find").forEach((find) => (find.hidden = false));
    if (this.done.size) this.root.querySelector(".case-opening").open = matchMedia("(min-width: 62rem)").matches;
    this.#show();
    this.#keepTabsBelow(document.querySelector(".focusbar"));
    this.outbox.send();
    await this.#refresh();
    this.root.dataset.ready = "";
  }

  // Asked after this device's own steps have been read: while this page was being loaded anew, the old one may still have
  // sent something that is neither in what the centre had written into this page nor any more on this device.
  async #refresh() {
    const stand = await this.#ask();
    if (!stand) return;
    if (stand.ended && !this.outbox.of(this.places.acts).length) location.assign(this.places.report);
    const mine = new Set(this.touched); // what was done here is newer than any answer
    for (const act of stand.done) if (!this.done.has(act) && !mine.has(act)) this.#apply(act, "done");
    for (const act of [...this.done]) if (!stand.done.includes(act) && !mine.has(act)) this.#apply(act, "taken_back");
    this.#show();
  }

  async #ask() {
    try {
      const answer = await fetch(this.places.stand, {
        headers: { Accept: "application/json" },
        redirect: "error",
        cache: "no-store",
        signal: AbortSignal.timeout(8000),
      });
      if (answer.status === 401) this.#hear("signed-out");
      return answer.ok ? await answer.json() : null;
    } catch {
      return null; // no network: the next try comes by itself
    }
  }

  // ---- what is done ----

  #listen() {
    this.root.querySelector(".case-parts").addEventListener("submit", (event) => {
      event.preventDefault();
      const button = event.submitter;
      if (button?.name === "done") this.#do(button.value, "done");
      if (button?.name === "taken_back") this.#do(button.value, "taken_back");
    });
    for (const find of this.root.querySelectorAll("[data-find]")) {
      find.addEventListener("input", () => this.#narrow(find));
      // Enter in a search field must not press the first button of the form.
      find.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    }
    addEventListener("hashchange", () => this.#showPart(location.hash.slice(1)));
    addEventListener("online", () => this.outbox.send());
    addEventListener("signed-in", ({ detail }) => this.#freshToken(detail.csrf_token));
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
    addEventListener("beforeunload", (event) => {
      if (this.outbox.size && !this.outbox.stored) event.preventDefault();
    });
    document.getElementById("case-end-form").addEventListener("submit", (event) => this.#end(event));
    this.root.querySelector("[data-end]").addEventListener("click", () => {
      this.root.querySelector(".case-end-ask").open = true;
    });
  }

  #do(act, happened) {
    if (this.done.has(act) === (happened === "done")) return;
    this.#apply(act, happened);
    this.#show();
    this.outbox.add(this.places.acts, act, happened);
  }

  #apply(act, happened) {
    this.touched.add(act);
    const row = document.getElementById(`act-${act}`);
    if (!row) return;
    if (happened === "done") this.done.add(act);
    else this.done.delete(act);
    this.#showAct(row);
    this.#record(row);
  }

  // ---- what is shown ----

  #showAct(row) {
    const { act } = row.dataset;
    const done = this.done.has(act);
    row.toggleAttribute("data-done", done);
    row.querySelector(".case-act-do").setAttribute("aria-pressed", String(done));
    row.querySelector(".case-act-found").hidden = !done;
    const text = row.querySelector("[data-found]");
    if (text) text.textContent = done ? this.found[act] : "";
  }

  #record(row) {
    const { act } = row.dataset;
    const list = this.root.querySelector(".case-record-list");
    list.querySelector(`[data-recorded="${act}"]`)?.remove();
    if (!this.done.has(act)) return;
    const line = document.createElement("li");
    line.dataset.recorded = act;
    const head = document.createElement("b");
    head.textContent = row.querySelector(".case-act-text").textContent;
    line.append(head);
    if (this.found[act]) {
      const found = document.createElement("span");
      found.textContent = this.found[act];
      line.append(found);
    }
    list.append(line);
  }

  // The bar above grows with a long title or a longer line; the tabs stay below it.
  #keepTabsBelow(bar) {
    new ResizeObserver(() => this.root.style.setProperty("--case-top", `${bar.offsetHeight}px`)).observe(bar);
  }

  #parts() {
    return [...this.root.querySelectorAll(".case-part")];
  }

  // A tab shows its part alone; any other place of the page leaves the parts as they are.
  #showPart(hash) {
    const parts = this.#parts();
    const named = parts.find((part) => part.id === hash || part.querySelector(`#${CSS.escape(hash || "-")}`));
    if (!named && parts.some((part) => part.hidden)) return;
    const shown = named ?? parts[0];
    for (const part of parts) part.hidden = part !== shown;
    for (const tab of this.root.querySelectorAll("[data-tab]")) {
      if (tab.dataset.tab === shown.id) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
    // What was above the new part has gone, and with it the place one looked at.
    if (named?.id === hash && shown.getBoundingClientRect().top < 0) shown.scrollIntoView({ block: "start" });
    if (hash && named?.id !== hash) document.getElementById(hash)?.scrollIntoView({ block: "center" });
  }

  #narrow(find) {
    const part = document.getElementById(find.dataset.find);
    const words = find.value.trim().toLowerCase();
    let left = 0;
    for (const row of part.querySelectorAll(".case-act")) {
      row.hidden = !row.querySelector(".case-act-text").textContent.toLowerCase().includes(words);
      left += !row.hidden;
    }
    part.querySelector(".case-none").textContent = left ? "" : this.words.none;
  }

  #show() {
    const untouched = [];
    for (const part of this.#parts()) {
      const count = part.querySelectorAll(".case-act[data-done]").length;
      const tab = this.root.querySelector(`[data-tab="${part.id}"]`);
      tab.querySelector("[data-count]").textContent = count || "";
      if (!count) untouched.push(tab.firstChild.textContent.trim());
    }
    this.root.querySelector('[data-count="all"]').textContent = this.done.size;
    this.root.querySelector(".case-record-empty").hidden = this.done.size > 0;
    document.getElementById("case-untouched").textContent = untouched.length
      ? this.words.untouched.replace("{list}", untouched.join(this.words.between))
      : this.words.touched;
    this.#showSaved();
  }

  #showSaved() {
    const { size, stored } = this.outbox;
    const line = document.getElementById("case-saved");
    const [state, words] = this.trouble
      ? ["wrong", this.words[this.trouble]]
      : size && !stored
        ? ["wrong", this.words.not_stored]
        : size
          ? ["waiting", this.words.waiting.replace("{n}", size)]
          : ["saved", this.words.saved];
    line.dataset.state = state;
    if (line.textContent !== words) line.textContent = words;
    const unsent = document.getElementById("case-unsent");
    unsent.hidden = !(this.ending && size);
    unsent.textContent = this.words.unsent.replace("{n}", size);
  }

  // ---- the centre ----

  #hear(what, address) {
    if (what === "signed-out") {
      this.trouble = "sign_in";
      signedOut();
    } else if (what === "stranger") this.trouble = "stranger";
    else if (what === "stale") this.#freshToken();
    else if (what === "ended" && address === this.places.acts) {
      this.trouble = "ended";
      location.assign(this.places.report);
    }
    this.#showSaved();
    if (this.ending && !this.outbox.size && !this.trouble) this.#submit();
  }

  async #freshToken(given) {
    const token = given ?? (await this.#ask())?.csrf;
    if (!token) return;
    this.outbox.token = token;
    for (const field of this.root.querySelectorAll("input[name=csrf_token]")) field.value = this.outbox.token;
    this.trouble = null;
    this.#showSaved();
    if (given) this.outbox.send();
  }

  // Ending waits until everything is with the centre: what comes later would not count.
  #end(event) {
    if (!this.outbox.size) return;
    event.preventDefault();
    this.ending = true;
    this.#showSaved();
    this.outbox.send();
  }

  #submit() {
    this.ending = false;
    document.getElementById("case-end-form").submit();
  }
}
