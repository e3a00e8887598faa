// Beside a written date, a button that opens the browser's own calendar and writes the day that was chosen.
export default function date(frame) {
  const written = frame.querySelector("input");
  const picker = document.createElement("input");
  if (typeof picker.showPicker !== "function" || written.disabled || written.readOnly) return;
  picker.type = "date";
  picker.tabIndex = -1;
  picker.className = "written-picker";
  picker.setAttribute("aria-hidden", "true");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "written-button";
  button.setAttribute("aria-label", frame.dataset.label);
  button.addEventListener("click", () => {
    const known = written.value.match(/^\d{4}-\d{2}-\d{2}/);
    picker.value = known ? known[0] : "";
    picker.showPicker();
  });
  picker.addEventListener("change", () => {
    if (!picker.value) return;
    const time = written.value.match(/\d{1,2}:\d{2}$/);
    written.value = time ? `${picker.value} ${time[0]}` : picker.value;
    written.dispatchEvent(new Event("change", { bubbles: true }));
    written.focus();
  });
  frame.append(picker, button);
}
