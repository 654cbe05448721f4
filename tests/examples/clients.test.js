// The workshop's clients: text, structured output, pictures.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { pack, project } from '../package/support.js';
import { EXAMPLES, KEYS, MODEL, ROOT, provider, run, tellsKeys, temporary, times } from './support.js';

const CLIENTS = ['01-ai-studio/gemini-client.js', '02-structured-output/structured-client.js', '03-multimodal/multimodal-client.js'];
/** Twelve requests: the stats are due once while they run. */
const TWELVE = Array.from({ length: 12 }, (_, at) => `Item ${at + 1}.`);
const STATS = /^Requests: +\d+$/gm;

/** One of them, in an empty folder. */
function client(t, file, words, env, cwd = temporary(t)) {
  return run(process.execPath, [join(EXAMPLES, file), ...words], { cwd, env });
}

for (const file of CLIENTS) {
  test(`${file}: a dozen requests over all keys, with stats after ten and at the end, and no key in them (W1, W9, W22, W35)`, async (t) => {
    const { mock, asked, env } = await provider(t);
    const done = await client(t, file, TWELVE, env);
    assert.equal(done.code, 0, done.stdout + done.stderr);
    assert.equal(done.stderr, '');
    assert.equal(asked.length, 12);
    assert.deepEqual(mock.state().keys.map(({ served }) => served), [4, 4, 4]);
    for (const item of TWELVE) assert.ok(done.stdout.includes(item), item);
    assert.equal(times(done.stdout, STATS), 2);
    assert.match(done.stdout, /^Key 3\/3 +key-3 .*\b4 requests +0 errors/m);
    assert.ok(!tellsKeys(done));
  });

  test(`${file}: a key that dies is passed over, and nobody notices (W10, W32)`, async (t) => {
    const { mock, env } = await provider(t);
    mock.breakKey(KEYS[1], 'invalid');
    const done = await client(t, file, TWELVE, env);
    assert.equal(done.code, 0, done.stdout + done.stderr);
    const [one, two, three] = mock.state().keys;
    assert.equal(one.served + three.served, 12);
    assert.equal(two.served, 0);
    assert.match(done.stdout, /^Key 2\/3 +key-2 .*invalid/m);
    assert.ok(!tellsKeys(done));
  });

  test(`${file}: where a minute is used up everywhere, the wait is announced, and is no error (W30, W37)`, async (t) => {
    // A minute of two seconds, so that its end can be waited for.
    const { mock, env } = await provider(t, { minute: 2000 });
    for (const at of [1, 2, 3]) mock.exhaust(`project-${at}`, 'minute', MODEL);
    const done = await client(t, file, TWELVE.slice(0, 2), env);
    assert.equal(done.code, 0, done.stdout + done.stderr);
    assert.equal(done.stderr, '');
    assert.match(done.stdout, /waits \d+ s for quota/);
    for (const item of TWELVE.slice(0, 2)) assert.ok(done.stdout.includes(item), item);
  });

  test(`${file}: where every day is used up, it says so, until when, and ends with 1 (W14, W30)`, async (t) => {
    const { mock, env } = await provider(t);
    for (const at of [1, 2, 3]) mock.exhaust(`project-${at}`, 'day', MODEL);
    const done = await client(t, file, ['Item 1.'], env);
    assert.equal(done.code, 1);
    assert.match(done.stderr, /per day/);
    assert.match(done.stderr, /\d (h|min)/);
    assert.doesNotMatch(done.stderr, /\.js:\d/, 'no stack');
    assert.ok(!tellsKeys(done));
  });

  test(`${file}: without a key it says what to do; with --mock it needs none (W31)`, async (t) => {
    const lost = await client(t, file, [], {});
    assert.equal(lost.code, 1);
    assert.match(lost.stderr, /api-keys\.env\.example/);
    const mocked = await client(t, file, ['--mock'], {});
    assert.equal(mocked.code, 0, mocked.stderr);
    assert.equal(mocked.stderr, '');
    assert.match(mocked.stdout, /^Success rate: 100\.0%$/m);
  });

  test(`${file} is short enough to be read aloud`, () => {
    const lines = readFileSync(join(EXAMPLES, file), 'utf8').split('\n');
    assert.ok(lines.length - 1 <= 60, `${lines.length - 1} lines`);
  });
}

