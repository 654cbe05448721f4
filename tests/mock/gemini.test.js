import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GEMINI, LITE, chat, fixture, generate, grammar, hintOf, oneProject, onClock, shape } from './support.js';

const openaiPath = `${GEMINI}/v1beta/openai`;

describe('refusals have the recorded shape and wording', () => {
  /** Exhausts the first call, returns the second answer. */
  async function refusal({ limits, tier = 'free', calls = 2, ...call }) {
    const { mock } = oneProject({}, { projects: [{ keys: ['fake-a'], tier, models: { '*': limits } }] });
    let response;
    for (let i = 0; i < calls; i++) response = await generate(mock, 'fake-a', call);
    return response;
  }
  const long = { text: 'abcd'.repeat(60) };
  for (const [name, options] of Object.entries({
    'gemini-429-free-requests-per-minute': { limits: { rpm: 1 } },
    'gemini-429-free-input-tokens-per-minute': { limits: { tpm: 100 }, ...long },
    'gemini-429-free-requests-per-day-short-hint': { limits: { rpd: 1 } },
    'gemini-429-paid-input-tokens-per-minute': { limits: { tpm: 100 }, tier: 'paid', ...long },
    'gemini-429-paid-requests-per-day-long-hint': { limits: { rpd: 1 }, tier: 'paid' },
    'gemini-429-limit-zero-four-violations': { limits: { rpm: 0, tpm: 0, rpd: 0 }, calls: 1 },
    'gemini-429-embed-requests-per-minute': { limits: { rpm: 1 }, model: 'gemini-embedding-001', verb: 'embedContent', body: { content: { parts: [{ text: 'x' }] } } },
  })) {
    test(name, async () => {
      const recorded = await fixture(name);
      const response = await refusal(options);
      const body = await response.json();
      assert.equal(response.status, recorded.status);
      assert.deepEqual(shape(body), shape(recorded.body));
      const quotas = ({ error }) => error.details.find((each) => each.violations).violations.map(({ quotaMetric, quotaId }) => [quotaMetric, quotaId]);
      assert.deepEqual(quotas(body), quotas(recorded.body));
      // The oldest recordings lack the second half of the text.
      if (recorded.body.error.message.includes('Please retry')) assert.equal(grammar(body.error.message), grammar(recorded.body.error.message));
      for (const header of ['retry-after', 'x-ratelimit-limit-requests', 'x-ratelimit-remaining']) assert.equal(response.headers.get(header), null);
      assert.equal(response.headers.get('content-type'), 'application/json; charset=UTF-8');
    });
  }

  for (const [name, state] of Object.entries({
    'gemini-400-api-key-invalid': 'invalid',
    'gemini-400-user-location': 'location',
    'gemini-401-access-token-type-unsupported': 'wrong-type',
    'gemini-403-api-key-service-blocked': 'restricted',
    'gemini-403-consumer-suspended': 'suspended',
    'gemini-403-http-referrer-blocked': 'referrer',
    'gemini-403-key-reported-leaked': 'leaked',
    'gemini-403-project-denied-access': 'denied',
    'gemini-403-service-disabled': 'disabled',
    'gemini-429-prepay-depleted': 'no-credit',
  })) {
    test(name, async () => {
      const recorded = await fixture(name);
      const { mock } = oneProject({ rpm: 5 }, { keys: { 'fake-a': state } });
      const response = await generate(mock);
      const body = await response.json();
      assert.equal(response.status, recorded.status);
      assert.deepEqual(shape(body), shape(recorded.body));
      const words = (text) => text.replace(/\d{9,}/g, 'N').replace(/method \S+/, 'method M').replace(/api_key:[\w-]+/, 'api_key:K');
      assert.equal(words(body.error.message), words(recorded.body.error.message));
      assert.equal(mock.state().pools.length === 0 || mock.state().pools[0].used.rpm === 0, true, 'nothing was counted');
    });
  }

  test('gemini-403-unregistered-caller, gemini-400-contents-not-specified, gemini-404-model-retired', async () => {
    const { mock } = oneProject({}, { projects: [{ keys: ['fake-a'], models: { [LITE]: {} } }] });
    const cases = [
      ['gemini-403-unregistered-caller', await generate(mock, '')],
      ['gemini-400-contents-not-specified', await generate(mock, 'fake-a', { body: {} })],
      ['gemini-404-model-retired', await generate(mock, 'fake-a', { model: 'gemini-1.5-flash' })],
    ];
    for (const [name, response] of cases) {
      const recorded = await fixture(name);
      assert.equal(response.status, recorded.status, name);
      assert.deepEqual(await response.json(), recorded.body);
    }
  });

  test('gemini-500-internal, gemini-503-high-demand, gemini-504-deadline-exceeded, gemini-429-no-details-resource-exhausted-vertex-link', async () => {
    for (const [name, fault] of [
      ['gemini-500-internal', 'internal'], ['gemini-503-high-demand', 'overloaded'], ['gemini-504-deadline-exceeded', 'timeout'],
      ['gemini-429-no-details-resource-exhausted-vertex-link', 'capacity'],
    ]) {
      const { mock } = oneProject({ rpm: 5 }, { faults: { [fault]: 1 } });
      const recorded = await fixture(name);
      const response = await generate(mock);
      assert.equal(response.status, recorded.status, name);
      assert.deepEqual(await response.json(), recorded.body);
      assert.equal(mock.state().pools[0].used.rpm, fault === 'capacity' ? 0 : 1, 'overload is met after the quota');
    }
  });
});

