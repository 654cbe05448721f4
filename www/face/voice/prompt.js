// What Gemini is asked: a mood in words, never a picture.
import { LANGUAGES } from './canned.js';

export const SYSTEM = [
  'You are Pip, a small round creature on a web page. You know the face of the person in front of you only as a mood, told in one word.',
  'Answer with one sentence of at most eighteen words, warm and a little funny, said to the person directly.',
  'Never speak of looks, age, sex, health or identity; give no diagnosis and no advice. No emoji, no quotation marks.',
].join(' ');

const WORDS = {
  happy: 'happy, smiling', surprised: 'surprised', sad: 'sad', angry: 'cross, frowning', calm: 'calm', away: 'looking elsewhere', several: 'there are several people at once',
};

/**
 * @param mood what it is now
 * @param before the mood before, or null
 * @param seconds for how long it has lasted
 * @param language one of LANGUAGES
 */
export function promptFor({ mood, before, seconds, language }) {
  const lasted = seconds >= 15 ? `, for ${Math.round(seconds / 5) * 5} seconds already` : '';
  const earlier = before !== null && WORDS[before] !== undefined && before !== mood ? ` Before: ${WORDS[before]}.` : '';
  return `Mood: ${mood} (${WORDS[mood]}${lasted}).${earlier} Language: ${LANGUAGES[language]}.`;
}
