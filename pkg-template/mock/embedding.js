// Vectors that mean nothing but behave: the same text gives the same one, of length 1.

import { createRandom, hash } from './random.js';

/** @param {string} text @param {number} [dimensions] the real models give 768 to 3072; 768 keeps answers small */
export function embedding(text, dimensions = 768) {
  const random = createRandom(hash(text), 'embedding');
  const values = Array.from({ length: Math.min(dimensions, 4096) }, () => random() * 2 - 1);
  const length = Math.hypot(...values);
  return values.map((value) => Number((value / length).toFixed(8)));
}

/** A vector as OpenAI sends it to those who ask for fewer bytes: 32-bit floats, the lowest byte first. @param {number[]} vector */
export function base64(vector) {
  const bytes = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [at, value] of vector.entries()) bytes.setFloat32(at * 4, value, true);
  return btoa(Array.from(new Uint8Array(bytes.buffer), (byte) => String.fromCharCode(byte)).join(''));
}
