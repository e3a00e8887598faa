// One seed, one day at a station: what happens, in which order, and how it is made whole again in the end.
import { Chance } from "./chance.mjs";
import { Examiner } from "./examiner.mjs";
import { Model } from "./model.mjs";
import { Network } from "./network.mjs";
import { Officer } from "./officer.mjs";
import { Tablet } from "./tablet.mjs";

const DIFFER = "Sheets differ";
const STEPS = 36;
const ROUNDS = 12;
const MINUTE = 60_000;
const WAITS = [20_000, 2 * MINUTE, 10 * MINUTE];
const JUMPS = [-24 * 60 * MINUTE, -3 * MINUTE, 3 * MINUTE, 24 * 60 * MINUTE];
const PORTAL = { type: "text/html", text: "<h1>Wi-Fi</h1>" };

const unhandled = [];
process.on("unhandledRejection", (why) => unhandled.push(`unhandled: ${why?.stack ?? why}`));

// Until none of these pages is at work: then each waits for the network, the clock or a hand.
async function calm(pages) {
  for (let turns = 0; turns < 4; ) {
    await new Promise(setImmediate);
    turns = pages.some((page) => page.busy > 0 && !page.dead) ? 0 : turns + 1;
  }
}

export class Schedule {
  // ground: { address, circuit, station, officer, examiners: [{id, token}, …], candidates, opinions }
  constructor(ground, sources, seed) {
    Object.assign(this, { ground, seed, steps: [], state: "running", settled: [] });
    this.chance = new Chance(seed);
    this.network = new Network(ground.headers, () => this.world.now);
    this.model = new Model(this.network);
    this.world = { now: Date.now(), address: ground.address, station: ground.station, network: this.network, sources, through: this.#through };
    this.examiner = new Examiner(this.model, this.chance, ground.opinions);
    this.officer = new Officer({ token: ground.officer, circuit: ground.circuit, station: ground.station, headers: ground.headers }, ground.address);
    const [first, second] = ground.examiners;
    this.codes = [...ground.codes];
    this.tablets = [this.#tablet("A", first, second), this.#tablet("B", second, first)];
    if (this.chance.happens(1 / 4)) this.tablets.push(this.#tablet("C", first, second));
  }

  // Two of three are enrolled; the others are any browser in which the examiner has signed in.
  #tablet(name, own, other) {
    const code = this.chance.happens(2 / 3) ? (this.codes.pop() ?? null) : null;
    this.#log(name, code ? "is an enrolled tablet" : "is any browser", `of examiner ${this.ground.examiners.indexOf(own) + 1}`);
    return new Tablet({ name, examiner: own.id, token: own.token, other: other.token, code, seed: this.seed }, this.world);
  }

  // What came of it, to be held against the database.
  async run() {
    for (const tablet of this.tablets) await this.#open(tablet);
    for (let n = 0; n < STEPS && !this.model.problems.length; n++) {
      this.world.now += 1000;
      await this.#step();
    }
    if (!this.model.problems.length) await this.#heal();
    return this.#report();
  }

  #log(...words) {
    this.steps.push(words.join(" "));
  }

  // ---- one step ----

  async #step() {
    const able = this.#possible();
    await this.chance.weighted(able)();
    for (const tablet of this.tablets) if (tablet.alive) tablet.page.wake();
    await this.#rest();
  }

