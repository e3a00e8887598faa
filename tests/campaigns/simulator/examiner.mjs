// What an examiner does next with a candidate, judging by what the tablet shows; every act is told to the model.
import { content } from "./model.mjs";

export class Examiner {
  // opinions: [{ marks, rating }, …] · both examiners choose among the same few, so that some agree
  constructor(model, chance, opinions) {
    Object.assign(this, { model, chance, opinions, written: 0 });
  }

  // One act fit for how the candidate stands, with the words for the log; nothing where there is nothing to do.
  next(tablet, candidate) {
    const { state, draft, waiting } = tablet.look(candidate);
    if (state === "new") return this.chance.happens(0.4) ? this.begin(tablet, candidate) : this.mark(tablet, candidate);
    if (state === "draft") return this.#whole(draft) && this.chance.happens(0.85) ? this.handIn(tablet, candidate) : this.mark(tablet, candidate);
    if (state === "confirmed") return this.chance.happens(0.35) ? this.correct(tablet, candidate) : null;
    if (state === "held") return waiting.held.retry && this.chance.happens(0.7) ? this.resend(tablet, candidate) : this.takeBack(tablet, candidate);
    return null;
  }

  // What must be done so that nothing is left lying on the tablet.
  finish(tablet, candidate) {
    const { state, draft, waiting } = tablet.look(candidate);
    if (state === "draft") return this.#whole(draft) ? this.handIn(tablet, candidate) : this.mark(tablet, candidate);
    if (state === "held") return waiting.held.retry ? this.resend(tablet, candidate) : this.takeBack(tablet, candidate);
    return null;
  }

  #whole(draft) {
    const items = Object.keys(this.opinions[0].marks);
    return items.every((item) => item in draft.marks) && draft.rating && draft.comment && (!draft.supersedes || draft.reason);
  }

  begin(tablet, candidate) {
    const { marks } = this.chance.pick(this.opinions);
    const [item] = Object.keys(marks);
    this.#change(tablet, candidate, [(draft) => (draft.marks[item] = marks[item])]);
    return "begins to mark";
  }

  // Several taps, each on its way to the disk before the one before it has arrived.
  mark(tablet, candidate) {
    const which = this.chance.weighted([[6, 0], [2, 1], [2, 2]]);
    const { marks, rating } = this.opinions[which];
    const words = `${tablet.name}${++this.written}`;
    this.#change(tablet, candidate, [
      (draft) => Object.assign(draft.marks, marks),
      (draft) => (draft.rating = rating),
      (draft) => {
        draft.comment = words;
        if (draft.supersedes) draft.reason = `reason ${words}`;
      },
    ]);
    return `marks (opinion ${which}, “${words}”)`;
  }

  #change(tablet, candidate, taps) {
    const draft = { marks: {}, ...structuredClone(this.model.of(tablet, candidate).draft ?? {}) };
    const steps = taps.map((tap) => {
      tap(draft);
      return { draft: content(draft), sheet: null };
    });
    this.model.begins(tablet, candidate, ...steps);
    for (const tap of taps) tablet.act(() => tablet.desk.change(candidate, tap));
  }

  handIn(tablet, candidate) {
    const { draft } = this.model.of(tablet, candidate);
    this.model.begins(tablet, candidate, { draft: null, sheet: { id: null, says: draft } });
    tablet.act(() => tablet.desk.handIn(candidate));
    return "hands in";
  }

  correct(tablet, candidate) {
    const { id, marks, rating, comment } = tablet.look(candidate).confirmed;
    this.model.begins(tablet, candidate, { draft: content({ marks, rating, comment, supersedes: id }), sheet: null });
    tablet.act(() => tablet.desk.correct(candidate));
    return "corrects";
  }

  takeBack(tablet, candidate) {
    const { body, held } = tablet.look(candidate).waiting;
    const draft = content({ ...body, supersedes: held.standing || body.supersedes });
    this.model.begins(tablet, candidate, { draft, sheet: null });
    tablet.act(() => tablet.desk.takeBack(candidate));
    return "takes back";
  }

  resend(tablet, candidate) {
    tablet.act(() => tablet.desk.resend(candidate));
    return "sends again";
  }
}
