// Anthropic's files: one form with the bytes.

import { noSuchFile, badRequest } from './anthropic-refusals.js';
import { ALPHANUMERIC, letters } from './random.js';
import { Reply } from './reply.js';

/** @type {import('./dialect.js').Dialect['file']} */
export function file({ arrival: { method, form }, operation, files, now, random }) {
  const { id } = operation;
  if (id !== undefined) {
    const found = files.get(id);
    if (found === null) return noSuchFile(id, operation);
    if (method === 'GET') return json(described(found));
    files.remove(id);
    return json({ id, type: 'file_deleted' });
  }
  if (method === 'GET') {
    const data = files.list().map(described);
    return json({ data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: false, next_page: null });
  }
  const bytes = form?.get('file');
  if (!(bytes instanceof Blob)) return badRequest('file: Field required');
  const name = 'name' in bytes ? String(bytes.name) : 'upload';
  return json(described(files.add({ id: `file_01${letters(random, 22, ALPHANUMERIC)}`, name, type: bytes.type || 'application/octet-stream', bytes: bytes.size, purpose: '', at: now })));
}

/** @param {import('./files.js').StoredFile} file */
function described({ id, name, type, bytes, at }) {
  return { id, type: 'file', filename: name, mime_type: type, size_bytes: bytes, created_at: new Date(at).toISOString(), downloadable: false };
}

/** @param {unknown} body */
function json(body) {
  return new Reply(200, { 'content-type': 'application/json' }, JSON.stringify(body));
}
