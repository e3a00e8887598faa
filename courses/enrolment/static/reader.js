// The page one reads, from the centre or kept on this device: keeps one's place, checks answers, and tells the centre all of
// it, sooner or later (sending.js). What the centre has not heard yet is shown as this device's own reckoning.
import { together } from "./kept.js";
import player from "./player.js";
import { Sending } from "./sending.js";

const EVERY = 4000;

export default async function reader(frame) {
  await new Reader(frame).begin();
}

export class Reader {
  constructor(frame) {
    this.frame = frame;
    this.said = frame.dataset;
    this.stand = JSON.parse(this.said.stand);
    this.questions = frame.querySelectorAll("[data-question]").length;
    this.blocks = [...frame.querySelectorAll(".lesson-text > [id]")];
    const { account: person, sync, standing, token } = this.said;
    const told = { show: (state) => this.#show(state), heard: (answer) => this.#heard(answer), lost: (n) => this.#lost(n) };
    this.sending = new Sending({ person, addresses: { sync, standing }, token, ...told });
  }

  async begin() {
    this.#check(); // an answer can be given from the first moment
    await this.sending.ready;
    const known = await this.sending.kept?.stand(this.key).catch(() => undefined);
    // A page kept here knows less than what the centre has said since.
    if (this.said.fromDevice !== undefined && known) this.stand = known.stand;
    else this.sending.kept?.keepStands({ [this.key]: this.stand }).catch(() => {});
    this.#paint();
    this.#resume();
    this.#watchPlace();
    this.#watchEnd();
    player(this.frame, { tell: (...what) => this.tell(...what), place: this.now.place ?? null });
    this.tell("opened");
    this.frame.dataset.ready = "";
  }

  get key() {
    return `${this.said.course}/${this.said.lesson}`;
  }

  get now() {
    return together(this.stand, this.sending.of(this.said.course, this.said.lesson), this.questions);
  }

  tell(kind, more = {}, last = false, right = false) {
    const kept = this.sending.tell(this.said.course, this.said.lesson, { kind, ...more }, { right, last });
    return kept.then(() => this.#paint());
  }

  // ---- what the centre knows, and what only this device ----

  #show(state) {
    const kept = document.querySelector("[data-kept]");
    kept.dataset.state = state;
    const words = { saved: this.said.saysSaved, waiting: this.said.saysWaiting, "sign-in": this.said.saysSignIn };
    kept.querySelector("[data-words]").textContent = words[state];
  }

  #lost(number) {
    const kept = document.querySelector("[data-kept] [data-words]");
    kept.textContent = this.said.saysLost.replace("{n}", number);
  }

  #heard(answer) {
    this.stand = answer.stands?.[this.key] ?? this.stand;
    this.#paint();
    this.#wait();
  }

  // When only the time is missing, the centre is asked once it has passed.
  #wait() {
    clearTimeout(this.counts);
    const { complete, wait } = this.stand;
    if (!complete && wait > 0 && !this.#unmet(this.stand).length)
      this.counts = setTimeout(() => this.tell("position", { anchor: this.#here() }), wait * 1000 + 500);
  }

  #unmet(stand) {
    const met = { read: stand.reached_end, check: stand.check_passed };
    for (const [media, one] of Object.entries(stand.watched ?? {})) met[`watched-${media}`] = one.enough;
    return Object.keys(met).filter((name) => !met[name] && this.frame.querySelector(`[data-want="${name}"]`));
  }

  #paint() {
    const { now, frame } = this;
    const unmet = this.#unmet(now);
    for (const want of frame.querySelectorAll("[data-want]")) {
      const name = want.dataset.want;
      const yes = name === "time" ? now.complete || now.wait === 0 : !unmet.includes(name);
      want.querySelector("[data-met]").hidden = !yes;
      want.querySelector("[data-unmet]").hidden = yes;
    }
    for (const [media, one] of Object.entries(now.watched ?? {})) {
      const part = frame.querySelector(`[data-watched="${media}"]`);
      if (part) part.textContent = `${Math.floor(one.percent)} %`;
    }
    for (const at of now.passed) frame.querySelector(`[data-question="${at}"] [data-right-once]`)?.removeAttribute("hidden");
    frame.querySelector("[data-complete]").hidden = !now.complete;
    frame.querySelector("[data-later]").hidden = now.complete || unmet.length > 0 || !now.waiting;
    frame.querySelector("[data-credit]").hidden = !now.minutes;
    frame.querySelector("[data-minutes]").textContent = now.minutes;
    const next = frame.querySelector("[data-next]");
    next.classList.toggle("btn-primary", now.complete);
    next.classList.toggle("btn-outline-primary", !now.complete);
  }

  // ---- one's place ----

  #here() {
    return this.blocks.find((block) => block.getBoundingClientRect().bottom > 96)?.id ?? this.blocks.at(-1)?.id ?? "";
  }

  #keepPlace(last = false) {
    const now = this.#here();
    if (!now || now === this.place) return;
    this.place = now;
    this.tell("position", { anchor: now }, last);
  }

  #resume() {
    const place = this.now.anchor;
    this.place = place || this.blocks[0]?.id;
    const target = place && place !== this.blocks[0]?.id ? document.getElementById(place) : null;
    if (!target || location.hash) return;
    this.frame.querySelector("[data-resumed]").hidden = false;
    const go = () => target.scrollIntoView({ block: "start", behavior: "instant" });
    go();
    // Letters and pictures that come later move the text away from under one's eyes, until one moves it oneself.
    const settled = new AbortController();
    for (const own of ["wheel", "touchstart", "pointerdown", "keydown"])
      addEventListener(own, () => settled.abort(), { passive: true, signal: settled.signal });
    document.fonts.ready.then(() => settled.signal.aborted || go());
    if (document.readyState !== "complete") addEventListener("load", () => { go(); settled.abort(); }, { signal: settled.signal });
  }

  #watchPlace() {
    const soon = () => { this.scrolled ||= setTimeout(() => { this.scrolled = 0; this.#keepPlace(); }, EVERY); };
    addEventListener("scroll", soon, { passive: true });
    addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.#keepPlace(true));
  }

  #watchEnd() {
    const end = this.frame.querySelector("[data-end]");
    new IntersectionObserver((seen, watcher) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      watcher.disconnect();
      if (!this.now.reached_end) this.tell("finished");
    }).observe(end);
  }

  // ---- the self-check ----

  #check() {
    for (const question of this.frame.querySelectorAll("[data-question]"))
      question.querySelector("[data-answer]").addEventListener("click", () => this.#answer(question));
  }

  #answer(question) {
    const verdict = question.querySelector("[data-verdict]");
    const chosen = [...question.querySelectorAll("input:checked")].map((input) => Number(input.value));
    const right = question.dataset.right.split(",").map(Number);
    const good = chosen.length === right.length && right.every((n) => chosen.includes(n));
    verdict.hidden = false;
    verdict.className = good ? "answer-says answer-right" : "answer-says";
    verdict.textContent = !chosen.length ? this.said.saysChoose : good ? this.said.saysRight : this.said.saysWrong;
    question.querySelector("[data-explanation]").hidden = !good;
    if (chosen.length) this.tell("self_check", { question: Number(question.dataset.question), chosen }, false, good);
  }
}
