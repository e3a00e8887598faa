// The page of the tablet: one stage at a time, and the station's screen. What happens is in aboard.js.
import { keepRows } from "../lms/js/rows.js";
import { Aboard } from "./aboard.js";
import { fill, Station } from "./station.js";
import { Locked, Wrong } from "./vault.js";

// After so long without a touch the tablet locks itself; what was begun is on the disk.
const IDLE = 15 * 60_000;
const LOOKING = 60_000;
// A newer set of files takes over when the page has been quiet so long, not just after it was opened: a reload in the very
// moment when one set follows the other can be lost in the browser, and the page then stays empty.
const QUIET = 3000;

export default async function tablet(root) {
  await new Tablet(root).begin();
}

const copy = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
// 111111, 123456, 654321, and the like: what a stranger tries first.
const weak = (pin) => /^(\d)\1+$/.test(pin) || "01234567890".includes(pin) || "09876543210".includes(pin) || /^(\d\d)\1\1$/.test(pin) || /^(\d\d\d)\1$/.test(pin);

class Tablet {
  constructor(root) {
    this.root = root;
    this.words = JSON.parse(document.getElementById("tablet-words").textContent);
    this.station = null;
    this.#touch();
    const { standing, enrol, briefing } = root.dataset;
    this.aboard = new Aboard({
      addresses: { standing, enrol, briefing },
      paint: () => this.#paint(),
      changed: (station, candidate) => this.#changed(station, candidate),
    });
    for (const id of ["heading", "station-line", "to-stations", "lock", "code", "enrol-form", "enrol-wrong", "vaults-part", "vaults", "open-form", "open-wrong", "pin", "door-wrong", "sign-in-part", "prepare-form", "prepare-wrong", "new-pin", "same-pin", "tablet-name", "owner", "no-stations", "stations", "leaving-words", "leave-form", "sign-in-again", "circuit-note"])
      this[id] = document.getElementById(id);
  }

  async begin() {
    this.#keepOffline();
    navigator.storage?.persist?.().catch(() => {});
    this.#listen();
    await this.aboard.begin();
    this.#enter();
  }