test('RetryInfo is the message’s wait cut to whole seconds, and 0s when under a second', async () => {
  const { mock, at } = oneProject({ rpm: 1 });
  const wait = async (ms) => {
    at(ms);
    const { error } = await (await generate(mock)).json();
    return [error.message, error.details.find(({ retryDelay }) => retryDelay).retryDelay];
  };
  await generate(mock);
  const [message, delay] = await wait(11_060);
  assert.equal(delay, '48s');
  assert.match(message, /retry in 48\.94\d{1,7}s\.$/);
  const [short, zero] = await wait(59_100);
  assert.equal(zero, '0s');
  assert.match(short, /retry in 900(\.\d+)?ms\.$/);
});

test('a streamed refusal comes in an array, with alt=sse as a plain document called an event stream', async () => {
  const { mock } = oneProject({ rpm: 0 });
  const plain = await generate(mock, 'fake-a', { verb: 'streamGenerateContent' });
  assert.equal((await plain.json())[0].error.code, 429);
  const sse = await generate(mock, 'fake-a', { verb: 'streamGenerateContent', query: '?alt=sse' });
  assert.equal(sse.headers.get('content-type'), 'text/event-stream');
  assert.equal((await sse.json()).error.code, 429);
});

test('answers have the recorded shape, and thinking is counted apart', async () => {
  const { mock } = oneProject({});
  const recorded = await fixture('gemini-200-usage-with-thoughts');
  const response = await generate(mock, 'fake-a', { model: 'gemini-2.5-flash' });
  const body = await response.json();
  assert.deepEqual(shape(body), shape(recorded.body));
  const { promptTokenCount, candidatesTokenCount, thoughtsTokenCount, totalTokenCount } = body.usageMetadata;
  assert.equal(promptTokenCount + candidatesTokenCount + thoughtsTokenCount, totalTokenCount);
  for (const header of ['x-gemini-service-tier', 'server', 'date']) assert.ok(response.headers.get(header), header);
  const { usageMetadata } = await (await generate(mock, 'fake-a', {
    model: 'gemini-2.5-flash', body: { contents: [{ parts: [{ text: 'Hi' }] }], generationConfig: { thinkingConfig: { thinkingBudget: 0 } } },
  })).json();
  assert.equal('thoughtsTokenCount' in usageMetadata, false);
});

test('maxOutputTokens cuts the answer and says so', async () => {
  const { mock } = oneProject({}, { answer: () => 'abcdefgh'.repeat(10) });
  const body = await (await generate(mock, 'fake-a', { body: { contents: [{ parts: [{ text: 'Hi' }] }], generationConfig: { maxOutputTokens: 3 } } })).json();
  assert.equal(body.candidates[0].finishReason, 'MAX_TOKENS');
  assert.equal(body.candidates[0].content.parts[0].text, 'abcdefghabcd');
  assert.equal(body.usageMetadata.candidatesTokenCount, 3);
});

