// From what the caller wrote to a configuration that is right by construction.

import { name, number, oneOf, onlyKnown, optionalFunction, fakeKey, record, refuse } from './check.js';
import { MINUTE } from './calendar.js';
import { realSleep } from './clock.js';
import { ALIASES, DEFAULT_MODELS, DEFAULT_WINDOW, LIMITS, MOCK_KEYS, NO_FAULTS, PROVIDERS, TIERS } from './defaults.js';
import { echo } from './echo.js';
import { KEY_STATES } from './keys.js';

/** @typedef {{ min: number, max: number }} Span milliseconds */

/**
 * @typedef {object} Config
 * @property {import('./project.js').ProjectConfig[]} projects
 * @property {Map<string, import('./keys.js').KeyState>} keys
 * @property {Map<string, string>} aliases
 * @property {Span} latency
 * @property {Span} chunkDelay
 * @property {typeof NO_FAULTS} faults
 * @property {string[]} overloadedModels
 * @property {boolean} countRefused
 * @property {(prompt: string, request: import('./echo.js').AnswerRequest) => string | Promise<string>} answer
 * @property {number} seed
 * @property {number} logSize
 * @property {() => number} now
 * @property {(ms: number, signal: AbortSignal | null) => Promise<void>} sleep
 */

/** @param {unknown} given @returns {Config} */
export function readOptions(given) {
  const options = record('options', given);
  onlyKnown('', options, OPTIONS);
  const aliases = readAliases(options.aliases);
  const now = optionalFunction('now', options.now, Date.now);
  // A given clock without a sleep moves only when its owner says so: waiting for it in real time would be wrong twice.
  const sleep = optionalFunction('sleep', options.sleep, options.now === undefined ? realSleep : async () => {});
  return {
    projects: readProjects(options, aliases),
    keys: readKeys(options.keys),
    aliases,
    latency: readSpan('latency', options.latency, { min: 40, max: 120 }),
    chunkDelay: readSpan('chunkDelay', options.chunkDelay, { min: 10, max: 30 }),
    faults: readFaults(options.faults),
    overloadedModels: list('overloadedModels', options.overloadedModels ?? []).map((each, i) => name(`overloadedModels[${i}]`, each)),
    countRefused: readBoolean('countRefused', options.countRefused, true),
    answer: /** @type {Config['answer']} */ (optionalFunction('answer', options.answer, echo)),
    seed: options.seed === undefined ? 1 : number('seed', options.seed),
    logSize: options.logSize === undefined ? 1000 : number('logSize', options.logSize, { min: 0, max: 1_000_000, integer: true }),
    now: /** @type {Config['now']} */ (now),
    sleep: /** @type {Config['sleep']} */ (sleep),
  };
}

/** @param {string} path @param {unknown} given @param {import('./defaults.js').ProviderName} provider @returns {import('./pool.js').Limits} */
export function readLimits(path, given, provider) {
  const limits = record(path, given);
  onlyKnown(path, limits, LIMITS[provider]);
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, number(`${path}.${key}`, value, { min: 0, integer: true })]));
}

const PROJECT_DEFAULTS = ['provider', 'tier', 'window', 'fixedOffset', 'minute', 'dayReset', 'dailyHint', 'models'];
const OPTIONS = [...PROJECT_DEFAULTS, 'projects', 'keys', 'aliases', 'latency', 'chunkDelay', 'faults', 'overloadedModels',
  'countRefused', 'answer', 'seed', 'logSize', 'now', 'sleep'];

/** @param {Record<string, unknown>} options @param {Map<string, string>} aliases @returns {Config['projects']} */
function readProjects(options, aliases) {
  const given = options.projects === undefined ? MOCK_KEYS.map((key) => ({ keys: [key] })) : list('projects', options.projects);
  if (given.length === 0) refuse('projects', 'at least one project', given);
  const ids = new Set();
  const owners = new Map();
  return given.map((each, index) => {
    const path = `projects[${index}]`;
    const project = record(path, each);
    onlyKnown(path, project, ['id', 'keys', ...PROJECT_DEFAULTS]);
    const id = project.id === undefined ? `project-${index + 1}` : name(`${path}.id`, project.id);
    if (ids.has(id)) refuse(`${path}.id`, 'an id that no other project has', id);
    ids.add(id);
    const keys = list(`${path}.keys`, project.keys).map((key, i) => fakeKey(`${path}.keys[${i}]`, key));
    for (const [i, key] of keys.entries()) {
      if (owners.has(key)) throw new TypeError(`${path}.keys[${i}]: expected a key of its own, got the one of ${owners.get(key)}; a key belongs to one project`);
      owners.set(key, `${path}.keys[${i}]`);
    }
    return { id, keys, ...readProjectDefaults(path, project, options, aliases) };
  });
}

