// What is still to be sent, in this browser's own database; written through to the disk before anything is sent.
// One database per person, so that whoever signs in next on this device sees nothing of it.
import { asked, finished } from "../lms/js/disk.js";

export async function open(person) {
  const request = indexedDB.open(`exam-${person}`, 1);
  request.onupgradeneeded = () => {
    const outbox = request.result.createObjectStore("outbox", { keyPath: "id" });
    outbox.createIndex("attempt", "attempt");
    request.result.createObjectStore("flags");
  };
  return new Store(await asked(request));
}

class Store {
  constructor(database) {
    this.database = database;
  }

  async #write(name, act) {
    const transaction = this.database.transaction(name, "readwrite", { durability: "strict" });
    act(transaction.objectStore(name));
    await finished(transaction);
  }

  // Events that were never acknowledged, oldest first.
  async waiting(attempt) {
    const store = this.database.transaction("outbox").objectStore("outbox");
    const events = await asked(store.index("attempt").getAll(attempt));
    return events.sort((a, b) => a.epoch - b.epoch || a.seq - b.seq);
  }

  put(event) {
    return this.#write("outbox", (store) => store.put(event));
  }

  replace(gone, events) {
    return this.#write("outbox", (store) => {
      for (const id of gone) store.delete(id);
      for (const event of events) store.put(event);
    });
  }

  remove(ids) {
    return this.replace(ids, []);
  }

  async flags(attempt) {
    return (await asked(this.database.transaction("flags").objectStore("flags").get(attempt))) ?? [];
  }

  setFlags(attempt, items) {
    return this.#write("flags", (store) => store.put(items, attempt));
  }
}
