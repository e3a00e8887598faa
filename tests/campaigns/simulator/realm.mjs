// One page in one tablet: the product's own modules in a realm of their own, whose clock, network, disk and chance are ours.
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import vm from "node:vm";
import { IDBKeyRange } from "fake-indexeddb";

// Where the addresses of the product's scripts lie in the checkout.
const PLACES = { "/static/osce/": "assessments/osce/static/", "/static/lms/": "lms/web/static/" };
// Deriving a key from a PIN is slow on purpose, and says nothing about faults: here it takes a thousandth of the rounds.
const ROUNDS = 100;

export class Sources {
  #texts = new Map();

  // planted: {"/static/osce/outbox.js": [["what", "by what"], …]}
  constructor(checkout, planted = {}) {
    Object.assign(this, { checkout, planted });
  }

  text(address) {
    if (!this.#texts.has(address)) this.#texts.set(address, this.#read(address));
    return this.#texts.get(address);
  }

  #read(address) {
    const place = Object.keys(PLACES).find((start) => address.startsWith(start));
    if (!place) throw new Error(`no such script: ${address}`);
    let text = readFileSync(join(this.checkout, PLACES[place], address.slice(place.length)), "utf8");
    for (const [what, by] of this.planted[address] ?? []) {
      if (text.split(what).length !== 2) throw new Error(`the fault cannot be planted in ${address}: ${what}`);
      text = text.replace(what, () => by);
    }
    return text;
  }
}

const never = () => new Promise(() => {});

export class Page {
  #modules = new Map();
  #timers = new Map();
  #atCrash = new Set();
  #listeners = [];
  #lastTimer = 0;

