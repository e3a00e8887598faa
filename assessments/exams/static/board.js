// The live board: the same page is asked for again, and its board put in place of this one.
const EVERY = 10_000;

export default function board(frame) {
  const again = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { signal: AbortSignal.timeout(EVERY) });
        if (!answer.ok) throw new Error(String(answer.status));
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(frame.id);
        if (!fresh) throw new Error("not the board");
        frame.replaceChildren(...fresh.childNodes);
      } catch {
        frame.querySelector(".board-line").textContent = frame.dataset.away;
      }
    }
    setTimeout(again, EVERY);
  };
  setTimeout(again, EVERY);
}