test('structured output fits the schema', async () => {
  const { mock } = oneProject({});
  const responseSchema = { type: 'OBJECT', properties: { name: { type: 'STRING' }, level: { type: 'INTEGER' }, kind: { type: 'STRING', enum: ['easy', 'hard'] }, tags: { type: 'ARRAY', items: { type: 'STRING' } } } };
  const body = await (await generate(mock, 'fake-a', {
    body: { contents: [{ parts: [{ text: 'a quest' }] }], generationConfig: { responseMimeType: 'application/json', responseSchema } },
  })).json();
  assert.deepEqual(JSON.parse(body.candidates[0].content.parts[0].text), { name: 'a quest', level: 1, kind: 'easy', tags: ['a quest'] });
});

describe('streams', () => {
  const answer = () => 'One sentence that is long enough to come in more than two pieces, surely.';

  test('alt=sse: events whose texts add up, usage in each, finishReason in the last only, no [DONE]', async () => {
    const { mock } = oneProject({}, { answer });
    const response = await generate(mock, 'fake-a', { verb: 'streamGenerateContent', query: '?alt=sse' });
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    const events = (await response.text()).split('\r\n\r\n').filter(Boolean).map((event) => JSON.parse(event.replace(/^data: /, '')));
    assert.ok(events.length > 2);
    assert.equal(events.map(({ candidates }) => candidates[0].content.parts[0].text).join(''), answer());
    assert.deepEqual(events.map(({ candidates }) => candidates[0].finishReason), [...Array(events.length - 1).fill(undefined), 'STOP']);
    const totals = events.map(({ usageMetadata }) => usageMetadata.totalTokenCount);
    assert.deepEqual(totals, totals.toSorted((a, b) => a - b), 'cumulative');
  });

  test('without alt=sse: one JSON array, sent piece by piece', async () => {
    const { mock } = oneProject({}, { answer });
    const response = await generate(mock, 'fake-a', { verb: 'streamGenerateContent' });
    const pieces = [];
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) pieces.push(piece);
    assert.ok(pieces.length > 2);
    assert.equal(JSON.parse(pieces.join('')).map(({ candidates }) => candidates[0].content.parts[0].text).join(''), answer());
  });
});

describe('credentials', () => {
  const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] });
  const post = (mock, path, headers) => mock.fetch(`${GEMINI}${path}`, { method: 'POST', headers, body });
  const path = `/v1beta/models/${LITE}:generateContent`;

  test('the key may be in the query', async () => {
    const { mock } = oneProject({});
    assert.equal((await post(mock, `${path}?key=fake-a`, {})).status, 200);
  });

  test('a header and a bearer together are one too many', async () => {
    const { mock } = oneProject({});
    const response = await post(mock, path, { 'x-goog-api-key': 'fake-a', authorization: 'Bearer fake-a' });
    const { error } = await response.json();
    assert.equal(response.status, 400);
    assert.equal(error.message, 'Multiple authentication credentials received. Please pass only one.');
    assert.equal(error.details[0].reason, 'OVERLOADED_CREDENTIALS');
  });

  test('a bearer is not taken on the native path', async () => {
    const { mock } = oneProject({});
    const response = await post(mock, path, { authorization: 'Bearer fake-a' });
    assert.equal((await response.json()).error.details[0].reason, 'ACCESS_TOKEN_TYPE_UNSUPPORTED');
  });

  test('the OpenAI path wants a bearer, and no key in the query', async () => {
    const { mock } = oneProject({});
    const response = await mock.fetch(`${openaiPath}/chat/completions?key=fake-a`, { method: 'POST', body: '{}' });
    assert.equal(response.status, 400);
    assert.equal((await response.json())[0].error.message, 'Missing or invalid Authorization header.');
  });
});

