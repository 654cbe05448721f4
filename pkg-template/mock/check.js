// Checks that say where, what was expected and what came. They never print what may be a key.

/** @param {string} path @param {string} expected @param {unknown} value @returns {never} */
export function refuse(path, expected, value) {
  throw new TypeError(`${path}: expected ${expected}, got ${describe(value)}`);
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A plain object, or what `fallback` says for undefined. @param {string} path @param {unknown} value @returns {Record<string, unknown>} */
export function record(path, value, fallback = {}) {
  if (value === undefined) return fallback;
  return isRecord(value) ? value : refuse(path, 'an object', value);
}

/** Refuses names that do nothing. @param {string} path @param {object} value @param {readonly string[]} names */
export function onlyKnown(path, value, names) {
  for (const name of Object.keys(value)) {
    if (names.includes(name)) continue;
    throw new TypeError(`${path ? `${path}.` : ''}${name}: unknown option; expected one of ${names.join(', ')}`);
  }
}

/** @param {string} path @param {unknown} value @param {{ min?: number, max?: number, integer?: boolean }} [range] @returns {number} */
export function number(path, value, { min = -Infinity, max = Infinity, integer = false } = {}) {
  if (typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value) || value === Infinity)) return value;
  const bounds = [min > -Infinity ? `from ${min}` : '', max < Infinity ? `up to ${max}` : ''].filter(Boolean).join(' ');
  return refuse(path, `${integer ? 'a whole number' : 'a number'}${bounds ? ` ${bounds}` : ''}`, value);
}

/** @template {string} T @param {string} path @param {unknown} value @param {readonly T[]} list @param {T} [fallback] @returns {T} */
export function oneOf(path, value, list, fallback) {
  if (value === undefined && fallback !== undefined) return fallback;
  return list.includes(/** @type {T} */ (value)) ? /** @type {T} */ (value) : refuse(path, `one of ${list.join(', ')}`, value);
}

/** @param {string} path @param {unknown} value @returns {string} */
export function name(path, value) {
  return typeof value === 'string' && value !== '' ? value : refuse(path, 'a text that is not empty', value);
}

/** A key of the mock. The value is never printed. @param {string} path @param {unknown} value @returns {string} */
export function fakeKey(path, value) {
  if (typeof value !== 'string' || value === '') return refuse(path, 'a key (a text that is not empty)', value);
  if (REAL_KEYS.some((form) => form.test(value))) {
    throw new TypeError(`${path}: expected a made-up key, got one in the form of a real key; some answers repeat keys, so give the mock none of worth`);
  }
  return value;
}

/** @param {string} path @param {unknown} value @param {Function} fallback */
export function optionalFunction(path, value, fallback) {
  if (value === undefined) return fallback;
  return typeof value === 'function' ? value : refuse(path, 'a function', value);
}

/** A count in a request: what is no positive whole number was not said. @param {unknown} value @returns {number | null} */
export function countOrNull(value) {
  return Number.isInteger(value) && Number(value) > 0 ? Number(value) : null;
}

/** What may come alone or in a list. @param {any} value @returns {any[]} */
export function asList(value) {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

const REAL_KEYS = [/AIza[0-9A-Za-z_-]{35}/, /^AQ\.[0-9A-Za-z_-]{30,}/, /^gsk_[0-9A-Za-z]{40,}/, /^sk-[0-9A-Za-z_-]{40,}/];

/** @param {unknown} value */
function describe(value) {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'string') return value.length > 40 ? `a text of ${value.length} characters` : JSON.stringify(value);
  if (typeof value === 'object') return 'an object';
  return typeof value === 'function' ? 'a function' : `${typeof value} ${String(value)}`;
}
