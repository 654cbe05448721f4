// The moves from one key to another that are remembered, and how often each key was left.

const MOST = 1_000;

export class Moves {
  /** Oldest first, each with a number of its own: two may have the same instant. */
  #list = [];
  #next = 0;
  #left = new Map();

  /** One more. */
  add(move) {
    this.#list.push({ ...move, number: this.#next++ });
    this.#count(move.from, 1);
    if (this.#list.length > MOST) this.#count(this.#list.shift().from, -1);
  }

  /** A list from elsewhere, newest first: those of it that are not known yet. It may overlap with what is. */
  merge(newestFirst) {
    const fresh = [];
    const known = this.#list.at(-1);
    for (const move of newestFirst) {
      if (known !== undefined && (move.at < known.at || same(move, known))) break;
      fresh.push(move);
    }
    for (const move of fresh.reverse()) this.add(move);
  }

  /** The last so many, newest first. */
  latest(count) {
    return this.#list.slice(-count).reverse();
  }

  /** How often work moved away from a key, as far as is remembered. */
  leaving(key) {
    return this.#left.get(key) ?? 0;
  }

  get total() {
    return this.#list.length;
  }

  #count(key, by) {
    this.#left.set(key, (this.#left.get(key) ?? 0) + by);
  }
}

function same(one, other) {
  return one.at === other.at && one.from === other.from && one.to === other.to && one.reason === other.reason;
}
