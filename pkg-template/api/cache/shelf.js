// What is kept, for how long, and what goes when there is no room: the least lately used.

/** What an entry takes besides its texts and bytes. */
const OVERHEAD = 500;

export class Shelf {
  #most;
  #now;
  /** In the order of their last use: a Map keeps the order in which keys are set. */
  #entries = new Map();
  #bytes = 0;

  constructor({ maxEntries, maxBytes }, now) {
    this.#most = { entries: maxEntries, bytes: maxBytes };
    this.#now = now;
  }

  /** The most bytes that one entry may take: an eighth, so that one large answer does not drive out all others. */
  get largest() {
    return this.#most.bytes / 8;
  }

  /** What is kept under a key and is no older than `ttl`; using it makes it the latest. */
  get(key, ttl) {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (!this.#isFresh(entry, entry.ttl)) {
      this.#drop(key, entry);
      return undefined;
    }
    // Too old for this one is not too old for everybody.
    if (!this.#isFresh(entry, ttl)) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Keeps a value for so long. `size`: what it takes, in bytes, without its key. */
  put(key, value, size, ttl) {
    const old = this.#entries.get(key);
    if (old !== undefined) this.#drop(key, old);
    const bytes = size + bytesOf(key) + OVERHEAD;
    if (bytes > this.largest) return;
    this.#entries.set(key, { value, bytes, at: this.#now(), ttl });
    this.#bytes += bytes;
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= this.#most.entries && this.#bytes <= this.#most.bytes) break;
      this.#drop(oldest, entry);
    }
  }

  clear() {
    this.#entries.clear();
    this.#bytes = 0;
  }

  /** How much there is, of what still counts. */
  size() {
    for (const [key, entry] of this.#entries) if (!this.#isFresh(entry, entry.ttl)) this.#drop(key, entry);
    return { entries: this.#entries.size, maxEntries: this.#most.entries, bytes: this.#bytes, maxBytes: this.#most.bytes };
  }

  /** A clock that was put back makes nothing younger. */
  #isFresh({ at }, ttl) {
    const age = this.#now() - at;
    return age >= 0 && age < ttl;
  }

  #drop(key, { bytes }) {
    this.#entries.delete(key);
    this.#bytes -= bytes;
  }
}

/** Engines take one byte or two for a letter; which, nobody tells. */
export function bytesOf(text) {
  return text.length * 2;
}
