// The logic engine in Python: its own tests, and the script as people run it (W24, W34).
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { EXAMPLES, ROOT, run } from './support.js';

const folder = join(EXAMPLES, '06-logic-engine');
/** No caches in the folder of the sources. */
const env = { PYTHONDONTWRITEBYTECODE: '1' };

test('its own tests pass, and none is skipped', { timeout: 120_000 }, async () => {
  const { code, stderr } = await run('python3', ['-W', 'error::SyntaxWarning', '-m', 'unittest'], { cwd: folder, env });
  assert.equal(code, 0, stderr);
  const ran = Number(/^Ran (\d+) tests/m.exec(stderr)?.[1]);
  assert.ok(ran >= 30, stderr);
  assert.doesNotMatch(stderr, /skipped/);
});

test('one command plays it on the mock, with no key of the environment', { timeout: 60_000 }, async () => {
  const done = await run(process.execPath, [join(EXAMPLES, 'run.mjs'), '06'], { cwd: ROOT, env: { ...env, GEMINI_KEY_9: 'fake-key-that-stays-here' } });
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /Are all bloops lazzies\?\n→ yes ✓/);
  assert.match(done.stdout, /^Requests: 6, errors: 0/m);
  assert.doesNotMatch(done.stdout + done.stderr, /fake-/);
});

test('without a key it says what to do', async () => {
  const { code, stderr } = await run('python3', ['logic_client.py'], { cwd: folder, env });
  assert.equal(code, 1);
  assert.match(stderr, /CONFIG_INVALID.*api-keys\.env/);
  assert.doesNotMatch(stderr, /Traceback/);
});
