// Signing out wipes this browser. What it holds that has not reached the centre is counted first, and said.
import { asked } from "./disk.js";

async function rows(name, things) {
  const database = await asked(indexedDB.open(name));
  try {
    const there = things.filter((thing) => database.objectStoreNames.contains(thing));
    if (!there.length) return 0;
    const transaction = database.transaction(there);
    const counts = await Promise.all(there.map((thing) => asked(transaction.objectStore(thing).count())));
    return counts.reduce((sum, one) => sum + one, 0);
  } finally {
    database.close();
  }
}

export default function leaving(form) {
  const dialog = form.querySelector("dialog");
  const lines = [...dialog.querySelectorAll("[data-store]")];
  let sure = false;

  const count = async () => {
    const known = (await indexedDB.databases()).map((one) => one.name);
    let total = 0;
    for (const line of lines) {
      const mine = known.filter((name) => name.startsWith(line.dataset.store));
      const counts = await Promise.all(mine.map((name) => rows(name, line.dataset.things.split(" "))));
      const here = counts.reduce((sum, one) => sum + one, 0);
      line.hidden = !here;
      line.querySelector("strong").textContent = here;
      total += here;
    }
    return total;
  };

  form.addEventListener("submit", async (event) => {
    if (sure || event.submitter?.matches("[data-lose]")) return;
    event.preventDefault();
    // Where the browser cannot be asked, it could keep nothing either.
    const waiting = await count().catch(() => 0);
    if (waiting) {
      dialog.showModal();
      return;
    }
    sure = true;
    form.requestSubmit();
  });
  dialog.querySelector("[data-stay]").addEventListener("click", () => dialog.close());
}