  #possible() {
    const { chance, network } = this;
    const able = [[6, () => this.#wait()], [this.state === "closed" ? 8 : 3, () => this.#officer()]];
    for (const tablet of this.tablets) {
      if (!tablet.alive) able.push([10, () => this.#open(tablet)]);
      else able.push(...this.#withPage(tablet));
      able.push([tablet.online ? 2 : 6, () => this.#toggle(tablet)], [1, () => this.#jump(tablet)]);
    }
    if (network.waiting.length) able.push([50, () => this.#weather(chance.pick(Network.inOrder(network.waiting)))]);
    if (network.strays.length) able.push([6, () => this.#stray(chance.pick(Network.inOrder(network.strays)))]);
    return able;
  }

  #withPage(tablet) {
    const signed = tablet.signedIn ? [[1, () => this.#signOut(tablet)]] : [[8, () => this.#signIn(tablet)]];
    return [
      ...this.#works(tablet),
      [1, () => this.#crash(tablet)],
      [1, () => this.#arm(tablet)],
      [1, () => this.#reload(tablet)],
      [tablet.code ? 1 : 0, () => this.#lock(tablet)],
      ...signed,
    ];
  }

  #works(tablet) {
    const ready = this.ground.candidates.filter(({ id }) => tablet.look(id).state !== "device");
    return ready.length ? [[18, () => this.#work(tablet, this.chance.pick(ready))]] : [];
  }

  #work(tablet, candidate) {
    const did = this.examiner.next(tablet, candidate.id);
    if (did) this.#log(tablet.name, candidate.number, did);
  }

  #wait(wait = this.chance.pick(WAITS)) {
    this.world.now += wait;
    this.#log("after", wait / 1000, "s");
  }

  #jump(tablet) {
    const jump = this.chance.pick(JUMPS);
    tablet.drift += jump;
    this.#log(tablet.name, "clock jumps by", jump / 1000, "s");
  }

  #toggle(tablet) {
    if (tablet.online) tablet.cut();
    else tablet.connect();
    this.#log(tablet.name, tablet.online ? "online" : "offline");
  }

  async #open(tablet) {
    const opened = await tablet.open();
    this.#log(tablet.name, opened ? "opens" : "cannot open");
    await this.#rest(tablet);
  }

  #crash(tablet) {
    tablet.crash();
    this.#log(tablet.name, "crashes");
  }

  #arm(tablet) {
    tablet.page.armed = this.chance.pick(["before the write", "after the write"]);
    this.#log(tablet.name, "will crash", tablet.page.armed);
  }

  async #reload(tablet) {
    tablet.crash();
    this.#log(tablet.name, "is reloaded");
    await this.#open(tablet);
  }

  async #lock(tablet) {
    this.#log(tablet.name, "is locked and opened by the PIN");
    await tablet.lock();
    await this.#rest(tablet);
  }

  #signOut(tablet) {
    if (this.chance.happens(0.6)) tablet.signedOut();
    else tablet.somebodyElse();
    this.#log(tablet.name, tablet.jar.line.includes("xxx") ? "is signed out" : "has somebody else signed in");
  }

  #signIn(tablet) {
    tablet.signIn();
    tablet.act(() => tablet.desk.outbox.send());
    this.#log(tablet.name, "signs in again");
  }

  // ---- the network ----

  async #weather(request) {
    const { network, chance } = this;
    const ways = [[14, "deliver"], [3, "lose"], [2, "double"], [2, "echo"], [2, "cut"], [2, "pretend"]];
    const way = chance.weighted(ways);
    this.#log(request.tablet.name, way, request.method, request.address.split("/").at(-1));
    await network[way](request, this.#portal(request));
  }

  // A portal's page, or an answer that names the sheet and cannot prove it.
  #portal(request) {
    if (!request.body || this.chance.happens(0.5)) return PORTAL;
    return { type: "application/json", text: JSON.stringify({ confirmed: JSON.parse(request.body).id, proof: "00".repeat(32) }) };
  }

  async #stray(request) {
    this.#log(request.tablet.name, "a stray arrives:", request.method, request.address.split("/").at(-1));
    await this.network.stray(request);
  }

  async #deliverAll() {
    while (this.network.waiting.length) {
      await this.network.deliver(Network.inOrder(this.network.waiting)[0]);
      await this.#rest();
    }
  }

  // ---- the officer ----

  async #officer() {
    if (this.state === "closed") return this.#reopen();
    const settled = await this.#settle();
    if (settled && this.chance.happens(0.5)) return;
    if (await this.officer.close()) this.state = "closed";
    this.#log("officer", this.state === "closed" ? "closes" : "cannot close");
  }

  // Every difference that the board shows is settled over the sheets that the officer sees; whether there was one.
  async #settle() {
    const board = await this.#board();
    const open = this.ground.candidates.filter(({ id }) => board[id] === DIFFER);
    for (const { id, number } of open) {
      const sheets = await this.officer.settle(id, (choices) => this.chance.pick(choices));
      if (sheets) this.settled.push({ candidate: id, sheets });
      this.#log("officer", sheets ? "settles about" : "cannot settle about", number);
    }
    return open.length > 0;
  }

