// What an examiner has written on a tablet, sealed row by row; the same calls as store.js. A row's name and place tell nothing.
import { asked, finished } from "../lms/js/disk.js";

export class SealedStore {
  #last = Promise.resolve();
  #queued = new Map();

  constructor(database, vault) {
    Object.assign(this, { database, vault });
  }

  // Sealing takes a moment: one write after the other, so that an older draft never lands on a newer one.
  #inTurn(act) {
    this.#queued.clear();
    const done = this.#last.then(act);
    this.#last = done.catch(() => {});
    return done;
  }

  async #write(names, act) {
    const transaction = this.database.transaction(names, "readwrite", { durability: "strict" });
    act(...names.map((name) => transaction.objectStore(name)));
    await finished(transaction);
  }

  async #row(id, station, value) {
    const place = await this.vault.name(`station ${station}`);
    return { id, vault: this.vault.id, place, ...(await this.vault.seal(value, id)) };
  }

  async #all(name, station) {
    await this.#last;
    const place = await this.vault.name(`station ${station}`);
    const rows = await asked(this.database.transaction(name).objectStore(name).index("place").getAll(place));
    return Promise.all(rows.map((row) => this.vault.open(row, row.id)));
  }

  #nameOf(station, candidate) {
    return this.vault.name(`draft ${station} ${candidate}`);
  }

  drafts(station) {
    return this.#all("drafts", station);
  }

  async sheets(station) {
    // In the order in which they were handed in: their numbers begin with the time.
    return (await this.#all("sheets", station)).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  // While the disk is slow only the newest of a draft's states is written: it holds all that the others did.
  keepDraft(draft) {
    const place = `${draft.station} ${draft.candidate}`;
    const queued = this.#queued.get(place);
    if (queued) {
      queued.draft = draft;
      return queued.done;
    }
    const turn = { draft };
    turn.done = this.#inTurn(async () => {
      if (this.#queued.get(place) === turn) this.#queued.delete(place);
      const { station, candidate } = turn.draft;
      const row = await this.#row(await this.#nameOf(station, candidate), station, turn.draft);
      await this.#write(["drafts"], (drafts) => drafts.put(row));
    });
    this.#queued.set(place, turn);
    return turn.done;
  }

  dropDraft(station, candidate) {
    return this.#inTurn(async () => {
      const name = await this.#nameOf(station, candidate);
      await this.#write(["drafts"], (drafts) => drafts.delete(name));
    });
  }

  // The draft becomes a sheet in one step: there is never neither, and never both.
  handIn(sheet) {
    return this.#inTurn(async () => {
      const name = await this.#nameOf(sheet.station, sheet.candidate);
      const row = await this.#row(sheet.id, sheet.station, sheet);
      await this.#write(["drafts", "sheets"], (drafts, sheets) => {
        sheets.put(row);
        drafts.delete(name);
      });
    });
  }

  takeBack(sheet, draft) {
    return this.#inTurn(async () => {
      const row = await this.#row(await this.#nameOf(draft.station, draft.candidate), draft.station, draft);
      await this.#write(["drafts", "sheets"], (drafts, sheets) => {
        drafts.put(row);
        sheets.delete(sheet.id);
      });
    });
  }

  keepSheet(sheet) {
    return this.#inTurn(async () => {
      const row = await this.#row(sheet.id, sheet.station, sheet);
      await this.#write(["sheets"], (sheets) => sheets.put(row));
    });
  }

  // Only while it is still there: what was confirmed or taken back in the meantime does not come back. Says whether.
  changeSheet(sheet) {
    return this.#inTurn(async () => {
      const row = await this.#row(sheet.id, sheet.station, sheet);
      let there = false;
      await this.#write(["sheets"], (sheets) => {
        sheets.getKey(sheet.id).onsuccess = ({ target }) => {
          there = target.result !== undefined;
          if (there) sheets.put(row);
        };
      });
      return there;
    });
  }

  dropSheet(id) {
    return this.#inTurn(() => this.#write(["sheets"], (sheets) => sheets.delete(id)));
  }
}
