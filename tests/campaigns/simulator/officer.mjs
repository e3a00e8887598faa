// The exam officer in the office: looks at the board, settles, closes, opens again, by the pages and forms that people use.
import { call, Jar } from "./network.mjs";

const FORM = /<form\b[^>]*>.*?<\/form>/gs;
const INPUT = /<(?:input|option|button)\b[^>]*>/g;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const attribute = (tag, name) => unescaped(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? "");
const unescaped = (text) => text.replaceAll("&#34;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export class Officer {
  // told: { token, circuit, station, headers }
  constructor(told, address) {
    Object.assign(this, told, { address });
    this.jar = new Jar();
    this.jar.set("session_id", this.token);
  }

  // candidate's number → what the board says of them
  async board() {
    const lines = (await this.#get(`/osce/circuits/${this.circuit}/board?export=csv`)).trim().split(/\r?\n/);
    return Object.fromEntries(lines.slice(1).map((line) => [Number(cells(line)[0]), cells(line)[2]]));
  }

  // Settles over the sheets that are shown; which they were, or nothing where there was nothing to settle.
  async settle(candidate, choose) {
    const page = `/osce/circuits/${this.circuit}/board/${candidate}/${this.station}`;
    const form = await this.#form(page, "/settle");
    if (!form) return null;
    const sheets = form.choices.filter((value) => UUID.test(value)).sort();
    const done = await this.#send(form, { sheet: choose(sheets), reason: "settled by the officer" });
    return done ? sheets : null;
  }

  close = () => this.#decide("/close", { reason: "some are missing" });

  reopen = () => this.#decide("/reopen", { reason: "a tablet was late" });

  async #decide(what, values) {
    const form = await this.#form(`/osce/circuits/${this.circuit}`, what);
    return form !== null && (await this.#send(form, values));
  }

  async #form(page, end) {
    const text = await this.#get(page);
    const found = text.match(FORM)?.find((form) => attribute(form, "action").endsWith(end));
    if (!found) return null;
    const inputs = found.match(INPUT) ?? [];
    const hidden = inputs.filter((tag) => attribute(tag, "type") === "hidden").map((tag) => [attribute(tag, "name"), attribute(tag, "value")]);
    return { action: attribute(found, "action"), hidden: Object.fromEntries(hidden), choices: inputs.map((tag) => attribute(tag, "value")) };
  }

  // Whether it was done: a form that is refused is shown again.
  async #send(form, values) {
    const body = new URLSearchParams({ ...form.hidden, ...values }).toString();
    const headers = { ...this.#headers(), Origin: this.address, "Content-Type": "application/x-www-form-urlencoded" };
    const answer = await call(new URL(form.action, this.address).href, { method: "POST", headers, body });
    if (answer.status !== 303 && answer.status !== 422) throw new Error(`${answer.status} for ${form.action}`);
    return answer.status === 303;
  }

  async #get(path) {
    const answer = await call(this.address + path, { headers: this.#headers() });
    if (answer.status !== 200) throw new Error(`${answer.status} for ${path}`);
    this.jar.hear(answer.headers);
    return answer.text.toString().replace(/^\ufeff/, "");
  }

  #headers = () => ({ Cookie: this.jar.line, "Accept-Language": "en", ...this.headers });
}

const cells = (line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain);
