// Stands in for the doctor's pages without network: the courses that were taken along, the way of one, a lesson of it. All of
// it comes out of the store of whoever is signed in on this device; for nobody, nothing.
import { account, openKept, readHere, sized, together } from "./kept.js";
import { Reader } from "./reader.js";
import { Sending } from "./sending.js";

const LESSON = /^\/courses\/([^/]+)\/lessons\/([^/]+)$/;
const COURSE = /^\/courses\/([^/]+)$/;
const SHELF = /^\/(courses)?$/;

export default async function away(root) {
  await new Away(root).begin();
}

const copy = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
const fill = (words, more) => words.replace(/\{(\w+)\}/g, (_all, name) => more[name]);

class Away {
  constructor(root) {
    this.root = root;
    this.words = JSON.parse(document.getElementById("away-words").textContent);
    this.person = account();
  }

  async begin() {
    root(this, "[data-again]").addEventListener("click", () => location.reload());
    addEventListener("online", () => this.#reach());
    if (!this.person) return this.#say("nobody");
    try {
      this.kept = await openKept(this.person);
    } catch {
      return this.#say("page"); // a browser that keeps nothing has nothing to show
    }
    await this.#open(location.pathname);
    this.#reach();
  }

  async #open(path) {
    const lesson = LESSON.exec(path);
    const course = COURSE.exec(path);
    const slim = root(this, "[data-slim]");
    if (lesson && (await this.#lesson(lesson[1], lesson[2]))) return (slim.hidden = false);
    this.#send();
    if (course && (await this.#course(course[1]))) return (slim.hidden = false);
    await this.#shelf();
    this.#say(SHELF.test(path) ? "shelf" : "page");
  }

  #say(why) {
    root(this, "[data-away]").hidden = false;
    for (const one of this.root.querySelectorAll("[data-why]")) one.hidden = one.dataset.why !== why;
  }

  #part(name, title) {
    for (const part of this.root.querySelectorAll("[data-part]")) part.hidden = part.dataset.part !== name;
    document.querySelector("[data-heading]").textContent = title;
    document.title = `${title} · ${this.words.product}`;
    return root(this, `[data-part="${name}"]`);
  }

  #leave(address, words) {
    const leave = document.querySelector("[data-leave]");
    Object.assign(leave, { href: address, hidden: false });
    leave.querySelector("[data-leave-words]").textContent = words;
  }

  // A page without a lesson sends, too, and says what waits.
  #send() {
    const { sync, standing, saysSaved, saysWaiting, saysSignIn } = this.root.dataset;
    const words = { saved: saysSaved, waiting: saysWaiting, "sign-in": saysSignIn };
    const show = (state) => {
      const strip = document.querySelector("[data-kept]");
      strip.dataset.state = state;
      strip.querySelector("[data-words]").textContent = words[state];
    };
    this.sending = new Sending({ person: this.person, addresses: { sync, standing }, token: "", show });
  }

  async #stands(course) {
    await this.sending.ready;
    const known = await this.kept.stands();
    const stand = ({ code, stand, questions }) =>
      together(known.get(`${course.code}/${code}`) ?? stand, this.sending.of(course.code, code), questions);
    return new Map(course.lessons.map((lesson) => [lesson.code, stand(lesson)]));
  }

  async #shelf() {
    const courses = await this.kept.courses();
    const shown = courses.length ? this.#part("shelf", this.words.shelf) : this.#part("none", this.words.shelf);
    for (const course of courses) {
      const stands = [...(await this.#stands(course)).values()];
      const item = copy("shelf-one");
      item.querySelector("a").href = `/courses/${course.code}`;
      item.querySelector("h2").textContent = course.title;
      const done = stands.filter((one) => one.complete || readHere(one)).length;
      item.querySelector("[data-done]").textContent = fill(this.words.done, { done, all: stands.length });
      item.querySelector("[data-size]").textContent = sized(course.bytes);
      shown.append(item);
    }
  }

  async #course(code) {
    const course = await this.kept.course(code);
    if (!course) return false;
    const shown = this.#part("course", course.title);
    this.#leave("/courses", this.words.courses);
    const stands = await this.#stands(course);
    for (const [at, lesson] of course.lessons.entries()) {
      const stand = stands.get(lesson.code);
      const item = copy("way-one");
      item.querySelector(".way-number").textContent = at + 1;
      Object.assign(item.querySelector("a"), { href: `/courses/${code}/lessons/${lesson.code}`, textContent: lesson.title });
      item.querySelector(".row-detail").textContent = fill(this.words.minutes, lesson);
      item.querySelector(".row-aside").append(copy(stand.complete ? "state-done" : readHere(stand) ? "state-here" : "state-open"));
      shown.querySelector("ol").append(item);
    }
    return true;
  }

  async #lesson(code, name) {
    const course = await this.kept.course(code);
    const lesson = course?.lessons.find((one) => one.code === name);
    if (!lesson) return false;
    const shown = this.#part("lesson", lesson.title);
    this.#leave(`/courses/${code}`, this.words.lessons);
    const article = new DOMParser().parseFromString(lesson.html, "text/html").querySelector("article");
    await this.#files(article, course);
    shown.append(document.adoptNode(article));
    // Where it was parsed nothing can play: films look for their source once more.
    for (const film of article.querySelectorAll("audio, video")) film.load();
    this.reader = new Reader(article);
    this.sending = this.reader.sending;
    await this.reader.begin();
    return true;
  }

  // Pictures, films and papers come from this device.
  async #files(article, course) {
    const known = new Set(course.files.map((one) => one.address));
    for (const name of ["src", "href"]) {
      for (const element of article.querySelectorAll(`[${name}]`)) {
        const address = element.getAttribute(name);
        const file = known.has(address) && (await this.kept.file(course.code, address));
        if (file) element.setAttribute(name, URL.createObjectURL(file.content));
      }
    }
  }

  // The centre again: whoever wants its own page may have it.
  async #reach() {
    try {
      const answer = await fetch(this.root.dataset.standing, { headers: { Accept: "application/json" }, redirect: "error" });
      if (typeof (await answer.json()).csrf !== "string") return;
      for (const one of ["[data-away]", "[data-slim]"]) root(this, one).hidden = true;
      root(this, "[data-back]").hidden = false;
      this.sending?.send();
    } catch {
      // Still away.
    }
  }
}

const root = (shell, selector) => shell.root.querySelector(selector);
