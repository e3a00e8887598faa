// On the first page of self-tests: what an earlier page could not send is sent from here, and the line goes once it is.
import { outboxOf } from "./outbox.js";

export default async function leftover(line) {
  const { person, csrf } = line.dataset;
  const outbox = outboxOf({
    person,
    csrf,
    tell: () => {
      line.hidden = !outbox.size;
    },
  });
  await outbox.restore();
  line.hidden = !outbox.size;
  addEventListener("online", () => outbox.send());
  outbox.send();
}
