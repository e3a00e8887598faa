// The way between tablets and the centre: every request waits here until the schedule says what becomes of it.
// What reaches the centre is a real request to the real server; which ids it names is written down before any tablet hears.
import http from "node:http";

// A connection for each: one that is kept may be closed by the server just when it is used again.
const agent = new http.Agent({ keepAlive: false });

// One real request: { status, headers, text }.
export function call(address, { method = "GET", headers = {}, body = null } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(address, { method, headers, agent }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts) }));
      answer.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

// The cookies of one browser.
export class Jar {
  #held = new Map();

  get line() {
    return [...this.#held].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  set(name, value) {
    this.#held.set(name, value);
  }

  clear() {
    this.#held.clear();
  }

  hear(headers) {
    for (const line of headers["set-cookie"] ?? []) {
      const [pair] = line.split(";");
      const at = pair.indexOf("=");
      this.#held.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }
}

export class Network {
  waiting = []; // requests that no answer has come to
  strays = []; // requests that the page has given up, and that may still reach the centre
  named = new Map(); // sheet → how often the centre has named it
  requests = 0;
  #asked = 0;
  wrong = []; // answers that must never come

  // headers: what every request carries besides · now(): the time by which the centre's clock goes here too
  constructor(headers = {}, now = Date.now) {
    Object.assign(this, { headers, now });
  }

  ask(page, address, options) {
    const { tablet } = page;
    const request = {
      page,
      tablet,
      number: ++this.#asked,
      address: new URL(address, tablet.address).href,
      method: options.method ?? "GET",
      redirect: options.redirect ?? "follow",
      headers: { ...plain(options.headers), Cookie: tablet.jar.line, "Accept-Language": "en", ...this.headers, ...origin(options, tablet) },
      body: options.body ?? null,
    };
    return new Promise((resolve, reject) => {
      const away = () => {
        this.waiting = this.waiting.filter((one) => one !== request);
        reject(new TypeError("fetch failed"));
      };
      Object.assign(request, { resolve, away });
      if (!tablet.online) return reject(new TypeError("fetch failed"));
      this.waiting.push(request);
      options.signal?.addEventListener("abort", () => this.#giveUp(request, options.signal.reason, reject));
      page.atCrash(() => this.#giveUp(request, null, () => {}));
    });
  }

  // The page does not wait any longer; what it sent may be anywhere on its way.
  #giveUp(request, why, reject) {
    if (!this.waiting.includes(request)) return;
    this.waiting = this.waiting.filter((one) => one !== request);
    this.strays.push(request);
    reject(why);
  }

  // It arrives and is answered, and the answer arrives.
  async deliver(request) {
    const answer = await this.#reach(request);
    this.waiting = this.waiting.filter((one) => one !== request);
    if (request.page.dead) return;
    request.tablet.jar.hear(answer.headers);
    if (answer.status >= 300 && answer.status < 400 && request.redirect === "error") request.away();
    else request.resolve(response(this.#inTime(answer)));
  }

  // It arrives and is answered; the answer is lost.
  async lose(request) {
    await this.#reach(request);
    request.away();
  }

  // It arrives twice in one moment; one answer comes back.
  async double(request) {
    await Promise.all([this.#reach(request), this.deliver(request)]);
  }

  // It never arrives.
  cut(request) {
    request.away();
  }

  // Something between answers in the place of the centre.
  pretend(request, answer) {
    this.waiting = this.waiting.filter((one) => one !== request);
    request.resolve(new Response(answer.text, { status: 200, headers: { "Content-Type": answer.type } }));
  }

  // It arrives; and a copy of it is still on its way.
  async echo(request) {
    this.strays.push(request);
    await this.deliver(request);
  }

  // A stray arrives after all; nobody hears the answer.
  async stray(request) {
    this.strays = this.strays.filter((one) => one !== request);
    await this.#reach(request);
  }

  // The server's own clock knows nothing of the time that a schedule lets pass: what it says of the time is put right.
  #inTime(answer) {
    if (!answer.headers["content-type"]?.startsWith("application/json") || !answer.text.includes('"now"')) return answer;
    const said = JSON.parse(answer.text);
    return { ...answer, text: JSON.stringify({ ...said, now: new Date(this.now()).toISOString() }) };
  }

  // In an order that does not hang on which of two tablets was a thousandth of a second faster.
  static inOrder(requests) {
    const key = ({ tablet, method, address, body, number }) => [tablet.name, method, address, String(body), String(number).padStart(6, "0")];
    return [...requests].sort((a, b) => (key(a).join("\n") < key(b).join("\n") ? -1 : 1));
  }

  async #reach(request) {
    this.requests++;
    const answer = await call(request.address, request);
    if (answer.status >= 500) this.wrong.push(`${answer.status} for ${request.method} ${request.address}`);
    for (const id of names(answer)) this.named.set(id, (this.named.get(id) ?? 0) + 1);
    return answer;
  }
}

const plain = (headers) => Object.fromEntries(headers instanceof Headers ? headers.entries() : Object.entries(headers ?? {}));

const origin = (options, tablet) => ((options.method ?? "GET") === "GET" ? {} : { Origin: new URL(tablet.address).origin });

// What an answer of the centre says that it holds.
function names({ status, headers, text }) {
  if (status !== 200 || !headers["content-type"]?.startsWith("application/json")) return [];
  const said = JSON.parse(text);
  return [said.confirmed, ...(said.sheets ?? []).map((sheet) => sheet.id)].filter(Boolean);
}

// As the browser hands it to the page.
function response({ status, headers, text }) {
  const given = new Headers(Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one])));
  if (status < 300 || status >= 400 || status === 304) return new Response(text.length ? text : null, { status, headers: given });
  return { type: "opaqueredirect", status: 0, ok: false, headers: new Headers(), json: async () => null, text: async () => "" };
}
