// Records as lines of a file: appended, rotated, and a disk that has no room.
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { INDEX, subpath } from '../built.js';
import { ENDPOINT, open, question, record } from './records.js';

const { fileSink } = await import(subpath('sink-file'));

function temporary(t) {
  const folder = mkdtempSync(join(tmpdir(), 'quota-aware-file-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const lines = (path) => readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));

describe('a file of records', () => {
  test('has a line of JSON for each attempt, in a folder that was not there', async (t) => {
    const path = join(temporary(t), 'log/of/today/attempts.jsonl');
    const api = open({ sink: fileSink(path) });
    for (let n = 0; n < 3; n += 1) await (await api.call(ENDPOINT, { ...question(), quota: { session: 'amy "é"', operation: 'text' } })).json();
    await api.flush();
    const written = lines(path);
    assert.deepEqual(written.map(({ call, session, operation, tokens }) => [call, session, operation, tokens.cached]), [1, 2, 3].map((call) => [call, 'amy "é"', 'text', 60]));
    assert.deepEqual(Object.keys(written[0]), Object.keys(record()));
  });

  test('is appended to, by several', async (t) => {
    const path = join(temporary(t), 'attempts.jsonl');
    const [one, two] = [fileSink(path), fileSink(path)];
    await Promise.all([one.write([record({ key: 'a' })]), two.write([record({ key: 'b' }), record({ key: 'c' })])]);
    assert.deepEqual(lines(path).map(({ key }) => key).sort(), ['a', 'b', 'c']);
  });

  test('can be rotated by the host: what comes later is in a new one', async (t) => {
    const path = join(temporary(t), 'attempts.jsonl');
    const sink = fileSink(path);
    await sink.write([record({ key: 'a' })]);
    renameSync(path, `${path}.old`);
    await sink.write([record({ key: 'b' })]);
    assert.deepEqual([lines(`${path}.old`), lines(path)].flat().map(({ key }) => key), ['a', 'b']);
  });

  test('is rotated by size, and the oldest is gone', async (t) => {
    const folder = temporary(t);
    const path = join(folder, 'attempts.jsonl');
    const sink = fileSink(path, { maxBytes: 1_000, keep: 2 });
    for (const key of 'abcdefgh') await sink.write([record({ key, session: 'x'.repeat(300) })]);
    assert.deepEqual(readdirSync(folder).sort(), ['attempts.jsonl', 'attempts.jsonl.1', 'attempts.jsonl.2']);
    const kept = ['.2', '.1', ''].flatMap((ending) => lines(`${path}${ending}`).map(({ key }) => key)).join('');
    assert.ok('abcdefgh'.endsWith(kept) && kept.length >= 3, kept);
    for (const ending of ['.2', '.1', '']) assert.ok(readFileSync(`${path}${ending}`).length <= 1_000);
  });

  test('takes a batch that is larger than a file may be', async (t) => {
    const path = join(temporary(t), 'attempts.jsonl');
    const sink = fileSink(path, { maxBytes: 10 });
    await sink.write([record(), record()]);
    assert.equal(lines(path).length, 2);
  });

  test('begins a new line after a batch that was written in part', async (t) => {
    const path = join(temporary(t), 'attempts.jsonl');
    const sink = fileSink(path);
    await sink.write([record({ key: 'a' })]);
    // A folder in its place: the write fails, and then it is as a full disk leaves it.
    renameSync(path, `${path}.kept`);
    mkdirSync(path);
    await assert.rejects(sink.write([record({ key: 'lost' })]), { code: 'EISDIR' });
    rmSync(path, { recursive: true });
    writeFileSync(path, readFileSync(`${path}.kept`));
    appendFileSync(path, '{"at":17');
    await sink.write([record({ key: 'b' })]);
    const parsed = readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => { try { return JSON.parse(line).key; } catch { return 'torn'; } });
    assert.deepEqual(parsed, ['a', 'torn', 'b']);
  });
});

test('a disk that is full loses records, and no call', { skip: !existsSync('/dev/full') && 'a host without /dev/full' }, async (t) => {
  const warnings = t.mock.method(console, 'warn', () => {});
  const api = open({ sink: fileSink('/dev/full') });
  for (let n = 0; n < 3; n += 1) {
    const response = await api.call(ENDPOINT, question());
    assert.equal(response.status, 200);
    await response.json();
    await api.flush();
  }
  assert.deepEqual(api.getStats().records, { written: 0, dropped: 0, failed: 3 });
  assert.deepEqual(warnings.mock.calls.map(({ arguments: [words] }) => /ENOSPC/.test(words)), [true]);
});

test('mistakes are told where they are made', () => {
  assert.throws(() => fileSink(), { name: 'TypeError', message: /^fileSink\(path\): expected the path of a file, got undefined/ });
  assert.throws(() => fileSink(''), /got an empty string/);
  assert.throws(() => fileSink('x', { maxBites: 5 }), /fileSink options\.maxBites: unknown option; expected one of maxBytes, keep/);
  assert.throws(() => fileSink('x', { maxBytes: 0 }), /fileSink options\.maxBytes: expected a whole number of bytes from 1, or Infinity, got 0/);
  assert.throws(() => fileSink('x', 5), /fileSink options: expected an object, got number/);
});

test('a program that comes to its end writes its last records, and is not kept by those it might get', async (t) => {
  const path = join(temporary(t), 'attempts.jsonl');
  const script = `
    import { QuotaAwareAPI } from ${JSON.stringify(INDEX)};
    import { fileSink } from ${JSON.stringify(subpath('sink-file'))};
    const api = new QuotaAwareAPI(['fake-key-one'], { sink: fileSink(${JSON.stringify(path)}), fetch: async () => new Response('{}', { headers: { 'content-type': 'application/json' } }) });
    await (await api.call(${JSON.stringify(ENDPOINT)})).json();
    // Nobody reads it: its record is held, for ten seconds at most.
    await api.call(${JSON.stringify(ENDPOINT)});`;
  const began = performance.now();
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  assert.ok(performance.now() - began < 4_500, 'it waited for what it might have got');
  assert.deepEqual(lines(path).map(({ call }) => call), [1]);
});
