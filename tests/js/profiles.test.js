// Profiles: what a kind of task usually asks for, filled into requests in each dialect's words, and only where they say nothing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMockProvider } from '../built.js';
import { QuotaAwareAPI, assertIdle, open, refusal, served } from './support.js';

const GEMINI = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-fake:generateContent';
const PLACE = GEMINI.replace('gemini-fake', '{model}');
const STREAM = PLACE.replace('generateContent', 'streamGenerateContent?alt=sse');
const OPENAI = 'https://api.openai.com/v1/chat/completions';
const GROQ = 'https://api.groq.com/openai/v1/chat/completions';
const MISTRAL = 'https://api.mistral.ai/v1/chat/completions';
const GEMINI_AS_OPENAI = 'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions';
const ANTHROPIC = 'https://api.anthropic.com/v1/messages';
const RESPONSES = 'https://api.openai.com/v1/responses';

const PROFILES = {
  'quest-1': { model: 'small', temperature: 0.2, maxTokens: 150 },
  cool: { temperature: 0 },
  urgent: { session: 'ada', priority: 1, workload: 'light', timeout: 1000, deadline: 2000, maxRetries: 1 },
  model: { model: 'only' },
  empty: {},
};

/** An instance that notes what it sends. */
function noting(options = {}) {
  const sent = [];
  const api = open({ profiles: PROFILES, fetch: async (url, init) => { sent.push({ url, init }); return served(); }, ...options });
  return { api, sent };
}

/** What a call with a profile sends. */
async function filled(endpoint, body, profile = 'quest-1', more = {}) {
  const { api, sent } = noting();
  await api.call(endpoint, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), quota: { profile, ...more } });
  assertIdle(api);
  return { url: sent[0].url, text: sent[0].init.body, body: JSON.parse(sent[0].init.body), init: sent[0].init };
}

