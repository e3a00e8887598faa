// On the assessor's list: what is begun or handed in on this device stands here with the way back to it, and what could
// not be sent is sent from here.
import { Desk } from "./outbox.js";

export default async function leftover(panel) {
  const { person, csrf, sheets, standing } = panel.dataset;
  const list = panel.querySelector("ul");
  const { begun, handed, refused, confirmed } = panel.dataset;
  const done = new Map();
  const paint = () => {
    const rows = [...desk.drafts.values()].map((draft) => [draft.page, draft.label, draft.handed ? handed : draft.refused === null ? begun : refused]);
    for (const [label, address] of done) rows.push([address, label, confirmed]);
    list.replaceChildren(...rows.map(row));
    panel.hidden = !rows.length;
  };
  const row = ([address, label, words]) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const state = document.createElement("span");
    item.className = "row-item";
    link.className = "row-link";
    link.href = address;
    link.textContent = label;
    state.className = "row-detail";
    state.textContent = words;
    item.append(link, state);
    return item;
  };
  const labels = new Map();
  const desk = new Desk({
    person: Number(person),
    csrf,
    places: { sheets, standing },
    tell: (what, detail) => {
      for (const draft of desk.drafts.values()) labels.set(draft.key, draft.label);
      if (what === "taken") done.set(labels.get(detail.key) ?? "", detail.address);
      paint();
    },
  });
  await desk.open();
  for (const draft of desk.drafts.values()) labels.set(draft.key, draft.label);
  paint();
}
