// The centre's clock as the tablet last heard it, right after the tablet slept, and the time a station has left.
//
// Nothing is counted in ticks: a moment is the wall clock now plus the last agreed offset. The steady clock, which nobody
// can set but which stops while the tablet sleeps, shows when somebody turned the wall clock back: then the steady one is
// believed. A leap forward may be sleep or may be somebody's hand; it is believed, and the times are the tablet's own until
// the centre has been heard again.
const LEAP = 2_000;

export class Clock {
  #offset = 0;
  #heard = false;
  #lastWall;
  #lastSteady;

  constructor({ wall = () => Date.now(), steady = () => globalThis.performance?.now() ?? Date.now() } = {}) {
    Object.assign(this, { wall, steady });
    this.#lastWall = wall();
    this.#lastSteady = steady();
  }

  // Agreed with the centre: its time, and the tablet's when it was said.
  agree(iso, at = this.wall()) {
    this.#watch();
    this.#offset = Date.parse(iso) - at;
    this.#heard = true;
  }

  // What was agreed before the browser was closed: better than nothing, but the tablet's own until the centre is heard.
  remember(offset) {
    if (!this.#heard && Number.isFinite(offset)) this.#offset = offset;
  }

  // Nobody answered: from now on times are the tablet's own.
  lose() {
    this.#heard = false;
  }

  get own() {
    this.#watch();
    return !this.#heard;
  }

  get offset() {
    this.#watch();
    return this.#offset;
  }

  // What the tablet's own clock says, right or wrong.
  device() {
    return this.wall();
  }

  // Whole milliseconds, whatever was agreed: numbers of sheets are made of them.
  now() {
    this.#watch();
    return Math.round(this.wall() + this.#offset);
  }

  // Compares the two clocks since the last look.
  #watch() {
    const wall = this.wall();
    const steady = this.steady();
    const leap = wall - this.#lastWall - (steady - this.#lastSteady);
    this.#lastWall = wall;
    this.#lastSteady = steady;
    if (Math.abs(leap) < LEAP) return;
    if (leap < 0) this.#offset -= leap;
    this.#heard = false;
  }
}

export function clocked(seconds) {
  const whole = Math.abs(Math.trunc(seconds));
  return `${Math.trunc(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
