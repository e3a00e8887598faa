// A table of squares by keyboard: arrows go from link to link, Home and End along a row. One square is a tab stop.
const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

export default function grid(table) {
  const rows = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("td a")]).filter((row) => row.length);
  const all = rows.flat();
  if (!all.length) return;
  for (const link of all) link.tabIndex = -1;
  all[0].tabIndex = 0;

  const go = (link) => {
    for (const one of all) one.tabIndex = -1;
    link.tabIndex = 0;
    link.focus();
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  table.addEventListener("focusin", (event) => {
    if (!all.includes(event.target)) return;
    for (const one of all) one.tabIndex = one === event.target ? 0 : -1;
  });

  table.addEventListener("keydown", (event) => {
    const at = rows.findIndex((row) => row.includes(event.target));
    if (at < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    const column = rows[at].indexOf(event.target);
    const step = STEPS[event.key];
    const ends = { Home: rows[at][0], End: rows[at][rows[at].length - 1] };
    const found = step ? rows[at + step[0]]?.[column + step[1]] : ends[event.key];
    if (!found) return;
    event.preventDefault();
    go(found);
  });
}
