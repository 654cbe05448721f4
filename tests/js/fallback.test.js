// Fallbacks: what is tried when no key can serve, within what bounds, and what is told of it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMockProvider } from '../built.js';
import { QuotaAwareAPI, QuotaAwareError, answering, assertIdle, byHand, clock, endpointOf, listening, open, question, refusal, refused, served, turn, until, watched } from './support.js';

const GEMINI_KEY = 'fake-gemini-one';
const GROQ_KEY = 'fake-groq-one';
const OPENAI_KEY = 'fake-openai-one';
const FLASH = endpointOf('gemini-3.5-flash');
const STREAM = FLASH.replace('generateContent', 'streamGenerateContent?alt=sse');
const CHAT = 'https://api.openai.com/v1/chat/completions';
const GROQ = { provider: 'groq', model: 'llama-3.1-8b-instant', keys: [GROQ_KEY] };
const LITE = { model: 'gemini-3.5-flash-lite' };
const CANNED = { handler: () => served({ canned: true }) };
const EXPLAIN = { quota: { explain: true } };

/** Gemini, Groq and OpenAI at once: a request a day of each model, unless said otherwise. */
function providers({ gemini = { '*': { rpd: 1 } }, groq = { '*': { rpd: 5 } }, openai = { '*': { rpd: 5 } }, ...options } = {}) {
  return createMockProvider({
    latency: 0, chunkDelay: 0, ...options,
    projects: [{ provider: 'gemini', keys: [GEMINI_KEY], models: gemini }, { provider: 'groq', keys: [GROQ_KEY], models: groq }, { provider: 'openai', keys: [OPENAI_KEY], models: openai }],
  });
}

/** An instance whose Gemini key has used its day up, and what was sent since. */
function exhausted(t, fallback, { mock = providers(), keys = [{ key: GEMINI_KEY, provider: 'gemini' }], ...options } = {}) {
  mock.exhaust(GEMINI_KEY, 'day', 'gemini-3.5-flash');
  const sent = [];
  const fetch = (url, init) => {
    sent.push({ url, init, headers: { ...init.headers } });
    return mock.fetch(url, init);
  };
  const api = new QuotaAwareAPI(keys, { fetch, fallback, retryBudget: false, ...options });
  t.after(() => api.close());
  return { api, mock, sent };
}

const textOf = ({ candidates }) => candidates[0].content.parts[0].text;

describe('another model', () => {
  test('of the same provider answers, with the same key, and the response says so', async (t) => {
    const { api, sent } = exhausted(t, [LITE]);
    const heard = listening(api, 'fallback');
    const response = await api.call(FLASH, question());
    assert.equal(response.status, 200);
    assert.match(textOf(await response.json()), /Hi/);
    assert.deepEqual(sent.map(({ url }) => url), [FLASH, endpointOf('gemini-3.5-flash-lite')]);
    const { cause, ...note } = response.fallback;
    assert.deepEqual(note, { step: 1, kind: 'model', provider: 'gemini', model: LITE.model, reason: 'QUOTA_EXCEEDED', left: [] });
    assert.equal(cause.code, 'QUOTA_EXCEEDED');
    assert.deepEqual([Object.keys(response), response.quota], [[], undefined]);
    assert.deepEqual(heard.map(([, { at, ...detail }]) => detail), [{ call: 1, step: 1, kind: 'model', provider: 'gemini', model: LITE.model, reason: 'QUOTA_EXCEEDED' }]);
    assertIdle(api);
  });

  test('is named in the body elsewhere', async (t) => {
    const mock = providers();
    mock.exhaust(OPENAI_KEY, 'day', 'gpt-large');
    const { api, sent } = exhausted(t, [{ model: 'gpt-small' }], { mock, keys: [{ key: OPENAI_KEY, provider: 'openai' }] });
    const response = await api.call(CHAT, question('gpt-large'));
    assert.equal((await response.json()).model, 'gpt-small');
    assert.equal(JSON.parse(sent.at(-1).init.body).model, 'gpt-small');
  });

  test('is not asked for embeddings, nor when it was asked already, nor about a body that is no JSON', async (t) => {
    const { api, mock } = exhausted(t, [{ model: 'gemini-3.5-flash' }]);
    mock.exhaust(GEMINI_KEY, 'day', 'gemini-embedding-001');
    const why = async (url, init) => (await api.call(url, init).catch((error) => error)).fallbacks[0].error;
    const embedding = { ...question(), body: '{"content":{"parts":[{"text":"Hi"}]}}' };
    assert.deepEqual((await why(endpointOf('gemini-embedding-001').replace('generate', 'embed'), embedding)).lost.map(({ path }) => path), ['url']);
    assert.match((await why(FLASH, question())).message, /for this model already/);
  });

  test('streams as it would have', async (t) => {
    const { api } = exhausted(t, [LITE]);
    const response = await api.call(STREAM, question());
    assert.match(await response.text(), /^data: /);
    assert.equal(response.fallback.model, LITE.model);
  });
});

