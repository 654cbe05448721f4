// What the page says, apart from Pip's own lines.

/** What a mood is called, and what Pip looks like in it: its text alternative. */
export const MOOD_TEXTS = {
  happy: ['Happy', 'Pip beams and throws its arms up: it sees a smile.'],
  surprised: ['Surprised', 'Pip stares with a round mouth: it sees surprise.'],
  sad: ['Sad', 'Pip hangs its leaves under a small cloud: it sees sadness.'],
  angry: ['Cross', 'Pip frowns, steam at its ears: it sees anger.'],
  calm: ['Calm', 'Pip looks at you calmly.'],
  away: ['Looking away', 'Pip waves: you look elsewhere.'],
  several: ['Several people', 'Pip waves with both arms under confetti: it sees several people.'],
  nobody: ['Nobody there', 'Pip is asleep: it sees nobody.'],
};

/** Added to the text alternative while Pip has to wait, or is about to say something. */
export const VOICE_TEXTS = {
  waiting: (sign) => `It holds up a sign: my next words, ${sign}.`,
  asking: () => 'It thinks of something to say.',
  resting: (sign, why) => (why === 'keys' ? 'It holds up a sign: the key is not accepted.' : why === 'day' ? `It holds up a sign: all said for today, ${sign}.` : `It holds up a sign: it tries again, ${sign}.`),
};

export const BY = { pip: 'Pip’s own words', gemini: 'Gemini’s words', pretend: 'pretend Gemini’s words' };

/** Why there is nothing to look at. */
export const FAILURE_TEXTS = {
  denied: 'The browser does not let this page use the camera.',
  absent: 'There is no camera.',
  busy: 'The camera is in use by another program.',
  insecure: 'Browsers give a camera to pages on https or localhost only.',
  gone: 'The camera was taken away.',
  other: 'The camera does not start.',
  picture: 'This file is no picture that the browser can show.',
};
export const ALTERNATIVES = 'Pip can look at the picture or the clip instead, or you set a mood by hand.';

export const SIGHT_TEXTS = {
  loading: 'Loading what reads faces (2 MB, once) …',
  failed: 'What reads faces could not be loaded.',
};

export const SLIDER_TEXTS = { happy: 'Smile', surprised: 'Surprise', sad: 'Sadness', angry: 'Anger', away: 'Looking away', people: 'People', x: 'Left or right' };
export const METER_TEXTS = { happy: 'smile', surprised: 'surprise', sad: 'sadness', angry: 'anger', calm: 'calm' };
