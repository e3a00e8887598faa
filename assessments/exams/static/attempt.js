// The page of an exam under way: what is shown, who may write, and what is asked before handing in.
import { signedOut } from "../lms/js/session.js";
import { TimeLeft, written } from "./clock.js";
import { Outbox } from "./outbox.js";
import { NoAnswer, Refused, ask } from "./post.js";
import { Sheet } from "./sheet.js";
import { open } from "./store.js";

const BEAT = 15_000;
// While the exam is paused, so that nobody waits long for its going on.
const BEAT_IN_PAUSE = 4_000;
const KNOCK = 250;

class Nowhere {
  // Stands in for a store that cannot be opened: nothing is kept, and the page says so.
  waiting = async () => Promise.reject(new Error("no store"));
  replace = async () => Promise.reject(new Error("no store"));
  remove = async () => {};
  flags = async () => [];
  setFlags = async () => {};
}

export default async function attempt(root) {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const sitting = new Sitting(root, read("attempt-state"), read("attempt-words"));
  await sitting.begin();
}

class Sitting {
  constructor(root, state, words) {
    Object.assign(this, { root, state, words, places: root.dataset });
    this.handing = false;
    this.over = false;
    this.paused = false;
    this.writing = false;
    this.sheet = new Sheet(root, words, (item, answer) => this.outbox.add(item, answer));
    this.channel = new BroadcastChannel(`exam-${state.attempt}`);
    this.time = new TimeLeft(
      (seconds) => this.#showTime(seconds),
      () => this.#timeIsUp(),
    );
  }

  async begin() {
    this.store = await open(this.state.person).catch(() => new Nowhere());
    this.outbox = new Outbox({
      attempt: this.state.attempt,
      store: this.store,
      address: this.places.answers,
      receipt: this.state.receipt,
      tell: (what, detail) => this.#hear(what, detail),
    });
    this.outbox.token = this.state.csrf;
    this.#clock(this.state, performance.now());
    await this.outbox.restore();
    await this.sheet.begin(this.store, this.state.attempt);
    this.#listen();
    if (this.state.epoch) await this.#freshAnswers(); // else nobody has written yet, and the pen brings all there is
    await this.#findPen();
    this.#beatLater();
  }

