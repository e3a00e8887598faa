// What a tablet knows of one station and does there: drafts, sheets on their way, what the centre has confirmed. Knows no
// page: whoever shows it hands in `paint`, which is called with the candidate whose sheet changed, null where only states
// did, and nothing where everything may have.
import { Clock } from "./clock.js";
import { canonical } from "./canonical.js";
import { uuid7 } from "../lms/js/ids.js";
import { Outbox } from "./outbox.js";
import { Memory, open } from "./store.js";

const PATIENCE = 15_000;
const iso = (milliseconds) => new Date(milliseconds).toISOString();

export class Desk {
  // state: what the centre said of the station · addresses: {sheets, standing} · store: where it is kept (see store.js; a
  // tablet's is sealed.js) · device: {id, sign(text)}, of an enrolled tablet · renew(): another way to a fresh token
  constructor({ state, addresses, paint, store = null, device = null, clock = new Clock(), agreed = () => {}, renew = null }) {
    Object.assign(this, { state, addresses, paint, store, device, clock, agreed, renew });
    this.drafts = new Map();
    this.waiting = new Map();
    this.confirmed = new Map();
    this.handing = new Set();
    this.moves = 0;
    this.writing = new Map(); // candidate → changes on their way to the disk
    this.trouble = null;
    this.unsafe = false;
  }

  async begin() {
    if (this.state.now) this.clock.agree(this.state.now);
    this.#learn(this.state.sheets);
    this.store ??= await open(this.state.person).catch(() => null);
    this.unsafe = !this.store;
    this.store ??= new Memory();
    await this.#restore();
    this.outbox = new Outbox({
      station: this.state.station,
      store: this.store,
      receipt: this.state.receipt,
      ask: (what, body) => this.#ask(what, body),
      tell: (what, detail) => this.#hear(what, detail),
    });
    this.channel = new BroadcastChannel(`osce-${this.state.person}-${this.state.station}`);
    this.channel.onmessage = ({ data }) => this.#overhear(data);
    this.outbox.send();
    // Asked after the store was read: what another page has sent and dropped since this one was made is at the centre.
    this.refresh();
  }

  // The tablet is locked or handed on: nothing more is sent for this station. What is on its way is heard to the end, and
  // told to whoever has opened the station since.
  end() {
    this.outbox?.end();
    Promise.resolve(this.outbox?.running).finally(() => {
      this.ended = true;
      this.channel?.close();
    });
  }