  // Everything this page needs is loaded: a newer set of files may take over.
  async #keepOffline() {
    const { worker, scope } = this.root.dataset;
    try {
      const registration = await navigator.serviceWorker.register(worker, { scope, updateViaCache: "none" });
      const takes = navigator.serviceWorker;
      const over = (one) => one?.state === "installed" && takes.controller && setTimeout(() => one.postMessage("over"), QUIET);
      if (takes.controller) takes.addEventListener("controllerchange", () => (this.root.dataset.files = "renewed"));
      over(registration.waiting);
      registration.addEventListener("updatefound", () => {
        const coming = registration.installing;
        coming.addEventListener("statechange", () => over(coming));
      });
      // Browsers look for a newer set when they please, which on a page that is never left may be never.
      registration.update().catch(() => {});
      await navigator.serviceWorker.ready;
      this.root.dataset.offline = "ready";
    } catch {
      this.root.dataset.offline = "never"; // the page works while there is a network, as before
    }
  }

  #listen() {
    const on = (element, event, act) => element.addEventListener(event, act);
    on(this["enrol-form"], "submit", (event) => this.#once(event, () => this.#enrol()));
    on(this["open-form"], "submit", (event) => this.#once(event, () => this.#open()));
    on(this["prepare-form"], "submit", (event) => this.#once(event, () => this.#prepare()));
    on(this["leave-form"], "submit", (event) => this.#leave(event));
    on(this.lock, "click", () => this.#shut());
    on(this["to-stations"], "click", () => this.#showStations());
    on(window, "online", () => this.#reach());
    on(window, "hashchange", () => this.#follow());
    on(document, "visibilitychange", () => document.hidden || this.#back());
    for (const event of ["pointerdown", "keydown"]) on(document, event, () => this.#touch());
    setInterval(() => this.#idle(), LOOKING);
  }

  // A form is sent once at a time; deriving a key from a PIN takes a moment.
  async #once(event, act) {
    event.preventDefault();
    const button = event.target.querySelector("[type=submit]");
    if (button.disabled) return;
    button.disabled = true;
    try {
      await act();
    } finally {
      button.disabled = false;
    }
  }

  #say(id, words) {
    this[id].textContent = words ?? "";
    this[id].hidden = !words;
  }

  // ---- stages ----

  #stage(name) {
    this.shown = name;
    for (const part of this.root.querySelectorAll("[data-stage]")) part.hidden = part.dataset.stage !== name;
    this["to-stations"].hidden = name !== "station";
    this.lock.hidden = !this.aboard.vault;
    if (name !== "station") this.heading.textContent = this.words.title;
    this.#paint();
  }

  #enter() {
    if (!this.aboard.device) return this.#stage("enrol");
    if (!this.aboard.vault) return this.#stage("door");
    this.#follow();
  }

  async #enrol() {
    this.#say("enrol-wrong");
    const { refused, away } = await this.aboard.enrol(this.code.value);
    if (away) return this.#say("enrol-wrong", this.words.away);
    if (refused !== undefined) return this.#say("enrol-wrong", refused || this.words.away);
    this["enrol-form"].reset();
    this.#enter();
  }

  async #open() {
    this.#say("open-wrong");
    try {
      await this.aboard.open(this.chosen, this.pin.value);
      this.#enter();
    } catch (wrong) {
      if (wrong instanceof Wrong) this.#say("open-wrong", fill(this.words.wrong, { n: wrong.left }));
      else if (wrong instanceof Locked) this.#say("door-wrong", this.words.locked);
      else throw wrong;
    } finally {
      this.pin.value = "";
    }
  }

  async #prepare() {
    this.#say("prepare-wrong");
    const pin = this["new-pin"].value;
    if (!/^\d{6}$/.test(pin)) return this.#say("prepare-wrong", this.words.six_digits);
    if (pin !== this["same-pin"].value) return this.#say("prepare-wrong", this.words.pins_differ);
    if (weak(pin)) return this.#say("prepare-wrong", this.words.weak_pin);
    const { away, again, refused, lost } = await this.aboard.prepare(pin);
    if (away) return this.#say("prepare-wrong", this.words.away);
    if (lost) return this.#say("prepare-wrong", this.words.lost);
    if (again) this.#signInAgain();
    if (again || refused !== undefined) return this.#say("prepare-wrong", refused || this.words.again);
    this["prepare-form"].reset();
    this.#say("door-wrong");
    this.#enter();
  }

  #signInAgain() {
    this["sign-in-part"].hidden = false;
    this["prepare-form"].hidden = true;
    this.#say("door-wrong", this.words.again);
  }

  async #leave(event) {
    // The centre ends the sign-in; the sealed part stays for its owner.
    event.preventDefault();
    const form = this["leave-form"];
    if (form.dataset.sure) return;
    if (!(await this.aboard.standing())) return this.#shut();
    form.dataset.sure = "yes";
    this.aboard.close();
    form.elements.csrf_token.value = this.aboard.csrf;
    HTMLFormElement.prototype.submit.call(form);
  }

  async #shut() {
    this.station?.close();
    this.station = null;
    history.replaceState(null, "", location.pathname);
    this.#clear();
    await this.aboard.lock();
    this.#stage("door");
  }

  // Nothing of anybody stays in the page behind the door.
  #clear() {
    for (const id of ["candidates", "items", "levels", "told", "stations", "who", "count", "why", "owner"]) document.getElementById(id).replaceChildren();
    for (const id of ["comment", "reason"]) document.getElementById(id).value = "";
    document.getElementById("photo").removeAttribute("src");
    this["station-line"].textContent = "";
    this["circuit-note"].hidden = true;
  }

  #touch() {
    this.touched = { wall: Date.now(), steady: performance.now() };
  }

  // The steady clock may stand still while the tablet sleeps, the other may be set: whichever says more.
  #idle() {
    const { wall, steady } = this.touched;
    if (this.aboard.vault && Math.max(Date.now() - wall, performance.now() - steady) > IDLE) this.#shut();
  }

  async #reach() {
    await this.aboard.standing();
    await this.aboard.send();
  }

  // The tablet was asleep or another page was in front.
  async #back() {
    this.#idle();
    if (!this.aboard.vault) await this.aboard.look();
    await this.#reach();
  }

  // ---- the door ----

  #paint() {
    if (!this.shown) return;
    this.#paintDoor();
    if (this.shown === "stations") this.#paintStations();
    if (this.shown === "stations") this.#paintLine();
  }

  #paintDoor() {
    const { vaults, person, tablet, device } = this.aboard;
    this["vaults-part"].hidden = !vaults.length;
    const ready = vaults.filter((vault) => vault.open);
    if (!ready.some((vault) => vault.id === this.chosen)) this.chosen = ready.length === 1 ? ready[0].id : null;
    keepRows(this.vaults, vaults, {
      key: (vault) => vault.id,
      draw: (vault) => this.#vaultRow(vault),
      tell: (row, vault) => this.#tellVault(row.firstElementChild, vault),
    });
    this["open-form"].hidden = !this.chosen;
    const may = Boolean(person?.examines && person.fresh);
    this["prepare-form"].hidden = !may;
    this["sign-in-part"].hidden = may;
    this["tablet-name"].textContent = [device?.label, tablet?.state === "revoked" ? this.words.revoked : ""].filter(Boolean).join(" · ");
  }

  #vaultRow({ id }) {
    const row = copy("draw-vault");
    row.firstElementChild.addEventListener("click", () => {
      this.chosen = id;
      this.#paintDoor();
      this.pin.focus();
    });
    return row;
  }

  #tellVault(button, vault) {
    const [title, detail] = button.children;
    const at = new Date(vault.prepared);
    const today = at.toDateString() === new Date(this.aboard.clock.now()).toDateString();
    const time = at.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    title.textContent = today ? fill(this.words.prepared, { time }) : fill(this.words.prepared_day, { day: vault.day });
    const held = vault.sheets + vault.drafts;
    const parts = [held ? fill(this.words.holds, { n: held }) : this.words.holds_nothing];
    if (!vault.open) parts.push(this.words.needs_sign_in);
    detail.textContent = parts.join(" · ");
    button.disabled = !vault.open;
    button.setAttribute("aria-pressed", String(vault.id === this.chosen));
  }

  // ---- stations ----

  #showStations() {
    if (location.hash) history.pushState(null, "", location.pathname);
    this.station?.close();
    this.station = null;
    this.#stage("stations");
    this.#reach(); // who looks at the list wants to know what is at the centre: no waiting for the next try
  }

  // The address names the station (#12), so that Back leads where people expect.
  #follow() {
    if (!this.aboard.vault) return;
    const number = Number(location.hash.slice(1));
    const { desks } = this.aboard;
    if (desks.has(number)) this.#show(number);
    else if (desks.size === 1 && !this.station && !this.shown?.startsWith("station")) this.#show([...desks.keys()][0]);
    else this.#showStations();
  }

  #paintStations() {
    const { briefing, desks, person } = this.aboard;
    if (!briefing) return;
    this.owner.textContent = briefing.person.name;
    this["no-stations"].hidden = desks.size > 0;
    keepRows(this.stations, [...desks.values()], {
      key: (desk) => desk.state.station,
      draw: (desk) => this.#stationRow(desk),
      tell: (row, desk) => this.#tellStation(row.firstElementChild, desk),
    });
    const n = this.aboard.unsent;
    this["leaving-words"].textContent = n ? fill(this.words.unsent, { n }) : this.words.all_sent;
    this["sign-in-again"].hidden = !(n && this.aboard.reached && person?.id !== briefing.person.id);
  }

  #stationRow({ state: { station } }) {
    const row = copy("draw-station");
    row.firstElementChild.addEventListener("click", () => (location.hash = `#${station}`));
    return row;
  }

  #tellStation(button, desk) {
    const { state } = desk;
    const [title, detail, bar, figures] = button.children;
    const counts = desk.counts();
    const all = state.candidates.length;
    const done = counts.device + counts.held + counts.confirmed;
    title.textContent = state.title;
    detail.textContent = [fill(this.words.station, { number: state.position }), state.room, state.circuit].filter(Boolean).join(" · ");
    bar.max = Math.max(all, 1);
    bar.value = done;
    bar.setAttribute("aria-label", state.title);
    const held = counts.device + counts.held;
    figures.textContent = [fill(this.words.marked, { done, all }), held ? fill(this.words.holds, { n: held }) : ""].filter(Boolean).join(" · ");
  }

  #paintLine() {
    const { aboard, words } = this;
    const n = aboard.unsent;
    const signIn = n && aboard.reached && aboard.person?.id !== aboard.briefing?.person.id;
    const parts = [n ? fill(words.holds, { n }) : "", signIn ? words.sign_in_to_send : "", aboard.tablet?.state === "revoked" ? words.revoked : ""];
    this["station-line"].textContent = parts.filter(Boolean).join(" · ");
    this["station-line"].dataset.state = n ? "attention" : "calm";
  }

  #changed(station, candidate) {
    if (this.station?.desk?.state.station === station) this.station.painter()(candidate);
    else if (this.shown === "stations") this.#paint();
  }

  #show(number) {
    const desk = this.aboard.desks.get(number);
    if (this.station?.desk === desk) return;
    this.station?.close();
    this.#clear();
    this.#draw(desk.state);
    this.heading.textContent = desk.state.title;
    this.#stage("station");
    this.station = new Station(document.getElementById("station"), JSON.parse(document.getElementById("station-words").textContent));
    this.station.open(desk);
  }

  // ---- drawing a station out of the briefing ----

  #draw(state) {
    const into = (id, rows) => document.getElementById(id).replaceChildren(...rows);
    into("candidates", state.candidates.map((one) => this.#candidate(one)));
    into("items", state.items.map((item) => this.#item(item)));
    into("levels", state.levels.map((level) => this.#level(level)));
    // Cleaned by the centre's one sanitiser before it came here.
    into("told", new DOMParser().parseFromString(state.told, "text/html").body.childNodes);
    const note = { released: this.words.released, running: null }[state.state];
    this.#say("circuit-note", note === undefined ? this.words.not_running : note);
  }

  #candidate({ id, number, name }) {
    const row = copy("draw-candidate");
    row.firstElementChild.dataset.candidate = id;
    row.querySelector(".candidate-number").textContent = number;
    row.querySelector(".candidate-name").textContent = name;
    return row;
  }

  #item(item) {
    const row = copy("draw-item");
    const set = row.querySelector("fieldset");
    Object.assign(set.dataset, { item: item.code, points: item.points });
    set.classList.toggle("item-critical", item.critical);
    for (const word of ["critical", "optional"]) if (item[word]) set.dataset[word] = "";
    const legend = set.querySelector("legend");
    legend.textContent = item.text;
    const word = ["critical", "key", "optional"].find((one) => item[one]);
    if (word) legend.append(" ", copy(`draw-${word}`));
    set.querySelector(".cells").append(...item.steps.map((step) => this.#cell(item, step)));
    return row;
  }

  #cell(item, step) {
    const cell = copy("draw-cell");
    cell.classList.toggle("cell-none", step === 0);
    const input = cell.querySelector("input");
    Object.assign(input, { name: `item-${item.code}`, value: step });
    input.setAttribute("aria-label", fill(this.words.points, { points: step, all: item.points }));
    cell.querySelector("span").textContent = step;
    return cell;
  }

  #level({ code, title }) {
    const level = copy("draw-level");
    level.querySelector("input").value = code;
    level.querySelector("span").textContent = title;
    return level;
  }
}
