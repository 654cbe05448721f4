// How much a sink keeps, as its options say.

/** `{ maxAge, maxRecords }`, looked at. */
export function retention({ maxAge, maxRecords }, name, usual) {
  return {
    maxAge: bounded(`${name}.maxAge`, maxAge, usual.maxAge, 'of milliseconds '),
    maxRecords: bounded(`${name}.maxRecords`, maxRecords, usual.maxRecords, ''),
  };
}

/** A whole number from 1, or Infinity. */
export function bounded(path, value, usual, of) {
  if (value === undefined || value === null) return usual;
  if (value === Infinity || (Number.isSafeInteger(value) && value >= 1)) return value;
  throw new TypeError(`${path}: expected a whole number ${of}from 1, or Infinity, got ${typeof value === 'number' ? value : typeof value}`);
}

/** Refuses names that do nothing. */
export function onlyKnown(path, given, names) {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) throw new TypeError(`${path}: expected an object, got ${given === null ? 'null' : Array.isArray(given) ? 'an array' : typeof given}`);
  for (const name of Object.keys(given)) if (!names.includes(name)) throw new TypeError(`${path}.${name}: unknown option; expected one of ${names.join(', ')}`);
}

/** Tells calls of several programs, and of one that was started anew, apart. */
export function writerId() {
  return globalThis.crypto?.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
}
