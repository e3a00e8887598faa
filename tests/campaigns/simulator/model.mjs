// What must hold, kept in the plainest words beside the product: what each examiner did on each tablet, and was told.
const sorted = (marks) => Object.fromEntries(Object.entries(marks ?? {}).sort());

// What an examiner means by a draft or a sheet.
export const content = (thing) => ({
  marks: sorted(thing.marks),
  rating: thing.rating ?? null,
  comment: thing.comment ?? "",
  supersedes: thing.supersedes ?? null,
  reason: thing.reason ?? "",
});
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

const NOTHING = { draft: null, sheet: null };

export class Model {
  handed = new Map(); // id → { tablet, examiner, candidate, … what it says }: on that tablet's disk from then on
  takenBack = new Set(); // ids that their examiner has made a draft of again
  problems = [];
  #places = new Map(); // tablet and candidate → what the disk may hold: one thing, or one of several after a crash

  constructor(network) {
    this.network = network;
  }

  wrong(tablet, words) {
    this.problems.push(`${tablet.name}: ${words}`);
  }

  // What is held here for a candidate: { draft, sheet } of which at most one is there.
  of(tablet, candidate) {
    return this.#may(tablet, candidate)[0];
  }

  #key = (tablet, candidate) => `${tablet.name} ${candidate}`;
  #may = (tablet, candidate) => this.#places.get(this.#key(tablet, candidate)) ?? [NOTHING];

  // Something is being done: each of these may be on the disk from now on, the last one when it is whole.
  begins(tablet, candidate, ...after) {
    this.#places.set(this.#key(tablet, candidate), [...this.#may(tablet, candidate), ...after]);
  }

  // The page is at rest: what it shows must be what was done, or after a crash one step of it.
  rests(tablet, candidate, { reopened }) {
    const seen = tablet.look(candidate);
    this.#shown(tablet, seen, candidate);
    const may = this.#may(tablet, candidate);
    const found = (reopened ? may : may.slice(-1)).findLast((one) => this.#fits(one, seen));
    if (!found) {
      if (!this.problems.length) this.wrong(tablet, `candidate ${candidate} shows ${JSON.stringify(seen)}, not one of ${JSON.stringify(may)}`);
      return;
    }
    this.#adopt(tablet, candidate, found, seen, may);
  }

  #fits({ draft, sheet }, seen) {
    if (!same(draft, seen.draft && content(seen.draft))) return false;
    if (!sheet) return !seen.waiting;
    if (!seen.waiting) return this.network.named.has(sheet.id);
    return same(sheet.says, content(seen.waiting.body)) && (!sheet.id || sheet.id === seen.waiting.id);
  }

  #adopt(tablet, candidate, found, seen, may) {
    const sheet = seen.waiting && { id: seen.waiting.id, says: content(seen.waiting.body), held: seen.waiting.held ?? null };
    if (sheet && !this.handed.has(sheet.id))
      this.handed.set(sheet.id, { tablet: tablet.name, examiner: tablet.examiner, candidate, ...sheet.says });
    for (const { sheet: before } of may) if (before?.id && !sheet && found.draft) this.takenBack.add(before.id);
    this.#places.set(this.#key(tablet, candidate), [{ draft: found.draft, sheet }]);
  }

  // What is shown as being at the centre was named by the centre, and says what was handed in.
  #shown(tablet, { state, confirmed, waiting }, candidate) {
    if (state === "confirmed" && !confirmed) this.wrong(tablet, `candidate ${candidate} is shown as at the centre without a sheet`);
    if (waiting && state === "confirmed") this.wrong(tablet, `sheet ${waiting.id} is shown as at the centre and waits here`);
    if (!confirmed) return;
    const { id } = confirmed;
    if (!this.network.named.has(id)) this.wrong(tablet, `sheet ${id} is shown as at the centre, which never named it`);
    const handed = this.handed.get(id);
    const says = (sheet) => [sorted(sheet.marks), sheet.rating, sheet.comment];
    if (!handed) this.wrong(tablet, `sheet ${id} is shown, and nobody handed it in`);
    else if (!same(says(handed), says(confirmed))) this.wrong(tablet, `sheet ${id} shows something else than was handed in`);
  }
}
