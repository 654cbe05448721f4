// What answers teach about quota: limits, names that mean one model, projects that are one. And what is known before any.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createMockProvider } from '../built.js';
import { ENDPOINT, KEYS, answering, clock, endpointOf, listening, open, question, refused, served, watched } from './support.js';

const GROQ = 'https://api.groq.com/openai/v1/chat/completions';
const OPENAI = 'https://api.openai.com/v1/chat/completions';

/** A recorded answer's headers. */
function recorded(name) {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../fixtures/responses/${name}.json`), 'utf8')).headers;
}

const limitsOf = (api, project = 'key-1') => api.getStatus().pools.find((pool) => pool.project === project).limits;

describe('a limit', () => {
  test('that a refusal of Gemini states is known from then on, announced once, and shown as learned', async () => {
    const api = open({ fetch: answering(refused(30), refused(30)) }, ['fake-one', 'fake-two', 'fake-three']);
    const heard = listening(api, 'limit-learned');
    await api.call(ENDPOINT);
    const [[, { at, ...detail }]] = heard;
    assert.equal(typeof at, 'number');
    assert.deepEqual(detail, { project: 'key-1', model: 'gemini-fake', metric: 'requests', window: 'minute', limit: 15, source: 'a refusal stated it' });
    assert.deepEqual(limitsOf(api), { rpm: 15, learned: true });
    assert.ok(heard.every(([, { project }], at) => heard.findIndex(([, other]) => other.project === project) === at), 'once a project');
  });

  test('that Groq’s headers state is known after the first answer: tokens a minute, requests a day', async () => {
    const headers = recorded('groq-200-ratelimit-headers');
    const api = open({ fetch: async () => new Response('{}', { headers }) }, ['fake-one']);
    const heard = listening(api, 'limit-learned');
    await api.call(GROQ, question('llama-fake'));
    assert.deepEqual(limitsOf(api), { tpm: 30_000, rpd: 14_400, learned: true });
    assert.ok(heard.length > 0 && heard.every(([, { source }]) => source === 'response headers stated it'));
    await api.call(GROQ, question('llama-fake'));
    assert.equal(new Set(heard.map(([, { metric }]) => metric)).size, heard.length, 'what is known is not announced again');
  });

  test('that OpenAI’s headers state is learned where they tell its span: those of tokens here do not', async () => {
    const headers = recorded('openai-200-ratelimit-headers-project-tokens');
    const api = open({ fetch: async () => new Response('{}', { headers }) }, ['fake-one']);
    await api.call(OPENAI, question('gpt-fake'));
    assert.deepEqual(limitsOf(api), { rpm: 30_000, learned: true });
  });

  test('that is learned is kept to: the next minute draws few refusals, and everybody is served', async (t) => {
    const { now, pass } = clock(t);
    const mock = createMockProvider({ projects: KEYS.map((key) => ({ keys: [key] })), latency: 0, now });
    const api = open({ fetch: mock.fetch, now, minute: 'rolling' });
    t.after(() => api.close());
    const first = Array.from({ length: 40 }, () => watched(api.call(ENDPOINT, question())));
    await pass(200_000);
    assert.ok(first.every(({ value }) => value?.status === 200));
    const before = mock.state().totals.refused;
    const second = Array.from({ length: 40 }, () => watched(api.call(ENDPOINT, question())));
    await pass(120_000);
    assert.ok(second.every(({ value }) => value?.status === 200));
    assert.ok(before > 0, 'not declared, it can only be learned from a refusal');
    assert.ok(mock.state().totals.refused - before <= 2, `${mock.state().totals.refused - before} refused`);
  });

  test('that is declared holds below what the provider states, and gives way to less', async () => {
    const wish = open({ fetch: answering(refused()), limits: { rpm: 5 } });
    await wish.call(ENDPOINT);
    assert.equal(limitsOf(wish).rpm, 5);
    const slip = open({ fetch: answering(refused()), limits: { rpm: 100 } });
    await slip.call(ENDPOINT);
    assert.deepEqual(limitsOf(slip), { rpm: 15, learned: true });
  });
});

describe('a preset table', () => {
  test('is known before any answer, for its own models only', async () => {
    const api = open({ preset: 'gemini-free' }, ['fake-one']);
    for (const model of ['gemini-3.5-flash-lite', 'gemini-3.5-flash', 'gemini-of-tomorrow']) await api.call(endpointOf(model));
    assert.deepEqual(api.getStatus().pools.map(({ model, limits }) => [model, limits]), [
      ['gemini-3.5-flash-lite', { rpm: 15, rpd: 500, learned: false }],
      ['gemini-3.5-flash', { rpm: 5, rpd: 20, learned: false }],
      ['gemini-of-tomorrow', { learned: false }],
    ]);
  });

  test('goes beside another and beside retry manners', async () => {
    const api = open({ preset: ['workshop', 'gemini-free', 'groq-free'] }, ['fake-one']);
    await api.call(GROQ, question('llama-3.1-8b-instant'));
    await api.call(endpointOf('gemini-3.5-flash'));
    assert.deepEqual(api.getStatus().pools.map(({ limits: { rpm, tpm } }) => [rpm, tpm]), [[30, 6_000], [5, undefined]]);
    await assert.doesNotReject(api.backoff(0));
  });

  test('is beaten by what is declared and by what a refusal states', async () => {
    const api = open({ preset: 'gemini-free', fetch: answering(refused()) }, [{ key: 'fake-one', limits: { 'gemini-3.5-flash-lite': { rpm: 4_000 } } }]);
    await api.call(endpointOf('gemini-3.5-flash-lite'), { quota: { maxRetries: 1 } }).catch(() => {});
    assert.equal(limitsOf(api).rpm, 15, 'stated');
    const other = open({ preset: 'gemini-free' }, [{ key: 'fake-one', limits: { rpm: 4_000 } }]);
    await other.call(endpointOf('gemini-3.5-flash-lite'));
    assert.equal(limitsOf(other).rpm, 4_000, 'declared');
  });
});

describe('two names for one model', () => {
  const alias = endpointOf('gemini-flash-lite-latest');
  const resolved = endpointOf('gemini-3.5-flash-lite');
  const says = (modelVersion) => served({ modelVersion, usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2 } });

  test('share a pool once a response that was read has said so', async () => {
    const api = open({ fetch: async () => says('gemini-3.5-flash-lite'), limits: { rpm: 3 } }, ['fake-one']);
    await api.call(resolved);
    await (await api.call(alias)).json();
    assert.ok(api.getStatus().pools.every(({ model, used }) => model === 'gemini-3.5-flash-lite' && used.requests === 2));
    await api.call(alias);
    for (const endpoint of [alias, resolved]) await assert.rejects(api.call(endpoint, { quota: { deadline: 1000 } }), { code: 'DEADLINE' });
  });

  test('stay two where nothing says so', async () => {
    const api = open({ limits: { rpm: 3 } }, ['fake-one']);
    await (await api.call(resolved)).json();
    await (await api.call(alias)).json();
    assert.deepEqual(api.getStatus().pools.map(({ used }) => used.requests), [1, 1]);
  });
});

test('projects that refuse together beyond their own use are suspected to be one: told once, with the evidence, and an alert', async (t) => {
  const { now, pass } = clock(t);
  // Nobody has said that both keys belong to one project.
  const mock = createMockProvider({ projects: [{ keys: KEYS, models: { '*': { rpm: 10 } } }], latency: 0, now });
  const api = open({ fetch: mock.fetch, now });
  t.after(() => api.close());
  const heard = listening(api, 'shared-quota-suspected');
  for (let n = 0; n < 60; n += 1) api.call(ENDPOINT, question()).catch(() => {});
  await pass(150_000, 500);
  assert.equal(heard.length, 1);
  const [[, detail]] = heard;
  assert.deepEqual(Object.keys(detail), ['at', 'projects', 'model', 'coincidences', 'served', 'limit']);
  assert.deepEqual([detail.projects, detail.model, detail.limit], [['key-1', 'key-2'], 'gemini-fake', 10]);
  assert.ok(detail.coincidences >= 3 && detail.served.every((served) => served < 10), JSON.stringify(detail));
  const alert = api.getStatus().alerts.find(({ code }) => code === 'shared-quota-suspected');
  assert.deepEqual([alert.severity, alert.type], ['medium', 'warning']);
  assert.match(alert.message, /^key-1 and key-2 seem to share one quota for gemini-fake: .* say so with `project`$/);
  assert.equal(api.getStatus().pools.length, 2, 'nothing is merged for it');
});

test('projects of their own that are full together are not suspected', async (t) => {
  const { now, pass } = clock(t);
  const mock = createMockProvider({ projects: KEYS.map((key) => ({ keys: [key], models: { '*': { rpm: 10 } } })), latency: 0, now });
  const api = open({ fetch: mock.fetch, now });
  t.after(() => api.close());
  const heard = listening(api, 'shared-quota-suspected');
  for (let n = 0; n < 60; n += 1) api.call(ENDPOINT, question()).catch(() => {});
  await pass(150_000, 500);
  assert.deepEqual(heard, []);
});
