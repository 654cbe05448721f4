// What people do, drawn once from a seed, so that both classes meet the same people. Pure.

/** A small generator of numbers in [0, 1), the same in every host (mulberry32). */
export function drawing(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Each person's questions, and how long they look at an error before they press the button again.
 *
 * @param {{ people: number, seed: number, rushes: { at: number, within: number }[], tries: number, again: { min: number, max: number } }} day milliseconds
 */
export function peopleOf({ people, seed, rushes, tries, again }) {
  const draw = drawing(seed);
  return Array.from({ length: people }, () => ({
    asks: rushes.map(({ at, within }) => at + draw() * within),
    pauses: Array.from({ length: tries }, () => again.min + draw() * (again.max - again.min)),
  }));
}
