// What goes wrong, and when: by a script, by a model's overload, or by chance.

import { isRecord, number, onlyKnown, refuse } from './check.js';
import { createRandom } from './random.js';

/**
 * @typedef {object} Step one entry of a script, for one request
 * @property {true} [ok] nothing is forced: the request meets its quota as usual
 * @property {number} [status] refused with this status, in the provider's words, before its key and quota are looked at
 * @property {string | object} [body] instead of the provider's words
 * @property {Record<string, string>} [headers] beside the usual ones
 * @property {true} [connection] no answer: `fetch` rejects
 * @property {number} [cut] an answer whose connection breaks after so many pieces
 * @property {number} [streamError] a stream that ends, under status 200, in an error after so many pieces
 * @property {number} [delay] milliseconds on top of the latency
 */

export class Faults {
  #chances;
  #random;
  /** @type {Step[]} */
  #script = [];
  /** @type {Map<string, { count: number, until: number }>} */
  #overloads;

  /** @param {import('./options.js').Config} config */
  constructor({ faults, overloadedModels, seed }) {
    this.#chances = faults;
    this.#random = createRandom(seed, 'faults');
    this.#overloads = new Map(overloadedModels.map((model) => [model, { count: Infinity, until: Infinity }]));
  }

  /** @param {unknown} steps */
  addScript(steps) {
    if (!Array.isArray(steps)) refuse('script', 'an array of steps', steps);
    this.#script.push(.../** @type {unknown[]} */ (steps).map(readStep));
  }

  /** @returns {Step} */
  nextStep() {
    return this.#script.shift() ?? {};
  }

  /** @param {keyof import('./options.js').Config['faults']} kind */
  strikes(kind) {
    const chance = this.#chances[kind];
    return chance > 0 && this.#random() < chance;
  }

  /** @param {string} model @param {{ count?: number, until?: number }} [limit] */
  overload(model, { count = Infinity, until = Infinity } = {}) {
    this.#overloads.set(model, { count: number('overload count', count, { min: 1, integer: true }), until: number('overload until', until) });
  }

  /** @param {string} model */
  recover(model) {
    return this.#overloads.delete(model);
  }

  /** Without using up a count. @param {number} now */
  overloadedModels(now) {
    return [...this.#overloads].filter(([, { until }]) => now < until).map(([model]) => model);
  }

  /** Whether this call meets an overloaded model. @param {string[]} names of the model: as asked for, and resolved @param {number} now */
  meetsOverload(names, now) {
    for (const name of names) {
      const overload = this.#overloads.get(name);
      if (!overload) continue;
      if (now >= overload.until || --overload.count <= 0) this.#overloads.delete(name);
      if (now < overload.until) return true;
    }
    return false;
  }
}

const STEP = ['ok', 'status', 'body', 'headers', 'connection', 'cut', 'streamError', 'delay'];

/** @param {unknown} step @param {number} index @returns {Step} */
function readStep(step, index) {
  const path = `script[${index}]`;
  if (!isRecord(step)) return refuse(path, 'an object', step);
  onlyKnown(path, step, STEP);
  if (Object.keys(step).length === 0) refuse(path, 'a step that says something ({ ok: true } for none)', step);
  if (step.status !== undefined) number(`${path}.status`, step.status, { min: 200, max: 599, integer: true });
  if (Number(step.status) < 400 && step.body === undefined) refuse(`${path}.body`, 'a body for a status that is no error', undefined);
  for (const count of ['cut', 'streamError']) if (step[count] !== undefined) number(`${path}.${count}`, step[count], { min: 0, integer: true });
  if (step.delay !== undefined) number(`${path}.delay`, step.delay, { min: 0, max: 2_147_483_647 });
  if (step.headers !== undefined && !isRecord(step.headers)) refuse(`${path}.headers`, 'an object', step.headers);
  return /** @type {Step} */ (step);
}
