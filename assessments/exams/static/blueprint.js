// The table of cells: what each candidate comes to, said while one types; too much for the bank is said beside it.
export default function blueprint(box) {
  const rows = [...box.querySelectorAll("tbody tr")];
  const total = box.querySelector(".cells-total");
  const way = () => box.querySelector("[name=way]:checked")?.value ?? "same";
  // full-width digits are digits too
  const whole = (input) => {
    const text = input.value.normalize("NFKC").trim();
    return text === "" ? null : /^\d+$/.test(text) ? Number(text) : NaN;
  };
  const say = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  const count = () => {
    const forms = way() === "forms" ? whole(box.querySelector("[name=forms]")) || 1 : 1;
    const sum = { count: 0, points: 0, pool: 0, all: 0 };
    for (const row of rows) {
      const [each, pool, points] = ["count", "pool", "points"].map((name) => whole(row.querySelector(`[name=${name}]`)));
      const there = Number(row.dataset.there);
      const need = !each ? each ?? 0 : way() === "draw" ? Math.max(pool ?? there, each) : each * forms;
      const short = row.querySelector(".cell-short");
      const wrong = Number.isNaN(need) || Number.isNaN(points) || need > there;
      row.classList.toggle("cell-wrong", wrong);
      short.hidden = !(need > there);
      short.textContent = say(box.dataset.short, { need });
      sum.all += there;
      if (each) {
        sum.count += each;
        sum.points += each * (points ?? 0);
        sum.pool += need;
      }
    }
    box.classList.toggle("is-draw", way() === "draw");
    box.classList.toggle("is-forms", way() === "forms");
    const known = Number.isFinite(sum.count + sum.points + sum.pool);
    const words = sum.count ? [say(box.dataset.total, sum)] : [say(box.dataset.all, { count: sum.all })];
    if (sum.pool > sum.count) words.push(say(box.dataset.pool, sum));
    total.textContent = known ? words.join(" · ") : "";
  };

  box.classList.add("is-live");
  box.addEventListener("input", count);
  count();
}
