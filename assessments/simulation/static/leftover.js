// On the list of cases: what an earlier page could not send is sent from here, and the line goes once it is.
import { Outbox } from "./outbox.js";

export default async function leftover(line) {
  const { person, csrf } = line.dataset;
  const outbox = new Outbox({
    person,
    token: csrf,
    tell: () => {
      line.hidden = !outbox.size;
    },
  });
  await outbox.restore();
  line.hidden = !outbox.size;
  addEventListener("online", () => outbox.send());
  outbox.send();
}