describe('the OpenAI-compatible path', () => {
  test('answers, and streams with [DONE]', async () => {
    const { mock } = oneProject({}, { answer: () => 'Yes, certainly.' });
    const answer = await (await chat(mock, openaiPath, 'fake-a', { model: LITE })).json();
    assert.equal(answer.choices[0].message.content, 'Yes, certainly.');
    const stream = await (await chat(mock, openaiPath, 'fake-a', { model: LITE, stream: true })).text();
    assert.match(stream, /data: \[DONE\]\n\n$/);
  });

  test('refuses in an array (gemini-429-paid-requests-per-day-array-body)', async () => {
    const recorded = await fixture('gemini-429-paid-requests-per-day-array-body');
    const { mock } = oneProject({}, { projects: [{ keys: ['fake-a'], tier: 'paid', models: { '*': { rpd: 250 } } }] });
    mock.exhaust('fake-a', 'day', 'gemini-3.1-pro-preview');
    const response = await chat(mock, openaiPath, 'fake-a', { model: 'gemini-3.1-pro-preview' });
    const [{ error }] = await response.json();
    assert.equal(response.status, 429);
    assert.equal(grammar(error.message), grammar(recorded.body[0].error.message));
    assert.ok(Math.abs(hintOf(error.message) - 12 * 3_600_000) < 1, 'noon to midnight');
    assert.match(error.message, /limit: 250, model: gemini-3\.1-pro\n/);
  });
});

test('lists of models, single models, token counts and embeddings use up nothing or what they should', async () => {
  const { mock } = oneProject({}, { projects: [{ keys: ['fake-a'], models: { [LITE]: { rpm: 1 }, 'gemini-embedding-001': { rpm: 9 } } }] });
  const get = (path) => mock.fetch(`${GEMINI}${path}`, { headers: { 'x-goog-api-key': 'fake-a' } });
  assert.deepEqual((await (await get('/v1beta/models')).json()).models.map(({ name }) => name), [`models/${LITE}`, 'models/gemini-embedding-001']);
  assert.equal((await (await get(`/v1beta/models/${LITE}`)).json()).name, `models/${LITE}`);
  assert.equal((await get('/v1beta/models/none')).status, 404);
  const count = await (await generate(mock, 'fake-a', { verb: 'countTokens', text: 'abcdefgh' })).json();
  assert.equal(count.totalTokens, 2);
  const embed = () => generate(mock, 'fake-a', { model: 'gemini-embedding-001', verb: 'embedContent', body: { content: { parts: [{ text: 'x' }] }, outputDimensionality: 8 } });
  const { embedding } = await (await embed()).json();
  assert.equal(embedding.values.length, 8);
  assert.ok(Math.abs(Math.hypot(...embedding.values) - 1) < 1e-6);
  assert.deepEqual((await (await embed()).json()).embedding, embedding, 'the same text, the same vector');
  assert.deepEqual(mock.state().pools.map(({ used }) => used.rpm), [0, 2]);
});

test('what is no JSON, has a wrong role, or is no path, is refused as the real one does', async () => {
  const { mock } = oneProject({ rpm: 5 });
  const broken = await generate(mock, 'fake-a', { init: { body: '{"contents": [' } });
  assert.equal(broken.status, 400);
  assert.match((await broken.json()).error.message, /^Invalid JSON payload received\./);
  const role = await generate(mock, 'fake-a', { body: { contents: [{ role: 'assistant', parts: [{ text: 'x' }] }] } });
  assert.equal((await role.json()).error.message, 'Please use a valid role: user, model.');
  const nowhere = await mock.fetch(`${GEMINI}/v1beta/nothing`);
  assert.equal(nowhere.status, 404);
  assert.match(await nowhere.text(), /^<!DOCTYPE html>/);
  const large = await generate(mock, 'fake-a', { text: 'abcd'.repeat(1_048_577) });
  assert.equal((await large.json()).error.message, 'The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).');
  assert.equal(mock.state().pools.length === 0 || mock.state().pools[0].used.rpm === 0, true, 'bad requests use up nothing');
});

test('a request may be a Request, with any kind of body', async () => {
  const { mock } = onClock({ projects: [{ keys: ['fake-a'], models: { '*': {} } }], answer: (prompt) => prompt });
  const url = `${GEMINI}/v1beta/models/${LITE}:generateContent`;
  const text = JSON.stringify({ contents: [{ parts: [{ text: 'heard' }] }] });
  const headers = { 'x-goog-api-key': 'fake-a' };
  for (const call of [
    mock.fetch(new Request(url, { method: 'POST', headers, body: text })),
    mock.fetch(new URL(url), { method: 'post', headers: new Headers(headers), body: new TextEncoder().encode(text) }),
    mock.fetch(url, { method: 'POST', headers: Object.entries(headers), body: new Blob([text]) }),
  ]) {
    assert.equal((await (await call).json()).candidates[0].content.parts[0].text, 'heard');
  }
});
