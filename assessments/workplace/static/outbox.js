// Sheets on their way to the centre, and the drafts they are made of. A draft is on this browser's disk before it is
// anywhere else, and stays there until the centre has named its sheet.
import { asked, finished } from "../lms/js/disk.js";
import { uuid7 } from "../lms/js/ids.js";
import { Outbox } from "../lms/js/outbox.js";

const MOST = 5;

async function openDrafts(person) {
  const request = indexedDB.open(`workplace-drafts-${person}`, 1);
  request.onupgradeneeded = () => request.result.createObjectStore("drafts", { keyPath: "key" });
  return asked(request);
}

// person, csrf: who is signed in, and the token. places: {sheets, standing}. tell(what): "changed", "away", "signed-out",
// "stranger", "broken", "taken" (with {key, address}).
export class Desk {
  constructor({ person, csrf, places, tell }) {
    Object.assign(this, { person, places, tell });
    this.drafts = new Map();
    this.stored = true;
    const store = `workplace-outbox-${person}`;
    const body = (things) => ({ assessor: person, sheets: things.map(({ id, sheet, about, body }) => ({ id, sheet, about, body })) });
    this.outbox = new Outbox({ store, token: csrf, body, most: MOST, tell: (what, detail) => this.#hear(what, detail) });
  }

  async open() {
    try {
      this.database = await openDrafts(this.person);
      const found = await asked(this.database.transaction("drafts").objectStore("drafts").getAll());
      this.drafts = new Map(found.map((draft) => [draft.key, draft]));
    } catch {
      this.stored = false;
    }
    await this.outbox.restore();
    const there = new Set(this.outbox.things.map((thing) => thing.sheet));
    // Handed in just before the browser died: the draft says so, and the sheet is made of it again under the same name.
    for (const draft of this.drafts.values()) if (draft.handed && !there.has(draft.sheet)) await this.#send(draft);
    addEventListener("online", () => this.outbox.send());
    document.addEventListener("visibilitychange", () => document.hidden || this.outbox.send());
    addEventListener("signed-in", ({ detail }) => this.#fresh(detail.csrf_token));
    this.outbox.send();
  }

  // A draft for this key: what is on the disk, else a new one with these values.
  draft(key, more) {
    return this.drafts.get(key) ?? { key, sheet: uuid7(), values: {}, begun_at: null, own_clock: false, handed: false, refused: null, ...more };
  }

  async keep(draft) {
    this.drafts.set(draft.key, draft);
    await this.#write((store) => store.put(draft));
  }

  async discard(key) {
    this.drafts.delete(key);
    await this.#write((store) => store.delete(key));
  }

  async handIn(draft) {
    draft.handed = true;
    draft.refused = null;
    await this.keep(draft);
    await this.#send(draft);
  }

  async #send({ key, sheet, about, form, values, begun_at, own_clock }) {
    const body = { reason: "", comment: "", ...values, form, begun_at, own_clock };
    await this.outbox.add(this.places.sheets, { key, sheet, about, body });
  }

  async #write(act) {
    try {
      const transaction = this.database.transaction("drafts", "readwrite", { durability: "strict" });
      act(transaction.objectStore("drafts"));
      await finished(transaction);
    } catch {
      this.stored = false; // the page itself still holds it, and says so
    }
    this.tell("changed");
  }

  async #hear(what, detail) {
    if (what === "heard") {
      this.away = false;
      await this.#settle(detail);
    } else if (what === "refused") await this.#returnAll();
    else if (what === "stale") await this.#fresh();
    else if (what === "away") this.away = true;
    this.tell(what === "refused" ? "broken" : what);
  }

  // What the centre holds is no draft any more; what it did not take is one again, with the reason.
  async #settle({ taken = {}, held = {} }) {
    for (const draft of [...this.drafts.values()]) {
      if (draft.sheet in taken) {
        await this.discard(draft.key);
        this.tell("taken", { key: draft.key, address: taken[draft.sheet] });
      } else if (draft.sheet in held) {
        await this.keep({ ...draft, handed: false, refused: held[draft.sheet].detail });
      }
    }
  }

  async #returnAll() {
    for (const draft of [...this.drafts.values()]) if (draft.handed) await this.keep({ ...draft, handed: false, refused: "" });
  }

  async #fresh(given) {
    try {
      const answer = await fetch(this.places.standing, { headers: { Accept: "application/json" }, redirect: "error", cache: "no-store", signal: AbortSignal.timeout(8000) });
      if (answer.status === 401) return this.tell("signed-out");
      const stand = await answer.json();
      if (stand.person !== this.person) return this.tell("stranger");
      this.outbox.token = given ?? stand.csrf;
      if (given) this.outbox.send();
    } catch {
      // no network: the next try comes by itself
    }
    return undefined;
  }
}