test('keys come from the api-keys.env of the folder, and the environment beats it (W20, W23)', async (t) => {
  const { mock, env } = await provider(t);
  const folder = temporary(t);
  const template = readFileSync(join(EXAMPLES, 'api-keys.env.example'), 'utf8');
  writeFileSync(join(folder, 'api-keys.env'), template.replace('your-first-gemini-key-here', 'fake-not-this-one').replace('your-second-gemini-key-here', KEYS[1]));
  const { GEMINI_KEY_1, GOOGLE_GEMINI_BASE_URL } = env;
  const done = await client(t, CLIENTS[0], ['Hi', 'Ho'], { GEMINI_KEY_1, GOOGLE_GEMINI_BASE_URL }, folder);
  assert.equal(done.code, 0, done.stderr);
  assert.deepEqual(mock.state().keys.map(({ served }) => served), [1, 1, 0]);
  assert.match(done.stderr, /GEMINI_KEY_3 still holds the placeholder/);
});

test('the schema goes along, and what does not fit it is told', async (t) => {
  const { asked, env } = await provider(t);
  const done = await client(t, CLIENTS[1], ['The soup was cold.'], env);
  assert.match(done.stdout, /^mixed +★★★ +soup$/m);
  const [{ generationConfig, systemInstruction }] = asked;
  assert.deepEqual(generationConfig.responseJsonSchema.properties.mood.enum, ['positive', 'mixed', 'negative']);
  assert.ok(systemInstruction.parts[0].text.length > 0);
  for (const [answer, told] of [['{"mood":"mixed","stars":"three","subjects":[]}', /stars/], ['{"mood":"mixed","stars":9,"subjects":[]}', /expected 1 to 5 stars/], ['Nice!', /JSON/]]) {
    const odd = await provider(t, { answer: () => answer });
    const failed = await client(t, CLIENTS[1], ['The soup was cold.'], odd.env);
    assert.equal(failed.code, 1, answer);
    assert.match(failed.stderr, told);
  }
});

test('the picture goes along as it is: the one that ships, or one of your own', async (t) => {
  const chart = readFileSync(join(EXAMPLES, '03-multimodal/chart.png'));
  assert.ok(chart.length <= 60 * 1024);
  const { asked, env } = await provider(t);
  const folder = temporary(t);
  await client(t, CLIENTS[2], ['What is it?'], env);
  const other = Buffer.concat([chart, Buffer.from('another')]);
  writeFileSync(join(folder, 'mine.png'), other);
  const done = await client(t, CLIENTS[2], ['mine.png', 'What is it?'], env, folder);
  assert.equal(done.code, 0, done.stderr);
  const pictures = asked.map(({ contents }) => contents[0].parts.find((part) => part.inlineData).inlineData);
  assert.deepEqual(pictures.map(({ mimeType }) => mimeType), ['image/png', 'image/png']);
  assert.ok(Buffer.from(pictures[0].data, 'base64').equals(chart));
  assert.ok(Buffer.from(pictures[1].data, 'base64').equals(other));
});

test('copied out of the repository, each runs on the package as npm installs it', { timeout: 120_000 }, async (t) => {
  const folder = temporary(t);
  await project(join(folder, 'mine'), await pack(folder));
  const { env } = await provider(t);
  copyFileSync(join(EXAMPLES, '03-multimodal/chart.png'), join(folder, 'mine/chart.png'));
  for (const file of CLIENTS) {
    copyFileSync(join(EXAMPLES, file), join(folder, 'mine', basename(file)));
    for (const [words, given] of [[['--mock'], {}], [['Item 1.'], env]]) {
      const done = await run(process.execPath, [basename(file), ...words], { cwd: join(folder, 'mine'), env: given });
      assert.equal(done.code, 0, `${file} ${words}: ${done.stderr}`);
      assert.match(done.stdout, /^Success rate: 100\.0%$/m);
    }
  }
});

test('one command plays any of them on the mock, and refuses what it does not know', async () => {
  const runner = join(EXAMPLES, 'run.mjs');
  const played = await run(process.execPath, [runner, '01', 'Hello'], { cwd: ROOT });
  assert.equal(played.code, 0, played.stderr);
  assert.match(played.stdout, /Hello\n→ Hello from the mock/);
  const unknown = await run(process.execPath, [runner, '04'], { cwd: ROOT });
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /Usage: npm run example/);
});