  // candidate → what the board says of them
  async #board() {
    const board = await this.officer.board();
    return Object.fromEntries(this.ground.candidates.map(({ id, number }) => [id, board[number]]));
  }

  async #reopen() {
    if (await this.officer.reopen()) this.state = "running";
    this.#log("officer", this.state === "running" ? "opens again" : "cannot open again");
  }

  // ---- rest ----

  // Until every page waits for the network, the clock or a hand; then each must show what its examiner did.
  async #rest(opened = null) {
    const pages = this.tablets.filter((tablet) => tablet.alive).map((tablet) => tablet.page);
    await calm(pages);
    // What a dying page leaves behind is nobody's any more; of pages that live every fault is heard.
    const unheard = unhandled.splice(0);
    if (!this.world.crashed) this.model.problems.push(...unheard);
    this.world.crashed = false;
    for (const tablet of this.tablets) {
      if (!tablet.alive) continue;
      for (const fault of tablet.page.faults.splice(0)) this.model.wrong(tablet, fault);
      for (const { id } of this.ground.candidates) this.model.rests(tablet, id, { reopened: tablet === opened });
    }
  }

  // Does what needs the network to go on before anything else can happen: its requests arrive at once.
  #through = async (page, act) => {
    let settled = false;
    const done = Promise.resolve()
      .then(act)
      .finally(() => (settled = true));
    done.catch(() => {});
    while (!settled && !page.dead) {
      await calm([page]);
      const request = settled ? null : this.network.waiting.find((one) => one.page === page);
      if (request) await this.network.deliver(request);
    }
    return page.dead ? null : done;
  };

  // ---- in the end ----

  async #heal() {
    this.#log("— everything is made whole —");
    if (this.state === "closed") await this.#reopen();
    const strays = Network.inOrder(this.network.strays);
    const last = strays.filter(() => this.chance.happens(0.5));
    for (const stray of strays.filter((one) => !last.includes(one))) await this.#stray(stray);
    for (const tablet of this.tablets) await this.#whole(tablet);
    for (let round = 0; this.#left().length && !this.model.problems.length; round++) {
      if (round === ROUNDS) this.model.problems.push(`never came to rest: ${this.#left().join("; ")}`);
      await this.#round();
    }
    for (const stray of last) if (this.network.strays.includes(stray)) await this.#stray(stray);
    if (this.chance.happens(0.3)) await this.#settle();
    for (const tablet of this.tablets) await this.#reload(tablet);
    await this.#deliverAll();
    this.board = await this.#board();
  }

  async #whole(tablet) {
    tablet.signIn();
    if (tablet.alive) tablet.page.armed = null;
    tablet.connect();
    if (!tablet.alive) await this.#open(tablet);
    if (!tablet.alive) return this.model.wrong(tablet, "cannot be opened any more");
    tablet.act(() => tablet.desk.outbox.send());
    await this.#rest();
    await this.#deliverAll();
  }

  // What is still only on a tablet.
  #left() {
    return this.tablets.flatMap((tablet) =>
      (tablet.alive ? this.ground.candidates : [])
        .map(({ id, number }) => [number, tablet.look(id).state])
        .filter(([, state]) => !["new", "confirmed"].includes(state))
        .map(([number, state]) => `${tablet.name} ${number} ${state}`),
    );
  }

  async #round() {
    for (const tablet of this.tablets) {
      for (const { id, number } of this.ground.candidates) {
        const did = this.examiner.finish(tablet, id);
        if (did) this.#log(tablet.name, number, did);
        await this.#rest();
        await this.#deliverAll();
      }
    }
    this.#wait(2 * MINUTE);
    for (const tablet of this.tablets) tablet.page.wake();
    await this.#rest();
    await this.#deliverAll();
  }

  #report() {
    const replicas = this.tablets.filter((tablet) => tablet.alive).map((tablet) => ({
      tablet: tablet.name,
      examiner: tablet.examiner,
      shows: Object.fromEntries(this.ground.candidates.map(({ id }) => [id, tablet.look(id).confirmed])),
    }));
    const { handed, takenBack, problems } = this.model;
    return {
      seed: this.seed,
      circuit: this.ground.circuit,
      station: this.ground.station,
      steps: this.steps,
      problems: [...problems, ...this.network.wrong],
      handed: Object.fromEntries(handed),
      takenBack: [...takenBack],
      named: [...this.network.named.keys()],
      requests: this.network.requests,
      settled: this.settled,
      candidates: this.ground.candidates.length,
      board: this.board ?? {},
      replicas,
    };
  }
}
