// The time that is left by the centre's clock, counted on a clock that nobody can set.
export class TimeLeft {
  constructor(show, end) {
    Object.assign(this, { show, end, until: Infinity, last: -1 });
    setInterval(() => this.#tick(), 250);
  }

  // `remaining` milliseconds were left about when the answer was on its way: half of the journey is taken off.
  set(remaining, journey = 0) {
    this.until = performance.now() + remaining - journey / 2;
    this.ended = false;
    this.#tick();
  }

  // The clock stands still at this.
  hold(remaining) {
    this.until = Infinity;
    this.last = Math.max(0, Math.ceil(remaining / 1000));
    this.show(this.last);
  }

  get left() {
    return this.until - performance.now();
  }

  #tick() {
    if (this.until === Infinity) return;
    const seconds = Math.max(0, Math.ceil(this.left / 1000));
    if (seconds !== this.last) this.show(seconds);
    this.last = seconds;
    if (this.left <= 0 && !this.ended) {
      this.ended = true;
      this.end();
    }
  }
}

export function written(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
