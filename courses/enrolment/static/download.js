// Takes a course along: its pages and files are brought to this device one by one, with how far it is; only when all is here
// is the course kept, and the centre told. What breaks off leaves nothing half, and goes on where it stopped.
import { account, openKept, sized } from "./kept.js";
import { Sending } from "./sending.js";

export default async function download(panel) {
  await new Download(panel).begin();
}

class Download {
  constructor(panel) {
    this.panel = panel;
    this.said = panel.dataset;
    this.progress = panel.querySelector("progress");
    this.stopping = null;
  }

  async begin() {
    const on = (name, act) => this.panel.querySelector(`[data-act="${name}"]`).addEventListener("click", act);
    on("download", () => this.#download());
    on("renew", () => this.#download());
    on("stop", () => this.stopping?.abort());
    on("remove", () => this.#remove());
    try {
      if (!("serviceWorker" in navigator) || account() !== this.said.account) throw new Error("nothing can be kept");
      this.kept = await openKept(this.said.account);
    } catch {
      return this.#show("cannot");
    }
    const { sync, standing, token } = this.said;
    this.sending = new Sending({ person: this.said.account, addresses: { sync, standing }, token });
    await this.#look();
  }

  #show(part) {
    for (const one of this.panel.querySelectorAll("[data-part]")) one.hidden = one.dataset.part !== part;
    this.said.state = part;
  }

  #say(wrong) {
    const says = this.panel.querySelector("[data-wrong]");
    says.textContent = wrong ?? "";
    says.hidden = !wrong;
  }

  async #look() {
    const course = await this.kept.course(this.said.course);
    if (!course) return this.#show("offer");
    this.panel.querySelector("[data-size]").textContent = sized(course.bytes);
    this.panel.querySelector("[data-stale]").hidden = String(course.version) === this.said.version;
    this.#show("here");
  }

  async #download() {
    this.#say();
    this.#show("busy");
    this.progress.removeAttribute("value");
    this.stopping = new AbortController();
    try {
      await this.#bring(this.stopping.signal);
    } catch (wrong) {
      if (wrong.name === "QuotaExceededError") {
        await this.kept.drop(this.said.course).catch(() => {});
        this.#say(this.said.saysFull);
      } else if (wrong.name !== "AbortError") this.#say(this.said.saysBroken);
    }
    await this.#look();
  }

  async #bring(signal) {
    const answer = await fetch(this.said.bundle, { signal, redirect: "error", headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    const course = JSON.parse(text);
    if (course.code !== this.said.course || !Array.isArray(course.lessons)) throw new Error("not our centre's answer");
    navigator.storage?.persist?.().catch(() => {});
    const pages = new Blob([text]).size;
    const all = course.files.reduce((sum, one) => sum + one.bytes, pages);
    const there = await navigator.storage?.estimate?.();
    if (there && there.quota - there.usage < all) throw new DOMException("too little room", "QuotaExceededError");
    Object.assign(this.progress, { max: all, value: pages });
    for (const file of course.files) await this.#file(file, signal);
    await this.kept.dropOthers(course.code, course.files.map((one) => one.address));
    await this.kept.keepCourse({ ...course, bytes: all });
    await this.kept.keepStands(Object.fromEntries(course.lessons.map((one) => [`${course.code}/${one.code}`, one.stand])));
    for (const { code } of course.lessons) this.sending.tell(course.code, code, { kind: "downloaded" });
  }

  async #file({ address, bytes }, signal) {
    const before = this.progress.value;
    const known = await this.kept.file(this.said.course, address);
    if (known?.content.size === bytes) {
      this.progress.value = before + bytes;
      return;
    }
    const answer = await fetch(address, { signal, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    const parts = [];
    for await (const part of pieces(answer.body)) {
      parts.push(part);
      this.progress.value += part.byteLength;
    }
    const content = new Blob(parts, { type: answer.headers.get("Content-Type") ?? "" });
    if (content.size !== bytes) throw new Error("not the whole file");
    await this.kept.keepFile(this.said.course, address, content);
    this.progress.value = before + bytes;
  }

  async #remove() {
    this.#say();
    await this.kept.drop(this.said.course);
    await this.#look();
  }
}

async function* pieces(body) {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
