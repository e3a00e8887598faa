// One tablet in the hands of one examiner: it is opened, closed, crashes, loses its network, its clock and its sign-in.
import { Chance } from "./chance.mjs";
import { Disk } from "./disk.mjs";
import { call, Jar } from "./network.mjs";
import { Page } from "./realm.mjs";

const ABOARD = { standing: "/osce/tablet/standing", enrol: "/osce/tablet/enrol", briefing: "/osce/tablet/briefing" };
const PIN = "271828";
const STATE = /<script type="application\/json" id="station-state">(.*?)<\/script>/s;

export class Tablet {
  // told: { name, examiner, token, other, code, seed } · world: { now, address, station, network, sources, through }
  constructor(told, world) {
    Object.assign(this, told, { world, address: world.address });
    // Chances of its own: how often a page draws must not change what happens next.
    const seed = this.seed * 8 + "ABC".indexOf(this.name);
    Object.assign(this, { chance: new Chance(seed), bytes: new Chance(-seed) });
    this.disk = new Disk();
    this.jar = new Jar();
    this.channels = new Map();
    this.online = true;
    this.drift = 0;
    this.page = this.desk = this.aboard = this.kept = null;
    this.signIn();
  }

  // The clock on its wall; and what it measures times with, which nobody can set.
  now = () => Math.round(this.world.now + this.drift);
  running = () => this.world.now;

  get alive() {
    return this.page !== null && !this.page.dead;
  }

  // ---- who is signed in ----

  signIn() {
    this.jar.clear();
    this.jar.set("session_id", this.token);
    this.signedIn = true;
  }

  signedOut() {
    this.jar.set("session_id", "x".repeat(43));
    this.signedIn = false;
  }

  somebodyElse() {
    this.jar.clear();
    this.jar.set("session_id", this.other);
    this.signedIn = false;
  }

  // ---- the network ----

  cut() {
    this.online = false;
    for (const request of this.requests()) this.world.network.cut(request);
    this.page?.tell("offline");
  }

  connect() {
    this.online = true;
    this.page?.tell("online");
  }

  ask = (page, address, options) => this.world.network.ask(page, address, options);

  requests = () => this.world.network.waiting.filter((request) => request.tablet === this);

  // ---- open and close ----

  // Opens the station, as far as this tablet can just now; whether it is open.
  async open() {
    this.page = new Page(this, this.world.sources);
    this.desk = this.code ? await this.#aboard() : await this.#inBrowser();
    if (!this.desk) this.page.crash();
    return this.desk !== null;
  }

  // Any browser: the page comes from the centre, or as it was kept here the last time.
  async #inBrowser() {
    if (this.online) {
      if (!this.signedIn) this.signIn();
      this.kept = await this.#fetched();
    }
    if (!this.kept) return null;
    const { Desk } = await this.page.load("/static/osce/desk.js");
    const path = `/osce/stations/${this.world.station}`;
    const addresses = { sheets: `${path}/sheets`, standing: `${path}/standing` };
    const desk = new Desk({ state: structuredClone(this.kept), addresses, paint: () => {} });
    this.act(() => desk.begin());
    return desk;
  }

  // An enrolled tablet: its key is made, the day is prepared after a sign-in, and the PIN opens it from then on.
  async #aboard() {
    const { Aboard } = await this.page.load("/static/osce/aboard.js");
    this.aboard = new Aboard({ addresses: ABOARD });
    await this.world.through(this.page, () => this.aboard.begin());
    if (!this.aboard.device) await this.world.through(this.page, () => this.aboard.enrol(this.code));
    if (this.aboard.device) await this.#opened();
    return this.aboard.desks.get(this.world.station) ?? null;
  }

  async #opened() {
    const vault = this.aboard.vaults.find((one) => one.open);
    if (vault) return this.world.through(this.page, () => this.aboard.open(vault.id, PIN));
    if (!this.online) return null;
    this.signIn();
    return this.world.through(this.page, () => this.aboard.prepare(PIN));
  }

  // The examiner locks it and opens it again by the PIN; what is on its way comes back to a desk that is no longer there.
  async lock() {
    await this.world.through(this.page, () => this.aboard.lock());
    if (!this.page.dead) await this.#opened();
    if (this.page.dead) return;
    this.desk = this.aboard.desks.get(this.world.station) ?? null;
    if (!this.desk) this.page.crash();
  }

  async #fetched() {
    const asked = { headers: { Cookie: this.jar.line, "Accept-Language": "en" } };
    const answer = await call(`${this.address}/osce/stations/${this.world.station}`, asked);
    const found = STATE.exec(answer.text.toString());
    if (answer.status !== 200 || !found) throw new Error(`${answer.status} for the station's page`);
    this.jar.hear(answer.headers);
    return { ...JSON.parse(found[1]), now: new Date(this.world.now).toISOString() };
  }

  crash() {
    this.page.crash();
  }

  // ---- what the examiner does ----

  // What is begun here goes on until the network, the clock or the disk is asked; what it throws is a fault.
  act(what) {
    const { page } = this;
    Promise.resolve()
      .then(what)
      .catch((wrong) => page.dead || page.faults.push(String(wrong?.stack ?? wrong)));
  }

  // How the page shows a candidate.
  look(candidate) {
    const { desk } = this;
    const plain = (thing) => (thing ? JSON.parse(JSON.stringify(thing)) : null);
    return {
      state: desk.stateOf(candidate),
      draft: plain(desk.drafts.get(candidate)),
      waiting: plain(desk.waiting.get(candidate)),
      confirmed: plain(desk.confirmed.get(candidate)),
    };
  }
}