describe('a profile fills in', () => {
  const contents = [{ parts: [{ text: 'Hi' }] }];
  const messages = [{ role: 'user', content: 'Hi' }];
  const table = [
    ['Gemini’s URL and generationConfig', PLACE, { contents }, { contents, generationConfig: { temperature: 0.2, maxOutputTokens: 150 } }, PLACE.replace('{model}', 'small')],
    ['the URL of a stream', STREAM, { contents }, { contents, generationConfig: { temperature: 0.2, maxOutputTokens: 150 } }, STREAM.replace('{model}', 'small')],
    ['a URL object', new URL(PLACE), { contents }, { contents, generationConfig: { temperature: 0.2, maxOutputTokens: 150 } }, PLACE.replace('{model}', 'small')],
    ['OpenAI’s chat', OPENAI, { messages }, { messages, model: 'small', temperature: 0.2, max_completion_tokens: 150 }],
    ['Groq’s chat', GROQ, { messages }, { messages, model: 'small', temperature: 0.2, max_completion_tokens: 150 }],
    ['others’ chat', MISTRAL, { messages }, { messages, model: 'small', temperature: 0.2, max_tokens: 150 }],
    ['Gemini’s chat in OpenAI’s clothes', GEMINI_AS_OPENAI, { messages }, { messages, model: 'small', temperature: 0.2, max_tokens: 150 }],
    ['Anthropic’s messages', ANTHROPIC, { messages }, { messages, model: 'small', temperature: 0.2, max_tokens: 150 }],
    ['OpenAI’s responses', RESPONSES, { input: 'Hi' }, { input: 'Hi', model: 'small', temperature: 0.2, max_output_tokens: 150 }],
  ];
  for (const [name, endpoint, body, expected, url = String(endpoint)] of table) {
    test(name, async () => {
      const sent = await filled(endpoint, body);
      assert.deepEqual([sent.url, sent.body], [url, expected]);
    });
  }

  test('only what the call does not say itself, in either spelling; null is said too', async () => {
    const said = [
      [GEMINI, { generationConfig: { temperature: 1, maxOutputTokens: 5, topK: 3 } }],
      [GEMINI, { generation_config: { temperature: null, max_output_tokens: 5 } }],
      [OPENAI, { model: 'own', temperature: 1, max_tokens: 5 }],
      [OPENAI, { model: null, temperature: null, max_completion_tokens: null }],
      [MISTRAL, { model: 'own', temperature: 0, max_completion_tokens: 5 }],
      [ANTHROPIC, { model: 'own', temperature: 1, max_tokens: 5 }],
      [RESPONSES, { model: 'own', temperature: 1, max_output_tokens: 5 }],
    ];
    for (const [endpoint, body] of said) {
      // Byte for byte: what is not filled in is not written anew.
      const text = JSON.stringify(body, null, 3);
      const sent = await filled(endpoint, text);
      assert.deepEqual([sent.text, sent.url], [text, endpoint]);
    }
    assert.deepEqual((await filled(GEMINI, { generationConfig: { topK: 3 } })).body, { generationConfig: { topK: 3, temperature: 0.2, maxOutputTokens: 150 } });
    assert.deepEqual((await filled(GEMINI, { generation_config: { topK: 3 } })).body, { generation_config: { topK: 3, temperature: 0.2, maxOutputTokens: 150 } });
    assert.deepEqual((await filled(OPENAI, { temperature: 1 }, 'cool')).body, { temperature: 1 });
    assert.deepEqual((await filled(OPENAI, {}, 'cool')).body, { temperature: 0 });
    // A URL that names its model has said it.
    assert.equal((await filled(GEMINI, {})).url, GEMINI);
  });

  test('the model that the scheduler counts for', async () => {
    const { api } = noting();
    await api.call(PLACE, { method: 'POST', body: '{}', quota: { profile: 'quest-1' } });
    await api.call(OPENAI, { method: 'POST', body: '{}', quota: { profile: 'model' } });
    assert.deepEqual(api.explain(2).map(({ model }) => model), ['only', 'small']);
  });

  test('the wishes of the call, which win', async () => {
    const { api } = noting();
    const call = (quota) => api.call(GEMINI, { method: 'POST', body: '{}', quota });
    await call({ profile: 'urgent' });
    await call({ profile: 'urgent', session: 'bob' });
    assert.deepEqual(api.explain(2).map(({ session }) => session), ['bob', 'ada']);
    // Every wish reaches the engine, which refuses what it can't be.
    const own = noting({ profiles: { hurried: { deadline: 1 } }, limits: { rpm: 1 }, queue: { maxWait: 1000 } });
    for (let n = 0; n < 2; n += 1) await own.api.call(GEMINI);
    await assert.rejects(own.api.call(GEMINI, { quota: { profile: 'hurried' } }), refusal('DEADLINE'));
    const once = noting({ profiles: { once: { maxRetries: 1 } }, fetch: async () => new Response('', { status: 500 }) });
    const error = await once.api.call(GEMINI, { quota: { profile: 'once' } }).catch((reason) => reason);
    assert.equal(error.attempts.length, 1);
  });

  test('nothing where it says nothing of the request: any call, any body', async () => {
    for (const profile of ['urgent', 'empty']) {
      const { api, sent } = noting();
      const bytes = new Uint8Array([1, 2]);
      await api.call('https://api.openai.com/v1/models', { quota: { profile } });
      await api.call('https://api.openai.com/v1/files', { method: 'POST', body: bytes, quota: { profile } });
      await api.call(OPENAI, { method: 'POST', body: 'no json', quota: { profile } });
      assert.deepEqual(sent.map(({ init }) => init.body), [undefined, bytes, 'no json']);
    }
  });

  test('by a header too, which is not sent, and in the drop-in fetch', async () => {
    const { api, sent } = noting();
    const headers = new Headers({ 'x-quota-profile': 'quest-1', 'content-type': 'application/json' });
    const response = await api.fetch(OPENAI, { method: 'POST', headers, body: '{"n":1}' });
    assert.equal(response.status, 200);
    assert.deepEqual(JSON.parse(sent[0].init.body), { n: 1, model: 'small', temperature: 0.2, max_completion_tokens: 150 });
    assert.ok(!Object.keys(sent[0].init.headers).some((name) => name.toLowerCase().startsWith('x-quota')));
  });

  test('and leaves what the caller gave as it was', async () => {
    const { api, sent } = noting();
    const init = Object.freeze({ method: 'POST', body: '{}', quota: Object.freeze({ profile: 'quest-1' }) });
    for (let n = 0; n < 2; n += 1) await api.call(OPENAI, init);
    assert.equal(init.body, '{}');
    assert.equal(sent[0].init.body, sent[1].init.body);
    const written = { 'quest-1': { temperature: 0.2 } };
    const other = noting({ profiles: written });
    written['quest-1'].temperature = 1;
    await other.api.call(OPENAI, init);
    assert.equal(JSON.parse(other.sent[0].init.body).temperature, 0.2);
  });

  test('a path below a base URL', async () => {
    const { api, sent } = noting({ baseURL: 'https://llm.example/proxy/' });
    await api.call('v1beta/models/{model}:generateContent', { method: 'POST', body: '{}', quota: { profile: 'quest-1' } });
    assert.equal(sent[0].url, 'https://llm.example/proxy/v1beta/models/small:generateContent');
    assert.deepEqual(JSON.parse(sent[0].init.body).generationConfig, { temperature: 0.2, maxOutputTokens: 150 });
    // The words are those of where it leads.
    for (const [baseURL, most] of [['https://api.openai.com/v1/', 'max_completion_tokens'], ['https://llm.example/v1/', 'max_tokens']]) {
      const own = noting({ baseURL });
      await own.api.call('chat/completions', { method: 'POST', body: '{}', quota: { profile: 'quest-1' } });
      assert.deepEqual(JSON.parse(own.sent[0].init.body), { model: 'small', temperature: 0.2, [most]: 150 });
    }
  });

  test('models with letters of their own into the path', async () => {
    const { api, sent } = noting({ profiles: { odd: { model: 'my model/$&#1' } } });
    await api.call(PLACE, { method: 'POST', body: '{}', quota: { profile: 'odd' } });
    assert.equal(sent[0].url, PLACE.replace('{model}', () => 'my%20model%2F%24%26%231'));
  });
});

