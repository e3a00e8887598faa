// Asks how long work stands, more slowly as time goes by, and goes on when it is done.
const ENDED = new Set(["done", "failed"]);
// Whoever is just leaving for somewhere else is not called back: a page still here after so long was not left (a file came,
// or the way was given up).
const LEAVING = 15_000;

// An address that differs in its fragment alone would be scrolled to and not loaded.
const goOn = (next) => {
  const there = new URL(next, location.href);
  if (there.href.split("#")[0] !== location.href.split("#")[0]) return location.assign(next);
  location.hash = there.hash;
  return location.reload();
};

export default function job(frame) {
  const bar = frame.querySelector(".job-bar");
  const count = frame.querySelector(".job-count");
  const message = frame.querySelector(".job-message");
  let pause = 1000;
  let left = -LEAVING;
  addEventListener("beforeunload", () => (left = performance.now()));
  addEventListener("pageshow", () => (left = -LEAVING));

  const show = (stand) => {
    frame.className = `job job-${stand.state}`;
    frame.dataset.state = stand.state;
    if (stand.total) {
      bar.max = stand.total;
      bar.value = stand.done;
      count.textContent = `${stand.done} / ${stand.total}`;
    } else if (ENDED.has(stand.state)) {
      bar.max = 1;
      bar.value = stand.state === "done" ? 1 : 0;
    }
    if (stand.message) message.textContent = stand.message;
    if (stand.next) frame.querySelector(".job-next").href = stand.next;
  };

  const ask = async () => {
    try {
      const answer = await fetch(frame.dataset.address, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const stand = await answer.json();
      show(stand);
      const leaving = performance.now() - left < LEAVING;
      if (stand.state === "done" && stand.next && !leaving) goOn(stand.next);
      if (ENDED.has(stand.state) && !leaving) return;
    } catch {
      message.textContent = frame.dataset.away;
    }
    pause = Math.min(pause * 1.3, 8000);
    setTimeout(ask, pause);
  };
  if (!ENDED.has(frame.dataset.state)) setTimeout(ask, pause);
}
