// The game of quests: Groq's keys, tasks with settings and keys of their own, and what is left when all of them are used up.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createMockServer } from '../built.js';
import { EXAMPLES, run, temporary, times } from './support.js';

const GROQ = ['fake-groq-a', 'fake-groq-b', 'fake-groq-c', 'fake-groq-d'];
const MODELS = ['openai/gpt-oss-120b', 'llama-3.3-70b-versatile', 'llama-3.1-8b-instant'];

/** Four organisations of Groq's, and one of OpenAI's, behind one server; and how the game is told of them. */
async function world(t, stage = '') {
  const asked = [];
  const projects = [...GROQ.map((key, at) => ({ id: `groq-${at}`, provider: 'groq', keys: [key] })), { id: 'openai', provider: 'openai', keys: ['fake-openai'] }];
  const server = await createMockServer({ projects, latency: 1, answer: (prompt, request) => { asked.push(request); return `to ${prompt}`; } });
  t.after(() => server.close());
  const keys = Object.fromEntries(GROQ.map((key, at) => [`${stage}GROQ_API_KEY${at === 0 ? '' : at + 1}`, key]));
  const env = { ...keys, [`${stage}OPENAI_API_KEY`]: 'fake-openai', GROQ_BASE_URL: server.url, OPENAI_BASE_URL: `${server.url}/v1` };
  const play = (more = {}) => run(process.execPath, [join(EXAMPLES, 'quest/quest-client.js')], { cwd: temporary(t), env: { ...env, ...more } });
  return { mock: server.provider, asked, play };
}

test('each quest has its own model, manner and key, of four by Groq\'s names (C112, C114, C122)', async (t) => {
  const { mock, asked, play } = await world(t);
  const done = await play();
  assert.equal(done.code, 0, done.stderr);
  assert.equal(asked.length, 12);
  assert.deepEqual(asked.map(({ model }) => model), Array.from({ length: 12 }, (_, quest) => MODELS[quest % 3]));
  assert.deepEqual(asked.map(({ project }) => project), Array.from({ length: 12 }, (_, quest) => `groq-${quest % 4}`));
  assert.deepEqual(asked.slice(0, 3).map(({ body }) => [body.temperature, body.max_completion_tokens ?? body.max_tokens]), [[0.2, 150], [0.9, 400], [0.4, 60]]);
  assert.equal(times(done.stdout, /^Requests: +1[02]$/gm), 2);
  assert.ok(!/fake-/.test(done.stdout + done.stderr));
  assert.equal(mock.state().totals.refused, 0);
});

test('a key that dies is made up for by the best of the others, and players are told in their words (C113, C143)', async (t) => {
  const { mock, asked, play } = await world(t);
  mock.breakKey(GROQ[1], 'invalid');
  const done = await play();
  assert.equal(done.code, 0, done.stderr);
  assert.equal(asked.length, 12);
  assert.equal(times(done.stdout, /One of the oracles is silent/g), 1);
  assert.doesNotMatch(done.stdout, /\[(?:model|provider|handler)\]/, 'no fallback was needed');
});

test('with all of them used up another provider answers, and after it what was prepared (C124, C125)', async (t) => {
  const { mock, asked, play } = await world(t);
  for (const key of [0, 1, 2, 3]) {
    for (const model of MODELS) {
      // Groq's days refill: of twenty, the next comes in over an hour.
      mock.setLimits(`groq-${key}`, model, { rpd: 20 });
      mock.exhaust(`groq-${key}`, 'day', model);
    }
  }
  const done = await play();
  assert.equal(done.code, 0, done.stderr);
  assert.equal(times(done.stdout, /\[provider\]$/gm), 12);
  assert.ok(asked.every(({ provider, model }) => provider === 'openai' && model === 'gpt-5.4-mini'));
  assert.match(done.stdout, /A stranger answers/);

  mock.breakKey('fake-openai', 'no-credit');
  const last = await play();
  assert.equal(last.code, 0, last.stderr);
  assert.equal(times(last.stdout, /The oracle sleeps\. Look under the third stone\. +\[handler\]$/gm), 12);
});

test('the same program on the keys of another stage (C146)', async (t) => {
  const { asked, play } = await world(t, 'STAGING_');
  const lost = await play({ OPENAI_API_KEY: '' });
  assert.equal(lost.code, 1, 'without a stage it has no key');
  const done = await play({ STAGE: 'STAGING_' });
  assert.equal(done.code, 0, done.stderr);
  assert.equal(asked.length, 12);
});
