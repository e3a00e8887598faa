// A question that is tried out: it behaves as in an exam, and what is answered goes nowhere.
import { fill, listen, read } from "./question.js";

export default function preview(section) {
  fill(section, []);
  const says = section.querySelector("[data-answer]");
  listen(section, () => {
    says.textContent = read(section).join("  ") || says.dataset.none;
  });
}
