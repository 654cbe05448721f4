// Files as OpenAI and Groq keep them: one form with the bytes and what they are for.

import { ALPHANUMERIC, letters } from './random.js';
import { Reply } from './reply.js';

/** @typedef {import('./openai-dialect.js').ApiError} ApiError */

/** @param {(code: number, error: ApiError) => Reply} refuse */
export function openaiFiles(refuse) {
  /** @type {import('./dialect.js').Dialect['noSuchFile']} */
  const noSuchFile = (id) => refuse(404, { message: `No such File object: ${id}`, type: 'invalid_request_error', param: 'id', code: null });

  /** @type {import('./dialect.js').Dialect['file']} */
  const file = ({ arrival: { method, form }, operation: { id }, files, now, random }) => {
    if (id !== undefined) {
      const found = files.get(id);
      if (found === null) return noSuchFile(id, /** @type {any} */ (null));
      if (method === 'GET') return json(described(found));
      files.remove(id);
      return json({ id, object: 'file', deleted: true });
    }
    if (method === 'GET') return json({ object: 'list', data: files.list().map(described), has_more: false });
    const bytes = form?.get('file');
    const purpose = form?.get('purpose');
    if (!(bytes instanceof Blob) || typeof purpose !== 'string') {
      const param = bytes instanceof Blob ? 'purpose' : 'file';
      return refuse(400, { message: `'${param}' is a required property`, type: 'invalid_request_error', param, code: null });
    }
    const name = 'name' in bytes ? String(bytes.name) : 'upload';
    return json(described(files.add({ id: `file-${letters(random, 22, ALPHANUMERIC)}`, name, type: bytes.type, bytes: bytes.size, purpose, at: now })));
  };
  return { file, noSuchFile };
}

/** @param {import('./files.js').StoredFile} file */
function described({ id, name, bytes, purpose, at }) {
  return { id, object: 'file', bytes, created_at: Math.floor(at / 1000), expires_at: null, filename: name, purpose, status: 'processed', status_details: null };
}

/** @param {unknown} body */
function json(body) {
  return new Reply(200, { 'content-type': 'application/json' }, JSON.stringify(body));
}
