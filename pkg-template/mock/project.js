// A project (an organisation, elsewhere): some keys that share one set of pools.

import { DAY, everyDay, everySpan } from './calendar.js';
import { Files } from './files.js';
import { Bucket, FixedWindow, RollingWindow } from './meters.js';
import { METERS, Pool } from './pool.js';
import { hash } from './random.js';

/**
 * @typedef {object} ProjectConfig
 * @property {string} id
 * @property {import('./defaults.js').ProviderName} provider
 * @property {import('./defaults.js').Tier} tier
 * @property {string[]} keys
 * @property {Map<string, import('./pool.js').Limits>} models by resolved name; `*` stands for every other model
 * @property {string[]} names of the models as the options spell them, for lists
 * @property {'rolling' | 'fixed' | 'bucket'} window
 * @property {number} fixedOffset
 * @property {number} minute milliseconds
 * @property {'utc' | 'pacific'} dayReset
 * @property {'short' | 'true'} dailyHint
 */

export class Project {
  files = new Files();
  #config;
  /** @type {Map<string, Pool>} */
  #pools = new Map();
  /** When everything was used up by hand: a model that is first asked for later finds it so. @type {Map<'minute' | 'day', number>} */
  #exhausted = new Map();

  /** @param {ProjectConfig} config @param {number} now */
  constructor(config, now) {
    this.#config = config;
    this.id = config.id;
    this.provider = config.provider;
    this.tier = config.tier;
    this.dailyHint = config.dailyHint;
    this.modelNames = config.names;
    /** Google's bodies name projects by a twelve-digit number. */
    this.number = String(100_000_000_000 + hash(config.id));
    for (const model of config.models.keys()) if (model !== '*') this.pool(model, now);
  }

  /** @param {string} model resolved @param {number} now @returns {Pool | null} null: the project does not know the model */
  pool(model, now) {
    const found = this.#pools.get(model);
    if (found) return found;
    const limits = this.#config.models.get(model) ?? this.#config.models.get('*');
    if (!limits) return null;
    const pool = new Pool(model, limits, (name) => this.#createMeter(name));
    for (const [window, at] of this.#exhausted) pool.exhaust(window, Math.min(at, now));
    this.#pools.set(model, pool);
    return pool;
  }

  /** @param {string} model resolved @param {import('./pool.js').Limits} limits @param {number} now */
  setLimits(model, limits, now) {
    this.#config.models.set(model, limits);
    if (model !== '*') /** @type {Pool} */ (this.pool(model, now)).limits = limits;
  }

  /** @param {'minute' | 'day'} window @param {string | null} model resolved; null: all @param {number} now @returns {boolean} whether there was a limit to use up */
  exhaust(window, model, now) {
    if (model !== null) return this.pool(model, now)?.exhaust(window, now) ?? false;
    this.#exhausted.set(window, now);
    const limited = this.pools().map((pool) => pool.exhaust(window, now));
    const wildcard = Object.keys(this.#config.models.get('*') ?? {});
    return limited.includes(true) || wildcard.some((name) => METERS[/** @type {import('./pool.js').MeterName} */ (name)].window === window);
  }

  /** Pools that exist so far: the models listed, and others once asked for. */
  pools() {
    return [...this.#pools.values()];
  }

  /** @param {import('./pool.js').MeterName} name */
  #createMeter(name) {
    const { provider, window, fixedOffset, minute, dayReset } = this.#config;
    if (METERS[name].window === 'minute') return meter(window, minute, fixedOffset);
    // Gemini's day is a calendar day whatever its minute is; elsewhere the day is just a longer window.
    return provider === 'gemini' ? new FixedWindow(Infinity, everyDay(dayReset)) : meter(window, DAY, fixedOffset);
  }
}

/** @param {ProjectConfig['window']} kind @param {number} span @param {number} offset */
function meter(kind, span, offset) {
  if (kind === 'rolling') return new RollingWindow(Infinity, span);
  return kind === 'fixed' ? new FixedWindow(Infinity, everySpan(span, offset)) : new Bucket(Infinity, span);
}
