// How many tokens something is. A rule of thumb, the same for every provider: four bytes of UTF-8 each.

const encoder = new TextEncoder();

/** @param {string} text */
export function countTokens(text) {
  return Math.ceil(encoder.encode(text).length / BYTES_PER_TOKEN);
}

/** The start of a text that is at most so many tokens. @param {string} text @param {number} tokens */
export function cutToTokens(text, tokens) {
  if (countTokens(text) <= tokens) return text;
  let cut = '';
  let bytes = 0;
  for (const character of text) {
    bytes += encoder.encode(character).length;
    if (bytes > tokens * BYTES_PER_TOKEN) break;
    cut += character;
  }
  return cut;
}

/** A text in pieces of about so many characters, cut at spaces where there are any, as streams deliver it. @param {string} text @param {number} size */
export function pieces(text, size) {
  /** @type {string[]} */ const list = [];
  let piece = '';
  for (const word of text.split(/(?<=\s)/)) {
    piece += word;
    if (piece.length >= size) {
      list.push(piece);
      piece = '';
    }
  }
  if (piece || list.length === 0) list.push(piece);
  return list;
}

const BYTES_PER_TOKEN = 4;

/** What Gemini charges for a small picture. */
export const TOKENS_PER_IMAGE = 258;
