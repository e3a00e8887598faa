// Every answer goes first to this device, then to the centre; what is deleted here was named by the centre.
import { uuid7 } from "../lms/js/ids.js";
import { NoAnswer, Refused, ask, held } from "./post.js";

const MOST = 50;
const LONGEST_PAUSE = 20_000;

const later = (a, b) => a.epoch - b.epoch || a.seq - b.seq;

export class Outbox {
  // `tell(name, detail)` hears: changed, heard, away, back, signIn, stranger.
  constructor({ attempt, store, address, receipt, tell }) {
    Object.assign(this, { attempt, store, address, receipt, tell });
    this.events = new Map();
    this.refused = 0;
    this.stored = true;
    this.epoch = 0;
    this.seq = 0;
    this.token = "";
    this.failures = 0;
    this.running = null;
    this.timer = 0;
    this.paused = false;
  }

  get size() {
    return this.events.size;
  }

  holds(item) {
    return [...this.events.values()].some((event) => event.item === item);
  }

  async restore() {
    try {
      for (const event of await this.store.waiting(this.attempt)) this.events.set(event.id, event);
    } catch {
      this.stored = false;
    }
  }

  // The newest unsent answer to each item.
  newest() {
    const found = new Map();
    for (const event of this.events.values()) {
      const known = found.get(event.item);
      if (!known || later(event, known) > 0) found.set(event.item, event);
    }
    return found;
  }

  // Write from now on in this epoch. Unsent answers of this device that are newer than the centre's are made anew in
  // it; all others are sent as they are, and the centre keeps them aside.
  async begin(epoch, answers) {
    this.epoch = epoch;
    this.seq = Math.max(0, ...Object.values(answers).filter((one) => one.epoch === epoch).map((one) => one.seq));
    for (const event of this.events.values()) if (event.epoch === epoch) this.seq = Math.max(this.seq, event.seq);
    for (const [item, event] of this.newest()) {
      const centre = answers[item];
      if (event.epoch === epoch || (centre && later(event, centre) <= 0)) continue;
      const gone = [...this.events.values()].filter((one) => one.item === item).map((one) => one.id);
      await this.#keep(this.#event(item, event.answer), gone);
    }
  }

  #event(item, answer) {
    this.seq += 1;
    return { id: uuid7(), attempt: this.attempt, item, seq: this.seq, epoch: this.epoch, answer };
  }

  async #keep(event, gone = []) {
    this.events.set(event.id, event);
    for (const id of gone) this.events.delete(id);
    try {
      await this.store.replace(gone, [event]);
      this.stored = true;
    } catch {
      this.stored = false;
    }
  }

  async add(item, answer) {
    // Told at once: while it is being written to the disk, nothing may say that everything is with the centre.
    const kept = this.#keep(this.#event(item, answer));
    this.tell("changed");
    await kept;
    this.tell("changed");
    this.send();
  }

  // Send now; one sending at a time. Resolves when nothing is left, or when this try failed.
  send() {
    clearTimeout(this.timer);
    this.running ??= this.#drain().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  async #drain() {
    while (this.events.size && !this.paused) {
      try {
        await this.#sendSome();
        if (this.failures) this.tell("back");
        this.failures = 0;
      } catch (wrong) {
        this.#failed(wrong);
        return;
      }
    }
  }

  async #sendSome() {
    const most = this.single ? 1 : MOST;
    const batch = [...this.events.values()].sort(later).slice(0, most);
    const body = { events: batch.map(({ id, item, seq, epoch, answer }) => ({ id, item, seq, epoch, answer })) };
    let said;
    try {
      said = await ask(this.address, { body, token: this.token });
    } catch (wrong) {
      if (!(wrong instanceof Refused) || wrong.status !== 422) throw wrong;
      this.#notTaken(batch);
      return;
    }
    const ids = (await held(said, this.attempt, this.receipt)).filter((id) => this.events.has(id));
    if (!ids.length && batch.every((event) => this.events.has(event.id))) {
      this.#notTaken(batch);
    } else {
      for (const id of ids) this.events.delete(id);
      await this.store.remove(ids).catch(() => {});
    }
    this.tell("heard", said);
    this.tell("changed");
  }

  // The centre could not read this: look for the one answer at fault, leave it in the store, and say so.
  #notTaken(batch) {
    if (batch.length > 1) {
      this.single = true;
      return;
    }
    this.single = false;
    this.refused += 1;
    this.events.delete(batch[0].id);
    this.tell("changed");
  }

  #failed(wrong) {
    this.failures += 1;
    if (wrong instanceof Refused && wrong.status === 401) {
      this.paused = true;
      this.tell("signIn");
      return;
    }
    if (wrong instanceof Refused) this.tell(wrong.status === 404 ? "stranger" : "stale");
    else if (wrong instanceof NoAnswer) this.tell("away");
    else console.error(wrong);
    const pause = Math.min(LONGEST_PAUSE, 1000 * 2 ** Math.min(this.failures - 1, 6));
    this.timer = setTimeout(() => this.send(), pause * (0.5 + Math.random()));
  }

  resume(token) {
    this.paused = false;
    this.token = token ?? this.token;
    return this.send();
  }
}