describe('another provider', () => {
  test('answers a caller of Gemini in Gemini’s words, by its own key, at its own origin', async (t) => {
    const { api, sent } = exhausted(t, [GROQ]);
    const init = question();
    const response = await api.call(FLASH, { ...init, headers: { ...init.headers, 'x-goog-user-project': 'mine' } });
    const answer = await response.json();
    assert.match(textOf(answer), /Hi/);
    assert.ok(answer.usageMetadata.totalTokenCount > 0);
    const { cause, ...note } = response.fallback;
    assert.deepEqual(note, { step: 1, kind: 'provider', provider: 'groq', model: GROQ.model, reason: 'QUOTA_EXCEEDED', left: [] });
    const last = sent.at(-1);
    assert.equal(last.url, 'https://api.groq.com/openai/v1/chat/completions');
    assert.deepEqual(last.headers, { 'content-type': 'application/json', authorization: `Bearer ${GROQ_KEY}` });
    assert.equal(JSON.parse(last.init.body).model, GROQ.model);
    assert.deepEqual(api.getStats().fallbacks, [{ step: 1, kind: 'provider', provider: 'groq', model: GROQ.model, tried: 1, served: 1 }]);
  });

  test('answers a stream piece by piece, as it comes', async (t) => {
    const hand = byHand();
    const fetch = (url, init) => (url.includes('groq') ? hand.fetch(url, init) : refused(100_000));
    const api = open({ fetch, fallback: [GROQ], limits: { rpm: 5 } }, [{ key: GEMINI_KEY, provider: 'gemini' }]);
    t.after(() => api.close());
    const call = api.call(STREAM, question());
    await until(() => hand.requests.length === 1);
    let push;
    const body = new ReadableStream({ start: (controller) => { push = (text) => controller.enqueue(new TextEncoder().encode(text)); } });
    const chunk = (content) => `data: ${JSON.stringify({ model: 'm', choices: [{ index: 0, delta: { content } }] })}\n\n`;
    hand.requests[0].answer(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    // Held back until it has begun.
    push(chunk('Why'));
    const reader = (await call).body.pipeThrough(new TextDecoderStream()).getReader();
    for (const word of ['Why', 'not']) {
      if (word === 'not') push(chunk(word));
      assert.equal(textOf(JSON.parse((await reader.read()).value.slice(6))), word);
    }
    await reader.cancel();
  });

  test('is the OpenAI form on both sides for a caller of OpenAI, Gemini’s own endpoint too', async (t) => {
    const mock = providers({ gemini: { '*': { rpd: 5 } } });
    mock.exhaust(OPENAI_KEY, 'day');
    const { api, sent } = exhausted(t, [{ provider: 'gemini', model: LITE.model, keys: [GEMINI_KEY] }], { mock, keys: [{ key: OPENAI_KEY, provider: 'openai' }] });
    const response = await api.call(CHAT, question('gpt-large', { max_completion_tokens: 9 }));
    assert.equal((await response.json()).object, 'chat.completion');
    const last = sent.at(-1);
    assert.equal(last.url, 'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions');
    assert.equal(last.headers.authorization, `Bearer ${GEMINI_KEY}`);
    assert.deepEqual([JSON.parse(last.init.body).model, JSON.parse(last.init.body).max_completion_tokens ?? JSON.parse(last.init.body).max_tokens], [LITE.model, 9]);
  });

  test('may be any, at its baseURL, where alone its key goes', async (t) => {
    const sent = [];
    const fetch = async (url, init) => {
      sent.push([url, init.headers.authorization ?? init.headers['x-goog-api-key']]);
      return url.startsWith('https://a.example') ? served({ choices: [{ index: 0, message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' }] }) : refused(100_000);
    };
    const fallback = [{ provider: 'openai-compatible', model: 'm', keys: ['fake-own'], baseURL: 'https://a.example/v1/' }];
    const api = open({ fetch, fallback }, ['fake-of-any-provider']);
    t.after(() => api.close());
    assert.equal(textOf(await (await api.call(FLASH, question())).json()), 'yes');
    assert.deepEqual(sent, [[FLASH, 'fake-of-any-provider'], ['https://a.example/v1/chat/completions', 'Bearer fake-own']]);
    // Nor does naming it open that origin to the instance's own keys.
    await assert.rejects(api.call('https://a.example/v1/chat/completions', question('m')), refusal('ORIGIN_NOT_ALLOWED'));
  });

  test('is Gemini in its own words for a caller of Gemini', async (t) => {
    const mock = createMockProvider({ latency: 0, projects: [{ keys: [GEMINI_KEY], models: { '*': { rpd: 1 } } }, { keys: ['fake-gemini-two'], models: { '*': { rpd: 1 } } }] });
    const { api, sent } = exhausted(t, [{ provider: 'gemini', model: LITE.model, keys: ['fake-gemini-two'] }], { mock });
    const response = await api.call(`${STREAM}&key=fake-of-the-caller`, question());
    assert.equal(response.status, 200);
    assert.deepEqual([sent.at(-1).url, sent.at(-1).headers['x-goog-api-key']], [`${STREAM.replace('3.5-flash', '3.5-flash-lite')}`, 'fake-gemini-two']);
  });

  test('is passed over where it can’t be told what was asked; all that is lost is named, and may be left out', async (t) => {
    const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }], safetySettings: [{ category: 'x', threshold: 'y' }], cachedContent: 'cachedContents/x' });
    const asked = { ...question(), body };
    const { api, sent } = exhausted(t, [GROQ]);
    const error = await api.call(FLASH, asked).catch((thrown) => thrown);
    refusal('QUOTA_EXCEEDED', /No fallback could serve: 1\. groq llama.*safetySettings/)(error);
    const [{ step, error: own }] = error.fallbacks;
    assert.deepEqual([step, own.code, own.lost.map(({ path }) => path).sort()], [1, 'NOT_TRANSLATABLE', ['cachedContent', 'safetySettings[0]']]);
    assert.equal(sent.length, 1);
    const lenient = exhausted(t, [{ ...GROQ, leaveOut: ['safetySettings', 'cachedContent'] }]).api;
    const response = await lenient.call(FLASH, asked);
    assert.deepEqual(response.fallback.left.map(({ path }) => path).sort(), ['cachedContent', 'safetySettings[0]']);
    const next = await exhausted(t, [GROQ, LITE]).api.call(FLASH, { ...asked, body: body.replace(',"cachedContent":"cachedContents/x"', '') });
    assert.deepEqual([next.status, next.fallback.step], [200, 2]);
  });

  test('that refuses the request has its answer handed on, in the caller’s words', async (t) => {
    const { api } = exhausted(t, [{ ...GROQ, model: 'no-such-model' }, CANNED], { mock: providers({ groq: { 'llama-3.1-8b-instant': { rpd: 5 } } }) });
    const response = await api.call(FLASH, question());
    assert.deepEqual([response.status, (await response.json()).error.status, response.fallback.step], [404, 'NOT_FOUND', 1]);
  });

  for (const [name, answer] of Object.entries({
    'breaks off': () => new Response(new ReadableStream({ pull: (controller) => controller.error(new TypeError('terminated')) }), { headers: { 'content-type': 'application/json' } }),
    'is no JSON': () => new Response('<html>', { headers: { 'content-type': 'application/json' } }),
  })) {
    test(`whose answer ${name} is followed by the next, and its attempt counts`, async (t) => {
      const fetch = async (url) => (url.includes('groq') ? answer() : refused(100_000));
      const api = open({ fetch, fallback: [GROQ, CANNED] }, [{ key: GEMINI_KEY, provider: 'gemini' }]);
      t.after(() => api.close());
      const response = await api.call(FLASH, { ...question(), ...EXPLAIN });
      assert.deepEqual([await response.json(), response.fallback.step, response.quota.attempts], [{ canned: true }, 2, 2]);
    });
  }
});

describe('a handler', () => {
  test('is asked last, told the request without a key and why, and marked', async (t) => {
    let given;
    const handler = (request, cause) => {
      given = { request, cause };
      return new Response('canned', { status: 203 });
    };
    const { api } = exhausted(t, [{ handler }]);
    const response = await api.call(`${FLASH}?key=fake-of-the-caller`, { ...question(), headers: { 'x-mine': '1' } });
    assert.deepEqual([response.status, await response.text(), response.headers.get('x-quota-aware-fallback')], [203, 'canned', 'handler']);
    assert.deepEqual([response.fallback.kind, response.fallback.provider, response.fallback.model], ['handler', null, null]);
    assert.deepEqual([given.request.url, given.request.method, await given.request.text()], [FLASH, 'POST', question().body]);
    assert.deepEqual([...given.request.headers.keys()], ['content-type', 'x-mine']);
    assert.ok(given.cause instanceof QuotaAwareError);
    assert.equal(given.cause.code, 'QUOTA_EXCEEDED');
  });

  test('may hand on a response that can’t be written on', async (t) => {
    const { api } = exhausted(t, [{ handler: () => fetch('data:application/json,{"canned":1}') }]);
    const response = await api.call(FLASH, question());
    assert.deepEqual([await response.json(), response.headers.get('x-quota-aware-fallback')], [{ canned: 1 }, 'handler']);
  });

  const nonsense = {
    'throws': [() => { throw new Error('a secret of mine'); }, /the handler threw/],
    'rejects': [async () => { throw undefined; }, /the handler threw/],
    'returns nothing': [() => undefined, /no Response/],
    'returns a text': [() => 'canned', /no Response/],
    'returns the error of a network': [() => Response.error(), /can't be marked/],
    'returns what was read': [async () => { const read = new Response('x'); await read.text(); return read; }, /was read already/],
  };
  for (const [name, [handler, words]] of Object.entries(nonsense)) {
    test(`that ${name} has failed, and the error says so`, async (t) => {
      const { api } = exhausted(t, [{ handler }]);
      const error = await api.call(FLASH, question()).catch((thrown) => thrown);
      refusal('QUOTA_EXCEEDED', words)(error);
      assert.equal(error.fallbacks[0].error.code, 'FALLBACK_FAILED');
      assert.doesNotMatch(`${error.message}${error.toReport()}${JSON.stringify(error)}`, /secret/);
    });
  }

  test('that never answers is waited for until the deadline, an abort or close()', async (t) => {
    const { now, pass } = clock(t);
    const mock = providers({ now });
    const { api } = exhausted(t, [{ handler: () => new Promise(() => {}) }], { mock, now });
    const controller = new AbortController();
    const calls = [api.call(FLASH, { ...question(), quota: { deadline: 5000 } }), api.call(FLASH, { ...question(), signal: controller.signal }), api.call(FLASH, question())].map(watched);
    await pass(4900);
    assert.deepEqual(calls.map(({ state }) => state), ['pending', 'pending', 'pending']);
    await pass(200);
    refusal('QUOTA_EXCEEDED', /the time that the call had is over/)(calls[0].error);
    controller.abort(new Error('enough'));
    await turn();
    assert.equal(calls[1].error.message, 'enough');
    api.close();
    await turn();
    assert.equal(calls[2].error.code, 'CLOSED');
  });
});

describe('fallbacks are tried', () => {
  const one = [{ key: GEMINI_KEY, provider: 'gemini' }];
  const invalid = () => new Response('{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"API key not valid.","details":[{"reason":"API_KEY_INVALID"}]}}', { status: 400 });
  const overloaded = () => new Response('{"error":{"code":503,"status":"UNAVAILABLE","message":"The model is overloaded."}}', { status: 503 });
  const leads = {
    'when a wait would be longer than maxWait': [{ fetch: answering(refused(100)) }, 'EXHAUSTED'],
    'when every key is invalid': [{ fetch: answering(invalid()) }, 'INVALID_KEYS'],
    'when the request is larger than a limit': [{ limits: { tpm: 5 } }, 'NEVER_FITS', { tokens: 6 }],
    'when attempts are used up': [{ fetch: answering(...Array.from({ length: 3 }, () => new TypeError('fetch failed'))) }, 'EXHAUSTED'],
  };
  for (const [name, [options, code, quota]] of Object.entries(leads)) {
    test(name, async (t) => {
      const api = open({ backoff: { base: 0, max: 0 }, ...options, fallback: [CANNED] }, one);
      t.after(() => api.close());
      const response = await api.call(FLASH, { ...question(), quota });
      assert.equal(response.fallback?.reason, code);
    });
  }

  test('when the queue is full', async (t) => {
    const api = open({ limits: { rpm: 1 }, queue: { maxSize: 0 }, fallback: [CANNED] }, one);
    t.after(() => api.close());
    await api.call(FLASH, question());
    assert.equal((await api.call(FLASH, question())).fallback.reason, 'QUEUE_FULL');
  });

  test('after two more tries of an overloaded model, not four', async (t) => {
    const { now, pass } = clock(t);
    let sends = 0;
    const fetch = async () => { sends += 1; return overloaded(); };
    const api = open({ now, fetch, maxRetries: 9, fallback: [CANNED] }, one);
    t.after(() => api.close());
    const call = watched(api.call(FLASH, question()));
    await pass(10_000);
    assert.deepEqual([call.value?.fallback.kind, sends], ['handler', 3]);
  });

  test('and not waited for while a key can serve within maxWait', async (t) => {
    const { now, pass } = clock(t);
    const api = open({ now, limits: { rpm: 1 }, minute: 'rolling', fallback: [CANNED] }, one);
    t.after(() => api.close());
    await api.call(FLASH, question());
    const call = watched(api.call(FLASH, question()));
    await pass(50_000, 1000);
    assert.equal(call.state, 'pending');
    await pass(15_000, 1000);
    assert.deepEqual([call.state, call.value.fallback], ['resolved', undefined]);
  });

  test('never for what the provider says of the request, an abort, a mistake, or a body that is gone', async (t) => {
    const answer = (status, body = '{"error":{}}') => ({ fetch: async () => new Response(body, { status }) });
    let asked = 0;
    const handler = () => { asked += 1; return served(); };
    for (const status of [400, 404, 413]) {
      const api = open({ ...answer(status), fallback: [{ handler }] }, one);
      assert.equal((await api.call(FLASH, question())).status, status);
      api.close();
    }
    const api = open({ fetch: answering(refused(100)), fallback: [{ handler }], sessionRate: { perSecond: 1, burst: 1 } }, one);
    t.after(() => api.close());
    await assert.rejects(api.call(FLASH, { ...question(), signal: AbortSignal.abort(new Error('enough')) }), /enough/);
    await assert.rejects(api.call(FLASH, { ...question(), quota: { deadline: 'soon' } }), refusal('CONFIG_INVALID', /quota\.deadline/));
    await assert.rejects(api.call(FLASH, { ...question(), quota: { maxRetries: -1 } }), refusal('CONFIG_INVALID', /quota\.maxRetries/));
    await assert.rejects(api.call('https://elsewhere.example/', question()), refusal('ORIGIN_NOT_ALLOWED'));
    const gone = open({ fetch: async () => new Response('', { status: 500 }), fallback: [{ handler }] }, one);
    t.after(() => gone.close());
    await assert.rejects(gone.call(FLASH, { ...question(), body: new ReadableStream(), duplex: 'half' }), refusal('BODY_NOT_REPLAYABLE'));
    assert.equal(asked, 0);
  });

  test('but not sent to, where the provider may have acted on what must not be sent twice', async (t) => {
    let sends = 0;
    const fetch = async () => { sends += 1; return new Response('', { status: 500 }); };
    const api = open({ fetch, fallback: [LITE, CANNED] }, one);
    t.after(() => api.close());
    const response = await api.call(FLASH, { ...question(), quota: { idempotent: false } });
    assert.deepEqual([response.fallback.step, sends], [2, 1]);
  });
});

describe('what is told', () => {
  test('when all have failed: the first reason, every attempt, each fallback’s own error, the soonest wait', async (t) => {
    const mock = providers();
    mock.exhaust(GROQ_KEY, 'day', GROQ.model);
    mock.exhaust(GEMINI_KEY, 'day', LITE.model);
    const { api } = exhausted(t, [LITE, GROQ, { handler: () => null }], { mock });
    const down = listening(api, 'all-keys-down', 'rate-limited');
    const error = await api.call(FLASH, { ...question(), ...EXPLAIN }).catch((thrown) => thrown);
    const told = (name) => down.filter(([type]) => type === name).map(([, { fallback }]) => fallback);
    assert.deepEqual([told('rate-limited'), told('all-keys-down')], [[undefined, undefined, 2], [undefined]]);
    assert.equal(error.code, 'QUOTA_EXCEEDED');
    assert.deepEqual(error.fallbacks.map(({ step, kind, provider, model }) => [step, kind, provider, model]), [[1, 'model', 'gemini', LITE.model], [2, 'provider', 'groq', GROQ.model], [3, 'handler', null, null]]);
    assert.ok(error.fallbacks.every((each) => each.error instanceof QuotaAwareError));
    assert.deepEqual(error.attempts.map(({ key, fallback }) => [key, fallback]), [['key-1', undefined], ['key-1', 1], ['fallback-2-key-1', 2]]);
    // The soonest of all, the instance's own included: each wait has a random part, so any of them may be it. What closed the
    // pools says until when, to the milliseconds that have passed since.
    const own = down.find(([type, { fallback }]) => type === 'rate-limited' && fallback === undefined)[1].until - Date.now();
    const others = error.fallbacks.slice(0, 2).map((each) => each.error.retryAfter ?? Infinity);
    assert.ok(error.retryAfter === Math.min(...others) ? own >= error.retryAfter - 2_000 : Math.abs(own - error.retryAfter) <= 2_000 && error.retryAfter < Math.min(...others), `${error.retryAfter} of ${own} and ${others}`);
    const steps = error.trace.steps.map(({ step, fallback, code }) => [step, fallback, code].filter(Boolean).join(' '));
    assert.deepEqual(steps.filter((step) => step.startsWith('f')), ['falls-back 1', 'fallback-failed 1 QUOTA_EXCEEDED', 'falls-back 2', `fallback-failed 2 ${error.fallbacks[1].error.code}`, 'falls-back 3', 'fallback-failed 3 FALLBACK_FAILED']);
    assert.equal(steps.filter((step) => step === 'sent').length, 3);
    assert.match(error.toReport(), /Fallback: {2}1\. gemini-3\.5-flash-lite/);
    assert.deepEqual(api.explain(5), [error.trace], 'one account of one call');
    const silent = await api.call(FLASH, question()).catch((thrown) => thrown);
    assert.equal(silent.trace, null);
  });

  test('of fallbacks’ keys: status, events with the number of the fallback, tests, limits', async (t) => {
    const { api } = exhausted(t, [GROQ]);
    const heard = listening(api, 'attempt', 'settled', 'all-keys-down');
    await api.call(FLASH, question());
    const [status] = api.getStatus().fallbacks;
    assert.deepEqual([status.step, status.provider, status.model, status.state, status.keys.map(({ id }) => id)], [1, 'groq', GROQ.model, 'ok', ['fallback-1-key-1']]);
    assert.deepEqual(heard.filter(([type]) => type === 'attempt').map(([, { key, fallback }]) => [key, fallback]), [['key-1', undefined], ['fallback-1-key-1', 1]]);
    assert.ok((await api.testKey('fallback-1-key-1')).ok);
    assert.equal((await api.testAllKeys()).length, 2);
    api.setLimits('fallback-1-key-1', { rpm: 7 });
    assert.equal(api.getStatus().fallbacks[0].pools[0].limits.rpm, 7);
    assert.equal(api.getStats().totalKeys, 1);
    assert.deepEqual(open().getStatus().fallbacks, []);
  });

  test('by verbose lines', async (t) => {
    const lines = [];
    const { api } = exhausted(t, [GROQ], { verbose: (line) => lines.push(line) });
    await api.call(FLASH, question());
    assert.deepEqual(lines.map((line) => line.replace(/,.*ms/, '')), ['Key 1/1: 429 quota-exhausted', 'Fallback 1']);
  });

  test('to those who ask again: an answer of a fallback is not kept', async (t) => {
    const { api, sent } = exhausted(t, [LITE], { mock: providers({ gemini: { 'gemini-3.5-flash': { rpd: 1 }, '*': { rpd: 9 } } }) });
    const ask = () => api.call(FLASH, { ...question(), quota: { cache: true } });
    const together = await Promise.all([ask(), ask()]);
    assert.deepEqual(together.map(({ fallback }) => fallback.step), [1, 1]);
    const before = sent.length;
    await ask();
    assert.equal(sent.length, before + 1);
  });
});

describe('through fetch', () => {
  test('an answer of a fallback comes as any other, and a chain that fails as a 429', async (t) => {
    const { api } = exhausted(t, [GROQ], { mock: providers({ groq: { '*': { rpd: 1 } } }) });
    const asked = new Request(FLASH, question());
    assert.match(textOf(await (await api.fetch(asked)).json()), /Hi/);
    const refusedOne = await api.fetch(FLASH, question());
    assert.deepEqual([refusedOne.status, refusedOne.headers.get('x-should-retry')], [429, 'false']);
  });

  test('that is installed, a fallback’s own request is not taken for one of the program’s', async (t) => {
    const before = globalThis.fetch;
    t.after(() => { globalThis.fetch = before; });
    const sent = [];
    globalThis.fetch = async (url, init) => {
      sent.push([new URL(url).hostname, init.headers.authorization ?? init.headers['x-goog-api-key']]);
      return url.includes('groq') ? served({ choices: [{ index: 0, message: { content: 'yes' }, finish_reason: 'stop' }] }) : refused(100_000);
    };
    const api = new QuotaAwareAPI(['fake-of-any-provider'], { fallback: [GROQ] });
    t.after(() => api.close());
    api.install();
    assert.equal(textOf(await (await fetch(FLASH, question())).json()), 'yes');
    assert.deepEqual(sent, [['generativelanguage.googleapis.com', 'fake-of-any-provider'], ['api.groq.com', `Bearer ${GROQ_KEY}`]]);
  });
});

describe('options', () => {
  const wrong = {
    'no array': [LITE, /^options\.fallback: expected an array of fallbacks, got an object/],
    'a misspelt name': [[{ modle: 'm' }], /^options\.fallback\[0\]\.modle: .* did you mean model\?/],
    'no function': [[{ handler: true }], /^options\.fallback\[0\]\.handler: expected a function, got boolean/],
    'a handler before others': [[CANNED, LITE], /^options\.fallback\[0\]: expected a handler as the last fallback/],
    'an unknown provider': [[{ ...GROQ, provider: 'grok' }], /^options\.fallback\[0\]\.provider: .* did you mean groq\?/],
    'no key': [[LITE, { ...GROQ, keys: [''] }], /^options\.fallback\[1\]\.keys: expected at least one key/],
    'a base URL that is none': [[{ ...GROQ, baseURL: '/v1' }], /^options\.fallback\[0\]\.baseURL: expected an absolute/],
    'another’s host': [[{ ...GROQ, provider: 'openai', baseURL: 'https://openrouter.ai/api/v1' }], /^options\.fallback\[0\]\.provider: expected the provider whose host openrouter\.ai is, got openai/],
    'an id that is taken': [[{ ...GROQ, keys: [{ key: 'fake', id: 'key-1' }] }], /^options\.fallback\[0\]\.keys: expected ids of their own/],
    'a function among data': [[{ model: () => 'm' }], /^options/],
  };
  for (const [name, [fallback, words]] of Object.entries(wrong)) {
    test(`are refused: ${name}`, () => assert.throws(() => open({ fallback }), refusal('CONFIG_INVALID', words)));
  }

  test('that are right or absent are taken', () => {
    for (const fallback of [undefined, null, [], [LITE], [LITE, GROQ, { ...GROQ, model: 'other' }, CANNED]]) open({ fallback }).close();
  });
});

describe('over random chains', () => {
  /** A generator of numbers below 1. */
  const random = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };

  test('neither the number of attempts nor the deadline is exceeded, and the account is complete', async (t) => {
    const { now, pass } = clock(t);
    for (let seed = 1; seed <= 60; seed += 1) {
      const draw = random(seed);
      const one = (...list) => list[Math.floor(draw() * list.length)];
      const sent = [];
      const answers = [
        () => served({ candidates: [{ content: { parts: [{ text: 'x' }] } }], choices: [{ index: 0, message: { content: 'x' }, finish_reason: 'stop' }] }),
        () => refused(5), () => refused(500), () => new Response('', { status: 500 }), () => new Response('', { status: 503 }), () => Promise.reject(new TypeError('fetch failed')),
        () => new Response('<html>'), 'never', 'never-ends',
      ];
      const fetch = (url, init) => {
        sent.push(url);
        const answer = one(...answers.slice(seed % 3 === 0 ? 0 : 1));
        const gone = (settle) => init.signal.addEventListener('abort', () => settle(init.signal.reason));
        if (answer === 'never') return new Promise((_, fail) => gone(fail));
        if (answer === 'never-ends') return Promise.resolve(new Response(new ReadableStream({ start: (controller) => gone((why) => controller.error(why)) }), { status: one(200, 500) }));
        return new Promise((resolve) => { setTimeout(resolve, Math.floor(draw() * 2000)); }).then(answer);
      };
      const fallback = Array.from({ length: Math.floor(draw() * 4) }, (_, at) => one({ model: `m-${at}` }, { provider: 'groq', model: 'm', keys: [`fake-groq-${at}`] }, { provider: 'openai', model: 'm', keys: [`fake-openai-${at}`, `fake-openai-b${at}`] }));
      const handler = one(undefined, () => new Promise(() => {}), () => served(), () => { throw new Error('x'); });
      if (handler) fallback.push({ handler });
      const keys = Array.from({ length: 1 + Math.floor(draw() * 3) }, (_, at) => ({ key: `fake-key-${at}`, provider: 'gemini' }));
      const maxRetries = one(undefined, 1, 2, 5);
      const deadline = one(500, 5000, 40_000);
      const api = new QuotaAwareAPI(keys, { now, fetch, random: draw, fallback, maxRetries, deadline });
      const call = watched(api.call(FLASH, { ...question(), ...EXPLAIN }));
      const began = now();
      while (now() - began <= deadline + 1500 && call.state === 'pending') await pass(100, 100);
      const ended = now() - began;
      const about = `seed ${seed}: ${JSON.stringify({ fallback, maxRetries, deadline, ended, sent: sent.length })}`;
      assert.notEqual(call.state, 'pending', about);
      assert.ok(ended <= deadline + 200, about);
      assert.ok(sent.length <= (maxRetries ?? 10), about);
      const trace = call.error?.trace ?? call.value?.quota?.trace;
      if (trace) assert.equal(trace.steps.filter(({ step }) => step === 'sent').length, sent.length, about);
      if (call.error) assert.ok(call.error instanceof QuotaAwareError, about);
      if (call.error) assert.equal(call.error.attempts.length, sent.length, about);
      api.close();
    }
  });
});