/**
 * What a project may say for itself or take from the options.
 *
 * @param {string} path @param {Record<string, unknown>} project @param {Record<string, unknown>} options @param {Map<string, string>} aliases
 */
function readProjectDefaults(path, project, options, aliases) {
  /** @param {string} key */
  const pick = (key) => project[key] === undefined ? /** @type {const} */ ([key, options[key]]) : /** @type {const} */ ([`${path}.${key}`, project[key]]);
  const provider = oneOf(...pick('provider'), PROVIDERS, 'gemini');
  const tier = oneOf(...pick('tier'), TIERS, 'free');
  const [offsetPath, offset] = pick('fixedOffset');
  const [minutePath, minute] = pick('minute');
  const [modelsPath, models] = pick('models');
  return {
    provider, tier,
    models: readModels(modelsPath, models ?? DEFAULT_MODELS[provider], provider, aliases),
    names: Object.keys(Object(models ?? DEFAULT_MODELS[provider])).filter((model) => model !== '*'),
    window: oneOf(...pick('window'), /** @type {const} */ (['rolling', 'fixed', 'bucket']), DEFAULT_WINDOW[provider]),
    fixedOffset: offset === undefined ? 0 : number(offsetPath, offset, { integer: true }),
    minute: minute === undefined ? MINUTE : number(minutePath, minute, { min: 1, max: MINUTE, integer: true }),
    dayReset: oneOf(...pick('dayReset'), /** @type {const} */ (['utc', 'pacific']), 'utc'),
    // Free tiers were told 4 to 59 s on a daily refusal for over a year, paid ones the truth.
    dailyHint: oneOf(...pick('dailyHint'), /** @type {const} */ (['short', 'true']), tier === 'free' ? 'short' : 'true'),
  };
}

/** By resolved names. @param {string} path @param {unknown} given @param {import('./defaults.js').ProviderName} provider @param {Map<string, string>} aliases */
function readModels(path, given, provider, aliases) {
  const models = Object.entries(record(path, given));
  if (models.length === 0) refuse(path, 'at least one model (or "*" for any)', given);
  /** @type {Map<string, import('./pool.js').Limits>} */ const resolved = new Map();
  for (const [model, limits] of models) {
    const place = `${path}[${JSON.stringify(model)}]`;
    const meant = aliases.get(model) ?? model;
    if (resolved.has(meant)) throw new TypeError(`${place}: expected one entry for ${meant}, got a second under another name; both share one pool`);
    resolved.set(meant, readLimits(place, limits, provider));
  }
  return resolved;
}

/** @param {unknown} given */
function readAliases(given) {
  const aliases = Object.entries(record('aliases', given));
  const known = new Map(Object.entries(ALIASES));
  for (const [asked, resolved] of aliases) known.set(asked, name(`aliases[${JSON.stringify(asked)}]`, resolved));
  return known;
}

/** @param {unknown} given @returns {Config['keys']} */
function readKeys(given) {
  // Not the key but its place names the path: option names end up in logs.
  return new Map(Object.entries(record('keys', given)).map(([key, state], i) =>
    [fakeKey(`keys (name ${i + 1})`, key), oneOf(`keys (value ${i + 1})`, state, KEY_STATES)]));
}

/** @param {unknown} given */
function readFaults(given) {
  const faults = record('faults', given);
  onlyKnown('faults', faults, Object.keys(NO_FAULTS));
  for (const [key, chance] of Object.entries(faults)) if (chance !== undefined) number(`faults.${key}`, chance, { min: 0, max: 1 });
  return { ...NO_FAULTS, ...faults };
}

/** A number, or a least and a greatest. @param {string} path @param {unknown} given @param {Span} fallback @returns {Span} */
function readSpan(path, given, fallback) {
  if (given === undefined) return fallback;
  if (typeof given === 'number') return { min: number(path, given, MILLISECONDS), max: given };
  const { min, max, ...rest } = record(path, given);
  onlyKnown(path, rest, ['min', 'max']);
  const least = number(`${path}.min`, min, MILLISECONDS);
  return { min: least, max: number(`${path}.max`, max, { ...MILLISECONDS, min: least }) };
}

/** Timers take no more. */
const MILLISECONDS = { min: 0, max: 2_147_483_647 };

/** @param {string} path @param {unknown} given @returns {unknown[]} */
function list(path, given) {
  return Array.isArray(given) ? given : refuse(path, 'an array', given);
}

/** @param {string} path @param {unknown} given @param {boolean} fallback */
function readBoolean(path, given, fallback) {
  if (given === undefined) return fallback;
  return typeof given === 'boolean' ? given : refuse(path, 'true or false', given);
}
