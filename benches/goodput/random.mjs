// Randomness by seed. Each purpose has a stream of its own, so that a draw more for one does not shift the others: the
// nth admitted call takes equally long whoever sent it.

/** mulberry32, after a hash of the name. @param {number} seed @param {string} purpose @returns {() => number} in [0, 1) */
export function stream(seed, purpose) {
  let state = seed >>> 0;
  for (const letter of purpose) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Milliseconds. @param {() => number} random @param {{ median: number, p95: number }} shape */
export function lognormal(random, { median, p95 }) {
  const sigma = Math.log(p95 / median) / 1.645;
  return () => median * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
}

/** A Poisson stream of arrivals. @param {() => number} random @param {number} perMs @param {number} end @returns {number[]} */
export function poisson(random, perMs, end) {
  const arrivals = [];
  for (let at = -Math.log(1 - random()) / perMs; at < end; at += -Math.log(1 - random()) / perMs) arrivals.push(at);
  return arrivals;
}
