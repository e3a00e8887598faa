// The centre's clock as the tablet last heard it, and the time a station has left.
export class Clock {
  #offset = 0;
  #heard = false;

  // Agreed with the centre: its time, and the tablet's when it was said.
  agree(iso, at = Date.now()) {
    this.#offset = Date.parse(iso) - at;
    this.#heard = true;
  }

  // Nobody answered: from now on times are the tablet's own.
  lose() {
    this.#heard = false;
  }

  get own() {
    return !this.#heard;
  }

  now() {
    return Date.now() + this.#offset;
  }
}

export function clocked(seconds) {
  const whole = Math.abs(Math.trunc(seconds));
  return `${Math.trunc(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
