// What lessons tell on its way to the centre: kept on this device under the account's own name, sent until the centre has
// named each thing. What is sent twice counts once, in whatever order it comes.
import { Outbox } from "../lms/js/outbox.js";
import { account, openKept } from "./kept.js";

const MOST = 500;
const OLDEST = 90 * 86400;
// What a page that is left may still send while it goes: the browser grants it 64 kB in all.
const LAST = 40;

const age = (made) => Math.min(Math.max((Date.now() - made) / 1000, 0), OLDEST);

export class Sending {
  // person: whose · addresses: {sync, standing} · token: of this page, "" where it has none (kept pages)
  // show(state): "saved", "waiting", "sign-in" · heard(said): an answer of the centre · lost(number): what it can never take
  constructor({ person, addresses, token, show = () => {}, heard = () => {}, lost = () => {} }) {
    Object.assign(this, { person, addresses, show, heard, lost });
    this.outbox = new Outbox({
      store: `learning-${person}`,
      token,
      most: MOST,
      body: (things) => this.#body(things),
      settled: (said) => [...said.acknowledged, ...(said.refused ?? []).map((one) => one.id)],
      tell: (what, detail) => this.#told(what, detail),
    });
    this.sure = !!token;
    this.ready = this.#begin();
  }

  async #begin() {
    // Where the browser keeps nothing, the page itself holds what waits, as long as it is open.
    this.kept = await openKept(this.person).catch(() => null);
    await this.outbox.restore();
    addEventListener("online", () => this.send());
    this.#paint();
    this.send();
  }

  // What waits of one lesson.
  of(course, lesson) {
    return this.outbox.things.filter((thing) => thing.course === course && thing.lesson === lesson);
  }

  get size() {
    return this.outbox.size;
  }

  async tell(course, lesson, event, { right = false, last = false } = {}) {
    await this.ready;
    const added = this.outbox.add(this.addresses.sync, { course, lesson, event, right });
    if (last) this.#leave();
    await added;
  }

  async send() {
    if (!this.size) return;
    if (!this.sure && !(await this.#standing())) return;
    await this.outbox.send();
  }

  // Another person signed in here since: nothing of mine goes out in their name.
  #body(things) {
    if (account() !== this.person) throw new Error("somebody else is signed in");
    return { events: things.map(({ id, course, lesson, event, order }) => ({ ...event, id, course, lesson, ago: age(order) })) };
  }

  // Who is signed in, and a token to send with; whether it is me.
  async #standing() {
    try {
      const answer = await fetch(this.addresses.standing, { headers: { Accept: "application/json" }, redirect: "error" });
      const said = answer.ok ? await answer.json() : {};
      this.sure = typeof said.csrf === "string" && said.account === this.person;
      this.out = !this.sure && typeof said.csrf === "string";
      if (this.sure) this.outbox.token = said.csrf;
    } catch {
      this.sure = false;
    }
    if (!this.sure) this.#again();
    this.#paint();
    return this.sure;
  }

  #again() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), 15_000 * (0.5 + Math.random()));
  }

  #told(what, detail) {
    if (what === "signed-out" || what === "stranger") this.out = true;
    if (what === "stale") this.#standing(); // the next try goes with another token
    if (what === "heard") this.#heard(detail);
    this.#paint();
  }

  #heard(said) {
    this.out = false;
    if (said.stands) this.kept?.keepStands(said.stands).catch(() => {});
    if (said.refused?.length) this.lost(said.refused.length);
    this.heard(said);
  }

  #paint() {
    this.show(!this.size ? "saved" : this.out ? "sign-in" : "waiting");
  }

  // The page is being left: the newest once more, without waiting for an answer. It stays here until it is named.
  #leave() {
    if (!this.sure) return;
    try {
      fetch(this.addresses.sync, {
        method: "POST",
        keepalive: true,
        redirect: "error",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.outbox.token },
        body: JSON.stringify(this.#body(this.outbox.things.slice(-LAST))),
      }).catch(() => {});
    } catch {
      // It stays here.
    }
  }
}

// What every page of learning does: what waits here goes out.
export default function sending(element) {
  const { account: person, sync, standing, token } = element.dataset;
  return new Sending({ person, addresses: { sync, standing }, token });
}
