// What a tablet keeps: drafts and sheets on their way, one store for each account. Nothing here is ever cleared as a
// whole: a sheet goes by its own number, after the centre has named it.
import { asked, finished } from "../lms/js/disk.js";

const NAME = (person) => `osce-${person}`;

export async function open(person, factory = indexedDB) {
  const request = factory.open(NAME(person), 1);
  request.onupgradeneeded = () => {
    const drafts = request.result.createObjectStore("drafts", { keyPath: ["station", "candidate"] });
    drafts.createIndex("station", "station");
    const sheets = request.result.createObjectStore("sheets", { keyPath: "id" });
    sheets.createIndex("station", "station");
  };
  return new Store(await asked(request));
}

export class Store {
  constructor(database) {
    this.database = database;
  }

  async #write(names, act) {
    // strict: the browser says "complete" only when the disk has it, so that a closed lid loses nothing
    const transaction = this.database.transaction(names, "readwrite", { durability: "strict" });
    act(...names.map((name) => transaction.objectStore(name)));
    await finished(transaction);
  }

  drafts(station) {
    return asked(this.database.transaction("drafts").objectStore("drafts").index("station").getAll(station));
  }

  sheets(station) {
    return asked(this.database.transaction("sheets").objectStore("sheets").index("station").getAll(station));
  }

  keepDraft(draft) {
    return this.#write(["drafts"], (drafts) => drafts.put(draft));
  }

  dropDraft(station, candidate) {
    return this.#write(["drafts"], (drafts) => drafts.delete([station, candidate]));
  }

  // The draft becomes a sheet in one step: there is never neither, and never both.
  handIn(sheet) {
    return this.#write(["drafts", "sheets"], (drafts, sheets) => {
      sheets.put(sheet);
      drafts.delete([sheet.station, sheet.candidate]);
    });
  }

  takeBack(sheet, draft) {
    return this.#write(["drafts", "sheets"], (drafts, sheets) => {
      drafts.put(draft);
      sheets.delete(sheet.id);
    });
  }

  keepSheet(sheet) {
    return this.#write(["sheets"], (sheets) => sheets.put(sheet));
  }

  // Only while it is still there: what was confirmed or taken back in the meantime does not come back. Says whether.
  async changeSheet(sheet) {
    let there = false;
    await this.#write(["sheets"], (sheets) => {
      sheets.getKey(sheet.id).onsuccess = ({ target }) => {
        there = target.result !== undefined;
        if (there) sheets.put(sheet);
      };
    });
    return there;
  }

  dropSheet(id) {
    return this.#write(["sheets"], (sheets) => sheets.delete(id));
  }
}

// Where nothing can be stored the page still works, says so, and must not be closed.
export class Memory {
  #drafts = new Map();
  #sheets = new Map();
  drafts = async () => [...this.#drafts.values()];
  sheets = async () => [...this.#sheets.values()];
  keepDraft = async (draft) => void this.#drafts.set(draft.candidate, draft);
  dropDraft = async (_station, candidate) => void this.#drafts.delete(candidate);
  keepSheet = async (sheet) => void this.#sheets.set(sheet.id, sheet);
  changeSheet = async (sheet) => {
    const there = this.#sheets.has(sheet.id);
    if (there) this.#sheets.set(sheet.id, sheet);
    return there;
  };
  dropSheet = async (id) => void this.#sheets.delete(id);
  handIn = async (sheet) => {
    this.#sheets.set(sheet.id, sheet);
    this.#drafts.delete(sheet.candidate);
  };
  takeBack = async (sheet, draft) => {
    this.#drafts.set(draft.candidate, draft);
    this.#sheets.delete(sheet.id);
  };
}
