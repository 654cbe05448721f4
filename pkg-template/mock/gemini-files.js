// Gemini's files: an upload that begins with a description and goes on at an address of its own, and what becomes of it.

import { refuse } from './gemini-refusals.js';
import { HEX, letters } from './random.js';
import { Reply } from './reply.js';

const HOURS = 3_600_000;
/** How long a file is kept. */
const KEPT = 48 * HOURS;

/** What a path of files asks for. @param {string} method @param {URL} url @returns {Pick<import('./dialect.js').Operation, 'kind' | 'method' | 'id'> | null} */
export function fileOperation(method, url) {
  const found = /(\/upload)?\/v1(?:alpha|beta)?\d*\/files(?:\/([^/:]+))?$/.exec(url.pathname);
  if (found === null) return null;
  const [, upload, id] = found;
  if (upload === undefined) return method === 'GET' || (method === 'DELETE' && id) ? { kind: 'file', method: 'files', ...(id && { id }) } : null;
  const begun = url.searchParams.get('upload_id');
  if (method !== 'POST' || id) return null;
  return begun === null ? { kind: 'file', method: 'upload' } : { kind: 'upload', method: 'upload', id: begun };
}

/** @type {import('./dialect.js').Dialect['file']} */
export function file(desk) {
  const { operation: { kind, method, id }, arrival, files } = desk;
  if (kind === 'upload') return receive(desk);
  if (method === 'upload') return begin(desk);
  const origin = arrival.url.origin;
  if (id === undefined) return json({ files: files.list().map((each) => described(each, origin)) });
  const found = files.get(id);
  if (found === null) return noSuchFile(id, desk.operation);
  if (arrival.method === 'GET') return json(described(found, origin));
  files.remove(id);
  return json({});
}

/** The same for a file of another project as for one that never was. @type {import('./dialect.js').Dialect['noSuchFile']} */
export function noSuchFile(id, operation) {
  return refuse(operation, 403, 'PERMISSION_DENIED', `You do not have permission to access the File ${id} or it may not exist.`);
}

/** The ids of the files that a request refers to; addresses elsewhere are no files of ours. @param {any[]} parts */
export function filesOf(parts) {
  return parts.map((part) => part?.fileData ?? part?.file_data).map((data) => /\/v1(?:alpha|beta)?\d*\/files\/([^/?#]+)$/.exec(data?.fileUri ?? data?.file_uri ?? '')?.[1]).filter((id) => id !== undefined);
}

/** @param {import('./dialect.js').Desk} desk */
function begin({ arrival: { url, headers, text }, operation, files, now, random }) {
  const { file: given = {} } = parse(text);
  if (headers.get('x-goog-upload-protocol') !== 'resumable' || headers.get('x-goog-upload-command') !== 'start') {
    return refuse(operation, 400, 'INVALID_ARGUMENT', 'Invalid value at X-Goog-Upload-Command: expected a resumable upload to start.');
  }
  const upload = letters(random, 40, HEX);
  const id = typeof given.name === 'string' ? given.name.replace(/^files\//, '') : letters(random, 12, 'abcdefghijklmnopqrstuvwxyz0123456789');
  const type = headers.get('x-goog-upload-header-content-type') ?? given.mimeType ?? 'application/octet-stream';
  files.begin(upload, { id, name: given.displayName ?? given.display_name ?? '', type, bytes: 0, purpose: '', at: now });
  return new Reply(200, {
    'x-goog-upload-status': 'active', 'x-goog-upload-chunk-granularity': '262144',
    'x-goog-upload-url': `${url.origin}${url.pathname}?upload_id=${upload}&upload_protocol=resumable`,
  }, '');
}

/** Bytes in their order. @param {import('./dialect.js').Desk} desk */
function receive({ arrival, operation, files }) {
  const upload = /** @type {string} */ (operation.id);
  const file = files.begun(upload);
  if (file === null) return refuse(operation, 404, 'NOT_FOUND', 'Requested entity was not found.');
  if (Number(arrival.headers.get('x-goog-upload-offset')) !== file.bytes) {
    return refuse(operation, 400, 'INVALID_ARGUMENT', `Upload offset does not match: expected ${file.bytes}.`);
  }
  file.bytes += arrival.bytes;
  if (!/finalize/.test(arrival.headers.get('x-goog-upload-command') ?? '')) return new Reply(200, { 'x-goog-upload-status': 'active' }, '');
  return json({ file: described(files.finish(upload), arrival.url.origin) }).with({ 'x-goog-upload-status': 'final' });
}

/** @param {import('./files.js').StoredFile} file @param {string} origin */
function described({ id, name, type, bytes, at }, origin) {
  return {
    name: `files/${id}`, ...(name && { displayName: name }), mimeType: type, sizeBytes: String(bytes), createTime: instant(at), updateTime: instant(at),
    expirationTime: instant(at + KEPT), uri: `${origin}/v1beta/files/${id}`, state: 'ACTIVE', source: 'UPLOADED',
  };
}

/** @param {number} at */
function instant(at) {
  return new Date(at).toISOString();
}

/** @param {string} text @returns {Record<string, any>} */
function parse(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** @param {unknown} body */
function json(body) {
  return new Reply(200, { 'content-type': 'application/json; charset=UTF-8' }, `${JSON.stringify(body, null, 2)}\n`);
}
