// Says of each of one's courses whether it lies on this device, and how much it takes there.
import { account, openKept, sized } from "./kept.js";

export default async function here(list) {
  const { account: person } = list.dataset;
  if (account() !== person) return;
  for (const { code, bytes } of await (await openKept(person)).courses()) {
    const line = list.querySelector(`[data-here="${code}"]`);
    if (!line) continue;
    line.querySelector("span:last-child").textContent = sized(bytes);
    line.hidden = false;
  }
}
