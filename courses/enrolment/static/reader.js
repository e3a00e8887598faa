// The page one reads: keeps one's place, checks answers, tells the centre; without network it keeps all of it on this
// device, under the account's own name, and sends it later. What is sent twice counts once: every event has its id.
import { uuid7 } from "../lms/js/ids.js";

const EVERY = 8000;
const OLDEST = 90 * 86400;
const PER_REQUEST = 100;

export default function reader(frame) {
  const said = frame.dataset;
  const store = `lesson-events:${said.account}`;
  const kept = document.querySelector("[data-kept]");
  const tried = { pause: 2000, timer: 0, busy: false, again: false };

  // ---- what waits to be sent --------------------------------------------------------------------------------
  let memory = [];
  const waiting = () => {
    try {
      return JSON.parse(localStorage.getItem(store)) ?? [];
    } catch {
      return memory;
    }
  };
  const keep = (events) => {
    memory = events;
    try {
      if (events.length) localStorage.setItem(store, JSON.stringify(events));
      else localStorage.removeItem(store);
    } catch {
      // A full or forbidden store: the page itself still holds them.
    }
  };
  const show = (state) => {
    kept.dataset.state = state;
    kept.querySelector("[data-words]").textContent = { saved: said.saysSaved, waiting: said.saysWaiting, "sign-in": said.saysSignIn }[state];
  };

  function tell(kind, more = {}, last = false) {
    keep([...waiting(), { address: said.address, lesson: said.lesson, made: Date.now(), event: { id: uuid7(), kind, ...more } }]);
    send(last);
  }

  async function send(last = false) {
    if (tried.busy && !last) {
      tried.again = true;
      return;
    }
    const all = waiting();
    if (!all.length) return show("saved");
    show("waiting");
    tried.busy = true;
    clearTimeout(tried.timer);
    const { address } = all[0];
    const batch = all.filter((one) => one.address === address).slice(0, PER_REQUEST);
    try {
      const answer = await fetch(address, {
        method: "POST",
        keepalive: last,
        redirect: "error",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": said.token },
        body: JSON.stringify({ events: batch.map((one) => ({ ...one.event, ago: age(one.made) })) }),
      });
      if (answer.status === 401) return show("sign-in");
      // The lesson is gone or the event is not one: it would stand in the way of all others for ever.
      const refused = [404, 410, 422].includes(answer.status);
      if (!answer.ok && !refused) throw new Error(String(answer.status));
      const body = refused ? { acknowledged: batch.map((one) => one.event.id) } : await answer.json();
      if (!Array.isArray(body.acknowledged)) throw new Error("not our centre's answer");
      const gone = new Set(body.acknowledged);
      keep(waiting().filter((one) => !gone.has(one.event.id)));
      if (body.stand && address === said.address) stand(body.stand);
      tried.pause = 2000;
      if (waiting().length) tried.timer = setTimeout(send, gone.size ? 0 : tried.pause);
      else show("saved");
    } catch {
      tried.pause = Math.min(tried.pause * 2, 60000);
      tried.timer = setTimeout(send, tried.pause * (0.5 + Math.random()));
    } finally {
      tried.busy = false;
      if (tried.again) {
        tried.again = false;
        send();
      }
    }
  }

  // ---- how far one is ---------------------------------------------------------------------------------------
  let counts = 0;
  function stand(now) {
    const met = { end: now.reached_end, check: now.check_passed, time: now.wait === 0 };
    for (const [name, yes] of Object.entries(met)) {
      const want = frame.querySelector(`[data-want="${name}"]`);
      want.querySelector("[data-met]").hidden = !yes;
      want.querySelector("[data-unmet]").hidden = yes;
    }
    frame.querySelector("[data-complete]").hidden = !now.complete;
    frame.querySelector("[data-credit]").hidden = !now.minutes;
    frame.querySelector("[data-minutes]").textContent = now.minutes;
    const next = frame.querySelector("[data-next]");
    next.classList.toggle("btn-primary", now.complete);
    next.classList.toggle("btn-outline-primary", !now.complete);
    clearTimeout(counts);
    // When only the time is missing, say so to the centre once it has passed.
    if (!now.complete && met.end && met.check && !met.time) counts = setTimeout(() => tell("position", { anchor: here() }), now.wait * 1000 + 500);
  }

  // ---- one's place ------------------------------------------------------------------------------------------
  const blocks = [...frame.querySelectorAll(".lesson-text > [id]")];
  const here = () => blocks.find((block) => block.getBoundingClientRect().bottom > 96)?.id ?? blocks.at(-1)?.id ?? "";
  let place = said.anchor;
  const keepPlace = (last = false) => {
    const now = here();
    if (now && now !== place) {
      place = now;
      tell("position", { anchor: now }, last);
    }
  };
  const onlyHere = waiting().filter((one) => one.lesson === said.lesson && one.event.kind === "position");
  const resume = onlyHere.at(-1)?.event.anchor || said.anchor;
  const target = resume && resume !== blocks[0]?.id ? document.getElementById(resume) : null;
  if (target && !location.hash) {
    target.scrollIntoView({ block: "start", behavior: "instant" });
    frame.querySelector("[data-resumed]").hidden = false;
    place = resume;
  }
  let scrolled = 0;
  addEventListener("scroll", () => { scrolled ||= setTimeout(() => { scrolled = 0; keepPlace(); }, EVERY); }, { passive: true });
  addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keepPlace(true));
  addEventListener("online", () => send());

  let ended = false;
  new IntersectionObserver((seen, watcher) => {
    if (ended || !seen.some((one) => one.isIntersecting)) return;
    ended = true;
    watcher.disconnect();
    tell("finished");
  }).observe(frame.querySelector("[data-end]"));

  // ---- the self-check ---------------------------------------------------------------------------------------
  for (const question of frame.querySelectorAll("[data-question]")) {
    const verdict = question.querySelector("[data-verdict]");
    const explanation = question.querySelector("[data-explanation]");
    question.querySelector("[data-answer]").addEventListener("click", () => {
      const chosen = [...question.querySelectorAll("input:checked")].map((input) => Number(input.value));
      const right = question.dataset.right.split(",").map(Number);
      const good = chosen.length === right.length && right.every((n) => chosen.includes(n));
      verdict.hidden = false;
      verdict.className = good ? "answer-says answer-right" : "answer-says";
      verdict.textContent = !chosen.length ? said.saysChoose : good ? said.saysRight : said.saysWrong;
      explanation.hidden = !good;
      if (!chosen.length) return;
      if (good) question.querySelector("[data-right-once]").hidden = false;
      tell("self_check", { question: Number(question.dataset.question), chosen });
    });
  }

  tell("opened");
}

const age = (made) => Math.min(Math.max((Date.now() - made) / 1000, 0), OLDEST);
