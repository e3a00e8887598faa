// One workplace assessment on a phone: what is tapped or typed is on the disk first; the centre gets it when there is a
// network. A reload, a closed tab, a dead network lose nothing.
import { signedOut } from "../lms/js/session.js";
import { Desk } from "./outbox.js";

const plain = (id) => JSON.parse(document.getElementById(id).textContent);
const fill = (words, values) => words.replace(/{(\w+)}/g, (_, name) => values[name]);
// What would tell who a patient is, as far as a pattern can see; the centre looks closer.
const TELLING = /(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx](?![\dXx])|姓名\s*[:：]?\s*[\u4e00-\u9fff]{2}/;
const TEXTS = ["good", "improve", "action"];

export default async function sheet(root) {
  await new Sheet(root, plain("sheet-state"), plain("sheet-words")).begin();
}

class Sheet {
  constructor(root, state, words) {
    Object.assign(this, { root, state, words, handing: false });
    this.items = [...root.querySelectorAll("[data-item]")];
    this.fields = [...root.querySelectorAll("[data-field]")];
    this.part = (name) => root.querySelector(`[data-part=${name}]`);
    this.line = document.getElementById("sheet-line");
    this.offset = Date.parse(state.now) - Date.now();
    this.trouble = null;
    this.taken = null;
    const { sheets, standing } = root.dataset;
    this.desk = new Desk({ person: state.person, csrf: state.csrf, places: { sheets, standing }, tell: (what, detail) => this.#hear(what, detail) });
  }

  async begin() {
    await this.desk.open();
    this.draft = this.desk.draft(this.state.key, this.#blank());
    this.#put();
    this.root.addEventListener("input", (event) => this.#change(event.target));
    this.root.addEventListener("change", (event) => this.#change(event.target));
    this.part("submit").addEventListener("click", () => this.#handIn());
    this.part("discard").addEventListener("click", () => this.#discard());
    addEventListener("beforeunload", (event) => {
      if (!this.desk.stored && this.desk.drafts.size) event.preventDefault();
    });
    this.#paint();
    this.root.dataset.ready = "";
  }

  #blank() {
    const { about, form, label, values, today } = this.state;
    const technique = this.root.querySelector("[data-field=technique]")?.value;
    const first = { marks: {}, observed_on: today, ...(technique ? { technique: Number(technique) } : {}), ...values };
    return { about, form, label, page: location.pathname + location.search, values: first };
  }

  // ---- from the disk to the page, and back ----

  #put() {
    const { values } = this.draft;
    for (const item of this.items)
      for (const input of item.querySelectorAll("input")) {
        const code = item.dataset.item;
        input.checked = code in values.marks && (input.value === "" ? values.marks[code] === null : Number(input.value) === values.marks[code]);
      }
    for (const field of this.fields) {
      const value = values[field.dataset.field];
      if (field.matches("fieldset")) for (const input of field.querySelectorAll("input")) input.checked = input.value === value;
      else if (document.activeElement !== field) field.value = value ?? "";
    }
  }

  #read(target) {
    const item = target.closest("[data-item]");
    if (item) return this.draft.values.marks[item.dataset.item] = target.value === "" ? null : Number(target.value);
    const field = target.closest("[data-field]");
    if (!field) return undefined;
    const whole = target.type === "number" || field.dataset.field === "technique";
    const value = whole ? (/^\d{1,9}$/.test(target.value) ? Number(target.value) : null) : target.value;
    return this.draft.values[field.dataset.field] = value;
  }

  async #change(target) {
    if (this.draft.handed || this.handing || !target.closest("[data-item], [data-field]")) return;
    this.#read(target);
    if (!this.draft.begun_at) {
      this.draft.begun_at = new Date(Date.now() + this.offset).toISOString();
      this.draft.own_clock = !navigator.onLine;
    }
    this.draft.refused = null;
    this.#paint();
    await this.desk.keep(structuredClone(this.draft));
  }

  async #handIn() {
    if (this.draft.handed || this.handing || this.#missing().length) return;
    this.handing = true; // it is said to be handed in once that is on this device's disk, and not before
    this.part("submit").disabled = true;
    await this.desk.handIn(structuredClone(this.draft));
    this.handing = false;
    const kept = this.desk.drafts.get(this.state.key);
    if (kept) this.draft = structuredClone(kept);
    this.#paint();
  }

  async #discard() {
    await this.desk.discard(this.state.key);
    this.draft = this.desk.draft(this.state.key, this.#blank());
    this.root.querySelector("details.sheet-discard").open = false;
    this.#put();
    this.#paint();
    scrollTo({ top: 0 });
  }

  // ---- the centre ----

  #hear(what, detail) {
    if (what === "taken" && detail.key === this.state.key) this.taken = detail.address;
    else if (what === "heard" || what === "changed") {
      const kept = this.desk.drafts.get(this.state.key);
      if (kept && this.draft && !this.handing && kept.handed !== this.draft.handed) this.draft = structuredClone(kept);
      if (what === "heard") this.trouble = null;
    } else if (what === "signed-out") {
      this.trouble = "signed_out";
      signedOut();
    } else if (what === "stranger" || what === "broken") this.trouble = what;
    if (this.draft) this.#paint();
  }

  // ---- what is shown ----

  #criticalFailed() {
    const { marks } = this.draft.values;
    return this.items.filter((item) => "critical" in item.dataset && marks[item.dataset.item] < Number(item.dataset.points) && marks[item.dataset.item] !== null);
  }

  #missing() {
    const { values } = this.draft;
    const left = this.items.filter((item) => !(item.dataset.item in values.marks)).length;
    const seen = Object.values(values.marks).filter((mark) => mark !== null).length;
    const lacking = [];
    for (const name of ["technique", "observed_on", "setting", "difficulty"])
      if (this.root.querySelector(`[data-field=${name}]`) && !values[name]) lacking.push(this.words.fields[name]);
    if (left) lacking.push(fill(this.words.items_left, { n: left }));
    else if (!seen) lacking.push(this.words.nothing_seen);
    if (!values.rating) lacking.push(this.words.fields.rating);
    if (this.#criticalFailed().length && !values.comment?.trim()) lacking.push(this.words.fields.comment);
    for (const name of TEXTS) if (!values[name]?.trim()) lacking.push(this.words.fields[name]);
    for (const name of ["observe_minutes", "feedback_minutes"]) if (!(values[name] > 0)) lacking.push(this.words.fields[name]);
    if (this.root.querySelector("[data-field=reason]") && !values.reason?.trim()) lacking.push(this.words.fields.reason);
    return lacking;
  }

  #paint() {
    const { handed, refused } = this.draft;
    const done = Boolean(this.taken);
    const lacking = handed || done ? [] : this.#missing();
    for (const field of [...this.items, ...this.fields]) field.disabled = handed || done;
    this.part("critical").hidden = !this.#criticalFailed().length;
    for (const field of this.fields.filter((one) => "private" in one.dataset))
      field.closest(".field").querySelector(".sheet-telling").hidden = !TELLING.test(field.value.replace(/(?<=\d)[\s\-.·]+(?=[\dXx])/g, ""));
    const submit = this.part("submit");
    submit.hidden = handed || done;
    submit.disabled = this.handing || lacking.length > 0;
    const listed = lacking.slice(0, 3).join(this.words.comma) + (lacking.length > 3 ? "…" : "");
    this.part("why").textContent = lacking.length ? fill(this.words.lacking, { what: listed }) : "";
    const note = this.part("note");
    note.hidden = refused === null || handed || done;
    this.part("note-words").textContent = refused || this.words.broken;
    this.part("handed").hidden = !handed || done;
    this.part("done").hidden = !done;
    if (done) this.part("open").href = this.taken;
    this.part("away").hidden = !(handed || done);
    this.root.querySelector("details.sheet-discard").hidden = handed || done || !this.desk.drafts.has(this.state.key);
    this.#paintLine();
  }

  #paintLine() {
    const { stored, drafts, away } = this.desk;
    const mine = drafts.get(this.state.key);
    let state = "waiting";
    let words = "";
    if (this.taken) [state, words] = ["saved", this.words.confirmed];
    else if (this.trouble) [state, words] = ["wrong", this.words[this.trouble]];
    else if (!stored) [state, words] = ["wrong", this.words.not_stored];
    else if (mine?.handed) words = away ? this.words.waiting : this.words.sending;
    else if (mine) words = this.words.draft;
    this.line.dataset.state = state;
    if (this.line.textContent !== words) this.line.textContent = words;
  }
}
