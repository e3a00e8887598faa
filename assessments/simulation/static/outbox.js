// Steps of a consultation on their way to the centre.
import { Outbox as Sending } from "../lms/js/outbox.js";

const MOST = 100;

const body = (steps) => ({ acts: steps.map(({ id, act, happened }) => ({ id, act, happened })) });

// tell(what): "changed", "away", "signed-out", "stranger", "stale", "ended" (an address)
export class Outbox extends Sending {
  constructor({ person, token, tell }) {
    const say = (what, detail) => tell(what === "refused" ? "ended" : what, detail);
    super({ store: `cases-${person}`, token, body, most: MOST, tell: say });
  }

  add(address, act, happened) {
    return super.add(address, { act, happened });
  }
}