describe('generate() with a profile', () => {
  test('asks as it says, and as the question says where that says more', async () => {
    const mock = createMockProvider({ projects: [{ keys: ['fake-key-of-profiles'] }], latency: 0 });
    const bodies = [];
    const fetch = (url, init) => { bodies.push([url, JSON.parse(init.body)]); return mock.fetch(url, init); };
    const api = new QuotaAwareAPI(['fake-key-of-profiles'], { provider: 'gemini', fetch, profiles: { 'quest-1': { model: 'gemini-3.5-flash', temperature: 0.2, maxTokens: 150, session: 'ada' } } });
    await api.generate('Hi', { quota: { profile: 'quest-1' } });
    await api.generate('Hi', { model: 'gemini-3.8-flash', temperature: 1, quota: { profile: 'quest-1', session: 'bob' } });
    assert.deepEqual(bodies.map(([url, { generationConfig }]) => [/models\/(.*):/.exec(url)[1], generationConfig]), [
      ['gemini-3.5-flash', { temperature: 0.2, maxOutputTokens: 150 }], ['gemini-3.8-flash', { temperature: 1, maxOutputTokens: 150 }],
    ]);
    assert.deepEqual(api.explain(2).map(({ session }) => session), ['bob', 'ada']);
    await assert.rejects(api.generate('Hi', { quota: { profile: 'quest-l' } }), refusal('CONFIG_INVALID', /did you mean quest-1\?/));
    await assert.rejects(api.generate('Hi', { profile: 'quest-1' }), refusal('CONFIG_INVALID', /^options\.profile: unknown option; did you mean quota\.profile\?/));
  });

  test('fills Anthropic’s most, where the question names none', async () => {
    const sent = [];
    const api = open({ provider: 'anthropic', profiles: { short: { maxTokens: 9, model: 'claude-x' } }, fetch: async (url, init) => { sent.push(JSON.parse(init.body)); return served({ content: [{ type: 'text', text: 'Hi' }], stop_reason: 'end_turn' }); } });
    await api.generate('Hi', { quota: { profile: 'short' } });
    assert.deepEqual([sent[0].max_tokens, sent[0].model], [9, 'claude-x']);
  });
});

