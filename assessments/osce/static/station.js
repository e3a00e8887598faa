// The examiner's station: one screen, by thumb. What is tapped is on the disk before it is anywhere else (see desk.js).
import { clocked } from "./clock.js";
import { Desk } from "./desk.js";

export default async function station(root) {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const { sheets, standing } = root.dataset;
  const shown = new Station(root, read("station-words"));
  navigator.storage?.persist?.().catch(() => {});
  const desk = new Desk({ state: read("station-state"), addresses: { sheets, standing }, paint: shown.painter() });
  await desk.begin();
  shown.open(desk);
}

export const fill = (words, values) => words.replace(/{(\w+)}/g, (_, name) => values[name]);

export class Station {
  #ending = new AbortController();

  // root: the page's part with candidates, checklist and rating · line: where the state of the station is said
  constructor(root, words) {
    Object.assign(this, { root, words, desk: null, shown: null });
    for (const id of ["photo", "who", "start", "note", "again", "resend", "comment", "reason", "count", "why", "correct", "submit", "rating"])
      this[id] = document.getElementById(id);
    this.noteWords = document.getElementById("note-words");
    this.reasonField = document.getElementById("reason-field");
    this.clockFace = document.getElementById("clock");
    this.line = document.getElementById("station-line");
  }

  // What a desk calls: before it is shown here nothing is painted.
  painter() {
    return (changed) => {
      if (!this.desk) return;
      if (changed === undefined || changed === this.shown) this.show(this.shown);
      else this.paint();
    };
  }

  open(desk) {
    this.desk = desk;
    this.items = [...this.root.querySelectorAll("[data-item]")];
    this.buttons = new Map([...this.root.querySelectorAll("[data-candidate]")].map((b) => [Number(b.dataset.candidate), b]));
    this.#listen();
    this.show(desk.first());
    this.ticking = setInterval(() => this.#showClock(), 500);
  }

  // Another station is opened, or the tablet is locked.
  close() {
    clearInterval(this.ticking);
    this.#ending.abort();
    this.desk = null;
  }

  // ---- taps ----

  #listen() {
    const { signal } = this.#ending;
    const on = (element, event, act) => element.addEventListener(event, act, { signal });
    const change = (act) => this.desk.change(this.shown, act);
    for (const [candidate, button] of this.buttons) on(button, "click", () => this.show(candidate));
    for (const item of this.items) on(item, "change", (event) => change((draft) => (draft.marks[item.dataset.item] = Number(event.target.value))));
    for (const item of this.items) on(item, "click", (event) => this.#unmark(item, event.target));
    on(this.rating, "change", (event) => change((draft) => (draft.rating = event.target.value)));
    on(this.comment, "input", () => change((draft) => (draft.comment = this.comment.value)));
    on(this.reason, "input", () => change((draft) => (draft.reason = this.reason.value)));
    on(this.start, "click", () => change(() => {}));
    on(this.submit, "click", () => this.#press());
    on(this.correct, "click", () => this.desk.correct(this.shown).then(() => this.reason.focus()));
    on(this.again, "click", () => this.desk.takeBack(this.shown));
    on(this.resend, "click", () => this.desk.resend(this.shown));
    on(window, "online", () => this.desk.outbox.send());
    on(document, "visibilitychange", () => document.hidden || this.desk.outbox.send());
  }

  // What need not be seen can be left without a mark again: a second tap on the same cell.
  #unmark(item, input) {
    const code = item.dataset.item;
    if (!("optional" in item.dataset) || this.desk.draftOf(this.shown).marks[code] !== Number(input.value || NaN)) return;
    this.desk.change(this.shown, (draft) => delete draft.marks[code]).then(() => this.show(this.shown));
  }

  #press() {
    if (this.submit.dataset.next) this.show(Number(this.submit.dataset.next));
    else this.desk.handIn(this.shown);
  }

  // ---- what is shown ----

  show(candidate) {
    if (candidate === null) return;
    this.shown = candidate;
    const sheet = this.desk.shownSheet(candidate);
    for (const item of this.items)
      for (const input of item.querySelectorAll("input")) input.checked = item.dataset.item in sheet.marks && Number(input.value) === sheet.marks[item.dataset.item];
    for (const input of this.rating.querySelectorAll("input")) input.checked = input.value === sheet.rating;
    if (document.activeElement !== this.comment || this.comment.value !== sheet.comment) this.comment.value = sheet.comment;
    if (document.activeElement !== this.reason) this.reason.value = sheet.reason ?? "";
    this.buttons.get(candidate).scrollIntoView({ block: "nearest", inline: "nearest" });
    this.paint();
  }

  paint() {
    for (const [candidate, button] of this.buttons) this.#paintCandidate(candidate, button);
    if (this.shown !== null) this.#paintSheet();
    this.#paintLine();
    this.#showClock();
  }

