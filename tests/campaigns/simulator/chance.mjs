// One seed, one order of things: every choice of a schedule is drawn here (mulberry32).
export class Chance {
  #state;

  constructor(seed) {
    this.#state = Math.imul(seed >>> 0, 0x9e3779b1) >>> 0;
    for (let n = 0; n < 8; n++) this.next();
  }

  // From 0 up to but not 1.
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(number) {
    return Math.floor(this.next() * number);
  }

  happens(often) {
    return this.next() < often;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  // [[weight, thing], …]
  weighted(pairs) {
    let left = this.next() * pairs.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, thing] of pairs) if ((left -= weight) < 0) return thing;
    return pairs.at(-1)[1];
  }
}
