// A question on a page: what is answered in it, as the list of strings that is kept, whatever its kind.
// `section` is the element with data-kind around what the macro bank.question draws. [] is "not answered".

const PAUSE = 500; // typing is told when it pauses, or at once when the field is left

const sheet = (section) => section.querySelector(".question-sheet");
const says = (section, words) => {
  sheet(section).querySelector("[data-says]").textContent = words;
};
const tell = (section) => sheet(section).dispatchEvent(new Event("change", { bubbles: true }));

const chosen = {
  read: (section) => [...section.querySelectorAll(".choice input:checked")].map((input) => input.value).sort(),
  fill(section, answer) {
    for (const input of section.querySelectorAll(".choice input")) input.checked = answer.includes(input.value);
  },
};

const matching = {
  read: (section) =>
    [...section.querySelectorAll("[data-prompt]")]
      .filter((select) => select.value)
      .map((select) => `${select.dataset.prompt}=${select.value}`),
  fill(section, answer) {
    const said = new Map(answer.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)]));
    for (const select of section.querySelectorAll("[data-prompt]")) select.value = said.get(select.dataset.prompt) ?? "";
  },
};

const part = (section, name) => section.querySelector(`[data-part="${name}"]`);

const short = {
  read: (section) => [part(section, "words").value.trim()].filter(Boolean),
  fill(section, answer) {
    const input = part(section, "words");
    if (input.value.trim() !== (answer[0] ?? "")) input.value = answer[0] ?? "";
  },
};

const numeric = {
  read(section) {
    const number = part(section, "number").value.trim();
    return number ? [number, part(section, "unit")?.value].filter(Boolean) : [];
  },
  fill(section, answer) {
    const [input, unit] = [part(section, "number"), part(section, "unit")];
    if (input.value.trim() !== (answer[0] ?? "")) input.value = answer[0] ?? "";
    // a unit that was chosen before there is a number is no answer yet, and stays as it is
    if (unit && answer.length) unit.value = answer[1] ?? "";
  },
};

// The order shown first is nobody's answer: only what was moved or confirmed is.
const ordering = {
  lines: (section) => [...section.querySelectorAll(".ordering > li")],
  said(section, yes) {
    section.querySelector(".ordering").classList.toggle("is-said", yes);
    section.querySelector("[data-confirm]").setAttribute("aria-pressed", yes);
  },
  read(section) {
    const said = section.querySelector(".ordering").classList.contains("is-said");
    return said ? this.lines(section).map((line) => line.dataset.key) : [];
  },
  fill(section, answer) {
    const lines = this.lines(section);
    const place = (line) => (answer.length ? answer.indexOf(line.dataset.key) : Number(line.dataset.start));
    lines.sort((one, other) => place(one) - place(other));
    section.querySelector(".ordering").append(...lines);
    this.said(section, answer.length > 0);
  },
  listen(section) {
    section.querySelector(".ordering").addEventListener("click", (event) => {
      const button = event.target.closest("[data-move]");
      if (button) this.move(section, button);
    });
    section.querySelector("[data-confirm]").addEventListener("click", () => {
      this.said(section, true);
      tell(section);
    });
    section.querySelector("[data-undo]").addEventListener("click", () => {
      this.fill(section, []);
      tell(section);
    });
  },
  move(section, button) {
    const line = button.closest("li");
    const beside = button.dataset.move === "1" ? line.nextElementSibling : line.previousElementSibling;
    if (beside && button.dataset.move === "1") beside.after(line);
    else if (beside) beside.before(line);
    button.focus(); // what is moved loses the focus
    const place = this.lines(section).indexOf(line) + 1;
    const what = line.querySelector(".ordering-words").textContent;
    const words = section.querySelector(".ordering").dataset.moved;
    says(section, words.replace("{what}", what).replace("{place}", place));
    if (!beside) return;
    this.said(section, true);
    tell(section);
  },
};

const within = (number) => Math.min(1000, Math.max(0, Math.round(number)));
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const hotspot = {
  spot: (section) => section.querySelector(".spot"),
  read(section) {
    const { spot } = this.spot(section).dataset;
    return spot ? [spot] : [];
  },
  fill(section, answer) {
    const spot = this.spot(section);
    spot.dataset.spot = answer[0] ?? "";
    const mark = spot.querySelector(".spot-mark");
    const [x, y] = spot.dataset.spot.split(",").map(Number);
    mark.setAttribute("visibility", answer.length ? "visible" : "hidden");
    const { nowhere, where } = spot.dataset;
    says(section, answer.length ? where.replace("{x}", Math.round(x / 10)).replace("{y}", Math.round(y / 10)) : nowhere);
    if (!answer.length) return;
    mark.setAttribute("x", `${x / 10}%`);
    mark.setAttribute("y", `${y / 10}%`);
  },
  put(section, x, y) {
    this.fill(section, [`${within(x)},${within(y)}`]);
    tell(section);
  },
  listen(section) {
    const spot = this.spot(section);
    spot.addEventListener("click", (event) => {
      if (event.detail === 0) return this.read(section).length || this.put(section, 500, 500); // Enter, Space
      const picture = spot.querySelector("img").getBoundingClientRect();
      const [x, y] = [(event.clientX - picture.left) / picture.width, (event.clientY - picture.top) / picture.height];
      return this.put(section, 1000 * x, 1000 * y);
    });
    spot.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const [x, y] = this.read(section).length ? spot.dataset.spot.split(",").map(Number) : [500, 500];
      const far = event.shiftKey ? 50 : 10;
      this.put(section, x + far * step[0], y + far * step[1]);
    });
    section.querySelector("[data-undo]").addEventListener("click", () => {
      this.fill(section, []);
      tell(section);
    });
  },
};

const KINDS = { single: chosen, multiple: chosen, true_false: chosen, matching, short, numeric, ordering, hotspot };

const kind = (section) => KINDS[section.dataset.kind];

export const read = (section) => kind(section).read(section);

// What each question is known to say, and which are being typed in just now.
const known = new WeakMap();
const typing = new WeakMap();

// Show this answer; what is being typed just now is newer than any answer that comes from elsewhere.
export function fill(section, answer) {
  if (typing.has(section)) return;
  kind(section).fill(section, answer);
  known.set(section, JSON.stringify(read(section)));
}

export function readOnly(section, on) {
  for (const input of section.querySelectorAll(".question-sheet :is(input, select, textarea, button)")) input.disabled = on;
}

// Call `changed(answer)` whenever what is answered here has changed; typing counts when it pauses, when the field is
// left, and when the page goes out of sight.
export function listen(section, changed) {
  const now = () => {
    clearTimeout(typing.get(section));
    typing.delete(section);
    const answer = read(section);
    const plain = JSON.stringify(answer);
    if (plain === (known.get(section) ?? "[]")) return;
    known.set(section, plain);
    changed(answer);
  };
  const later = (event) => {
    if (event.isComposing || !event.target.matches("input[type=text]")) return;
    clearTimeout(typing.get(section));
    typing.set(section, setTimeout(now, PAUSE));
  };
  const leaving = () => typing.has(section) && now();
  kind(section).listen?.(section);
  const asked = sheet(section);
  asked.addEventListener("change", now);
  asked.addEventListener("input", later);
  asked.addEventListener("compositionend", later);
  addEventListener("pagehide", leaving);
  document.addEventListener("visibilitychange", () => document.hidden && leaving());
}
