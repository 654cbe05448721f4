// Pictures, in whichever form people have them, as providers take them: base64 with a type, or an address.
import { mistake } from '../errors.js';
import { encode } from '../base64.js';

/** `{ mimeType, data }`, data in base64, or `{ url }`. */
export async function imageOf(given, path) {
  if (typeof given === 'string' || given instanceof URL) return addressed(String(given), path);
  if (typeof Blob === 'function' && given instanceof Blob) return bytes(new Uint8Array(await given.arrayBuffer()), given.type, path);
  const plain = bytesOf(given);
  if (plain !== undefined) return bytes(plain, undefined, path);
  const { data, mimeType } = given ?? {};
  if (mimeType !== undefined && mimeType !== null && typeof mimeType !== 'string') throw mistake(`${path}.mimeType`, `expected a type such as image/png, got ${typeof mimeType}`);
  if (typeof data === 'string') return inBase64(data, mimeType, `${path}.data`, `${path}.mimeType`);
  const held = typeof Blob === 'function' && data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : bytesOf(data);
  if (held !== undefined) return bytes(held, mimeType || data.type, path);
  throw mistake(path, 'expected a Blob, bytes, { data, mimeType }, or the address of a picture (data:, https: or http:)');
}

function addressed(address, path) {
  const inline = /^data:([^,;]*)((?:;[^,;]*)*?)(;base64)?,/i.exec(address);
  if (inline !== null) {
    if (inline[3] === undefined) throw mistake(path, 'expected a data URL in base64');
    return inBase64(address.slice(inline[0].length), inline[1], path, path);
  }
  if (!/^https?:\/\/./i.test(address)) throw mistake(path, 'expected an address that begins with data:, https: or http:');
  return { url: address };
}

function inBase64(data, mimeType, path, typePath) {
  if (data === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(data)) throw mistake(path, 'expected bytes in base64, without blanks');
  return { mimeType: typed(mimeType, typePath), data };
}

function bytes(content, mimeType, path) {
  if (content.length === 0) throw mistake(path, 'expected a picture, got no bytes');
  return { mimeType: typed(mimeType || sniffed(content), `${path}.mimeType`), data: encode(content) };
}

function bytesOf(given) {
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  return given instanceof ArrayBuffer || (typeof SharedArrayBuffer === 'function' && given instanceof SharedArrayBuffer) ? new Uint8Array(given) : undefined;
}

function typed(mimeType, path) {
  const type = /^\s*([\w.+-]+\/[\w.+-]+)/.exec(mimeType ?? '')?.[1];
  if (type === undefined) throw mistake(path, 'expected a type such as image/png, since the bytes do not tell');
  return type.toLowerCase();
}

/** The types that every provider takes tell themselves by their first bytes. */
function sniffed(content) {
  const head = String.fromCharCode(...content.subarray(0, 12));
  if (head.startsWith('\x89PNG')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('GIF8')) return 'image/gif';
  return head.startsWith('RIFF') && head.endsWith('WEBP') ? 'image/webp' : undefined;
}
