// Moves the line that says "now" down the grid as time goes on; the server set it first.
export default function timetable(table) {
  if (table.dataset.now === undefined) return;
  const minutes = Number(table.dataset.minutes);
  const first = Number(table.dataset.now);
  const since = performance.now();
  const rows = [...table.querySelectorAll("tr[data-begins]")];
  setInterval(() => {
    const now = first + Math.floor((performance.now() - since) / 60000);
    for (const row of rows) {
      const begins = Number(row.dataset.begins);
      const here = begins <= now && now < begins + minutes;
      row.classList.toggle("is-now", here);
      row.querySelector(".now-word").hidden = !here;
    }
  }, 15000);
}
