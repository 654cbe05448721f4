// Files belong to a project: its keys see them, and another project's do not.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMockServer } from '../../pkg-template/mock.js';
import { ANTHROPIC, GEMINI, GROQ, OPENAI, chat, generate, messages, onClock } from './support.js';

const on = (provider) => onClock({ provider, projects: [{ id: 'a', keys: ['fake-a'] }, { id: 'b', keys: ['fake-b'] }] }).mock;

/** A form with a file of seven bytes. */
function form(fields = { purpose: 'user_data' }) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  body.set('file', new Blob([Uint8Array.of(0, 255, 128, 1, 2, 3, 4)], { type: 'image/png' }), 'picture.png');
  return body;
}

describe('OpenAI and Groq', () => {
  for (const [provider, base] of [['openai', OPENAI], ['groq', GROQ]]) {
    test(`${provider}: a file is there for its project's keys until it is deleted`, async () => {
      const mock = on(provider);
      const call = async (method, path, key = 'fake-a', body = undefined) => {
        const response = await mock.fetch(`${base}/files${path}`, { method, headers: { authorization: `Bearer ${key}` }, body });
        return [response.status, await response.json()];
      };
      const [status, file] = await call('POST', '', 'fake-a', form());
      assert.deepEqual([status, file.filename, file.bytes, file.purpose, file.status], [200, 'picture.png', 7, 'user_data', 'processed']);
      assert.deepEqual(await call('GET', `/${file.id}`), [200, file]);
      assert.deepEqual((await call('GET', ''))[1].data, [file]);
      assert.deepEqual((await call('GET', '', 'fake-b'))[1].data, []);
      const [gone, { error }] = await call('GET', `/${file.id}`, 'fake-b');
      assert.deepEqual([gone, error.message], [404, `No such File object: ${file.id}`]);
      assert.equal((await call('DELETE', `/${file.id}`, 'fake-b'))[0], 404);
      assert.deepEqual(await call('DELETE', `/${file.id}`), [200, { id: file.id, object: 'file', deleted: true }]);
      assert.equal((await call('GET', `/${file.id}`))[0], 404);
      assert.equal((await call('POST', '', 'fake-a', new FormData()))[0], 400);
      assert.match((await call('POST', '', 'fake-a', form({})))[1].error.message, /'purpose' is a required property/);
      assert.deepEqual(mock.log.map(({ reason }) => reason), ['ok', 'ok', 'ok', 'ok', 'no-such-file', 'no-such-file', 'ok', 'no-such-file', 'bad-request', 'bad-request']);
    });
  }

  test('a question about a file is answered to its own project only', async () => {
    const mock = on('openai');
    const headers = (key) => ({ authorization: `Bearer ${key}` });
    const { id } = await (await mock.fetch(`${OPENAI}/files`, { method: 'POST', headers: headers('fake-a'), body: form() })).json();
    const asked = { messages: [{ role: 'user', content: [{ type: 'text', text: 'What?' }, { type: 'file', file: { file_id: id } }] }] };
    const responses = (key) => mock.fetch(`${OPENAI}/responses`, { method: 'POST', headers: headers(key), body: JSON.stringify({ model: 'x', input: [{ role: 'user', content: [{ type: 'input_file', file_id: id }] }] }) });
    for (const [key, status] of [['fake-a', 200], ['fake-b', 404]]) {
      assert.equal((await chat(mock, OPENAI, key, asked)).status, status);
      assert.equal((await responses(key)).status, status);
    }
  });
});

test('Anthropic: a file and a question about it', async () => {
  const mock = on('anthropic');
  const call = async (method, path, key = 'fake-a', body = undefined) => {
    const response = await mock.fetch(`${ANTHROPIC}/files${path}`, { method, headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01' }, body });
    return [response.status, await response.json()];
  };
  const [, file] = await call('POST', '', 'fake-a', form({}));
  assert.deepEqual([file.type, file.filename, file.mime_type, file.size_bytes], ['file', 'picture.png', 'image/png', 7]);
  assert.deepEqual((await call('GET', ''))[1].data, [file]);
  assert.deepEqual((await call('GET', `/${file.id}`, 'fake-b'))[1].error, { type: 'not_found_error', message: `File not found: ${file.id}` });
  const asked = { messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'file', file_id: file.id } }] }] };
  assert.deepEqual([(await messages(mock, 'fake-a', asked)).status, (await messages(mock, 'fake-b', asked)).status], [200, 404]);
  assert.equal((await call('DELETE', `/${file.id}`))[1].type, 'file_deleted');
  assert.equal((await call('POST', '', 'fake-a', new FormData()))[0], 400);
});

