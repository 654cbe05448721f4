export function encode(bytes) {
  // Never by its bare name: bundlers for pages would bring a polyfill along, or miss one.
  const { Buffer: Native } = globalThis;
  if (typeof Native === 'function') return Native.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  let text = '';
  // In pieces: a picture has more bytes than a function may have arguments.
  for (let at = 0; at < bytes.length; at += PIECE) text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(text);
}

const PIECE = 0x8000;
