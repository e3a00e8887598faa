// The examiner's station: one screen, by thumb. What is tapped is on the disk before it is anywhere else.
import { Clock, clocked } from "./clock.js";
import { uuid7 } from "../lms/js/ids.js";
import { Outbox } from "./outbox.js";
import { Memory, open } from "./store.js";

const PATIENCE = 15_000;

export default async function station(root) {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  await new Station(root, read("station-state"), read("station-words")).begin();
}

const fill = (words, values) => words.replace(/{(\w+)}/g, (_, name) => values[name]);

class Station {
  constructor(root, state, words) {
    Object.assign(this, { root, state, words });
    this.drafts = new Map();
    this.waiting = new Map();
    this.confirmed = new Map();
    this.shown = null;
    this.trouble = null;
    for (const id of ["who", "start", "note", "again", "resend", "comment", "reason", "count", "why", "correct", "submit", "rating"])
      this[id] = document.getElementById(id);
    this.noteWords = document.getElementById("note-words");
    this.clockFace = document.getElementById("clock");
    this.clock = new Clock();
    this.items = [...root.querySelectorAll("[data-item]")];
    this.buttons = new Map([...root.querySelectorAll("[data-candidate]")].map((b) => [Number(b.dataset.candidate), b]));
  }

  async begin() {
    this.clock.agree(this.state.now);
    this.#learn(this.state.sheets);
    this.store = await open(this.state.person).catch(() => null);
    this.unsafe = !this.store;
    this.store ??= new Memory();
    navigator.storage?.persist?.().catch(() => {});
    await this.#restore();
    this.outbox = new Outbox({
      station: this.state.station,
      store: this.store,
      receipt: this.state.receipt,
      ask: (what, body) => this.#ask(what, body),
      tell: (what, detail) => this.#hear(what, detail),
    });
    this.channel = new BroadcastChannel(`osce-${this.state.person}-${this.state.station}`);
    this.channel.onmessage = ({ data }) => this.#overhear(data);
    this.#listen();
    this.#show(this.#first());
    this.outbox.send();
    // Asked after the store was read: what another page has sent and dropped since this one was made is at the centre.
    this.#refresh();
    setInterval(() => this.#showClock(), 500);
  }

  // ---- what is known ----

  #learn(sheets) {
    // An answer may be older than what has been confirmed since it was asked for.
    for (const sheet of sheets)
      if (!(this.confirmed.get(sheet.candidate)?.version > sheet.version)) this.confirmed.set(sheet.candidate, sheet);
  }