describe('Gemini', () => {
  const begin = (mock, key = 'fake-a', headers = {}) => mock.fetch(`${GEMINI}/upload/v1beta/files`, {
    method: 'POST', body: JSON.stringify({ file: { displayName: 'Notes' } }),
    headers: { 'x-goog-api-key': key, 'x-goog-upload-protocol': 'resumable', 'x-goog-upload-command': 'start', 'x-goog-upload-header-content-type': 'text/plain', ...headers },
  });
  const send = (mock, url, body, offset, command) => mock.fetch(url, { method: 'POST', headers: { 'x-goog-upload-command': command, 'x-goog-upload-offset': String(offset) }, body });
  const get = (mock, name, key, method = 'GET') => mock.fetch(`${GEMINI}/v1beta/${name}`, { method, headers: { 'x-goog-api-key': key } });

  async function upload(mock) {
    const url = (await begin(mock)).headers.get('x-goog-upload-url');
    return (await (await send(mock, url, 'hello', 0, 'upload, finalize')).json()).file;
  }

  test('an upload goes on at its own address, without a key, in order', async () => {
    const mock = on('gemini');
    const started = await begin(mock);
    assert.equal(started.headers.get('x-goog-upload-status'), 'active');
    const url = started.headers.get('x-goog-upload-url');
    assert.ok(url.startsWith(`${GEMINI}/upload/v1beta/files?upload_id=`));
    assert.equal((await send(mock, url, new Blob(['hello ']), 0, 'upload')).headers.get('x-goog-upload-status'), 'active');
    assert.equal((await send(mock, url, 'world', 5, 'upload')).status, 400);
    const last = await send(mock, url, new TextEncoder().encode('world'), 6, 'upload, finalize');
    assert.equal(last.headers.get('x-goog-upload-status'), 'final');
    const { file } = await last.json();
    assert.deepEqual([file.displayName, file.mimeType, file.sizeBytes, file.state], ['Notes', 'text/plain', '11', 'ACTIVE']);
    assert.equal(file.uri, `${GEMINI}/v1beta/${file.name}`);
    assert.equal((await send(mock, url, 'more', 11, 'upload')).status, 403, 'it is over: a call without a key like any other');
    assert.equal((await begin(mock, 'fake-a', { 'x-goog-upload-command': 'query' })).status, 400);
    assert.equal((await begin(mock, 'fake-x')).status, 400);
  });

  test('a file is for the keys of its project: others have no permission, or it may not exist', async () => {
    const mock = on('gemini');
    const file = await upload(mock);
    assert.deepEqual(await (await get(mock, file.name, 'fake-a')).json(), file);
    assert.deepEqual((await (await get(mock, 'files', 'fake-a')).json()).files, [file]);
    assert.deepEqual((await (await get(mock, 'files', 'fake-b')).json()).files, []);
    const refused = await get(mock, file.name, 'fake-b');
    const message = `You do not have permission to access the File ${file.name.slice(6)} or it may not exist.`;
    assert.deepEqual([refused.status, (await refused.json()).error], [403, { code: 403, message, status: 'PERMISSION_DENIED' }]);
    const body = { contents: [{ role: 'user', parts: [{ text: 'What?' }, { fileData: { fileUri: file.uri, mimeType: 'text/plain' } }] }] };
    assert.deepEqual([(await generate(mock, 'fake-a', { body })).status, (await generate(mock, 'fake-b', { body })).status], [200, 403]);
    const elsewhere = { contents: [{ parts: [{ fileData: { fileUri: 'https://example.com/a.pdf' } }] }] };
    assert.equal((await generate(mock, 'fake-b', { body: elsewhere })).status, 200);
    assert.equal((await get(mock, file.name, 'fake-a', 'DELETE')).status, 200);
    assert.equal((await generate(mock, 'fake-a', { body })).status, 403);
  });

  test('an answer may be scripted, as everywhere', async () => {
    const mock = on('gemini');
    mock.script([{ status: 503 }]);
    assert.equal((await begin(mock)).status, 503);
  });
});

test('over HTTP, forms and bytes arrive as they are, and an upload goes on at the same server', async (t) => {
  const server = await createMockServer({ latency: 0, projects: [{ id: 'o', provider: 'openai', keys: ['fake-o'] }, { id: 'g', keys: ['fake-g'] }] });
  t.after(() => server.close());
  const file = await (await fetch(`${server.url}/v1/files`, { method: 'POST', headers: { authorization: 'Bearer fake-o' }, body: form() })).json();
  assert.deepEqual([file.filename, file.bytes], ['picture.png', 7]);
  const headers = { 'x-goog-api-key': 'fake-g', 'x-goog-upload-protocol': 'resumable', 'x-goog-upload-command': 'start' };
  const url = (await fetch(`${server.url}/upload/v1beta/files`, { method: 'POST', headers, body: '{}' })).headers.get('x-goog-upload-url');
  assert.ok(url.startsWith(server.url));
  const sent = await fetch(url, { method: 'POST', headers: { 'x-goog-upload-command': 'upload, finalize', 'x-goog-upload-offset': '0' }, body: Uint8Array.of(255, 254, 0) });
  assert.equal((await sent.json()).file.sizeBytes, '3');
});

test('a form that is none is a body without a file', async () => {
  const response = await on('openai').fetch(`${OPENAI}/files`, { method: 'POST', headers: { authorization: 'Bearer fake-a', 'content-type': 'multipart/form-data; boundary=x' }, body: 'no form' });
  assert.equal(response.status, 400);
});
