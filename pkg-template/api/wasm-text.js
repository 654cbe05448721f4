// The module as text that compresses like the module itself. Base64 shifts bytes against each other, so gzip no longer
// finds what repeats: a module of 300 KB gzipped needed 392 KB, in this text it needs 301. Decoding takes as long as atob.
//
// Frequent bytes are one character each; every other byte is a mark and a character. Only printable ASCII, and nothing that
// has a meaning in a string literal, so neither bundlers nor servers can change it.

/** The characters, in order. The first ones are the marks. Without `<`, a page may have the text between its tags. */
const ALPHABET = Array.from({ length: 95 }, (_, n) => n + 32).filter((code) => !'"$\'\\`<'.includes(String.fromCharCode(code)));
const MARKS = 2;

/** @param frequent the frequent bytes, ascending, as hexadecimal digits; the others follow in the same order
 *  @param size of the module, in bytes */
export function decode({ text, frequent, size }) {
  const { single, double } = split(frequent);
  const place = new Uint8Array(128);
  ALPHABET.forEach((code, n) => { place[code] = n; });
  const codes = new TextEncoder().encode(text);
  const bytes = new Uint8Array(size);
  for (let from = 0, to = 0; from < codes.length; from += 1, to += 1) {
    const n = place[codes[from]];
    if (n >= MARKS) {
      bytes[to] = single[n - MARKS];
    } else {
      from += 1;
      bytes[to] = double[n * ALPHABET.length + place[codes[from]]];
    }
  }
  return bytes;
}

/** What `decode` takes. */
export function encode(bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte] += 1;
  const byCount = [...counts.keys()].sort((a, b) => counts[b] - counts[a]);
  const chosen = byCount.slice(0, ALPHABET.length - MARKS).sort((a, b) => a - b);
  const frequent = chosen.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const { single, double } = split(frequent);
  const written = [];
  single.forEach((byte, n) => { written[byte] = String.fromCharCode(ALPHABET[MARKS + n]); });
  double.forEach((byte, n) => { written[byte] = String.fromCharCode(ALPHABET[Math.floor(n / ALPHABET.length)], ALPHABET[n % ALPHABET.length]); });
  return { text: Array.from(bytes, (byte) => written[byte]).join(''), frequent, size: bytes.length };
}

/** The bytes of one character and those of two. */
function split(frequent) {
  const single = frequent.match(/../g).map((digits) => Number.parseInt(digits, 16));
  const known = new Set(single);
  return { single: Uint8Array.from(single), double: Uint8Array.from(Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !known.has(byte))) };
}