  async #restore() {
    const station = this.state.station;
    this.drafts = new Map((await this.store.drafts(station)).map((draft) => [draft.candidate, draft]));
    this.waiting = new Map((await this.store.sheets(station)).map((sheet) => [sheet.candidate, sheet]));
  }

  async #overhear(confirmed) {
    if (confirmed) this.#learn([confirmed]);
    await this.#restore();
    this.#show(this.shown);
  }

  #stateOf(candidate) {
    const sheet = this.waiting.get(candidate);
    if (sheet) return sheet.held ? "held" : "device";
    if (this.drafts.has(candidate)) return "draft";
    return this.confirmed.has(candidate) ? "confirmed" : "new";
  }

  #first() {
    const begun = this.state.candidates.find((one) => this.#stateOf(one.id) === "draft");
    return (begun ?? this.#next() ?? this.state.candidates[0])?.id ?? null;
  }

  #next(after = null) {
    const at = this.state.candidates.findIndex((one) => one.id === after);
    const order = [...this.state.candidates.slice(at + 1), ...this.state.candidates.slice(0, at + 1)];
    return order.find((one) => ["new", "draft"].includes(this.#stateOf(one.id)) && one.id !== after);
  }

  // ---- taps ----

  #listen() {
    for (const [candidate, button] of this.buttons) button.addEventListener("click", () => this.#show(candidate));
    for (const item of this.items)
      item.addEventListener("change", (event) =>
        this.#change((draft) => (draft.marks[item.dataset.item] = Number(event.target.value))),
      );
    this.rating.addEventListener("change", (event) => this.#change((draft) => (draft.rating = event.target.value)));
    this.comment.addEventListener("input", () => this.#change((draft) => (draft.comment = this.comment.value)));
    this.reason.addEventListener("input", () => this.#change((draft) => (draft.reason = this.reason.value)));
    this.start.addEventListener("click", () => this.#change(() => {}));
    this.submit.addEventListener("click", () => this.#press());
    this.correct.addEventListener("click", () => this.#correct());
    this.again.addEventListener("click", () => this.#takeBack());
    this.resend.addEventListener("click", () => this.#resend());
    addEventListener("online", () => this.outbox.send());
    document.addEventListener("visibilitychange", () => document.hidden || this.outbox.send());
  }

  #blank(candidate) {
    return { station: this.state.station, candidate, marks: {}, rating: null, comment: "", reason: "", supersedes: null, begun_at: null, own_clock: false };
  }

  async #change(act) {
    const draft = structuredClone(this.drafts.get(this.shown) ?? this.#blank(this.shown));
    act(draft);
    if (!draft.begun_at) {
      draft.begun_at = new Date(this.clock.now()).toISOString();
      draft.own_clock = this.clock.own || !navigator.onLine;
    }
    this.drafts.set(draft.candidate, draft);
    this.#paint();
    try {
      await this.store.keepDraft(draft);
      this.channel.postMessage(null);
    } catch {
      await this.#withoutDisk();
      await this.store.keepDraft(this.drafts.get(draft.candidate) ?? draft);
    }
  }

  // The disk is full or gone: go on in memory, say so, and leave on the disk what it holds (sent twice is sent once).
  async #withoutDisk() {
    if (this.unsafe) return;
    this.unsafe = true;
    this.store = this.outbox.store = new Memory();
    for (const draft of this.drafts.values()) await this.store.keepDraft(draft);
    for (const sheet of this.waiting.values()) await this.store.keepSheet(sheet);
    this.#paint();
  }

  #press() {
    if (this.submit.dataset.next) this.#show(Number(this.submit.dataset.next));
    else this.#handIn();
  }

  async #handIn() {
    const draft = this.drafts.get(this.shown);
    const id = uuid7(this.clock.now());
    const { candidate, marks, rating, comment, reason, supersedes, begun_at, own_clock } = draft;
    const body = { id, examiner: this.state.person, candidate, marks, rating, comment, reason, supersedes, begun_at, own_clock };
    const sheet = { id, station: draft.station, candidate, body };
    try {
      await this.store.handIn(sheet);
    } catch {
      await this.#withoutDisk();
      await this.store.handIn(sheet);
    }
    this.drafts.delete(candidate);
    this.waiting.set(candidate, sheet);
    this.channel.postMessage(null);
    this.#show(candidate);
    await this.outbox.send();
  }

  async #correct() {
    const sheet = this.confirmed.get(this.shown);
    const draft = { ...this.#blank(this.shown), ...structuredClone({ marks: sheet.marks, rating: sheet.rating, comment: sheet.comment }), supersedes: sheet.id };
    this.drafts.set(this.shown, draft);
    await this.#change(() => {});
    this.#show(this.shown);
    this.reason.focus();
  }

  // A sheet that was not taken becomes a draft again, and where another of mine stands, its correction.
  async #takeBack() {
    const sheet = this.waiting.get(this.shown);
    const { id: _id, examiner: _examiner, ...kept } = sheet.body;
    const draft = { ...this.#blank(this.shown), ...kept, supersedes: sheet.held?.standing || kept.supersedes };
    await this.store.takeBack(sheet, draft).catch(() => this.#withoutDisk());
    this.waiting.delete(this.shown);
    this.drafts.set(this.shown, draft);
    this.#show(this.shown);
  }

  async #resend() {
    const { held: _held, ...sheet } = this.waiting.get(this.shown);
    await this.store.keepSheet(sheet);
    this.waiting.set(this.shown, sheet);
    this.#show(this.shown);
    await this.outbox.send();
  }

  // ---- the centre ----

  async #ask(what, body) {
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": this.state.csrf };
    const options = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
    const answer = await fetch(this.root.dataset[what], { ...options, signal: AbortSignal.timeout(PATIENCE), redirect: "manual" });
    const json = answer.headers.get("Content-Type")?.startsWith("application/json");
    return { status: answer.status, body: json ? await answer.json() : null };
  }

  #hear(what, detail) {
    if (what === "confirmed") {
      const { candidate, marks, rating, comment, supersedes } = detail.body;
      const version = supersedes ? (this.confirmed.get(candidate)?.version ?? 1) + 1 : 1;
      const sheet = { id: detail.id, candidate, version, marks, rating, comment };
      this.#learn([sheet]);
      if (this.waiting.get(candidate)?.id === detail.id) this.waiting.delete(candidate);
      this.channel.postMessage(sheet);
    } else if (what === "held") {
      this.waiting.set(detail.candidate, detail);
    } else if (what === "reached") {
      this.trouble = null;
    } else if (what === "trouble") {
      this.trouble = detail;
      this.clock.lose();
      if (detail === "token") this.#refresh();
    }
    if (what === "confirmed" || what === "held") {
      if (this.shown === detail.candidate) return this.#show(this.shown);
    }
    this.#paint();
  }

  // The page has been open for longer than its token: fetch a new one, with the centre's time.
  async #refresh() {
    try {
      const { status, body } = await this.#ask("standing");
      if (status === 401) return this.#hear("trouble", "signed_out");
      if (status !== 200 || !body) return;
      if (body.person !== this.state.person) return this.#hear("trouble", "stranger");
      this.state.csrf = body.csrf;
      this.clock.agree(body.now);
      this.#learn(body.sheets);
      this.#show(this.shown);
    } catch {
      // still away; the outbox comes back to it
    }
  }

  // ---- what is shown ----

  #show(candidate) {
    if (candidate === null) return;
    this.shown = candidate;
    const sheet = this.waiting.get(candidate)?.body ?? this.drafts.get(candidate) ?? this.confirmed.get(candidate) ?? this.#blank(candidate);
    for (const item of this.items)
      for (const input of item.querySelectorAll("input")) input.checked = Number(input.value) === sheet.marks[item.dataset.item] && item.dataset.item in sheet.marks;
    for (const input of this.rating.querySelectorAll("input")) input.checked = input.value === sheet.rating;
    if (document.activeElement !== this.comment || this.comment.value !== sheet.comment) this.comment.value = sheet.comment;
    if (document.activeElement !== this.reason) this.reason.value = sheet.reason ?? "";
    this.buttons.get(candidate).scrollIntoView({ block: "nearest", inline: "nearest" });
    this.#paint();
  }

  #paint() {
    for (const [candidate, button] of this.buttons) this.#paintCandidate(candidate, button);
    if (this.shown !== null) this.#paintSheet();
    this.#paintLine();
    this.#showClock();
  }

  #paintCandidate(candidate, button) {
    const state = this.#stateOf(candidate);
    button.dataset.state = state;
    for (const shape of button.querySelectorAll("[data-shape]")) shape.hidden = shape.dataset.shape !== state;
    button.querySelector(".candidate-word").textContent = this.words[state];
    if (candidate === this.shown) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }

  #paintSheet() {
    const one = this.state.candidates.find((candidate) => candidate.id === this.shown);
    const state = this.#stateOf(this.shown);
    const editable = state === "new" || state === "draft";
    const draft = this.drafts.get(this.shown) ?? this.#blank(this.shown);
    this.who.textContent = `${one.number} ${one.name}`;
    for (const field of [...this.items, this.rating]) field.disabled = !editable;
    this.comment.disabled = !editable;
    document.getElementById("reason-field").hidden = !(state === "draft" && draft.supersedes);
    this.correct.hidden = state !== "confirmed";
    this.start.hidden = !(editable && !draft.begun_at);
    const held = this.waiting.get(this.shown)?.held;
    this.note.hidden = !held;
    this.noteWords.textContent = held?.detail ?? "";
    this.again.hidden = !held;
    this.resend.hidden = !held?.retry;
    this.#count();
    this.#button(editable, draft);
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
      const next = this.#next(this.shown);
      this.submit.disabled = !next;
      this.submit.textContent = next ? fill(this.words.next, { number: next.number }) : this.words.last;
      if (next) this.submit.dataset.next = next.id;
      this.why.textContent = this.words[this.#stateOf(this.shown)];
      return;
    }
    const left = this.items.filter((item) => !(item.dataset.item in draft.marks)).length;
    const reasons = [];
    if (left) reasons.push(fill(this.words.items_left, { n: left }));
    if (!draft.rating) reasons.push(this.words.no_rating);
    if (draft.supersedes && !draft.reason.trim()) reasons.push(this.words.no_reason);
    this.submit.disabled = reasons.length > 0;
    this.submit.textContent = draft.supersedes ? this.words.submit_correction : this.words.submit;
    this.why.textContent = reasons.join(" · ");
  }

  #paintLine() {
    const sheets = [...this.waiting.values()];
    const held = sheets.filter((sheet) => sheet.held).length;
    const waiting = sheets.length - held;
    const parts = [];
    if (this.unsafe) parts.push(this.words.not_stored);
    if (held) parts.push(fill(this.words.held_line, { n: held }));
    if (waiting) parts.push(fill(this.words.waiting, { n: waiting }));
    if (this.trouble && this.trouble !== "token" && sheets.length) parts.push(this.words[this.trouble]);
    const line = document.getElementById("station-line");
    line.dataset.state = parts.length ? "attention" : "calm";
    const words = parts.join(" · ") || (this.confirmed.size ? this.words.all_confirmed : "");
    if (line.textContent !== words) line.textContent = words;
  }

  #showClock() {
    const draft = this.drafts.get(this.shown);
    this.clockFace.hidden = !draft?.begun_at;
    if (!draft?.begun_at) return;
    const left = this.state.minutes * 60 - (this.clock.now() - Date.parse(draft.begun_at)) / 1000;
    const word = document.createElement("small");
    word.textContent = [left >= 0 ? this.words.left : this.words.over, draft.own_clock ? this.words.own_clock : ""].filter(Boolean).join(" · ");
    this.clockFace.replaceChildren(clocked(left), word);
  }
}
