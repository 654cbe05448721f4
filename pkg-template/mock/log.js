// The last things that happened, oldest first, and no more of them than asked for.

/**
 * @typedef {object} LogEntry
 * @property {number} at instant of arrival, milliseconds since the epoch
 * @property {string | null} key the key's id (`key-1`), never the key; null: none, or one this mock does not know
 * @property {import('./defaults.js').ProviderName} provider
 * @property {string | null} project
 * @property {string | null} model as asked for
 * @property {number | null} status null: the connection failed
 * @property {string} reason `ok`, the limit that refused (`rpm`, `tpm`, `rpd`, `tpd`, `otpm`, `limit-zero`), `key-invalid` and its like, `overloaded`, …
 */

export class Log {
  #size;
  /** @type {LogEntry[]} */
  #entries = [];

  /** @param {number} size */
  constructor(size) {
    this.#size = size;
  }

  /** @param {LogEntry} entry */
  add(entry) {
    this.#entries.push(Object.freeze(entry));
    // In batches: moving the whole array for every entry would be quadratic.
    if (this.#entries.length > this.#size * 2) this.#entries.splice(0, this.#entries.length - this.#size);
  }

  /** A copy. */
  entries() {
    return this.#size === 0 ? [] : this.#entries.slice(-this.#size);
  }
}