  // The answers are asked for after this device's own have been read: while a page is being loaded anew, the old one may
  // still have sent something, and what was deleted here by then is in what the centre says now.
  async #freshAnswers() {
    try {
      const stand = await ask(this.places.stand);
      if (stand.closed && !this.outbox.size) location.assign(this.places.result);
      Object.assign(this.state, { epoch: stand.epoch, answers: stand.answers });
      this.outbox.token = stand.csrf;
      this.#clock(stand);
    } catch {
      setTimeout(async () => {
        await this.#freshAnswers();
        this.#showAnswers(this.state.answers);
      }, 3000);
    }
    this.#showAnswers(this.state.answers);
  }

  // ---- who writes ----

  get kept() {
    return Number(sessionStorage.getItem(`pen-${this.state.attempt}`) ?? 0);
  }

  async #findPen() {
    if (this.state.epoch === 0) return this.#take();
    if (this.kept === this.state.epoch && !(await this.#heldNextDoor())) return this.#write(this.state.epoch);
    this.sheet.readOnly(true);
    this.#line("older", true);
    document.getElementById("take-sheet").showModal();
    return undefined;
  }

  // A copied tab has the same memory: ask the others in this browser whether one of them writes already.
  #heldNextDoor() {
    return new Promise((resolve) => {
      const hear = ({ data }) => data.here && resolve(true);
      this.channel.addEventListener("message", hear);
      this.channel.postMessage({ who: this.state.epoch });
      setTimeout(() => {
        this.channel.removeEventListener("message", hear);
        resolve(false);
      }, KNOCK);
    });
  }

  async #take() {
    try {
      const taken = await ask(this.places.pen, { body: { seen: this.state.epoch }, token: this.outbox.token });
      this.#clock(taken);
      this.state.answers = taken.answers;
      await this.#write(taken.epoch);
    } catch (wrong) {
      this.#lost(wrong);
    }
  }

  async #write(epoch) {
    this.state.epoch = epoch;
    this.writing = true;
    sessionStorage.setItem(`pen-${this.state.attempt}`, epoch);
    await this.outbox.begin(epoch, this.state.answers);
    this.#showAnswers(this.state.answers);
    this.sheet.readOnly(this.paused);
    this.#line(null);
    this.channel.postMessage({ taken: epoch });
    this.outbox.send();
  }

  #lay() {
    if (!this.writing) return;
    this.writing = false;
    this.sheet.readOnly(true);
    this.#line("older", true);
  }

  async #lost(wrong) {
    this.sheet.readOnly(true);
    if (wrong instanceof Refused && wrong.status === 401) return this.#signIn(() => this.#again());
    if (wrong instanceof Refused && wrong.status === 409) return this.#again();
    this.away = wrong instanceof NoAnswer;
    this.#line(wrong instanceof Refused ? "stranger" : null);
    this.#showSaved();
    setTimeout(() => this.#again(), 3000);
    return undefined;
  }

  // Ask how the attempt stands, then look for the pen again.
  async #again() {
    try {
      const stand = await ask(this.places.stand);
      if (stand.closed) return location.assign(this.places.result);
      Object.assign(this.state, { epoch: stand.epoch, answers: stand.answers });
      this.outbox.token = stand.csrf;
      this.#clock(stand);
      return this.#findPen();
    } catch (wrong) {
      return this.#lost(wrong);
    }
  }

  // ---- hearing ----

  #listen() {
    this.channel.addEventListener("message", ({ data }) => {
      if (data.who && this.writing && data.who === this.state.epoch) this.channel.postMessage({ here: true });
      if (data.taken > this.state.epoch) this.#lay();
    });
    document.getElementById("take-yes").addEventListener("click", async () => {
      document.getElementById("take-sheet").close();
      await this.#take();
    });
    for (const button of this.root.querySelectorAll("[data-close]")) {
      button.addEventListener("click", () => {
        this.handing = false;
        button.closest("dialog").close();
      });
    }
    document.getElementById("hand-in").addEventListener("click", () => this.#askToHandIn());
    document.getElementById("hand-in-yes").addEventListener("click", () => this.#handIn());
    addEventListener("signed-in", ({ detail }) => this.#signedIn(detail));
    addEventListener("online", () => this.outbox.send());
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
    document.addEventListener("visibilitychange", () => document.hidden || this.#beatNow());
    addEventListener("beforeunload", (event) => {
      if (this.outbox.size && !this.outbox.stored) event.preventDefault();
    });
  }

  #hear(what, detail) {
    if (what === "heard") this.#stands(detail);
    else if (what === "away") this.away = true;
    else if (what === "back") this.away = false;
    else if (what === "stranger") this.#line("stranger");
    else if (what === "stale") this.#freshToken();
    else if (what === "signIn") this.#signIn();
    this.#showSaved();
    if (this.handing && !this.outbox.size) this.#finish();
  }

  #stands({ epoch, closed, paused, remaining }, journey = 0) {
    this.#clock({ paused, remaining }, journey);
    if (closed || remaining <= 0) this.#timeIsUp();
    else if (this.writing && epoch > this.state.epoch) this.#lay();
    if (!this.writing) this.state.epoch = epoch;
    if (closed && !this.outbox.size) location.assign(this.places.result);
  }

  async #beatNow() {
    const began = performance.now();
    const body = { epoch: this.state.epoch, unsaved: this.outbox.size };
    try {
      const stand = await ask(this.places.beat, { body, token: this.outbox.token });
      this.away = false;
      this.#showSaved();
      this.#stands(stand, performance.now() - began);
    } catch (wrong) {
      this.away = wrong instanceof NoAnswer;
      this.#showSaved();
      if (wrong.status === 401) this.#signIn();
      else if (wrong.status === 400) this.#freshToken();
    }
  }

  async #beat() {
    await this.#beatNow();
    this.#beatLater();
  }

  #beatLater() {
    clearTimeout(this.beating);
    const every = this.paused ? BEAT_IN_PAUSE : BEAT;
    this.beating = setTimeout(() => this.#beat(), every * (0.8 + 0.4 * Math.random()));
  }

  async #freshToken() {
    try {
      const { csrf } = await ask(this.places.stand);
      this.outbox.token = csrf;
    } catch {
      // the next try comes by itself
    }
  }

  // ---- showing ----

  #showAnswers(answers) {
    const merged = new Map(Object.entries(answers).map(([item, one]) => [Number(item), one]));
    for (const [item, event] of this.outbox.newest()) {
      const known = merged.get(item);
      if (!known || event.epoch > known.epoch || (event.epoch === known.epoch && event.seq > known.seq)) {
        merged.set(item, event);
      }
    }
    this.sheet.fill(merged);
    this.#showSaved();
  }

  #showSaved() {
    const { size, refused, stored } = this.outbox;
    const saved = document.getElementById("saved");
    const away = this.away ? this.words.away : "";
    const [state, words] = refused
      ? ["wrong", this.words.refused.replace("{n}", refused)]
      : !stored && size
        ? ["wrong", this.words.not_stored]
        : size
          ? ["device", away + this.words.on_device.replace("{n}", size)]
          : away
            ? ["device", away + this.words.all_saved]
            : ["centre", this.words.all_saved];
    if (saved.textContent !== words) saved.textContent = words;
    saved.dataset.state = state;
    this.sheet.mark((item) => this.outbox.holds(item));
    this.#showWaiting();
  }

  // The time left, which stands still in a pause; then the questions are covered, and come back with it.
  #clock({ paused = false, remaining }, journey = 0) {
    if (paused) this.time.hold(remaining);
    else this.time.set(remaining, journey);
    if (paused === this.paused) return;
    this.paused = paused;
    this.root.classList.toggle("is-paused", paused);
    if (paused) document.getElementById("hand-in-sheet").close();
    this.sheet.readOnly(paused || !this.writing);
    this.#beatLater();
    this.#line(paused ? "paused" : this.writing ? null : "older", !paused && !this.writing);
  }

  #showTime(seconds) {
    document.getElementById("time-left").textContent = written(seconds);
    document.querySelector(".time-left").classList.toggle("is-short", seconds <= 300);
    if (seconds === 300) this.#line("five");
  }

  #line(name, offer = false) {
    const line = document.getElementById("line");
    if ((this.over && name !== "over") || (this.paused && name !== "paused")) return;
    line.hidden = !name;
    line.replaceChildren(name ? this.words[name] : "");
    if (!offer) return;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn btn-outline-primary btn-sm" });
    button.textContent = document.getElementById("take-yes").textContent;
    button.addEventListener("click", () => this.#again());
    line.append(button);
  }

  // ---- the end ----

  // Saving never stops here: what is unsent goes on being sent, and the centre says when it is over.
  #timeIsUp() {
    if (this.over) return;
    this.over = true;
    this.sheet.readOnly(true);
    this.#line("over");
    this.#untilClosed();
  }

  async #untilClosed() {
    await this.outbox.send();
    try {
      const stand = await ask(this.places.stand);
      if (!stand.closed && stand.remaining > 0) return this.#goOn(stand);
      if (!this.outbox.size) return location.assign(this.places.result);
    } catch {
      // asked again below
    }
    setTimeout(() => this.#untilClosed(), 3000);
    return undefined;
  }

  // Extra time was given in the last moment.
  #goOn(stand) {
    this.over = false;
    this.sheet.readOnly(!this.writing);
    this.#line(null);
    this.#clock(stand);
  }

  #askToHandIn() {
    const { unanswered, flagged } = this.sheet.open();
    const say = (id, text) => {
      const line = document.getElementById(id);
      line.textContent = text;
      line.hidden = !text;
    };
    const list = (numbers) => numbers.join("、");
    say("hand-in-unanswered", unanswered.length ? this.words.unanswered.replace("{list}", list(unanswered)) : this.words.complete);
    say("hand-in-flagged", flagged.length ? this.words.later.replace("{list}", list(flagged)) : "");
    document.getElementById("hand-in-sheet").showModal();
    this.#showWaiting();
  }

  async #handIn() {
    this.handing = true;
    this.#showWaiting();
    await this.outbox.send();
    if (!this.outbox.size) await this.#finish();
  }

  #showWaiting() {
    const line = document.getElementById("hand-in-waiting");
    line.hidden = !this.handing;
    const { size, failures } = this.outbox;
    line.textContent = size && failures ? this.words.waiting.replace("{n}", size) : this.words.sending;
    document.getElementById("hand-in-yes").disabled = this.handing;
  }

  async #finish() {
    if (this.finishing) return;
    this.finishing = true;
    try {
      const { next } = await ask(this.places.handIn, { body: {}, token: this.outbox.token });
      sessionStorage.removeItem(`pen-${this.state.attempt}`);
      location.assign(next);
    } catch (wrong) {
      this.finishing = false;
      if (wrong instanceof Refused && wrong.status === 401) this.#signIn(() => this.#finish());
      else setTimeout(() => this.handing && this.#finish(), 2000);
    }
  }

  // ---- signing in again, in place (people/sign_in_again.html does it) ----

  // Other requests may be refused while the dialog is open: what was to be done first is not forgotten for them.
  #signIn(after) {
    this.afterSignIn = after ?? this.afterSignIn;
    signedOut();
  }

  #signedIn({ csrf_token: token }) {
    this.outbox.resume(token);
    this.#line(null);
    this.afterSignIn?.();
    this.afterSignIn = null;
  }
}
