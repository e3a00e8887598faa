// What a doctor keeps on this device to learn without network: courses as the centre sent them, their files, and how far the
// centre knew one to be. One database for each account; which account is at work, the centre says in a cookie, so that
// whoever signs in after somebody else finds nothing of theirs.
import { asked, finished } from "../lms/js/disk.js";

const COOKIE = /(?:^|; )learner=(\d+)(?:;|$)/;

export const account = () => COOKIE.exec(document.cookie)?.[1] ?? "";

export async function openKept(person, factory = indexedDB) {
  const request = factory.open(`lessons-${person}`, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("courses", { keyPath: "code" });
    request.result.createObjectStore("files", { keyPath: ["course", "address"] });
    request.result.createObjectStore("stands", { keyPath: "key" });
  };
  return new Kept(await asked(request));
}

export class Kept {
  constructor(database) {
    this.database = database;
    // Signing out in another tab wipes the store: a connection that stays open would stand in its way.
    database.onversionchange = () => database.close();
  }

  #read(name) {
    return this.database.transaction(name).objectStore(name);
  }

  async #write(names, act) {
    const transaction = this.database.transaction(names, "readwrite", { durability: "strict" });
    act(...names.map((name) => transaction.objectStore(name)));
    await finished(transaction);
  }

  courses() {
    return asked(this.#read("courses").getAll());
  }

  course(code) {
    return asked(this.#read("courses").get(code));
  }

  file(course, address) {
    return asked(this.#read("files").get([course, address]));
  }

  keepFile(course, address, content) {
    return this.#write(["files"], (files) => files.put({ course, address, content }));
  }

  // The course last, when all its files are there: half a course is none.
  keepCourse(course) {
    return this.#write(["courses"], (courses) => courses.put(course));
  }

  drop(code) {
    return this.#write(["courses", "files"], (courses, files) => {
      courses.delete(code);
      files.delete(IDBKeyRange.bound([code], [code, []]));
    });
  }

  // Files that an earlier version of a course brought and this one has not.
  dropOthers(code, addresses) {
    const stay = new Set(addresses);
    return this.#write(["files"], (files) => {
      files.getAllKeys(IDBKeyRange.bound([code], [code, []])).onsuccess = ({ target }) => {
        for (const key of target.result) if (!stay.has(key[1])) files.delete(key);
      };
    });
  }

  stand(key) {
    return asked(this.#read("stands").get(key));
  }

  async stands() {
    const all = await asked(this.#read("stands").getAll());
    return new Map(all.map(({ key, stand }) => [key, stand]));
  }

  keepStands(stands) {
    return this.#write(["stands"], (store) => {
      for (const [key, stand] of Object.entries(stands)) store.put({ key, stand });
    });
  }
}

// How far one is, as the centre last knew it, and with what only this device knows (things, see sending.js).
export function together(stand, things, questions) {
  const now = { ...stand, passed: new Set(stand.passed), waiting: things.length > 0 };
  for (const { event, right } of things) {
    if (event.kind === "finished") now.reached_end = true;
    if (event.kind === "self_check" && right) now.passed.add(event.question);
    if (event.kind === "position" && event.anchor) now.anchor = event.anchor;
    if (event.kind === "position" && event.media) now.place = { media: event.media, at: event.at };
    if (event.kind === "watched") watch(now, event);
  }
  now.check_passed = stand.check_passed || now.passed.size >= questions;
  now.passed = [...now.passed].sort((a, b) => a - b);
  return now;
}

// What was watched, once per stretch however often it was played. The centre counts it again by its own rule.
function watch(now, { media, from, to }) {
  const known = now.watched?.[media];
  if (!known?.seconds) return;
  const ranges = union([...(known.ranges ?? []), [from, to]]);
  const percent = Math.min(100, Math.floor(ranges.reduce((sum, [a, b]) => sum + b - a, 0) / known.seconds / 10));
  now.watched = { ...now.watched, [media]: { ...known, ranges, percent, enough: known.enough || percent >= 90 } };
}

export function union(ranges) {
  const merged = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

// Whether this device's own reckoning says that all that the lesson asks is done; the time is the centre's to count.
export function readHere(stand) {
  const asks = stand.asks ?? ["read", "check"];
  const done = { read: stand.reached_end, check: stand.check_passed, watched: Object.values(stand.watched ?? {}).every((one) => one.enough) };
  return asks.every((one) => done[one]) && stand.check_passed;
}

const UNITS = ["B", "kB", "MB", "GB"];

export function sized(bytes) {
  let at = 0;
  while (bytes >= 1000 && at < UNITS.length - 1) {
    bytes /= 1000;
    at += 1;
  }
  return `${at > 1 ? bytes.toFixed(1) : Math.round(bytes)} ${UNITS[at]}`;
}
