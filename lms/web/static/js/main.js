// Starts every behaviour a page asks for: <… data-module="/static/…/job.js"> gets job.js's default export,
// called with the element. A behaviour that fails leaves the page as the server sent it.
const started = new WeakSet();
const starting = new Map();

// Resolves when the element's behaviour is there.
export async function start(element) {
  if (!started.has(element)) {
    started.add(element);
    starting.set(element, begin(element).finally(() => starting.delete(element)));
  }
  await starting.get(element);
}

async function begin(element) {
  for (const address of element.dataset.module.split(/\s+/)) {
    try {
      const behaviour = await import(address);
      await behaviour.default(element);
    } catch (wrong) {
      console.error(`${address} did not start`, wrong);
    }
  }
}

export function startAll(root) {
  return Promise.all([...root.querySelectorAll("[data-module]")].map(start));
}

// Who presses before a form's behaviour is there (it asks first, or sends once) presses as soon as it is.
const pressed = new WeakSet();
addEventListener(
  "submit",
  (event) => {
    const { target: form, submitter } = event;
    const coming = starting.get(form);
    if (!coming) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (pressed.has(form)) return;
    pressed.add(form);
    coming.then(() => form.requestSubmit(submitter));
  },
  { capture: true },
);

startAll(document);
