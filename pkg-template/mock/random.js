// Seeded randomness: the same seed and label give the same numbers, on every machine.

/**
 * A generator of numbers in [0, 1). Each label is a stream of its own, so that drawing one more
 * number for latency does not move the faults.
 *
 * @param {number} seed
 * @param {string} label
 * @returns {() => number}
 */
export function createRandom(seed, label) {
  let state = hash(`${label}:${seed}`);
  return () => { // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A 32-bit hash of a text (FNV-1a with a final mix). @param {string} text @returns {number} */
export function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  return (h ^ (h >>> 15)) >>> 0;
}

/** A whole number in [min, max]. @param {() => number} random @param {number} min @param {number} max */
export function between(random, min, max) {
  return min + Math.floor(random() * (max - min + 1));
}

/** `length` characters of `alphabet`. @param {() => number} random @param {number} length */
export function letters(random, length, alphabet = ALPHANUMERIC) {
  let text = '';
  for (let i = 0; i < length; i++) text += alphabet[between(random, 0, alphabet.length - 1)];
  return text;
}

export const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
export const HEX = '0123456789abcdef';
