// What happens on a tablet, without its page: enrolment, the briefing for a day, opening by PIN, and the desks of all
// stations, whose sheets are sent whichever of them is shown.
import { Clock } from "./clock.js";
import { canonical } from "./canonical.js";
import { Desk } from "./desk.js";
import { Device, get, openDisk, put } from "./keys.js";
import { SealedStore } from "./sealed.js";
import { briefingOf, listed, Lost, open, prepare } from "./vault.js";

const PATIENCE = 15_000;

export class Aboard {
  // addresses: {standing, enrol, briefing} · paint(): something changed · changed(station, candidate): at one station
  constructor({ addresses, paint = () => {}, changed = () => {}, clock = new Clock() }) {
    Object.assign(this, { addresses, paint, changed, clock });
    this.device = null;
    this.person = null;
    this.tablet = null;
    this.reached = false;
    this.vaults = [];
    this.vault = null;
    this.briefing = null;
    this.desks = new Map();
    this.csrf = "";
  }

  async begin() {
    this.database = await openDisk();
    const device = await Device.load(this.database);
    this.device = device?.id ? device : null;
    this.clock.remember(await get(this.database, "device", "offset"));
    await this.look();
    await this.standing();
  }

  async look() {
    this.vaults = await listed(this.database, this.clock.now());
    this.paint();
  }

  async #ask(what, { body, query = "" } = {}) {
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": this.csrf };
    const options = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
    const answer = await fetch(this.addresses[what] + query, { ...options, signal: AbortSignal.timeout(PATIENCE), redirect: "manual" });
    const json = answer.headers.get("Content-Type")?.startsWith("application/json");
    return { status: answer.status, body: json ? await answer.json() : null };
  }

  // How the centre sees this tablet and who is signed in; false where it was not reached.
  async standing() {
    const asked = this.clock.device();
    try {
      const { status, body } = await this.#ask("standing", { query: this.device ? `?device=${this.device.id}` : "" });
      this.reached = status === 200 && typeof body?.now === "string";
      if (this.reached) {
        this.clock.agree(body.now, (asked + this.clock.device()) / 2);
        Object.assign(this, { csrf: body.csrf, person: body.person, tablet: body.tablet });
        await this.#keepOffset();
      }
    } catch {
      this.reached = false;
    }
    if (!this.reached) this.clock.lose();
    this.paint();
    return this.reached;
  }

  #keepOffset() {
    return put(this.database, "device", this.clock.offset, "offset").catch(() => {});
  }

  // Words of a refusal, or nothing where the tablet is enrolled now.
  async enrol(code) {
    if (!this.csrf && !(await this.standing())) return { away: true };
    const { device, refused } = await Device.enrol(this.database, code, (body) => this.#ask("enrol", { body }));
    if (refused !== undefined) return { refused };
    this.device = device;
    await this.standing();
    return {};
  }

  // Everything for today, under a new PIN. What is said: {} done, {away}, {again} to sign in first, {refused: words}.
  async prepare(pin) {
    if (!(await this.standing())) return { away: true };
    const body = { device: this.device.id, at: new Date(this.clock.now()).toISOString() };
    const answer = await this.#ask("briefing", { body: { ...body, signature: await this.device.sign(canonical(body)) } });
    if (answer.status === 401) return { again: true };
    if (answer.status !== 200) return { again: answer.body?.where?.again ?? false, refused: answer.body?.detail ?? "" };
    this.clock.agree(answer.body.now);
    this.csrf = answer.body.csrf;
    if (this.person) this.person.fresh = false; // one sign-in prepares once
    try {
      const { now: _now, csrf: _csrf, ...briefing } = answer.body;
      await this.#opened(await prepare(this.database, this.device, briefing, pin, this.clock.now()));
    } catch (wrong) {
      if (wrong instanceof Lost) return { lost: true };
      throw wrong;
    }
    return {};
  }

  // Open one's part with the PIN; throws Wrong or Locked (vault.js).
  async open(id, pin) {
    try {
      await this.#opened(await open(this.database, this.device, id, pin, this.clock.now()));
    } finally {
      await this.look();
    }
  }

  async #opened(vault) {
    this.close();
    this.vault = vault;
    this.briefing = await briefingOf(this.database, vault);
    const store = new SealedStore(this.database, vault);
    for (const station of this.briefing.stations) this.desks.set(station.station, this.#desk(station, store));
    await Promise.all([...this.desks.values()].map((desk) => desk.begin()));
    await this.look();
  }

  #desk(station, store) {
    return new Desk({
      state: { ...station, person: this.briefing.person.id, csrf: this.csrf },
      addresses: station.addresses,
      store,
      device: this.device,
      clock: this.clock,
      agreed: () => this.#keepOffset(),
      renew: async () => {
        await this.standing();
        return this.csrf;
      },
      paint: (candidate) => this.changed(station.station, candidate),
    });
  }

  // Shut: nothing of it is in memory any more, and nothing goes out; what waits is on the disk, sealed.
  close() {
    for (const desk of this.desks.values()) desk.end();
    this.desks.clear();
    this.vault = this.briefing = null;
  }

  async lock() {
    this.close();
    await this.look();
  }

  send() {
    return Promise.all([...this.desks.values()].map((desk) => desk.outbox?.send()));
  }

  // Over all stations: how many sheets are only here, and what stands in the way.
  get unsent() {
    return [...this.desks.values()].reduce((sum, desk) => sum + desk.waiting.size, 0);
  }

  get trouble() {
    return [...this.desks.values()].map((desk) => desk.trouble).find((trouble) => trouble && trouble !== "token") ?? null;
  }
}
