// Small things that every file of this room needs.

export function isRecord(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The path of a field. */
export function below(path, name) {
  return path === '' ? name : `${path}.${name}`;
}

/** @param {string} words with spaces between */
export function names(words) {
  return new Set(words.split(' '));
}

/** Without what is undefined. From entries: a name may be `__proto__`. */
export function plain(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** Only where there is something in it. */
export function filled(list) {
  return list.length > 0 ? list : undefined;
}
