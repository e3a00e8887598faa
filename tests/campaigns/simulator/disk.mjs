// The disk of one tablet: what was written whole stays, whatever becomes of the page. fake-indexeddb stands for the browser's.
import { IDBFactory } from "fake-indexeddb";

export class Disk {
  #factory = new IDBFactory();

  // `indexedDB` as one page sees it: transactions that a crash hits are as if they had never been begun.
  of(page) {
    const factory = this.#factory;
    return {
      open(...name) {
        page.mustLive();
        const request = factory.open(...name);
        const end = page.begins();
        request.addEventListener("success", () => {
          follow(request.result, page);
          end();
        });
        request.addEventListener("error", end);
        return request;
      },
      deleteDatabase: (name) => factory.deleteDatabase(name),
      databases: () => factory.databases(),
      cmp: (a, b) => factory.cmp(a, b),
    };
  }
}

function follow(database, page) {
  const begin = database.transaction;
  page.atCrash(() => database.close());
  database.transaction = (...wanted) => {
    page.mustLive();
    const transaction = begin.apply(database, wanted);
    const end = page.begins();
    const abort = () => {
      try {
        transaction.abort();
      } catch {
        // it was whole already
      }
    };
    const forget = page.atCrash(abort);
    transaction.addEventListener("complete", () => {
      forget();
      end();
      if (wanted[1] === "readwrite") page.written();
    });
    transaction.addEventListener("abort", () => {
      forget();
      end();
    });
    if (wanted[1] === "readwrite") page.writing();
    return transaction;
  };
}
