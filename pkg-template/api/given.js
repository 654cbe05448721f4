// What callers gave, looked at where types of JavaScript matter. Everything that is data is the engine's to judge.
import { mistake } from './errors.js';

/** The options that are functions are looked at here; the rest is data, and the engine's to judge. */
export function checked(options) {
  if (options === null || typeof options !== 'object') throw mistake('options', `expected an object, got ${options === null ? 'null' : typeof options}`);
  for (const name of ['fetch', 'now', 'random']) {
    if (options[name] !== undefined && options[name] !== null && typeof options[name] !== 'function') {
      throw mistake(`options.${name}`, `expected a function, got ${typeof options[name]}`);
    }
  }
  return options;
}

/** Empty keys are dropped by the engine, which counts them: a mistake is told by its place in the caller's own array. */
export function listed(keys) {
  if (keys === null || typeof keys !== 'object') throw mistake('keys', `expected an array of keys or a keys file, got ${keys === null ? 'null' : typeof keys}`);
  return keys;
}

/** The glue takes whatever it gets for a string, and what is none for memory. */
export function text(path, value) {
  if (typeof value !== 'string') throw mistake(path, `expected a string, got ${described(value)}`);
  return value;
}

export function optional(path, value) {
  return value === undefined || value === null ? undefined : text(path, value);
}

export function described(value) {
  return typeof value === 'number' ? String(value) : value === null ? 'null' : typeof value;
}

/** A snapshot of the instance's own, and those of its fallbacks. */
export function apart(snapshot) {
  if (snapshot === null || typeof snapshot !== 'object' || snapshot.fallbacks === undefined || snapshot.fallbacks === null) return { own: snapshot };
  const { fallbacks, ...own } = snapshot;
  return { own, fallbacks };
}

/** How many of something to show: the engine remembers no more than a thousand. */
export function count(path, value) {
  if (!Number.isInteger(value) || value < 0) throw mistake(path, `expected a whole number from 0, got ${described(value)}`);
  return Math.min(value, 1000);
}