  #paintCandidate(candidate, button) {
    const state = this.desk.stateOf(candidate);
    button.dataset.state = state;
    button.ariaBusy = String(this.desk.writing.get(candidate) > 0);
    for (const shape of button.querySelectorAll("[data-shape]")) shape.hidden = shape.dataset.shape !== state;
    button.querySelector(".candidate-word").textContent = this.words[state];
    if (candidate === this.shown) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }

  #paintSheet() {
    const one = this.desk.state.candidates.find((candidate) => candidate.id === this.shown);
    const state = this.desk.stateOf(this.shown);
    const editable = state === "new" || state === "draft";
    const draft = this.desk.draftOf(this.shown);
    this.who.textContent = `${one.number} ${one.name}`;
    this.photo.hidden = !one.photo;
    if (one.photo) this.photo.src = one.photo;
    else this.photo.removeAttribute("src");
    for (const field of [...this.items, this.rating]) field.disabled = !editable;
    this.comment.disabled = !editable;
    this.reasonField.hidden = !(state === "draft" && draft.supersedes);
    this.correct.hidden = state !== "confirmed";
    this.start.hidden = !(editable && !draft.begun_at);
    const held = this.desk.waiting.get(this.shown)?.held;
    this.note.hidden = !held;
    this.noteWords.textContent = held?.detail ?? "";
    this.again.hidden = !held;
    this.resend.hidden = !held?.retry;
    this.#count();
    this.#button(editable, draft);
  }

  #criticalFailed(draft) {
    return this.items.some((item) => "critical" in item.dataset && draft.marks[item.dataset.item] < Number(item.dataset.points));
  }

  #count() {
    const given = this.items.map((item) => item.querySelector("input:checked"));
    const points = given.reduce((sum, input) => sum + (input ? Number(input.value) : 0), 0);
    const all = this.items.reduce((sum, item) => sum + Number(item.dataset.points), 0);
    const failed = this.items.some((item, at) => "critical" in item.dataset && given[at] && Number(given[at].value) < Number(item.dataset.points));
    const parts = [
      fill(this.words.progress, { done: given.filter(Boolean).length, all: this.items.length }),
      fill(this.words.points, { points, all }),
    ];
    if (failed) parts.push(this.words.critical);
    this.count.textContent = parts.join(" · ");
  }

  #button(editable, draft) {
    delete this.submit.dataset.next;
    if (!editable) {
      const next = this.desk.next(this.shown);
      this.submit.disabled = !next;
      this.submit.textContent = next ? fill(this.words.next, { number: next.number }) : this.words.last;
      if (next) this.submit.dataset.next = next.id;
      this.why.textContent = this.words[this.desk.stateOf(this.shown)];
      return;
    }
    const left = this.items.filter((item) => !("optional" in item.dataset) && !(item.dataset.item in draft.marks)).length;
    const reasons = [];
    if (left) reasons.push(fill(this.words.items_left, { n: left }));
    if (!draft.rating) reasons.push(this.words.no_rating);
    if (this.#criticalFailed(draft) && !draft.comment.trim()) reasons.push(this.words.no_comment);
    if (draft.supersedes && !draft.reason.trim()) reasons.push(this.words.no_reason);
    this.submit.disabled = reasons.length > 0;
    this.submit.textContent = draft.supersedes ? this.words.submit_correction : this.words.submit;
    this.why.textContent = reasons.join(" · ");
  }

  #paintLine() {
    const { desk, words } = this;
    const sheets = [...desk.waiting.values()];
    const held = sheets.filter((sheet) => sheet.held).length;
    const waiting = sheets.length - held;
    const parts = [];
    if (desk.unsafe) parts.push(words.not_stored);
    if (held) parts.push(fill(words.held_line, { n: held }));
    if (waiting) parts.push(fill(words.waiting, { n: waiting }));
    if (desk.trouble && desk.trouble !== "token" && sheets.length) parts.push(words[desk.trouble]);
    this.line.dataset.state = parts.length ? "attention" : "calm";
    const said = parts.join(" · ") || (desk.confirmed.size ? words.all_confirmed : "");
    if (this.line.textContent !== said) this.line.textContent = said;
  }

  // Until the end of the slot where there is a timetable, else from the first tap. Worked out anew each time, so that a
  // tablet that slept shows what is true.
  #ends(draft) {
    const slot = this.desk.state.candidates.find((one) => one.id === this.shown)?.ends_at;
    return slot ? Date.parse(slot) : Date.parse(draft.begun_at) + this.desk.state.minutes * 60_000;
  }

  #showClock() {
    const draft = this.desk?.drafts.get(this.shown);
    this.clockFace.hidden = !draft?.begun_at;
    if (!draft?.begun_at) return;
    const left = (this.#ends(draft) - this.desk.clock.now()) / 1000;
    const own = draft.own_clock || this.desk.clock.own;
    const word = document.createElement("small");
    word.textContent = [left >= 0 ? this.words.left : this.words.over, own ? this.words.own_clock : ""].filter(Boolean).join(" · ");
    this.clockFace.replaceChildren(clocked(left), word);
  }
}
