// Before an exam begins: can this browser keep answers at all? If not, the button is not offered.
import { open } from "./store.js";

export default async function device(frame) {
  const button = frame.querySelector("button");
  button.disabled = true;
  try {
    const store = await open("probe");
    await store.setFlags("probe", [1, 2]);
    if ((await store.flags("probe")).length !== 2) throw new Error("nothing was kept");
    await navigator.storage?.persist?.();
    button.disabled = false;
  } catch {
    frame.querySelector(".device-wrong").hidden = false;
  }
}
