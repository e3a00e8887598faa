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

// The lists in local storage whose names begin so.
function listed(start) {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(start));
  return names.reduce((sum, name) => sum + JSON.parse(localStorage.getItem(name)).length, 0);
}

async function held({ store, things }, known) {
  if (!things) return listed(store);
  const mine = known.filter((name) => name.startsWith(store));
  const counts = await Promise.all(mine.map((name) => rows(name, things.split(" "))));
  return counts.reduce((sum, one) => sum + one, 0);
}

export default function leaving(form) {
  const dialog = form.querySelector("dialog");
  const lines = [...dialog.querySelectorAll("[data-store]")];
  let sure = false;

  const count = async () => {
    const known = (await indexedDB.databases()).map((one) => one.name);
    let total = 0;
    for (const line of lines) {
      const here = await held(line.dataset, known);
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
