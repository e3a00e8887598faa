// Steps of a consultation on their way to the centre: written to this browser's disk, sent in order, and dropped one by one
// once the centre has named them. One database per account; signing out wipes it after saying what is unsent.
import { asked, finished } from "../lms/js/disk.js";
import { uuid7 } from "../lms/js/ids.js";

const LONGEST = 30_000;
const PER_REQUEST = 100;
const PATIENCE = 12_000;

async function openStore(person) {
  const request = indexedDB.open(`cases-${person}`, 1);
  request.onupgradeneeded = () => request.result.createObjectStore("outbox", { keyPath: "id" });
  return asked(request);
}

// tell(what): "changed", "away", "signed-out", "stranger", "ended", "stale"
export class Outbox {
  constructor({ person, token, tell }) {
    Object.assign(this, { person, token, tell });
    this.steps = [];
    this.stored = true;
    this.pause = 1000;
    this.timer = 0;
    this.busy = false;
    this.again = false;
  }

  // What an earlier page left here, of whatever case; oldest first.
  async restore() {
    try {
      this.database = await openStore(this.person);
      this.steps = await asked(this.database.transaction("outbox").objectStore("outbox").getAll());
      this.steps.sort((a, b) => a.order - b.order);
    } catch {
      this.stored = false;
    }
    return this.steps;
  }

  get size() {
    return this.steps.length;
  }

  of(address) {
    return this.steps.filter((step) => step.address === address);
  }

  async add(address, act, happened) {
    const order = Math.max(Date.now(), (this.steps.at(-1)?.order ?? 0) + 1);
    const step = { id: uuid7(), order, address, act, happened };
    this.steps.push(step);
    this.tell("changed");
    await this.#write((store) => store.put(step));
    this.send();
  }

  async #write(act) {
    try {
      const transaction = this.database.transaction("outbox", "readwrite", { durability: "strict" });
      act(transaction.objectStore("outbox"));
      await finished(transaction);
    } catch {
      this.stored = false; // the page itself still holds it, and says so
      this.tell("changed");
    }
  }

  async #drop(gone) {
    const ids = new Set(gone.map((step) => step.id));
    this.steps = this.steps.filter((step) => !ids.has(step.id));
    if (this.database) await this.#write((store) => ids.forEach((id) => store.delete(id)));
  }

  async send() {
    if (this.busy) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.busy = true;
    try {
      while (this.steps.length && (await this.#batch()));
    } finally {
      this.busy = false;
      this.tell("changed");
      if (this.again) {
        this.again = false;
        this.send();
      }
    }
  }

  // The oldest steps of one consultation; whether to go on with the next at once.
  async #batch() {
    const { address } = this.steps[0];
    const batch = this.of(address).slice(0, PER_REQUEST);
    let answer, body;
    try {
      answer = await fetch(address, {
        method: "POST",
        redirect: "error",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token },
        body: JSON.stringify({ acts: batch.map(({ id, act, happened }) => ({ id, act, happened })) }),
        signal: AbortSignal.timeout(PATIENCE),
      });
      body = await answer.json();
    } catch {
      return this.#later("away"); // no network, or something between that is not the centre
    }
    if (answer.ok) return this.#heard(batch, body);
    if (answer.status === 401) return this.#stop("signed-out");
    if (answer.status === 400) return this.#later("stale");
    if (answer.status === 403 || answer.status === 404) return this.#stop("stranger");
    if (answer.status === 409 || answer.status === 422) {
      await this.#drop(batch);
      this.tell("ended", address);
      return true;
    }
    return this.#later("away");
  }

  async #heard(batch, body) {
    if (!Array.isArray(body?.acknowledged)) return this.#later("away");
    const named = new Set(body.acknowledged);
    const gone = batch.filter((step) => named.has(step.id));
    if (!gone.length) return this.#later("away");
    await this.#drop(gone);
    this.pause = 1000;
    this.tell("changed");
    return true;
  }

  #later(what) {
    this.tell(what);
    this.timer = setTimeout(() => this.send(), this.pause * (0.5 + Math.random() / 2));
    this.pause = Math.min(LONGEST, this.pause * 2);
    return false;
  }

  #stop(what) {
    this.tell(what);
    return false;
  }
}
