// Lets the doctor's pages open without network: the shell is kept by a worker of its own (worker.js).
export default async function offline(element) {
  const { worker } = element.dataset;
  const ready = (state) => (document.documentElement.dataset.offline = state);
  try {
    await navigator.serviceWorker.register(worker, { scope: "/", updateViaCache: "none" });
    await navigator.serviceWorker.ready;
    ready("ready");
  } catch {
    ready("never"); // the pages work while there is a network, as before
  }
}
