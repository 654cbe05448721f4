// The examples are run as people run them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseEnv } from 'node:util';
import { QuotaAwareAPI, createMockServer, KEYS, printed } from './support.js';
import { verify } from '../../examples/verify.mjs';

const root = join(import.meta.dirname, '../..');
const template = join(root, 'examples/api-keys.env.example');

/** Runs node, with nothing in the environment but what is given. */
function run(args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, env: { PATH: process.env.PATH, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (piece) => { stdout += piece; });
    child.stderr.on('data', (piece) => { stderr += piece; });
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

test('verify makes one call per key, says a line for each and a summary, and counts (W25)', async (t) => {
  const server = await createMockServer({ latency: 1 });
  t.after(() => server.close());
  const api = new QuotaAwareAPI(KEYS, { baseURL: server.url });
  t.after(() => api.close());
  server.provider.breakKey('key-2', 'leaked');
  const lines = [];
  const result = await verify(api, { log: (line) => lines.push(line) });
  assert.deepEqual(result, { ok: 2, of: 3 });
  assert.equal(server.provider.state().totals.requests, 3);
  assert.equal(lines.length, 4);
  assert.match(lines[0], /^✓ Key 1\/3 .*200 ok/);
  assert.match(lines[1], /^✗ Key 2\/3 .*403 invalid-key .*public/);
  assert.equal(lines[3], '2 of 3 keys work.');
});

test('verify without a key says what to do, and exits with 1 (W25)', async () => {
  const { code, stderr } = await run(['examples/verify.mjs']);
  assert.equal(code, 1);
  assert.match(stderr, /No key found/);
  assert.match(stderr, /api-keys\.env/);
});

test('the template of keys is read by node --env-file, and its placeholders count as absent (W23)', async () => {
  const { code, stderr } = await run([`--env-file=${template}`, 'examples/verify.mjs']);
  assert.equal(code, 1);
  assert.match(stderr, /GEMINI_KEY_1 still holds the placeholder/);
});

test('the template names every variable that fromEnv reads, warns about commits and projects, and dates its limits (W23)', (t) => {
  const text = readFileSync(template, 'utf8');
  const all = parseEnv(text.replaceAll(/^#(?=[A-Z_]+\w*=)/gm, ''));
  const values = Object.values(all);
  assert.ok(values.every((value) => /^your-.*-here$/.test(value)));
  const warnings = printed(t, 'warn');
  assert.throws(() => QuotaAwareAPI.fromEnv(all), { code: 'CONFIG_INVALID' });
  assert.equal(warnings.length, values.length, 'every one of them is read');
  const filled = Object.fromEntries(Object.keys(all).map((name, at) => [name, `fake-${at}`]));
  const api = QuotaAwareAPI.fromEnv(filled);
  t.after(() => api.close());
  assert.equal(api.getStats().totalKeys, values.length);
  for (const name of ['GEMINI_KEY_1', 'GEMINI_API_KEY', 'GEMINI_API_KEYS', 'GEMINI_API_KEY_1', 'GOOGLE_API_KEY', 'GOOGLE_AI_API_KEY_1', 'GROQ_API_KEY', 'GROQ_API_KEY2', 'OPENAI_API_KEY', 'ANTHROPIC_API_KEY']) {
    assert.ok(name in all, name);
  }
  assert.match(text, /one project share one quota/i);
  assert.match(text, /never commit/i);
  assert.match(text, /2026/);
});

test('a filled copy of the template is a working set of keys (W23)', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const copy = join(folder, 'api-keys.env');
  writeFileSync(copy, readFileSync(template, 'utf8').replace('your-first-gemini-key-here', 'fake-1').replace('your-third-gemini-key-here', 'fake-3'));
  const script = "const { QuotaAwareAPI } = await import('./pkg/dist/index.js'); const api = QuotaAwareAPI.fromEnv(); console.log(api.getStatus().keys.map(({ id }) => id).join()); api.close();";
  const { code, stdout } = await run([`--env-file=${copy}`, '--input-type=module', '--eval', script]);
  assert.equal(code, 0);
  assert.equal(stdout.trim(), 'key-1,key-3');
});

test('the demo keeps all its promises, in plain lines where nobody watches (W26)', { timeout: 60_000 }, async () => {
  const { code, stdout, stderr } = await run(['examples/demo.mjs']);
  assert.equal(code, 0, stdout + stderr);
  assert.equal(stderr, '');
  assert.ok(!stdout.includes('\x1b'));
  assert.match(stdout, /Everything went as promised/);
  assert.ok(!stdout.includes('✗ not kept'));
});

test('the demo explains itself, and refuses what it does not know', async () => {
  const help = await run(['examples/demo.mjs', '--help']);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Usage: npm run demo/);
  const unknown = await run(['examples/demo.mjs', '--faster']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /--faster[\s\S]*Usage/);
  const live = await run(['examples/demo.mjs', '--live']);
  assert.equal(live.code, 1);
  assert.match(live.stderr, /No key found/);
});
