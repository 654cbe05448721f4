import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { createMockProvider, createMockServer } from '../../pkg-template/mock.js';

const project = (more) => ({ projects: [{ keys: ['fake-a'], ...more }] });

test('bad options are refused with their path, what was expected and what came', () => {
  for (const [options, message] of [
    ['x', 'options: expected an object, got "x"'],
    [{ sead: 1 }, /^sead: unknown option; expected one of provider, /],
    [{ provider: 'google' }, 'provider: expected one of gemini, groq, openai, anthropic, got "google"'],
    [{ projects: [] }, 'projects: expected at least one project, got an array of 0'],
    [{ projects: {} }, 'projects: expected an array, got an object'],
    [{ projects: [{}] }, 'projects[0].keys: expected an array, got undefined'],
    [{ projects: [{ keys: [5] }] }, 'projects[0].keys[0]: expected a key (a text that is not empty), got number 5'],
    [{ projects: [{ keys: ['fake-a'] }, { keys: ['fake-a'] }] }, /^projects\[1\]\.keys\[0\]: expected a key of its own, got the one of projects\[0\]\.keys\[0\]/],
    [{ projects: [{ id: 'a', keys: [] }, { id: 'a', keys: [] }] }, /^projects\[1\]\.id: expected an id that no other project has/],
    [project({ modles: {} }), /^projects\[0\]\.modles: unknown option/],
    [project({ models: {} }), /^projects\[0\]\.models: expected at least one model/],
    [project({ models: { m: { rpm: 1.5 } } }), 'projects[0].models["m"].rpm: expected a whole number from 0, got number 1.5'],
    [project({ models: { m: { rpm: NaN } } }), 'projects[0].models["m"].rpm: expected a whole number from 0, got number NaN'],
    [project({ models: { m: { otpm: 5 } } }), /^projects\[0\]\.models\["m"\]\.otpm: unknown option; expected one of rpm, tpm, rpd, tpd/],
    [project({ models: { 'gemini-embedding-001': {}, 'gemini-embedding-1.0': {} } }), /both share one pool/],
    [project({ window: 'sliding' }), 'projects[0].window: expected one of rolling, fixed, bucket, got "sliding"'],
    [{ window: 5 }, 'window: expected one of rolling, fixed, bucket, got number 5'],
    [{ keys: { 'fake-x': 'sad' } }, /^keys \(value 1\): expected one of ok, invalid, /],
    [{ latency: -1 }, 'latency: expected a number from 0 up to 2147483647, got number -1'],
    [{ latency: { min: 5, max: 1 } }, 'latency.max: expected a number from 5 up to 2147483647, got number 1'],
    [{ chunkDelay: { min: 5 } }, /^chunkDelay\.max: expected a number/],
    [{ faults: { overloaded: 2 } }, 'faults.overloaded: expected a number from 0 up to 1, got number 2'],
    [{ faults: { fire: 1 } }, /^faults\.fire: unknown option/],
    [{ countRefused: 'yes' }, 'countRefused: expected true or false, got "yes"'],
    [{ answer: 'hello' }, 'answer: expected a function, got "hello"'],
    [{ now: 5 }, 'now: expected a function, got number 5'],
    [{ logSize: -1 }, /^logSize: expected a whole number from 0/],
    [{ aliases: { a: 5 } }, 'aliases["a"]: expected a text that is not empty, got number 5'],
  ]) {
    assert.throws(() => createMockProvider(options), (error) => {
      assert.ok(error instanceof TypeError);
      if (typeof message === 'string') assert.equal(error.message, message);
      else assert.match(error.message, message);
      return true;
    });
  }
});

test('what looks like a real key is refused, and not repeated', () => {
  const real = `AIza${'x'.repeat(35)}`;
  for (const options of [project({ keys: [real] }), { keys: { [real]: 'leaked' } }]) {
    assert.throws(() => createMockProvider(options), (error) => error instanceof TypeError && /made-up/.test(error.message) && !error.message.includes(real));
  }
});

test('bad steps of a script, bad overloads, bad windows', () => {
  const mock = createMockProvider();
  assert.throws(() => mock.script({ status: 503 }), { message: 'script: expected an array of steps, got an object' });
  assert.throws(() => mock.script([{ status: 99 }]), { message: 'script[0].status: expected a whole number from 200 up to 599, got number 99' });
  assert.throws(() => mock.script([{}]), /script\[0\]: expected a step that says something/);
  assert.throws(() => mock.script([{ ok: true }, { satus: 503 }]), /script\[1\]\.satus: unknown option/);
  assert.throws(() => mock.script([{ status: 204 }]), /script\[0\]\.body: expected a body/);
  assert.throws(() => mock.overload('m', { count: 0 }), /overload count/);
  assert.throws(() => mock.exhaust('project-1', 'hour'), { message: 'window: expected one of minute, day, got "hour"' });
});

test('bad options of the server', async () => {
  await assert.rejects(createMockServer({ port: 70_000 }), { name: 'TypeError', message: 'port: expected a whole number from 0 up to 65535, got number 70000' });
  await assert.rejects(createMockServer({ prot: 1 }), /^TypeError: prot: unknown option/);
});

test('bundles for browsers and for Node, and serves from a bundle', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mock-'));
  try {
    for (const [platform, format] of [['browser', 'iife'], ['browser', 'esm'], ['neutral', 'esm'], ['node', 'cjs'], ['node', 'esm']]) {
      const outfile = join(folder, `${platform}-${format}.${format === 'cjs' ? 'cjs' : 'mjs'}`);
      await build({ entryPoints: [fileURLToPath(new URL('../../pkg-template/mock.js', import.meta.url))], bundle: true, minify: true, platform, format, outfile, logLevel: 'silent' });
      if (format === 'iife') continue;
      const server = await (await import(pathToFileURL(outfile))).createMockServer();
      assert.equal((await fetch(`${server.url}/v1beta/models`)).status, 403, `${platform} ${format}`);
      await server.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('no file needs Node before it is asked to serve', async () => {
  const folder = new URL('../../pkg-template/mock/', import.meta.url);
  for (const name of await readdir(folder)) {
    const source = await readFile(new URL(name, folder), 'utf8');
    assert.doesNotMatch(source, /^\s*(import|export)\s[^(]*['"]node:/m, name);
    assert.ok(source.split('\n').length <= 250, `${name} is long`);
  }
});
