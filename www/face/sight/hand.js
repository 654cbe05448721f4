// Moods by hand: what sliders say, as a look would tell it.

const QUIET = { happy: 0, surprised: 0, sad: 0, angry: 0, away: 0, people: 1, x: 0 };

/** Where the sliders stand for each mood, percent; `people` is a number, `x` a place from -100 to 100. */
export const PRESETS = {
  happy: { ...QUIET, happy: 100 }, surprised: { ...QUIET, surprised: 100 }, sad: { ...QUIET, sad: 100 }, angry: { ...QUIET, angry: 100 }, calm: QUIET,
  away: { ...QUIET, away: 100 }, several: { ...QUIET, happy: 40, people: 3 }, nobody: { ...QUIET, people: 0 },
};

/** A reading (see reading.js) of the sliders' values. What is left of the whole is calm. */
export function readingByHand({ happy, surprised, sad, angry, away, people, x }) {
  const given = { happy: happy / 100, surprised: surprised / 100, sad: sad / 100, angry: angry / 100 };
  const sum = Object.values(given).reduce((all, each) => all + each, 0);
  // Two faces at once are a mixture, as the recogniser's are: its expressions come to 1 together.
  const weights = sum > 1 ? Object.fromEntries(Object.entries(given).map(([name, each]) => [name, each / sum])) : given;
  return { people, weights: { ...weights, calm: Math.max(0, 1 - sum) }, away: away / 100, x: x / 100, y: 0, roll: (x / 100) * 0.12, size: 0.4 };
}
