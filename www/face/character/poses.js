// How Pip looks in each mood: one set of numbers a mood. What is shown is a mixture of them, so half a smile is half a smile.
//
//   open      eyelids: 0 closed, 1 open, above it wide     squint   lower lids: 1 is up to the middle
//   pupil     size of the pupils                            browY    brows, down is positive     browTilt   1: inner ends up, -1: down
//   mouthW    half its width   mouthCurve  1 smiles, -1 frowns   mouthOpen, mouthRound  0 to 1
//   joy       1: cheeks push the eyes up, which close in an arc upwards
//   cheek     how red they are    sprout   1 stands up, -1 hangs    lift   down is positive    squash   above 0 is broad and low
//   bob       how much it sways   lx ly rx ry   where its hands are, from the middle of the body     r g b   its colour

const COLOUR = ['r', 'g', 'b'];
const NEUTRAL = {
  open: 1, squint: 0, pupil: 1, browY: 0, browTilt: 0.1, mouthW: 30, mouthCurve: 0.35, mouthOpen: 0, mouthRound: 0,
  joy: 0, cheek: 0.08, sprout: 0.35, lift: 0, squash: 0, bob: 1, lx: -168, ly: 98, rx: 168, ry: 98,
};

export const POSES = {
  calm: { ...NEUTRAL, ...colour('#57c4b0') },
  happy: {
    ...NEUTRAL, squint: 0.2, joy: 1, pupil: 1.16, browY: -13, browTilt: 0.25, mouthW: 58, mouthCurve: 1, mouthOpen: 0.62, cheek: 0.95, sprout: 1, lift: -14,
    squash: -0.03, bob: 2.6, lx: -196, ly: -42, rx: 196, ry: -42, ...colour('#ffc23d'),
  },
  surprised: {
    ...NEUTRAL, open: 1.28, pupil: 0.66, browY: -30, mouthW: 22, mouthCurve: 0, mouthOpen: 0.95, mouthRound: 1, cheek: 0.35, sprout: 1.25, lift: -24,
    squash: -0.09, bob: 0.3, lx: -142, ly: 46, rx: 142, ry: 46, ...colour('#8d9bff'),
  },
  sad: {
    ...NEUTRAL, open: 0.76, pupil: 1.16, browY: 2, browTilt: 1, mouthW: 34, mouthCurve: -0.85, cheek: 0, sprout: -0.9, lift: 10,
    squash: 0.07, bob: 0.5, lx: -132, ly: 128, rx: 132, ry: 128, ...colour('#6aa3e0'),
  },
  angry: {
    ...NEUTRAL, open: 0.72, squint: 0.2, pupil: 0.84, browY: 13, browTilt: -1, mouthW: 36, mouthCurve: -0.6, mouthOpen: 0.1, cheek: 0.7, sprout: 0.2,
    squash: 0.05, bob: 0.25, lx: -142, ly: 84, rx: 142, ry: 84, ...colour('#f2705b'),
  },
  away: {
    ...NEUTRAL, open: 1.06, pupil: 1.05, browY: -10, browTilt: 0.6, mouthW: 20, mouthCurve: 0.1, mouthOpen: 0.12, mouthRound: 0.6, sprout: 0.55, bob: 0.8,
    rx: 206, ry: -64, ...colour('#9cc36f'),
  },
  several: {
    ...NEUTRAL, open: 1.1, joy: 0.6, squint: 0.1, pupil: 1.08, browY: -12, mouthW: 50, mouthCurve: 0.9, mouthOpen: 0.42, cheek: 0.75, sprout: 0.9, lift: -8, bob: 2,
    lx: -208, ly: -62, rx: 208, ry: -62, ...colour('#ff8fae'),
  },
  nobody: {
    ...NEUTRAL, open: 0, browY: 6, browTilt: 0.35, mouthW: 16, mouthCurve: 0.2, mouthOpen: 0.1, mouthRound: 0.7, cheek: 0.3, sprout: -0.55, lift: 14,
    squash: 0.09, bob: 0, lx: -118, ly: 122, rx: 118, ry: 122, ...colour('#a79cd6'),
  },
};

/** The mixture of moods by their weights, which need not come to 1 together. */
export function blend(weights) {
  const pose = mean(weights, Object.keys(POSES.calm));
  // Colours that are mixed half and half are mud: the stronger one prevails.
  const strong = Object.fromEntries(Object.entries(weights).map(([mood, weight]) => [mood, weight ** 3]));
  return { ...pose, ...mean(strong, COLOUR) };
}

function mean(weights, names) {
  const entries = Object.entries(weights).filter(([, weight]) => weight > 0);
  const sum = entries.reduce((all, [, weight]) => all + weight, 0);
  if (sum === 0) return Object.fromEntries(names.map((name) => [name, POSES.calm[name]]));
  return Object.fromEntries(names.map((name) => [name, entries.reduce((all, [mood, weight]) => all + POSES[mood][name] * weight, 0) / sum]));
}


function colour(hex) {
  return Object.fromEntries(COLOUR.map((name, at) => [name, Number.parseInt(hex.slice(1 + 2 * at, 3 + 2 * at), 16)]));
}
