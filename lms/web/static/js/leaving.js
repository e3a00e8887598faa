// Signing out wipes this browser. What it holds that has not reached the centre is counted first, and said. A browser that
// serves several people (data-shared) keeps what is sealed for each of them; there the rest is wiped here.
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

const databases = async () => (await indexedDB.databases()).map((one) => one.name);

export default function leaving(form) {
  const dialog = form.querySelector("dialog");
  const lines = [...dialog.querySelectorAll("[data-store]")];
  const shared = "shared" in form.dataset;
  const sealed = lines.filter((line) => shared && "kept" in line.dataset);
  let sure = false;

  const count = async () => {
    const known = await databases();
    let goes = 0;
    let stays = 0;
    for (const line of lines) {
      const here = await held(line.dataset, known);
      line.hidden = !here;
      line.querySelector("strong").textContent = here;
      if (sealed.includes(line)) stays += here;
      else goes += here;
    }
    dialog.querySelector("[data-stays]").hidden = !stays;
    dialog.querySelector("[data-goes]").hidden = !goes;
    dialog.querySelector("[data-lose]").hidden = !goes;
    dialog.querySelector("[data-keep]").hidden = goes > 0;
    return goes + stays;
  };

  const wipe = async () => {
    if (!shared) return;
    const stays = sealed.map((line) => line.dataset.store);
    for (const name of await databases()) if (!stays.includes(name)) indexedDB.deleteDatabase(name);
    localStorage.clear();
  };

  form.addEventListener("submit", async (event) => {
    const said = event.submitter?.matches("[data-lose], [data-keep]");
    if (sure || (said && !shared)) return; // the answer to the form wipes everything
    event.preventDefault();
    if (!said) {
      // Where the browser cannot be asked, it could keep nothing either.
      const waiting = await count().catch(() => 0);
      if (waiting) {
        dialog.showModal();
        return;
      }
    }
    await wipe().catch(() => {});
    sure = true;
    // Not before this submission is over: a browser passes over one that begins inside another.
    setTimeout(() => form.requestSubmit());
  });
  dialog.querySelector("[data-stay]").addEventListener("click", () => dialog.close());
}
