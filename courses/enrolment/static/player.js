// Films and sounds of a lesson: tells which stretches were played and where one is, and goes on where one stopped, on
// whatever device. A stretch is what ran without a jump; how long it took is measured on a clock nobody can set.
const PIECE = 15000;
const PLACE = 4000;
const JUMP = 1.5;

export default function player(frame, { tell, place }) {
  const films = [...frame.querySelectorAll("[data-media]")];
  for (const film of films) {
    watch(film, tell);
    write(film);
    // One film at a time: whoever starts another has left this one.
    film.addEventListener("play", () => films.forEach((other) => other !== film && other.pause()));
    if (place && String(place.media) === film.dataset.media) resume(film, place.at / 1000);
  }
}

// What is said, as text under the film: read from its captions once they are here.
function write(film) {
  const track = film.querySelector("track");
  const said = film.parentElement.querySelector("[data-said]");
  if (!track || !said) return;
  const show = () => {
    const lines = [...(track.track.cues ?? [])].map((cue) => {
      const line = document.createElement("li");
      const time = line.appendChild(document.createElement("time"));
      const at = Math.floor(cue.startTime);
      time.textContent = `${Math.floor(at / 60)}:${String(at % 60).padStart(2, "0")}`;
      line.appendChild(document.createElement("span")).textContent = cue.text;
      return line;
    });
    said.querySelector("ol").replaceChildren(...lines);
    said.hidden = !lines.length;
  };
  if (track.readyState === HTMLTrackElement.LOADED) show();
  else track.addEventListener("load", show, { once: true });
}

function resume(film, seconds) {
  const go = () => {
    if (film.ended || seconds < 1 || seconds > film.duration - 1) return;
    film.currentTime = seconds;
  };
  if (film.readyState >= HTMLMediaElement.HAVE_METADATA) go();
  else film.addEventListener("loadedmetadata", go, { once: true });
}

function watch(film, tell) {
  const media = Number(film.dataset.media);
  const now = () => Math.round(film.currentTime * 1000);
  let piece = null;
  let told = { at: -1, when: 0 };

  const begin = () => {
    piece = { from: now(), last: now(), took: 0, since: performance.now() };
  };
  // Called again and again while it plays: how far the stretch goes, and how long that took.
  const step = () => {
    const at = now();
    const passed = performance.now() - piece.since;
    const jumped = at < piece.last || at - piece.last > (passed * film.playbackRate + 500) * JUMP;
    piece.since = performance.now();
    if (jumped) return false;
    piece.took += passed;
    piece.last = at;
    return true;
  };
  const close = (last = false) => {
    if (!piece) return;
    const { from, last: to, took } = piece;
    piece = null;
    if (to > from && took >= 1) tell("watched", { media, from, to, took: Math.round(took) }, last);
  };
  const tellPlace = (last = false) => {
    const at = now();
    if (at === told.at) return;
    told = { at, when: performance.now() };
    tell("position", { media, at }, last);
  };

  // Noted when it is started: by the time that a slow phone hears of the first sound, a part of it is over.
  for (const start of ["play", "playing"]) film.addEventListener(start, () => piece ?? begin());
  film.addEventListener("timeupdate", () => {
    if (!piece || film.seeking) return;
    if (!step()) {
      close();
      begin();
    } else if (piece.took >= PIECE) {
      close();
      begin();
    }
    if (performance.now() - told.when >= PLACE) tellPlace();
  });
  film.addEventListener("seeking", () => close());
  film.addEventListener("seeked", () => {
    tellPlace();
    if (!film.paused && !film.ended) piece ?? begin();
  });
  for (const stop of ["pause", "ended", "waiting"])
    film.addEventListener(stop, () => {
      if (piece && !film.seeking) step();
      close();
      if (stop !== "waiting") tellPlace();
    });
  const leave = () => {
    if (piece) step();
    close(true);
    tellPlace(true);
    if (!film.paused) begin();
  };
  if (!film.paused && !film.ended) begin(); // it was started before this script was there
  addEventListener("pagehide", leave);
  addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
}
