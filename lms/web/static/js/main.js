// Starts every behaviour a page asks for: <… data-module="/static/…/job.js"> gets job.js's default export,
// called with the element. A behaviour that fails leaves the page as the server sent it.
const started = new WeakSet();

export async function start(element) {
  if (started.has(element)) return;
  started.add(element);
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
  for (const element of root.querySelectorAll("[data-module]")) start(element);
}

startAll(document);
