// A self-test: one question at a time. An answer is kept on this device first; what is right comes from the centre, and
// only once the answer is there. A network that is gone changes one line, not the page.
import { fill, listen, read, readOnly } from "../bank/question.js";
import { signedOut } from "../lms/js/session.js";
import { outboxOf } from "./outbox.js";

export default async function test(root) {
  await new SelfTest(root).begin();
}

const plain = (id) => JSON.parse(document.getElementById(id).textContent);

// One question of the page. State: "open", "held" (its answer is only on this device), "done" (what is right is shown).
class Asked {
  constructor(section, give) {
    this.section = section;
    this.item = Number(section.dataset.item);
    this.form = section.querySelector("form");
    this.sheet = section.querySelector("[data-kind]"); // the question alone: how hard it is stands beside it
    this.shown = section.querySelector(".selftest-shown");
    this.onward = section.querySelector("[data-next]");
    this.seen = this.state === "done";
    if (!this.form) return;
    fill(this.sheet, []);
    listen(this.sheet, () => this.#ready());
    this.sheet.addEventListener("input", () => this.#ready()); // typing is heard at once, not when it pauses
    this.#ready();
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.state === "open") give(this, read(this.sheet));
    });
    this.form.querySelector("[data-unknown]").addEventListener("click", () => this.state === "open" && give(this, []));
  }

  get state() {
    return this.section.dataset.state;
  }

  get felt() {
    return this.form.querySelector("[data-felt]:checked")?.value ?? "fair";
  }

  #ready() {
    this.form.querySelector("[type=submit]").disabled = !read(this.sheet).length;
  }

  hold(answer) {
    this.section.dataset.state = "held";
    fill(this.sheet, answer);
    readOnly(this.sheet, true);
    this.form.querySelector(".acts").hidden = true;
    for (const input of this.form.querySelectorAll("[data-felt]")) input.disabled = true;
    this.onward.hidden = false;
  }

  // The centre has the answer: show what it says of it.
  show(html) {
    if (this.state === "done") return;
    this.section.dataset.state = "done";
    this.shown.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    this.shown.hidden = false;
    if (this.form) this.form.hidden = true;
    this.onward.hidden = false;
    if (!this.section.hidden) this.look();
  }

  look() {
    this.seen ||= this.state === "done";
    const head = this.section.querySelector(this.state === "done" ? ".selftest-verdict" : "legend");
    if (!head) return;
    head.tabIndex = -1;
    head.focus({ preventScroll: true });
  }
}

class SelfTest {
  constructor(root) {
    this.root = root;
    this.places = root.dataset;
    this.words = plain("selftest-words");
    const stand = plain("selftest-stand");
    this.trouble = null;
    this.asked = [...root.querySelectorAll(".question")].map(
      (section) => new Asked(section, (asked, answer) => this.#give(asked, answer)),
    );
    this.outbox = outboxOf({ ...stand, tell: (what, detail) => this.#hear(what, detail) });
  }

  async begin() {
    await this.outbox.restore();
    for (const { item, answer } of this.outbox.of(this.places.answers)) {
      const asked = this.asked.find((one) => one.item === item);
      if (asked?.state === "open") asked.hold(answer);
    }
    for (const asked of this.asked) asked.onward.addEventListener("click", () => this.#next());
    addEventListener("online", () => this.outbox.send());
    addEventListener("signed-in", ({ detail }) => this.#freshToken(detail.csrf_token));
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
    addEventListener("beforeunload", (event) => {
      if (this.outbox.size && !this.outbox.stored) event.preventDefault();
    });
    this.#next(false);
    this.outbox.send();
    await this.#refresh();
    this.root.dataset.ready = "";
  }

  // ---- answering ----

  #give(asked, answer) {
    const { felt } = asked;
    asked.hold(answer);
    this.outbox.add(this.places.answers, { item: asked.item, answer, felt, at: Date.now() });
  }

  // What to look at next: an open question, then what came back while one was further on; in the end the summary.
  #next(look = true) {
    const next = this.asked.find((one) => one.state === "open") ?? this.asked.find((one) => one.state === "done" && !one.seen);
    const held = this.asked.some((one) => one.state === "held");
    if (!next && !held) return location.assign(this.places.summary);
    for (const one of this.asked) one.section.hidden = one !== next;
    this.root.querySelector(".selftest-waiting").hidden = Boolean(next);
    if (next && look) {
      scrollTo({ top: 0 });
      next.look();
    }
    return this.#show();
  }

  // ---- the centre ----

  #hear(what, detail) {
    if (what === "heard") this.#feedback(detail.feedback);
    else if (what === "away") this.away = true;
    else if (what === "signed-out") {
      this.trouble = "sign_in";
      signedOut();
    } else if (what === "stranger") this.trouble = "stranger";
    else if (what === "refused") this.trouble = "refused";
    else if (what === "stale") this.#freshToken();
    if (what === "heard") this.away = false;
    this.#show();
  }

  #feedback(feedback) {
    for (const [item, { html }] of Object.entries(feedback ?? {})) {
      this.asked.find((one) => one.item === Number(item))?.show(html);
    }
    // whoever has come to the end waits for nothing but this
    if (this.asked.every((one) => one.section.hidden)) this.#next();
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

  // Asked after this device's own answers have been read: what another page has answered meanwhile is shown here too.
  async #refresh() {
    const stand = await this.#ask();
    if (stand) this.#feedback(stand.feedback);
  }

  async #freshToken(given) {
    const token = given ?? (await this.#ask())?.csrf;
    if (!token) return;
    this.outbox.token = token;
    this.trouble = null;
    this.#show();
    if (given) this.outbox.send();
  }

  // ---- what is shown ----

  #show() {
    const answered = this.asked.filter((one) => one.state !== "open").length;
    const progress = document.getElementById("selftest-progress");
    progress.value = answered;
    document.getElementById("selftest-count").textContent = `${answered} / ${this.asked.length}`;
    const held = this.asked.filter((one) => one.state === "held").length;
    const { stored } = this.outbox;
    const [state, words] = this.trouble
      ? ["wrong", this.words[this.trouble]]
      : held && !stored
        ? ["wrong", this.words.not_stored]
        : held && this.away
          ? ["waiting", this.words.waiting.replace("{n}", held)]
          : held
            ? ["waiting", this.words.sending]
            : ["saved", ""];
    const line = document.getElementById("selftest-line");
    line.dataset.state = state;
    line.hidden = !words;
    if (line.textContent !== words) line.textContent = words;
  }
}
