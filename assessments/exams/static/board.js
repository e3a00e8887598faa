// The live board: the same page is asked for again, and its living parts are put in place of these. What is ticked stays
// ticked, the focus stays where it is, and what is being typed is not touched.
const EVERY = 10_000;

export default function board(frame) {
  const line = frame.querySelector(".board-line");
  const ticks = () => [...frame.querySelectorAll("input[name=candidate]")];

  const put = (page) => {
    const ticked = new Set(ticks().filter((box) => box.checked).map((box) => box.value));
    const focus = document.activeElement?.name ? document.activeElement : null;
    for (const part of frame.querySelectorAll("[data-live]")) {
      const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
      if (fresh) part.replaceChildren(...fresh.childNodes);
    }
    for (const box of ticks()) box.checked = ticked.has(box.value);
    if (focus && !focus.isConnected) {
      const same = [...frame.querySelectorAll(`[name="${focus.name}"]`)].find((one) => one.value === focus.value);
      same?.focus({ preventScroll: true });
    }
  };

  const again = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(frame.querySelector("form.filters").action + location.search, { signal: AbortSignal.timeout(EVERY) });
        if (!answer.ok) throw new Error(String(answer.status));
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (!page.getElementById(frame.id)) throw new Error("not the board");
        put(page);
        line.textContent = "";
      } catch {
        line.textContent = frame.dataset.away;
      }
    }
    setTimeout(again, EVERY);
  };

  // up and down go from box to box, so that a room is ticked without a mouse
  frame.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.name !== "candidate") return;
    const boxes = ticks();
    const next = boxes[boxes.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  setTimeout(again, EVERY);
}