describe('a profile is refused', () => {
  const never = (options) => noting({ fetch: () => assert.fail('sent'), ...options }).api;
  const calls = {
    'that nobody wrote': [OPENAI, '{}', 'quest1', /^quota\.profile: expected the name of one of options\.profiles, got "quest1"; did you mean quest-1\?/],
    'that nobody wrote, and none is near': [OPENAI, '{}', 'zebra', /got "zebra"; the first are quest-1, cool, urgent, model, empty$/],
    'that is no name': [OPENAI, '{}', 5, /^quota\.profile: expected the name of one of options\.profiles, got 5/],
    'that is a name of JavaScript’s': [OPENAI, '{}', 'constructor', /^quota\.profile: /],
    'where the body is bytes': [OPENAI, new Uint8Array([123, 125]), 'quest-1', /^init\.body: expected a string of JSON, for the profile to be filled in, got object/],
    'where there is no body': [OPENAI, undefined, 'quest-1', /^init\.body: expected a string of JSON.* got nothing/],
    'where the body is no JSON': [OPENAI, '{"a":', 'quest-1', /^init\.body: expected a JSON object/],
    'where the body is a list': [OPENAI, '[]', 'quest-1', /^init\.body: expected a JSON object/],
    'where nobody knows how to say it': ['https://api.openai.com/v1/embeddings', '{}', 'quest-1', /^quota\.profile: expected a call of generateContent, chat\/completions, messages or responses/],
    'where the URL wants a model and it has none': [PLACE, '{}', 'cool', /^options\.profiles\.cool\.model: expected the model for the \{model\} of the endpoint/],
  };
  for (const [name, [endpoint, body, profile, words]] of Object.entries(calls)) {
    test(name, async () => {
      const api = never();
      await assert.rejects(api.call(endpoint, { method: 'POST', body, quota: { profile } }), refusal('CONFIG_INVALID', words));
      assert.equal(api.getStats().totalRequests, 0);
      assertIdle(api);
    });
  }

  test('where there are none', async () => {
    await assert.rejects(never({ profiles: undefined }).call(OPENAI, { quota: { profile: 'quest-1' } }), refusal('CONFIG_INVALID', /there are none$/));
    await assert.rejects(never().call(OPENAI, { quota: { profil: 'quest-1' } }), refusal('CONFIG_INVALID', /^quota\.profil: .* did you mean profile\?/));
  });

  test('by the constructor, where it is written wrongly; one key goes on without it, where that is asked for', (t) => {
    for (const [profiles, words] of [[{ a: { temprature: 1 } }, /^options\.profiles\.a\.temprature: .* did you mean temperature\?/], [{ a: 5 }, /^options\.profiles\.a: expected an object, got 5/], [[], /^options\.profiles: expected an object of profiles by name/]]) {
      assert.throws(() => open({ profiles }), refusal('CONFIG_INVALID', words));
    }
    assert.throws(() => open({ profile: {} }), refusal('CONFIG_INVALID', /^options\.profile: .* did you mean profiles\?/));
    t.mock.method(console, 'warn', () => {});
    assert.equal(open({ profiles: { a: 5 }, onBadConfig: 'single-key' }).getStats().totalKeys, 1);
    assert.match(console.warn.mock.calls[0].arguments[0], /options\.profiles\.a: expected an object/);
  });
});
