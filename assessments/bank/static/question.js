// A question on a page: what is answered in it, as the list of strings that is kept, whatever its kind.
const chosen = {
  read: (section) => [...section.querySelectorAll(".choice input:checked")].map((input) => input.value).sort(),
  fill: (section, answer) => {
    for (const input of section.querySelectorAll(".choice input")) input.checked = answer.includes(input.value);
  },
};

const KINDS = { single: chosen, multiple: chosen, true_false: chosen };

const kind = (section) => KINDS[section.dataset.kind];

export const read = (section) => kind(section).read(section);

export const fill = (section, answer) => kind(section).fill(section, answer);

export function readOnly(section, on) {
  for (const input of section.querySelectorAll(".question-sheet :is(input, select, textarea, button)")) input.disabled = on;
}

// Call `changed(answer)` whenever what is answered here has changed.
export function listen(section, changed) {
  section.querySelector(".question-sheet").addEventListener("change", () => changed(read(section)));
}
