// The questions on the screen: one at a time, the overview, marks for later. Knows nothing of the network.
import { fill, listen, readOnly } from "../bank/question.js";

export class Sheet {
  constructor(root, words, choose) {
    Object.assign(this, { root, words, choose, at: 0, flags: new Set() });
    this.questions = [...root.querySelectorAll(".question")];
    this.cells = [...root.querySelectorAll("[data-go]")];
    this.answers = new Map();
  }

  async begin(store, attempt) {
    this.store = store;
    this.attempt = attempt;
    this.flags = new Set(await store.flags(attempt).catch(() => []));
    for (const question of this.questions) {
      listen(question, (answer) => this.#chosen(question, answer));
      question.querySelector(".flag").addEventListener("click", () => this.#flag(question));
    }
    for (const cell of this.cells) cell.addEventListener("click", () => this.go(Number(cell.dataset.go), true));
    this.root.querySelector("#previous").addEventListener("click", () => this.go(this.at - 1, true));
    this.root.querySelector("#next").addEventListener("click", () => this.#forward());
    const toggle = this.root.querySelector("#show-overview");
    toggle.addEventListener("click", () => this.#overview(toggle.getAttribute("aria-expanded") !== "true"));
    this.go(0);
  }

  #forward() {
    if (this.at < this.questions.length - 1) return this.go(this.at + 1, true);
    this.#overview(true);
    return this.root.querySelector("#hand-in").focus();
  }

  #overview(shown) {
    this.root.querySelector("#overview").classList.toggle("is-shown", shown);
    this.root.querySelector("#show-overview").setAttribute("aria-expanded", shown);
    if (shown) scrollTo({ top: 0 });
  }

  go(to, focus = false) {
    this.at = Math.min(Math.max(0, to), this.questions.length - 1);
    this.questions.forEach((question, number) => {
      question.hidden = number !== this.at;
    });
    this.cells.forEach((cell, number) => {
      if (number === this.at) cell.setAttribute("aria-current", "true");
      else cell.removeAttribute("aria-current");
    });
    this.root.querySelector("#previous").disabled = this.at === 0;
    this.#overview(false);
    if (!focus) return;
    scrollTo({ top: 0 });
    const legend = this.questions[this.at].querySelector("legend");
    legend.tabIndex = -1;
    legend.focus({ preventScroll: true });
  }

  #item(question) {
    return Number(question.dataset.item);
  }

  #chosen(question, answer) {
    this.answers.set(this.#item(question), answer);
    this.choose(this.#item(question), answer);
  }

  async #flag(question) {
    const item = this.#item(question);
    if (!this.flags.delete(item)) this.flags.add(item);
    this.mark();
    await this.store.setFlags(this.attempt, [...this.flags]).catch(() => {});
  }

  // Show these answers; what is chosen just now on this page is among them.
  fill(answers) {
    for (const question of this.questions) {
      const answer = answers.get(this.#item(question))?.answer ?? [];
      this.answers.set(this.#item(question), answer);
      fill(question, answer);
    }
  }

  mark(onDevice = this.onDevice ?? (() => false)) {
    this.onDevice = onDevice;
    this.questions.forEach((question, number) => {
      const item = this.#item(question);
      const state = onDevice(item) ? "device" : this.answers.get(item)?.length ? "centre" : "none";
      const flagged = this.flags.has(item);
      const words = question.querySelector(".question-state");
      words.dataset.state = state;
      if (words.textContent !== this.words[state]) words.textContent = this.words[state];
      const flag = question.querySelector(".flag");
      flag.setAttribute("aria-pressed", flagged);
      flag.querySelector("span").textContent = flagged ? this.words.unflag : this.words.flag;
      const cell = this.cells[number];
      cell.dataset.state = state;
      cell.classList.toggle("cell-flagged", flagged);
      cell.querySelector("span").textContent = ` ${this.words[state]}${flagged ? `, ${this.words.flagged}` : ""}`;
    });
  }

  readOnly(on) {
    this.root.classList.toggle("read-only", on);
    for (const question of this.questions) readOnly(question, on);
    this.root.querySelector("#hand-in").disabled = on;
  }

  // Numbers of the questions without an answer, and of those marked for later.
  open() {
    const numbers = (test) => this.questions.flatMap((question, number) => (test(this.#item(question)) ? [number + 1] : []));
    return {
      unanswered: numbers((item) => !this.answers.get(item)?.length),
      flagged: numbers((item) => this.flags.has(item)),
    };
  }
}
