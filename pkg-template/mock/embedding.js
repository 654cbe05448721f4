// Vectors that mean nothing but behave: the same text gives the same one, of length 1.

import { createRandom, hash } from './random.js';

/** @param {string} text @param {number} [dimensions] the real models give 768 to 3072; 768 keeps answers small */
export function embedding(text, dimensions = 768) {
  const random = createRandom(hash(text), 'embedding');
  const values = Array.from({ length: Math.min(dimensions, 4096) }, () => random() * 2 - 1);
  const length = Math.hypot(...values);
  return values.map((value) => Number((value / length).toFixed(8)));
}
