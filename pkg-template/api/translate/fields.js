// One object of a request: its known fields, and where it stands. What is not of the right kind is lost.
import { below, isRecord } from './records.js';

export class Fields {
  #losses;

  /** @param {import('./losses.js').Losses} losses @param {Record<string, unknown>} of the fields as they came */
  constructor(losses, path, of) {
    this.#losses = losses;
    this.path = path;
    this.of = of;
  }

  /** @param {string} [name] of a field, else it is the object itself @returns {undefined} */
  lose(name, why) {
    this.#losses.lose(name === undefined ? this.path : below(this.path, name), why);
  }

  leave(name, why) {
    this.#losses.leave(name === undefined ? this.path : below(this.path, name), why);
  }

  text(name) {
    return this.#kind(name, (value) => typeof value === 'string', 'text');
  }

  record(name) {
    return this.#kind(name, isRecord, 'an object');
  }

  list(name) {
    return this.#kind(name, Array.isArray, 'a list') ?? [];
  }

  /** Google's JSON may write numbers as text. */
  number(name) {
    const value = this.of[name];
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return value === undefined || Number.isFinite(number) ? number : this.lose(name, 'expected a number');
  }

  /** One of these values. @param {{ has(value: unknown): boolean }} values */
  only(name, values, why) {
    const value = this.of[name];
    return value === undefined || values.has(value) ? value : this.lose(name, why);
  }

  /** Objects in a list. */
  each(name, known, work, why, idle) {
    return this.list(name).map((value, n) => work(this.#losses.read(value, `${below(this.path, name)}[${n}]`, known, why, idle)));
  }

  /** An object in it; one without fields where there is none. */
  inside(name, known, why, idle) {
    return this.#losses.read(this.of[name], below(this.path, name), known, why, idle);
  }

  /** An object whose names are the caller's own: none is unknown, and none is written otherwise. */
  map(name) {
    return new Fields(this.#losses, below(this.path, name), this.record(name) ?? {});
  }

  #kind(name, is, what) {
    const value = this.of[name];
    return value === undefined || is(value) ? value : this.lose(name, `expected ${what}`);
  }
}