  // tablet: { disk, chance, bytes, now(), online, ask(page, address, options), channels }
  constructor(tablet, sources) {
    Object.assign(this, { tablet, sources, busy: 0, dead: false, armed: null, faults: [] });
    this.context = vm.createContext(this.#globals());
    vm.runInContext(CLOCK, this.context);
  }

  // ---- living and dying ----

  mustLive() {
    if (this.dead) throw new Error("this page is gone");
  }

  // Something has begun of which the page will hear; call what comes back when it has.
  begins() {
    this.busy++;
    let ended = false;
    return () => {
      if (!ended) this.busy--;
      ended = true;
    };
  }

  atCrash(act) {
    this.#atCrash.add(act);
    return () => this.#atCrash.delete(act);
  }

  // Nothing goes on after this: no write, no request, no timer. What was written whole is on the disk.
  crash() {
    if (this.dead) return;
    this.dead = this.tablet.world.crashed = true;
    this.#timers.clear();
    for (const act of [...this.#atCrash]) act();
    this.tablet.channels.delete(this);
  }

  // A write is begun; a write is on the disk. Where a crash waits for just this, it comes.
  writing() {
    if (this.armed === "before the write") queueMicrotask(() => this.crash());
  }

  written() {
    if (this.armed === "after the write") this.crash();
  }

  // ---- time ----

  // Everything that is due by now, one after the other.
  wake() {
    for (;;) {
      const due = [...this.#timers.entries()].filter(([, timer]) => timer.at <= this.tablet.running());
      if (!due.length) return;
      const [id, timer] = due.reduce((a, b) => (b[1].at < a[1].at ? b : a));
      this.#timers.delete(id);
      if (timer.every) this.#timers.set(id, { ...timer, at: this.tablet.running() + timer.every });
      timer.act();
    }
  }

  #later = (act, wait = 0, ...more) => this.#timer(() => act(...more), wait);

  #timer(act, wait, every) {
    if (this.dead) return 0;
    this.#timers.set(++this.#lastTimer, { act, at: this.tablet.running() + Number(wait), every });
    return this.#lastTimer;
  }

  // ---- what the page hears ----

  tell(name, event = {}) {
    if (this.dead) return;
    for (const [kind, act] of this.#listeners) if (kind === name) act({ type: name, ...event });
  }

  // ---- its globals ----

  #globals() {
    const page = this;
    const listen = (name, act) => page.#listeners.push([name, act]);
    const forget = (name, act) => (page.#listeners = page.#listeners.filter(([n, a]) => n !== name || a !== act));
    const events = { addEventListener: listen, removeEventListener: forget };
    const globals = {
      ...events,
      indexedDB: this.tablet.disk.of(this),
      IDBKeyRange,
      fetch: (address, options) => (page.dead ? never() : page.tablet.ask(page, String(address), options ?? {})),
      crypto: this.#crypto(),
      navigator: this.#navigator(),
      document: { ...events, hidden: false, visibilityState: "visible" },
      performance: { now: () => page.tablet.running() },
      setTimeout: this.#later,
      clearTimeout: (id) => void page.#timers.delete(id),
      setInterval: (act, wait) => page.#timer(act, wait, Number(wait)),
      clearInterval: (id) => void page.#timers.delete(id),
      queueMicrotask,
      structuredClone,
      TextEncoder,
      TextDecoder,
      URL,
      Response,
      Headers,
      Blob,
      AbortController,
      AbortSignal: { timeout: (wait) => page.#patience(wait), any: (signals) => AbortSignal.any(signals) },
      DOMException,
      Event,
      EventTarget,
      atob,
      btoa,
      console,
      location: new URL(this.tablet.address),
      BroadcastChannel: this.#channel(),
      __now: () => page.tablet.now(),
      __chance: () => page.tablet.chance.next(),
    };
    return globals;
  }

  #crypto() {
    const page = this;
    const subtle = new Proxy(crypto.subtle, {
      get: (there, name) => async (...given) => {
        if (page.dead) return never();
        const end = page.begins();
        try {
          const made = await there[name](...given.map(quick));
          return page.dead ? never() : made;
        } finally {
          end();
        }
      },
    });
    const getRandomValues = (bytes) => {
      const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      view.forEach((_, at) => (view[at] = page.tablet.bytes.below(256)));
      return bytes;
    };
    return { subtle, getRandomValues };
  }

  #navigator() {
    const page = this;
    return {
      get onLine() {
        return page.tablet.online;
      },
      storage: { persist: async () => true, persisted: async () => true, estimate: async () => ({ quota: 1e9, usage: 0 }) },
    };
  }

  #patience(wait) {
    const control = new AbortController();
    this.#timer(() => control.abort(new DOMException("no answer for too long", "TimeoutError")), wait);
    return control.signal;
  }

  // Everything on one tablet hears each other, but not itself.
  #channel() {
    const page = this;
    return class {
      constructor(name) {
        this.name = name;
        const own = page.tablet.channels.get(page) ?? [];
        page.tablet.channels.set(page, [...own, this]);
      }

      postMessage(data) {
        if (page.dead) return;
        if (!page.tablet.channels.get(page)?.includes(this)) throw new DOMException("Channel is closed", "InvalidStateError");
        const copy = structuredClone(data);
        for (const [other, channels] of page.tablet.channels) {
          const ears = channels.filter((channel) => channel !== this && channel.name === this.name);
          for (const ear of ears) queueMicrotask(() => other.dead || ear.onmessage?.({ data: copy }));
        }
      }

      close() {
        const own = page.tablet.channels.get(page) ?? [];
        page.tablet.channels.set(page, own.filter((channel) => channel !== this));
      }
    };
  }

  // ---- its modules ----

  async load(address) {
    const module = await this.#module(address);
    if (module.status === "unlinked") await module.link((name, from) => this.#module(posix.join(posix.dirname(from.identifier), name)));
    if (module.status === "linked") await module.evaluate();
    return module.namespace;
  }

  #module(address) {
    if (!this.#modules.has(address)) {
      const made = new vm.SourceTextModule(this.sources.text(address), { identifier: address, context: this.context });
      this.#modules.set(address, made);
    }
    return this.#modules.get(address);
  }
}

const quick = (given) => (given?.iterations > ROUNDS ? { ...given, iterations: ROUNDS } : given);

const CLOCK = `{
  const Real = Date, now = __now;
  globalThis.Date = class Date extends Real {
    constructor(...given) { given.length ? super(...given) : super(now()); }
    static now() { return now(); }
  };
  Math.random = __chance;
  globalThis.self = globalThis.window = globalThis;
}`;
