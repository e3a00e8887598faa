// Sends sheets until the centre has named each one. Knows neither the page nor the clock on the wall: what it needs is
// handed in, so that it can be driven through any order of faults.
export const FIRST = 1_000;
export const LONGEST = 60_000;

// Full jitter: thirty tablets that come back at once do not knock at once.
export const delay = (tries, chance) => Math.round(Math.min(LONGEST, FIRST * 2 ** tries) * (0.5 + chance / 2));

export async function proofOf(key, id) {
  const bytes = Uint8Array.from(key.match(/../g), (pair) => parseInt(pair, 16));
  const imported = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const proof = await crypto.subtle.sign("HMAC", imported, new TextEncoder().encode(id));
  return [...new Uint8Array(proof)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Outbox {
  // store: see store.js · ask(path, body): {status, body|null} or throws · receipt: hex key · tell(what, detail)
  constructor({ station, store, ask, receipt, tell, later = (act, wait) => setTimeout(act, wait), chance = Math.random }) {
    Object.assign(this, { station, store, ask, receipt, tell, later, chance });
    this.tries = 0;
    this.running = null;
    this.timer = null;
  }

  // One round over all that waits; a second call during it runs after it.
  async send() {
    if (this.ended) return;
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.#round().finally(() => {
      this.running = null;
      if (this.again) {
        this.again = false;
        this.send();
      }
    });
    return this.running;
  }

  async #round() {
    clearTimeout(this.timer);
    let trouble = null;
    for (const sheet of await this.store.sheets(this.station)) {
      if (this.ended) return;
      if (sheet.held && !sheet.held.retry) continue;
      trouble = (await this.#one(sheet)) || trouble;
    }
    if (!trouble) {
      this.tries = 0;
      const waiting = (await this.store.sheets(this.station)).some((sheet) => sheet.held?.retry);
      if (waiting) this.#again(LONGEST);
      this.tell("reached");
      return;
    }
    this.tell("trouble", trouble);
    this.#again(delay(this.tries++, this.chance()));
  }

  // Nothing more goes out; what waits stays in the store.
  end() {
    this.ended = true;
    clearTimeout(this.timer);
  }

  #again(milliseconds) {
    if (this.ended) return;
    this.timer = this.later(() => this.send(), milliseconds);
  }

  // What became of one sheet; what is returned names the trouble that stands in the way.
  async #one(sheet) {
    let answer;
    try {
      answer = await this.ask("sheets", sheet.body);
    } catch {
      return "away";
    }
    const { status, body } = answer;
    if (status === 200) {
      // A portal between may answer 200 with its own page: only the centre can name and prove the sheet.
      if (body?.confirmed !== sheet.id || !(await this.#proven(sheet.id, body.proof))) return "away";
      await this.store.dropSheet(sheet.id);
      this.tell("confirmed", sheet);
      return null;
    }
    if (status === 409 && body?.kept === sheet.id) return this.#hold(sheet, body.detail, { retry: true });
    if ((status === 409 || status === 422) && body?.refused === sheet.id)
      return this.#hold(sheet, body.detail, { standing: body.where?.standing });
    if (status === 400) return "token";
    if (status === 401) return "signed_out";
    if (status === 403 && body?.stranger) return "stranger";
    if (status === 403 || status === 404) return "not_yours";
    return "away";
  }

  async #proven(id, proof) {
    return !globalThis.crypto?.subtle || proof === (await proofOf(this.receipt, id));
  }

  async #hold(sheet, detail, more) {
    const held = { detail, ...more };
    if (await this.store.changeSheet({ ...sheet, held })) this.tell("held", { ...sheet, held });
    return null;
  }
}
