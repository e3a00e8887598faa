// After the end: what this device still holds is sent all the same; the centre keeps it for an officer to decide.
import { Outbox } from "./outbox.js";
import { open } from "./store.js";

export default async function leftover(frame) {
  const { attempt, address, csrf, receipt, person } = frame.dataset;
  const show = () => {
    frame.hidden = !outbox.size;
  };
  const outbox = new Outbox({ attempt, address, receipt, store: await open(person), tell: show });
  await outbox.restore();
  show();
  outbox.resume(csrf);
}
