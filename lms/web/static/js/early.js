// What was typed into a form before its script was there, or put back into it by the browser: said again, so that nobody
// has to type one more letter to be heard.
export function hearEarlier(root) {
  for (const field of [...root.querySelectorAll("input, select, textarea")].filter(differs)) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function differs(field) {
  if (field.type === "hidden" || field.type === "file") return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return "defaultValue" in field && field.value !== field.defaultValue;
}