  // Other pages that show this station: here is a sheet that the centre has, or (null) look at the store again.
  #tellOthers(sheet = null) {
    if (!this.ended) this.channel.postMessage(sheet);
  }

  // ---- what is known ----

  #learn(sheets) {
    // An answer may be older than what has been confirmed since it was asked for.
    for (const sheet of sheets)
      if (!(this.confirmed.get(sheet.candidate)?.version > sheet.version)) this.confirmed.set(sheet.candidate, sheet);
  }

  async #restore() {
    const { station } = this.state;
    let before, drafts, sheets;
    do {
      before = this.moves;
      drafts = await this.store.drafts(station);
      sheets = await this.store.sheets(station);
    } while (before !== this.moves); // what was tapped while the disk was read is newer than what was read
    this.drafts = new Map(drafts.map((draft) => [draft.candidate, draft]));
    this.waiting = new Map(sheets.map((sheet) => [sheet.candidate, sheet]));
  }

  async #overhear(confirmed) {
    if (confirmed) this.#learn([confirmed]);
    await this.#restore();
    this.paint();
  }

  stateOf(candidate) {
    const sheet = this.waiting.get(candidate);
    if (sheet) return sheet.held ? "held" : "device";
    if (this.drafts.has(candidate)) return "draft";
    return this.confirmed.has(candidate) ? "confirmed" : "new";
  }

  // How many candidates stand how: {new: 3, draft: 1, …}.
  counts() {
    const counts = { new: 0, draft: 0, device: 0, held: 0, confirmed: 0 };
    for (const { id } of this.state.candidates) counts[this.stateOf(id)] += 1;
    return counts;
  }

  draftOf(candidate) {
    return this.drafts.get(candidate) ?? this.#blank(candidate);
  }

  shownSheet(candidate) {
    return this.waiting.get(candidate)?.body ?? this.drafts.get(candidate) ?? this.confirmed.get(candidate) ?? this.#blank(candidate);
  }

  first() {
    const begun = this.state.candidates.find((one) => this.stateOf(one.id) === "draft");
    return (begun ?? this.next() ?? this.state.candidates[0])?.id ?? null;
  }

  next(after = null) {
    const at = this.state.candidates.findIndex((one) => one.id === after);
    const order = [...this.state.candidates.slice(at + 1), ...this.state.candidates.slice(0, at + 1)];
    return order.find((one) => ["new", "draft"].includes(this.stateOf(one.id)) && one.id !== after);
  }

  // ---- what is done ----

  #blank(candidate) {
    return { station: this.state.station, candidate, marks: {}, rating: null, comment: "", reason: "", supersedes: null, begun_at: null, device_begun_at: null, own_clock: false };
  }

  async change(candidate, act) {
    if (this.handing.has(candidate)) return this.paint(candidate); // handed in a moment ago
    const draft = structuredClone(this.draftOf(candidate));
    act(draft);
    if (!draft.begun_at) {
      draft.begun_at = iso(this.clock.now());
      draft.device_begun_at = iso(this.clock.device());
      draft.own_clock = this.clock.own || !navigator.onLine;
    }
    this.drafts.set(candidate, draft);
    this.moves += 1;
    this.#writes(candidate, 1);
    try {
      await this.store.keepDraft(draft);
      this.#tellOthers();
    } catch {
      await this.#withoutDisk();
      await this.store.keepDraft(this.drafts.get(candidate) ?? draft);
    } finally {
      this.#writes(candidate, -1);
    }
  }

  // What is on the screen and not on the disk yet is shown as such: a tablet that is closed now loses it.
  #writes(candidate, more) {
    this.writing.set(candidate, (this.writing.get(candidate) ?? 0) + more);
    this.paint(null);
  }

  // The disk is full or gone: go on in memory, say so, and leave on the disk what it holds (sent twice is sent once).
  async #withoutDisk() {
    if (this.unsafe) return;
    this.unsafe = true;
    this.store = this.outbox.store = new Memory();
    for (const draft of this.drafts.values()) await this.store.keepDraft(draft);
    for (const sheet of this.waiting.values()) await this.store.keepSheet(sheet);
    this.paint(null);
  }

  async handIn(candidate) {
    if (this.handing.has(candidate)) return; // a second tap while the first is on its way to the disk
    this.handing.add(candidate);
    try {
      const sheet = await this.#sheetOf(this.drafts.get(candidate));
      await this.store.handIn(sheet).catch(async () => {
        await this.#withoutDisk();
        await this.store.handIn(sheet);
      });
      this.drafts.delete(candidate);
      this.waiting.set(candidate, sheet);
      this.moves += 1;
    } finally {
      this.handing.delete(candidate);
    }
    this.#tellOthers();
    this.paint(candidate);
    await this.outbox.send();
  }

  async #sheetOf(draft) {
    const { candidate, marks, rating, comment, reason, supersedes, begun_at, device_begun_at, own_clock } = draft;
    const id = uuid7(this.clock.now());
    const ended = { ended_at: iso(this.clock.now()), device_ended_at: iso(this.clock.device()) };
    const body = { id, examiner: this.state.person, station: draft.station, candidate, marks, rating, comment, reason, supersedes, begun_at, device_begun_at, own_clock, ...ended };
    if (this.device) {
      body.device = this.device.id;
      body.signature = await this.device.sign(canonical(body));
    }
    return { id, station: draft.station, candidate, body };
  }

  async correct(candidate) {
    const sheet = this.confirmed.get(candidate);
    const draft = { ...this.#blank(candidate), ...structuredClone({ marks: sheet.marks, rating: sheet.rating, comment: sheet.comment }), supersedes: sheet.id };
    this.drafts.set(candidate, draft);
    await this.change(candidate, () => {});
    this.paint(candidate);
  }

  // A sheet that was not taken becomes a draft again, and where another of mine stands, its correction.
  async takeBack(candidate) {
    const sheet = this.waiting.get(candidate);
    const { id: _id, examiner: _examiner, device: _device, signature: _signature, ...kept } = sheet.body;
    const draft = { ...this.#blank(candidate), ...kept, supersedes: sheet.held?.standing || kept.supersedes };
    await this.store.takeBack(sheet, draft).catch(() => this.#withoutDisk());
    this.waiting.delete(candidate);
    this.drafts.set(candidate, draft);
    this.moves += 1;
    this.#tellOthers();
    this.paint(candidate);
  }

  async resend(candidate) {
    const { held: _held, ...sheet } = this.waiting.get(candidate);
    if (await this.store.changeSheet(sheet)) this.waiting.set(candidate, sheet);
    this.#tellOthers();
    this.paint(candidate);
    await this.outbox.send();
  }

  // ---- the centre ----

  async #ask(what, body) {
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": this.state.csrf };
    const options = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
    const answer = await fetch(this.addresses[what], { ...options, signal: AbortSignal.timeout(PATIENCE), redirect: "manual" });
    const json = answer.headers.get("Content-Type")?.startsWith("application/json");
    return { status: answer.status, body: json ? await answer.json() : null };
  }

  #hear(what, detail) {
    this.moves += 1;
    if (what === "confirmed") {
      const { candidate, marks, rating, comment, supersedes } = detail.body;
      const version = supersedes ? (this.confirmed.get(candidate)?.version ?? 1) + 1 : 1;
      const sheet = { id: detail.id, candidate, version, marks, rating, comment };
      this.#learn([sheet]);
      if (this.waiting.get(candidate)?.id === detail.id) this.waiting.delete(candidate);
      this.#tellOthers(sheet);
    } else if (what === "held") {
      this.waiting.set(detail.candidate, detail);
      this.#tellOthers();
    } else if (what === "reached") {
      this.trouble = null;
      if (this.clock.own) this.refresh();
    } else if (what === "trouble") {
      this.trouble = detail;
      this.clock.lose();
      if (detail === "token") this.refresh();
    }
    this.paint(what === "confirmed" || what === "held" ? detail.candidate : null);
  }

  // The page has been open for longer than its token: fetch a new one, with the centre's time.
  async refresh() {
    const asked = this.clock.device();
    try {
      const { status, body } = await this.#ask("standing");
      if (status === 401) return this.#hear("trouble", "signed_out");
      // No longer this examiner's station: what was marked here goes out all the same.
      if ((status === 403 || status === 404) && this.renew) this.state.csrf = await this.renew();
      if (status !== 200 || !body) return;
      if (body.person !== this.state.person) return this.#hear("trouble", "stranger");
      this.state.csrf = body.csrf;
      // Half of the way there and back: on a slow line the answer is older than its arrival.
      this.clock.agree(body.now, (asked + this.clock.device()) / 2);
      this.agreed(body);
      this.#learn(body.sheets);
      this.paint();
    } catch {
      // still away; the outbox comes back to it
    }
  }
}
