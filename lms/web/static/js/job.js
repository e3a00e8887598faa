// Asks how long work stands, more slowly as time goes by, and goes on when it is done.
const ENDED = new Set(["done", "failed"]);

export default function job(frame) {
  const bar = frame.querySelector(".job-bar");
  const count = frame.querySelector(".job-count");
  const message = frame.querySelector(".job-message");
  let pause = 1000;

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
      if (stand.state === "done" && stand.next) location.assign(stand.next);
      if (ENDED.has(stand.state)) return;
    } catch {
      message.textContent = frame.dataset.away;
    }
    pause = Math.min(pause * 1.3, 8000);
    setTimeout(ask, pause);
  };
  if (!ENDED.has(frame.dataset.state)) setTimeout(ask, pause);
}
