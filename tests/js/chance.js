// Chance that can be had again: a small generator of its own, and runs whose seed is known when one fails.

/** Runs this many times, each with a generator of its own. `SEED` in the environment runs that one alone. */
export function chance(runs, work) {
  const only = process.env.SEED;
  if (only !== undefined) return work(new Chance(Number(only)), Number(only));
  for (let seed = 1; seed <= runs; seed += 1) {
    try {
      work(new Chance(seed), seed);
    } catch (error) {
      error.message = `with SEED=${seed}: ${error.message}`;
      throw error;
    }
  }
}

export class Chance {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** [0, 1), by mulberry32. */
  next() {
    this.#state = (this.#state + 0x6D2B79F5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0, below this. */
  below(limit) {
    return Math.floor(this.next() * limit);
  }

  one(list) {
    return list[this.below(list.length)];
  }

  maybe(probability, make) {
    return this.next() < probability ? make() : undefined;
  }

  /** A list of this many at most. */
  some(most, make) {
    return Array.from({ length: this.below(most + 1) }, (_, at) => make(at));
  }
}
