// Node's Buffer decodes ten times as fast as atob (0.15 ms against 1 to 1.5 ms for 35 KB); browsers have only the latter.
export function decode(base64) {
  if (typeof Buffer === 'function') return Buffer.from(base64, 'base64');
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}
