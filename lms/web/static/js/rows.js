// One row for each thing, told anew; a row that is there stays there, so that no tap falls between an old one and a new one.
export function keepRows(list, things, { key, draw, tell }) {
  const there = new Map([...list.children].map((row) => [row.dataset.key, row]));
  const rows = things.map((thing) => {
    const row = there.get(String(key(thing))) ?? draw(thing);
    row.dataset.key = key(thing);
    tell(row, thing);
    return row;
  });
  const same = rows.length === list.children.length && rows.every((row, at) => row === list.children[at]);
  if (!same) list.replaceChildren(...rows);
}
