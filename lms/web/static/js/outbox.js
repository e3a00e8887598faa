// Things on their way to the centre: written to this browser's disk, sent in order, and dropped one by one once the centre
// has named them. One database per feature and account; signing out wipes it after saying what is unsent.
import { asked, finished } from "./disk.js";
import { uuid7 } from "./ids.js";

const LONGEST = 30_000;
const PATIENCE = 12_000;

async function openStore(name) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore("outbox", { keyPath: "id" });
  return asked(request);
}

// store: the name of the database. body(things): what to send of things that go to one address, at most `most` at once.
// tell(what, detail): "changed", "away", "heard" (what the centre said), "signed-out", "stranger", "stale", "refused" (an
// address). settled(said): the ids that need not be sent again.
export class Outbox {
  constructor({ store, token, body, most, tell, settled = (said) => said.acknowledged }) {
    Object.assign(this, { store, token, body, most, tell, settled });
    this.things = [];
    this.stored = true;
    this.pause = 1000;
    this.timer = 0;
    this.busy = false;
    this.again = false;
  }

  // What an earlier page left here, for whatever address; oldest first.
  async restore() {
    try {
      this.database = await openStore(this.store);
      this.things = await asked(this.database.transaction("outbox").objectStore("outbox").getAll());
      this.things.sort((a, b) => a.order - b.order);
    } catch {
      this.stored = false;
    }
    return this.things;
  }

  get size() {
    return this.things.length;
  }

  of(address) {
    return this.things.filter((thing) => thing.address === address);
  }

  async add(address, words) {
    const order = Math.max(Date.now(), (this.things.at(-1)?.order ?? 0) + 1);
    const thing = { ...words, id: uuid7(), order, address };
    this.things.push(thing);
    this.tell("changed");
    await this.#write((store) => store.put(thing));
    this.send();
  }

  async #write(act) {
    try {
      const transaction = this.database.transaction("outbox", "readwrite", { durability: "strict" });
      act(transaction.objectStore("outbox"));
      transaction.commit?.(); // a page that is being left must not take it along
      await finished(transaction);
    } catch {
      this.stored = false; // the page itself still holds it, and says so
      this.tell("changed");
    }
  }

  async #drop(gone) {
    const ids = new Set(gone.map((thing) => thing.id));
    this.things = this.things.filter((thing) => !ids.has(thing.id));
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
      while (this.things.length && (await this.#batch()));
    } finally {
      this.busy = false;
      this.tell("changed");
      if (this.again) {
        this.again = false;
        this.send();
      }
    }
  }

  // The oldest things for one address; whether to go on with the next at once.
  async #batch() {
    const { address } = this.things[0];
    const batch = this.of(address).slice(0, this.most);
    let answer, said;
    try {
      answer = await fetch(address, {
        method: "POST",
        redirect: "error",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token },
        body: JSON.stringify(this.body(batch)),
        signal: AbortSignal.timeout(PATIENCE),
      });
      said = await answer.json();
    } catch {
      return this.#later("away"); // no network, or something between that is not the centre
    }
    if (answer.ok) return this.#heard(batch, said);
    if (answer.status === 401) return this.#stop("signed-out");
    if (answer.status === 400) return this.#later("stale");
    if (answer.status === 403 || answer.status === 404) return this.#stop("stranger");
    if (answer.status === 409 || answer.status === 422) {
      await this.#drop(batch);
      this.tell("refused", address);
      return true;
    }
    return this.#later("away");
  }

  async #heard(batch, said) {
    if (!Array.isArray(said?.acknowledged)) return this.#later("away");
    const named = new Set(this.settled(said));
    const gone = batch.filter((thing) => named.has(thing.id));
    if (!gone.length) return this.#later("away");
    await this.#drop(gone);
    this.pause = 1000;
    this.tell("heard", said);
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
