// generate(): a text in, a text out, whatever the provider calls things. On the mock, and on answers that are written here.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMockProvider } from '../built.js';
import { KEYS, NOON, QuotaAwareAPI, QuotaAwareError, answering, assertIdle, byHand, clock, open, refusal, refused, served, turn, until } from './support.js';

const FAKE = 'fake-key-of-generate';
const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3, 250]);
const PNG_BASE64 = Buffer.from(PNG).toString('base64');
const PERSON = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } }, required: ['name', 'age'] };

/** An answer of each provider, whole: what is said, why it ended. */
const WHOLE = {
  gemini: (text, finish = 'STOP') => ({ candidates: [{ content: { parts: [{ text: 'hm', thought: true }, { text }] }, finishReason: finish }], usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2, thoughtsTokenCount: 1 }, modelVersion: 'gemini-that-answered' }),
  openai: (text, finish = 'stop') => ({ model: 'gpt-that-answered', choices: [{ message: { content: text }, finish_reason: finish }], usage: { prompt_tokens: 5, completion_tokens: 3 } }),
  groq: (text, finish = 'stop') => ({ model: 'oss-that-answered', choices: [{ message: { content: text }, finish_reason: finish }], x_groq: { id: 'x' }, usage: { prompt_tokens: 5, completion_tokens: 3 } }),
  anthropic: (text, finish = 'end_turn') => ({ type: 'message', model: 'claude-that-answered', content: [{ type: 'thinking', thinking: 'hm' }, { type: 'text', text }], stop_reason: finish, usage: { input_tokens: 5, output_tokens: 3 } }),
  'openai-compatible': (text, finish = 'stop') => ({ model: 'own-that-answered', choices: [{ message: { content: [{ type: 'thinking', thinking: [] }, { type: 'text', text }] }, finish_reason: finish }], usage: { prompt_tokens: 5, completion_tokens: 3 } }),
};

/** The same as the events of a stream, cut into a few pieces of text. */
const STREAMED = {
  gemini: (parts) => parts.map((text, at) => `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }] }, ...(at === parts.length - 1 && { finishReason: 'STOP' }) }], usageMetadata: { promptTokenCount: 5, candidatesTokenCount: at + 1 }, modelVersion: 'gemini-that-answered' })}\r\n\r\n`).join(''),
  openai: (parts) => [
    ...parts.map((content) => ({ model: 'gpt-that-answered', choices: [{ delta: { content } }], usage: null })),
    { choices: [{ delta: {}, finish_reason: 'stop' }] }, { choices: [], usage: { prompt_tokens: 5, completion_tokens: parts.length } },
  ].map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') + 'data: [DONE]\n\n',
  groq: (parts) => `: processing\n\n${STREAMED.openai(parts).replace('"usage":{', '"x_groq":{"id":"x"},"usage":{')}`,
  anthropic: (parts) => [
    { type: 'message_start', message: { model: 'claude-that-answered', content: [], usage: { input_tokens: 5, output_tokens: 1 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }, { type: 'ping' },
    ...parts.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 }, { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: parts.length } }, { type: 'message_stop' },
  ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
};

const HOSTS = { gemini: 'https://generativelanguage.googleapis.com', groq: 'https://api.groq.com/openai', openai: 'https://api.openai.com', anthropic: 'https://api.anthropic.com', 'openai-compatible': 'https://llm.example' };
const MODELS = { gemini: 'gemini-flash-lite-latest', groq: 'openai/gpt-oss-120b', openai: 'gpt-5.4-mini', anthropic: 'claude-haiku-5-5' };

/** An instance with one key of a provider, whose `fetch` notes what is sent. */
function asking(provider, answer = WHOLE[provider]('Hi!'), options = {}) {
  const sent = [];
  const fetch = async (url, init) => {
    sent.push({ url, headers: init.headers, body: JSON.parse(init.body), signal: init.signal });
    return answer instanceof Response ? answer.clone() : typeof answer === 'function' ? answer() : served(answer);
  };
  const base = provider === 'openai-compatible' ? { baseURL: 'https://llm.example/v1' } : {};
  return { api: new QuotaAwareAPI([FAKE], { provider, fetch, ...base, ...options }), sent };
}

const events = (text) => new Response(text, { headers: { 'content-type': 'text/event-stream' } });

/** A body that comes in these pieces, and then ends as it is told. */
function inPieces(pieces, end = (controller) => controller.close()) {
  const body = new ReadableStream({
    async pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) end(controller);
      else controller.enqueue(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece);
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

async function collected(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces;
}

describe('a text in, a text out', () => {
  for (const provider of ['gemini', 'groq', 'openai', 'anthropic']) {
    test(`on the mock of ${provider}, with nothing but the question`, async () => {
      const mock = createMockProvider({ provider, projects: [{ provider, keys: [FAKE] }], latency: 0, chunkDelay: 0 });
      const api = new QuotaAwareAPI([FAKE], { provider, fetch: mock.fetch });
      const { text, model, usage, key, attempts, waitedMs, finishReason, response } = await api.generate('Say hi');
      assert.match(text, /You said: "Say hi"/);
      assert.deepEqual([key, attempts, waitedMs, finishReason, response.status], ['key-1', 1, 0, 'stop', 200]);
      assert.ok(model.length > 0 && usage.input > 0 && usage.total === usage.input + usage.output);
      const stream = api.generate('Say hi', { stream: true });
      const pieces = await collected(stream);
      assert.ok(pieces.length > 1);
      const result = await stream.result;
      assert.deepEqual([pieces.join(''), result.text, result.usage, result.finishReason, result.key], [text, text, usage, 'stop', 'key-1']);
      const { json } = await api.generate('Who?', { schema: PERSON });
      assert.deepEqual(json, { name: 'Who?', age: 1 });
      assert.equal(mock.log.length, 3);
      assertIdle(api);
    });
  }

  for (const [provider, whole] of Object.entries(WHOLE)) {
    test(`tells what ${provider} tells`, async () => {
      const { api } = asking(provider, whole('Hi 👋'));
      const result = await api.generate('Say hi', provider in MODELS ? {} : { model: 'own' });
      const usage = { input: 5, output: 3, total: 8, cached: 0, thoughts: provider === 'gemini' ? 1 : 0 };
      assert.deepEqual({ ...result }, { text: 'Hi 👋', finishReason: 'stop', usage, model: whole('').model ?? whole('').modelVersion, key: 'key-1', attempts: 1, waitedMs: 0, cached: false });
      assert.deepEqual(api.getStats().tokens, usage);
    });
  }

  test('tells the key that answered, after how many attempts and how long a wait', async (t) => {
    const { now, pass } = clock(t);
    const api = open({ provider: 'gemini', now, fetch: answering(refused(30), served(WHOLE.gemini('one')), served(WHOLE.gemini('two'))), limits: { rpm: 1 }, minute: 'rolling' });
    t.after(() => api.close());
    const first = await api.generate('one');
    assert.deepEqual([first.text, first.key, first.attempts, first.waitedMs], ['one', 'key-2', 2, 0]);
    const second = api.generate('two');
    await pass(62_000);
    const { text, waitedMs, attempts } = await second;
    assert.deepEqual([text, attempts, waitedMs >= 30_000 && waitedMs < 62_000], ['two', 1, true]);
  });

  test('has no usage where none is told, and the model that was asked for where none is named', async () => {
    const { api } = asking('openai', { choices: [{ message: { content: 'Hi' } }] });
    const { usage, model, finishReason } = await api.generate('Hi');
    assert.deepEqual([usage, model, finishReason], [null, 'gpt-5.4-mini', 'other']);
  });

  test('hands over what was cut off, and says so', async () => {
    for (const [provider, finish] of [['gemini', 'MAX_TOKENS'], ['openai', 'length'], ['anthropic', 'max_tokens'], ['anthropic', 'model_context_window_exceeded']]) {
      const { api } = asking(provider, WHOLE[provider]('Once upon a', finish));
      const { text, finishReason } = await api.generate('A story', { maxTokens: 3 });
      assert.deepEqual([text, finishReason], ['Once upon a', 'max-tokens'], provider);
    }
  });
});

describe('what is sent', () => {
  const ALL = {
    model: 'm', system: 'Be kind.', temperature: 0.5, maxTokens: 100, images: [PNG],
    history: [{ role: 'user', text: 'Hello' }, { role: 'assistant', text: 'Hello!' }],
  };
  const expected = {
    gemini: ['/v1beta/models/m:generateContent', {
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }, { role: 'model', parts: [{ text: 'Hello!' }] }, { role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: PNG_BASE64 } }, { text: 'Look' }] }],
      systemInstruction: { parts: [{ text: 'Be kind.' }] }, generationConfig: { temperature: 0.5, maxOutputTokens: 100 },
    }],
    openai: ['/v1/chat/completions', {
      model: 'm', temperature: 0.5, max_completion_tokens: 100,
      messages: [{ role: 'system', content: 'Be kind.' }, { role: 'user', content: 'Hello' }, { role: 'assistant', content: 'Hello!' },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${PNG_BASE64}` } }, { type: 'text', text: 'Look' }] }],
    }],
    anthropic: ['/v1/messages', {
      model: 'm', system: 'Be kind.', temperature: 0.5, max_tokens: 100,
      messages: [{ role: 'user', content: 'Hello' }, { role: 'assistant', content: 'Hello!' },
        { role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG_BASE64 } }, { type: 'text', text: 'Look' }] }],
    }],
  };
  expected.groq = expected.openai;
  expected['openai-compatible'] = [expected.openai[0], (({ max_completion_tokens: most, ...body }) => ({ ...body, max_tokens: most }))(expected.openai[1])];
  for (const [provider, [path, body]] of Object.entries(expected)) {
    test(`to ${provider} is in its own words`, async () => {
      const { api, sent } = asking(provider);
      await api.generate('Look', ALL);
      assert.equal(sent[0].url, HOSTS[provider] + path);
      assert.deepEqual(sent[0].body, body);
      assert.equal(sent[0].headers['content-type'], 'application/json');
    });
  }

  test('without options is the question alone, to a usual model', async () => {
    for (const [provider, model] of Object.entries(MODELS)) {
      const { api, sent } = asking(provider);
      await api.generate('Hi');
      const { url, body } = sent[0];
      if (provider === 'gemini') assert.deepEqual([url, body], [`${HOSTS.gemini}/v1beta/models/${model}:generateContent`, { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }]);
      else assert.deepEqual(body, { model, messages: [{ role: 'user', content: 'Hi' }], ...(provider === 'anthropic' && { max_tokens: 4096 }) });
    }
  });

  test('asks for a stream where one is wanted, and for its usage where that is known to be understood', async () => {
    for (const provider of Object.keys(expected)) {
      const { api, sent } = asking(provider, () => events(STREAMED[provider === 'openai-compatible' ? 'openai' : provider](['Hi'])));
      await api.generate('Hi', { stream: true, model: 'm' }).result;
      const { url, body } = sent[0];
      if (provider === 'gemini') assert.match(url, /:streamGenerateContent\?alt=sse$/);
      else assert.equal(body.stream, true);
      assert.deepEqual(body.stream_options, ['openai', 'groq'].includes(provider) ? { include_usage: true } : undefined, provider);
    }
  });

  test('with a schema asks each provider for what it can keep to', async () => {
    const schema = { ...PERSON, properties: { ...PERSON.properties, tags: { type: 'array', items: { type: 'object', properties: { tag: { type: 'string' } } } } } };
    const closed = { ...schema, additionalProperties: false, properties: { ...schema.properties, tags: { type: 'array', items: { type: 'object', properties: { tag: { type: 'string' } }, additionalProperties: false } } } };
    const answer = '{"name":"Ada","age":36,"tags":[]}';
    const sent = {};
    for (const provider of ['gemini', 'openai', 'anthropic']) {
      const own = asking(provider, WHOLE[provider](answer));
      const { json, text } = await own.api.generate('Who?', { schema });
      assert.deepEqual([json, text], [JSON.parse(answer), answer]);
      sent[provider] = own.sent[0].body;
    }
    assert.deepEqual(sent.gemini.generationConfig, { responseMimeType: 'application/json', responseJsonSchema: schema });
    assert.deepEqual(sent.openai.response_format, { type: 'json_schema', json_schema: { name: 'answer', schema: closed, strict: false } });
    assert.deepEqual(sent.anthropic.output_config, { format: { type: 'json_schema', schema: closed } });
    // Whoever requires everything is kept to the letter.
    const strict = asking('openai', WHOLE.openai('{"name":"Ada","age":36}'));
    await strict.api.generate('Who?', { schema: PERSON });
    assert.equal(strict.sent[0].body.response_format.json_schema.strict, true);
    // Google's older form, with types in capitals.
    const older = { type: 'OBJECT', properties: { name: { type: 'STRING', nullable: true } } };
    const google = asking('gemini', WHOLE.gemini('{"name":null}'));
    await google.api.generate('Who?', { schema: older });
    assert.deepEqual(google.sent[0].body.generationConfig.responseSchema, older);
    const elsewhere = asking('anthropic', WHOLE.anthropic('{"name":null}'));
    await elsewhere.api.generate('Who?', { schema: older });
    assert.equal(elsewhere.sent[0].body.output_config.format.schema.type, 'object');
    assert.deepEqual(older, { type: 'OBJECT', properties: { name: { type: 'STRING', nullable: true } } }, 'what is the caller’s stays as it is');
  });

  test('carries the wishes of `quota`, and the key in its header only', async () => {
    const { api, sent } = asking('gemini');
    await api.generate('Hi', { quota: { session: 'ada', priority: 2 } });
    assert.equal(api.explain()[0].session, 'ada');
    assert.equal(sent[0].headers['x-goog-api-key'], FAKE);
    assert.ok(!sent[0].url.includes(FAKE) && !JSON.stringify(sent[0].body).includes(FAKE));
    await assert.rejects(api.generate('Hi', { quota: { sesion: 'ada' } }), refusal('CONFIG_INVALID', /^quota\.sesion: .* did you mean session\?/));
  });
});

describe('where a question goes', () => {
  const keys = [{ key: 'fake-g', provider: 'gemini' }, { key: 'fake-q', provider: 'groq' }, { key: 'fake-a', provider: 'anthropic' }];
  const whereTo = async (options, more = {}, own = keys) => {
    let seen;
    const fetch = async (url, init) => {
      seen = [url, Object.values(init.headers).find((value) => value.includes('fake'))];
      return served({ ...WHOLE.gemini('Hi'), ...WHOLE.openai('Hi'), content: WHOLE.anthropic('Hi').content, stop_reason: 'end_turn' });
    };
    await new QuotaAwareAPI(own, { fetch, ...more }).generate('Hi', options);
    return seen;
  };

  test('is the provider that is named, else that of the model, else that of the first key', async () => {
    assert.deepEqual(await whereTo({ provider: 'groq' }), ['https://api.groq.com/openai/v1/chat/completions', 'Bearer fake-q']);
    assert.deepEqual(await whereTo({ model: 'claude-opus-5-5' }), ['https://api.anthropic.com/v1/messages', 'fake-a']);
    assert.deepEqual(await whereTo({ model: 'models/gemini-3.8-flash' }), ['https://generativelanguage.googleapis.com/v1beta/models/gemini-3.8-flash:generateContent', 'fake-g']);
    assert.deepEqual(await whereTo({}), [`https://generativelanguage.googleapis.com/v1beta/models/${MODELS.gemini}:generateContent`, 'fake-g']);
    // No key of OpenAI's: the model alone does not lead there.
    assert.match((await whereTo({ model: 'gpt-5.4' }))[0], /googleapis/);
    assert.match((await whereTo({}, {}, ['fake-any']))[0], /googleapis/);
    assert.match((await whereTo({ model: 'gpt-5.4' }, {}, ['fake-any']))[0], /api\.openai\.com/);
  });

  test('is the base URL, with its version or without', async () => {
    const at = async (baseURL, options = { model: 'm' }, more = {}) => (await whereTo(options, { baseURL, ...more }, ['fake-any']))[0];
    assert.equal(await at('https://llm.example'), 'https://llm.example/v1/chat/completions');
    assert.equal(await at('https://openrouter.ai/api/v1/'), 'https://openrouter.ai/api/v1/chat/completions');
    assert.equal(await at('https://llm.example/v1beta/openai'), 'https://llm.example/v1beta/openai/chat/completions');
    for (const version of ['', '/v1beta', '/v1beta/openai/']) assert.equal(await at(`https://generativelanguage.googleapis.com${version}`), 'https://generativelanguage.googleapis.com/v1beta/models/m:generateContent');
    assert.equal(await at('https://llm.example/anthropic', { model: 'm' }, { provider: 'anthropic' }), 'https://llm.example/anthropic/v1/messages');
    // A gateway speaks one dialect for all models.
    assert.equal(await at('https://llm.example', { model: 'claude-opus-5-5' }), 'https://llm.example/v1/chat/completions');
  });

  test('has to be told where nothing tells', async () => {
    const nowhere = open({ provider: 'openai-compatible', fetch: () => assert.fail('sent') });
    await assert.rejects(nowhere.generate('Hi', { model: 'm' }), refusal('CONFIG_INVALID', /^options\.baseURL: expected the URL of the API/));
    const nobody = open({ baseURL: 'https://llm.example', fetch: () => assert.fail('sent') });
    await assert.rejects(nobody.generate('Hi'), refusal('CONFIG_INVALID', /^options\.model: expected the name of a model, got nothing, and openai-compatible has no usual one/));
    const groq = open({ fetch: () => assert.fail('sent') }, [{ key: 'fake-q', provider: 'groq' }]);
    await assert.rejects(groq.generate('Hi', { provider: 'gemini' }), refusal('CONFIG_INVALID', /No key is configured for this provider/));
  });
});

describe('pictures', () => {
  const sentFor = async (image, provider = 'gemini') => {
    const { api, sent } = asking(provider);
    await api.generate('Look', { images: [image] });
    return provider === 'gemini' ? sent[0].body.contents[0].parts[0] : sent[0].body.messages[0].content[0];
  };
  const inline = { inlineData: { mimeType: 'image/png', data: PNG_BASE64 } };

  test('come as a Blob, as bytes of any kind, in base64, or as a data URL', async () => {
    const padded = new Uint8Array([9, ...PNG, 9]);
    const forms = [
      new Blob([PNG], { type: 'image/png' }), new Blob([PNG]), PNG, PNG.buffer.slice(0), padded.subarray(1, -1), new DataView(padded.buffer, 1, PNG.length), Buffer.from(PNG),
      { data: PNG, mimeType: 'image/png' }, { data: new Blob([PNG]), mimeType: 'image/png' }, { data: PNG_BASE64, mimeType: 'image/png' },
      `data:image/png;base64,${PNG_BASE64}`, `data:image/png;name=x.png;base64,${PNG_BASE64}`, new URL(`data:image/png;base64,${PNG_BASE64}`),
    ];
    for (const [at, form] of forms.entries()) assert.deepEqual(await sentFor(form), inline, `form ${at}`);
  });

  test('of the usual types tell themselves', async () => {
    const heads = { 'image/jpeg': [0xff, 0xd8, 0xff, 0xe0], 'image/gif': Buffer.from('GIF89a'), 'image/webp': Buffer.from('RIFF\x01\x02\x03\x04WEBPVP8') };
    for (const [type, head] of Object.entries(heads)) assert.equal((await sentFor(new Uint8Array(head))).inlineData.mimeType, type);
  });

  test('of a megabyte come as they are', async () => {
    const large = Uint8Array.from({ length: 1_000_003 }, (_, at) => (at * 31) % 256);
    const { inlineData } = await sentFor({ data: large, mimeType: 'image/heic' });
    assert.ok(Buffer.from(inlineData.data, 'base64').equals(Buffer.from(large)));
  });

  test('may be addresses', async () => {
    const url = 'https://pictures.example/cat.png?size=1';
    assert.deepEqual(await sentFor(url), { fileData: { fileUri: url } });
    assert.deepEqual(await sentFor(new URL(url), 'openai'), { type: 'image_url', image_url: { url } });
    assert.deepEqual(await sentFor(url, 'anthropic'), { type: 'image', source: { type: 'url', url } });
  });
});

describe('an answer that is none', () => {
  const blocks = {
    'of Gemini, before a word': ['gemini', { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 5 } }, /blocked the request or its answer \(PROHIBITED_CONTENT\)/],
    'of Gemini, in the middle': ['gemini', WHOLE.gemini('So far', 'SAFETY'), /blocked the answer, after a part of it \(SAFETY\)/],
    'of OpenAI': ['openai', WHOLE.openai('', 'content_filter'), /\(content_filter\)/],
    'of OpenAI, in words': ['openai', { choices: [{ message: { content: null, refusal: 'I can’t help with that.' }, finish_reason: 'stop' }] }, /\(refusal\)/],
    'of Anthropic': ['anthropic', WHOLE.anthropic('', 'refusal'), /\(refusal\)/],
    'of Gemini, in words with a key in them': ['gemini', { promptFeedback: { blockReason: `because\nof ${FAKE}` } }, /\(because of (?!fake)[^)]*\)/],
    'of OpenAI, as a 400': ['openai', () => new Response('{"error":{"message":"Invalid prompt","code":"content_policy_violation"}}', { status: 400 }), /./],
  };
  for (const [name, [provider, answer, words]] of Object.entries(blocks)) {
    test(`is BLOCKED where the provider refuses its content: ${name}`, async () => {
      const { api } = asking(provider, answer);
      const error = await api.generate('Hi').catch((reason) => reason);
      assert.ok(error instanceof QuotaAwareError);
      if (name.endsWith('a 400')) assert.ok(['BLOCKED', 'REFUSED'].includes(error.code));
      else refusal('BLOCKED', words)(error);
      if (name.endsWith('middle')) assert.deepEqual([error.answer.text, error.answer.model], ['So far', 'gemini-that-answered']);
      assert.deepEqual([error.attempts.map(({ key, status }) => [key, status]), error.response.status], [[['key-1', error.response.status]], error.response.status]);
      assert.ok(!Object.keys(error).includes('answer'), 'not enumerable');
      assert.ok(!error.message.includes(FAKE) && !error.toReport().includes(FAKE));
    });
  }

  const nothing = {
    'has no text': [WHOLE.gemini(''), {}, /without any text/],
    'has nothing but blanks': [WHOLE.gemini(' \n'), {}, /without any text/],
    'was thought through until nothing was left': [WHOLE.gemini('', 'MAX_TOKENS'), {}, /most tokens were used up/],
    'called a function that nobody has': [WHOLE.gemini('', 'UNEXPECTED_TOOL_CALL'), {}, /without any text/],
    'has no candidates': [{}, {}, /without any text/],
    'is null': [null, {}, /without any text/],
    'is a list': [[], {}, /without any text/],
    'is no JSON, where a schema was given': [WHOLE.gemini('Ada is 36'), { schema: PERSON }, /no JSON, although a schema was given/],
    'is half a JSON': [WHOLE.gemini('{"name":"Ada","a', 'MAX_TOKENS'), { schema: PERSON }, /most tokens were used up/],
    'lacks a property': [WHOLE.gemini('{"name":"Ada"}'), { schema: PERSON }, /schema: json: expected the property age, got none\./],
    'has another type': [WHOLE.gemini('{"name":"Ada","age":"36"}'), { schema: PERSON }, /schema: json\.age: expected integer, got string\./],
    'has one that is wrong in a list': [WHOLE.gemini('[1,2,null]'), { schema: { type: 'array', items: { type: ['number', 'string'] } } }, /schema: json\[2\]: expected number or string, got null\./],
    'is none of an enum': [WHOLE.gemini('{"mood":"so so"}'), { schema: { type: 'object', properties: { mood: { enum: ['good', 'bad'] } } } }, /json\.mood: expected one of the schema's enum/],
  };
  for (const [name, [answer, options, words]] of Object.entries(nothing)) {
    test(`is NO_ANSWER where it ${name}`, async () => {
      const { api } = asking('gemini', answer);
      const error = await api.generate('Hi', options).catch((reason) => reason);
      refusal('NO_ANSWER', words)(error);
      assert.equal(typeof error.answer.text, 'string');
      assert.ok(error.advice.length > 0 && error.toReport().includes(error.advice) && error.toJSON().details.length > 0);
      assert.ok(!error.message.includes('Ada'), 'what a model says stands in no message');
    });
  }

  test('that fits is let through: fences of Markdown, unknown types, what a schema does not say', async () => {
    for (const [text, schema] of [
      ['```json\n{"a":1}\n```', { type: 'object' }], [' {"a":1} ', { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'string' } } }],
      ['{"a":1}', { anyOf: [{ type: 'string' }] }], ['{"a":1}', { type: 'record' }], ['{"a":1}', { $ref: '#/$defs/x', $defs: { x: { type: 'object' } } }], ['{"a":1}', { type: 'OBJECT', required: ['a'] }],
    ]) {
      const { api } = asking('gemini', WHOLE.gemini(text));
      assert.deepEqual((await api.generate('Hi', { schema })).json, { a: 1 }, text);
    }
    const { api } = asking('gemini', WHOLE.gemini('null'));
    assert.equal((await api.generate('Hi', { schema: { type: 'string', nullable: true } })).json, null);
  });

  test('is REFUSED where the provider refuses the request, in its own words without the key', async () => {
    const words = (text) => JSON.stringify({ error: { code: 400, message: text, status: 'INVALID_ARGUMENT' } });
    const table = [
      [400, words(`Bad field near ${FAKE}\nline two`), 'bad-request', /^The provider refused the request \(400 bad-request\)\. It says: Bad field near .* line two$/],
      [404, words('models/x is not found for API version v1beta'), 'not-found', /\(404 not-found\)\. It says: models\/x is not found/],
      [413, '<html>too large</html>', 'too-large', /\(413 too-large\)\. It says: <html>too large/],
      [400, words('The input token count (9) exceeds the maximum number of tokens allowed (8).'), 'too-large', /too-large/],
      [404, '', 'not-found', /\(404 not-found\)\.$/],
    ];
    for (const [status, body, verdict, message] of table) {
      const { api } = asking('gemini', () => new Response(body, { status }), { now: () => NOON });
      const error = await api.generate('Hi').catch((reason) => reason);
      refusal('REFUSED', message)(error);
      assert.deepEqual(error.attempts.map((attempt) => ({ ...attempt })), [{ key: 'key-1', status, verdict, waitedMs: 0 }]);
      assert.equal(error.response.status, status);
      for (const told of [error.message, JSON.stringify(error), error.toReport(), error.stack, error.advice]) assert.ok(!told.includes(FAKE), told);
    }
  });

  test('is REFUSED even where the words of the refusal break off', async () => {
    const { api } = asking('gemini', () => new Response(new ReadableStream({ start(controller) { controller.error(new TypeError('terminated')); } }), { status: 404 }));
    await assert.rejects(api.generate('Hi'), refusal('REFUSED', /^The provider refused the request \(404 not-found\)\.$/));
  });

  test('under a status of success is told by what it says', async () => {
    const { api } = asking('openai', { error: { message: `Upstream said no to ${FAKE}`, code: 502 } });
    const error = await api.generate('Hi').catch((reason) => reason);
    refusal('REFUSED', /Upstream said no/)(error);
    assert.ok(!error.message.includes(FAKE));
  });

  test('for want of quota is the error that call() throws', async () => {
    const { api } = asking('gemini', () => refused(600));
    await assert.rejects(api.generate('Hi'), refusal('QUOTA_EXCEEDED'));
    const closed = open();
    closed.close();
    await assert.rejects(closed.generate('Hi'), refusal('CLOSED'));
    await assert.rejects(closed.generate('Hi', { stream: true }).result, refusal('CLOSED'));
  });

  test('since the connection broke in its middle is STREAM_BROKEN', async () => {
    const { api } = asking('gemini', () => {
      const { body } = inPieces(['{"candidates":'], (controller) => controller.error(new TypeError('terminated')));
      return new Response(body, { headers: { 'content-type': 'application/json' } });
    });
    const error = await api.generate('Hi').catch((reason) => reason);
    refusal('STREAM_BROKEN', /broke off after 0 characters/)(error);
    assert.equal(error.cause.message, 'terminated');
  });

  test('may be anything: nothing untyped is thrown', async () => {
    const odd = [0, 'x', [1], { candidates: 5 }, { candidates: [{ content: { parts: 'x' } }] }, { candidates: [null] }, { candidates: [{ content: { parts: [null, { text: 5 }] }, finishReason: 5 }] }, { choices: [{ message: 5 }] }, { choices: 'x' }, { content: [null, 5] }, { usage: 5, usageMetadata: 'x', modelVersion: {}, model: [] }, { error: 'no' }, { type: 'error' }];
    for (const provider of Object.keys(STREAMED)) {
      for (const document of odd) {
        for (const stream of [false, true]) {
          const { api } = asking(provider, () => (stream ? events(`data: ${JSON.stringify(document)}\n\n`) : served(document)));
          const asked = api.generate('Hi', { stream });
          const error = await (stream ? asked.result : asked).catch((reason) => reason);
          assert.ok(error instanceof QuotaAwareError && ['NO_ANSWER', 'REFUSED', 'STREAM_BROKEN', 'EXHAUSTED'].includes(error.code), `${provider} ${JSON.stringify(document)}: ${error?.stack ?? JSON.stringify(error)}`);
          assert.ok(error.message.length > 0 && error.toReport().length > 0 && error.toJSON().details.length > 0);
        }
      }
    }
  });
});

describe('a stream', () => {
  /** A small generator of numbers, by Park and Miller. */
  const randomBy = (seed) => () => (seed = (seed * 48271) % 2147483647) / 2147483647;

  for (const [provider, streamed] of Object.entries(STREAMED)) {
    test(`of ${provider} is the same however it is cut, within a letter too`, async (t) => {
      const seed = 1 + Math.floor(Math.random() * 1e9);
      t.diagnostic(`seed ${seed}`);
      const random = randomBy(seed);
      const parts = ['Grüße ', '👩‍👩‍👧 ', '日本語\n\n', 'data: "x"\r\n', '\u2028{"a":', '}', 'end 🎉'];
      const bytes = new TextEncoder().encode(streamed(parts));
      for (let round = 0; round < 60; round += 1) {
        const pieces = [];
        const most = [1, 3, 17, 200][round % 4];
        for (let at = 0; at < bytes.length;) {
          const next = at + 1 + Math.floor(random() * most);
          pieces.push(bytes.slice(at, next));
          at = next;
        }
        const { api } = asking(provider, () => inPieces(pieces));
        const stream = api.generate('Hi', { stream: true });
        assert.deepEqual(await collected(stream), parts);
        const { text, usage, finishReason, model } = await stream.result;
        assert.deepEqual([text, finishReason, usage.input], [parts.join(''), 'stop', 5]);
        assert.match(model, /that-answered$/);
      }
    });
  }

  test('may end its lines in any of three ways, and may lack its last', async () => {
    // An event may spread its document over several lines, each of which begins anew.
    const events = STREAMED.gemini(['a', 'b', 'c']).replaceAll('\r\n', '\n').replaceAll(',', ',\ndata: ');
    for (const end of ['\n', '\r\n', '\r']) {
      for (const body of [events, events.trimEnd()]) {
        for (const cut of [1, 2, 5]) {
          const text = body.replaceAll('\n', end);
          const { api } = asking('gemini', () => inPieces(text.match(new RegExp(`[^]{1,${cut}}`, 'g'))));
          assert.deepEqual(await collected(api.generate('Hi', { stream: true })), ['a', 'b', 'c'], JSON.stringify([end, cut]));
        }
      }
    }
  });

  test('may be one document after all, or a list of them', async () => {
    const list = `[${['a', 'b'].map((text) => JSON.stringify(WHOLE.gemini(text))).join(',\r\n')}]`;
    for (const [body, pieces] of [[JSON.stringify(WHOLE.gemini('whole'), null, 2), ['whole']], [list, ['a', 'b']]]) {
      const { api } = asking('gemini', () => inPieces([body]));
      assert.deepEqual(await collected(api.generate('Hi', { stream: true })), pieces);
    }
  });

  test('hands over each piece when it comes, not at the end', async () => {
    let more;
    const body = new ReadableStream({ start(controller) { more = controller; } });
    const { api } = asking('openai', () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    const pieces = api.generate('Hi', { stream: true })[Symbol.asyncIterator]();
    const write = (content) => more.enqueue(new TextEncoder().encode(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`));
    for (const piece of ['one', 'two']) {
      write(piece);
      assert.deepEqual(await pieces.next(), { value: piece, done: false });
    }
    more.enqueue(new TextEncoder().encode('data: [DONE]\n\n'));
    more.close();
    assert.equal((await pieces.next()).done, true);
  });

  test('can be awaited without looking at its pieces, looked at afterwards, and looked at twice', async () => {
    const { api } = asking('anthropic', () => events(STREAMED.anthropic(['a', 'b'])));
    const stream = await api.generate('Hi', { stream: true });
    assert.equal((await stream.result).text, 'ab');
    assert.deepEqual([await collected(stream), await collected(stream)], [['a', 'b'], ['a', 'b']]);
  });

  test('with a schema has its JSON in the result', async () => {
    const { api } = asking('openai', () => events(STREAMED.openai(['{"name":"Ada",', '"age":36}'])));
    const { json } = await api.generate('Who?', { stream: true, schema: PERSON }).result;
    assert.deepEqual(json, { name: 'Ada', age: 36 });
  });

  test('that is left in the middle is given up', async () => {
    let cancelled;
    const body = new ReadableStream({ start(controller) { controller.enqueue(new TextEncoder().encode(STREAMED.gemini(['a', 'b']).replace('"finishReason":"STOP"', '"index":0'))); }, cancel(reason) { cancelled = reason; } });
    const { api, sent } = asking('gemini', () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    const stream = api.generate('Hi', { stream: true });
    for await (const piece of stream) {
      assert.equal(piece, 'a');
      break;
    }
    await assert.rejects(stream.result, { name: 'AbortError' });
    await until(() => cancelled !== undefined);
    assert.deepEqual([cancelled.name, sent[0].signal.aborted], ['AbortError', true]);
    assertIdle(api);
  });

  test('ends with the caller’s own reason, before its answer and in its middle', async () => {
    const reason = new Error('enough');
    const { fetch, requests } = byHand();
    const waiting = new QuotaAwareAPI([FAKE], { provider: 'gemini', fetch });
    const early = new AbortController();
    const asked = waiting.generate('Hi', { stream: true, signal: early.signal });
    await until(() => requests.length === 1);
    early.abort(reason);
    await assert.rejects(asked.result, reason);
    await assert.rejects(collected(asked), reason);
    assertIdle(waiting);
    const { api } = asking('gemini', () => inPieces([STREAMED.gemini(['a', 'b']).replace('"finishReason":"STOP"', '"index":0')], () => new Promise(() => {})));
    const late = new AbortController();
    const pieces = api.generate('Hi', { stream: true, signal: late.signal })[Symbol.asyncIterator]();
    assert.deepEqual([(await pieces.next()).value, (await pieces.next()).value], ['a', 'b']);
    const next = pieces.next();
    late.abort(reason);
    await assert.rejects(next, reason);
    const never = open({ provider: 'gemini', fetch: () => assert.fail('sent') });
    await assert.rejects(never.generate('Hi', { stream: true, signal: AbortSignal.abort(reason) }).result, reason);
    await assert.rejects(never.generate('Hi', { signal: AbortSignal.abort(reason) }), reason);
  });

  test('keeps no listener on a signal that outlives it', async () => {
    let listeners = 0;
    const { signal } = new AbortController();
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...given) => { listeners += 1; add(...given); };
    signal.removeEventListener = (...given) => { listeners -= 1; remove(...given); };
    const { api } = asking('gemini', () => events(STREAMED.gemini(['a'])));
    await api.generate('Hi', { stream: true, signal }).result;
    const whole = asking('gemini').api;
    await whole.generate('Hi', { signal });
    assert.equal(listeners, 0);
  });

  test('that breaks is STREAM_BROKEN, after the pieces that came, with what they were', async () => {
    const head = STREAMED.openai(['So ', 'far']).split('data: {"choices":[{"delta":{},')[0];
    const ends = {
      'without its end': [head, undefined, /^The answer broke off after 6 characters\.$/],
      'in half an event': [`${head}data: {"choi`, undefined, /broke off after 6/],
      'with its connection': [head, (controller) => controller.error(new TypeError('terminated')), /broke off after 6/],
      'with an error event': [`${head}data: {"error":{"message":"Overloaded near ${FAKE}","type":"overloaded_error"}}\n\n`, undefined, /broke off after 6 characters\. It says: Overloaded near/],
      'with an error of its own kind': [`${head}event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n`, undefined, /It says: Overloaded$/],
      'with bare JSON': [`${head}{\n "error": {\n  "message": "The model is overloaded.",\n  "code": 503\n }\n}\n`, undefined, /It says: The model is overloaded\.$/],
    };
    for (const [name, [body, end, words]] of Object.entries(ends)) {
      const { api } = asking('openai', () => inPieces([body], end));
      const stream = api.generate('Hi', { stream: true });
      const seen = [];
      const error = await (async () => { for await (const piece of stream) seen.push(piece); })().catch((reason) => reason);
      refusal('STREAM_BROKEN', words)(error);
      assert.deepEqual([seen, error.answer.text], [['So ', 'far'], 'So far'], name);
      assert.ok(!error.message.includes(FAKE) && !error.toReport().includes(FAKE));
      assert.equal(await stream.result.catch((reason) => reason), error);
    }
  });

  test('that breaks on the mock is STREAM_BROKEN too', async () => {
    for (const step of [{ cut: 2 }, { streamError: 1 }]) {
      const mock = createMockProvider({ projects: [{ keys: [FAKE] }], latency: 0, chunkDelay: 0 });
      mock.script([step]);
      const api = new QuotaAwareAPI([FAKE], { provider: 'gemini', fetch: mock.fetch });
      await assert.rejects(api.generate('Hi', { stream: true }).result, refusal('STREAM_BROKEN'));
      assertIdle(api);
    }
  });

  test('refused at its beginning is the error that it would be otherwise', async () => {
    const { api } = asking('gemini', () => new Response('{"error":{"code":404,"message":"no such model"}}', { status: 404 }));
    const stream = api.generate('Hi', { stream: true });
    await assert.rejects(collected(stream), refusal('REFUSED', /404 not-found/));
    const unhandled = [];
    const note = (reason) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    api.generate('Hi', { stream: true });
    for (let n = 0; n < 20; n += 1) await turn();
    process.off('unhandledRejection', note);
    assert.deepEqual(unhandled, [], 'one that nobody looks at rejects nothing');
  });
});

describe('bad input', () => {
  const circular = { type: 'object' };
  circular.properties = { self: circular };
  const wrong = {
    'no prompt': [[undefined], /^prompt: expected a text, got undefined/],
    'a blank prompt': [['  '], /^prompt: expected a text with something in it/],
    'a prompt in pieces': [[['Hi']], /^prompt: expected a text, got an array/],
    'options as a text': [['Hi', 'gemini-3.8-flash'], /^options: expected an object, got string/],
    'null for options': [['Hi', null], /^options: expected an object, got null/],
    'a misspelt name': [['Hi', { sytem: 'x' }], /^options\.sytem: unknown option; did you mean system\?/],
    'a name of OpenAI’s': [['Hi', { max_tokens: 5 }], /^options\.max_tokens: unknown option; did you mean maxTokens\?/],
    'a wish in the wrong place': [['Hi', { session: 's' }], /^options\.session: unknown option; did you mean quota\.session\?/],
    'a function': [['Hi', { onText: () => {} }], /^options\.onText: unknown option/],
    'a temperature of fever': [['Hi', { temperature: 39 }], /^options\.temperature: expected a number from 0 to 2, got 39/],
    'no tokens': [['Hi', { maxTokens: 0 }], /^options\.maxTokens: expected a whole number from 1/],
    'a provider that is none': [['Hi', { provider: 'claude' }], /^options\.provider: expected one of gemini, groq/],
    'a model that is no text': [['Hi', { model: 5 }], /^options\.model: expected a string, got 5/],
    'a stream by another word': [['Hi', { stream: 1 }], /^options\.stream: expected true or false, got 1/],
    'a system that is no text': [['Hi', { system: ['x'] }], /^options\.system: expected a text, got an array/],
    'a signal that is none': [['Hi', { signal: {} }], /^options\.signal: expected an AbortSignal, got object/],
    'a quota that is none': [['Hi', { quota: 5 }], /^options\.quota: expected an object, got number/],
    'a schema by name': [['Hi', { schema: 'Person' }], /^options\.schema: expected a JSON schema as plain data, .* got string/],
    'a schema without end': [['Hi', { schema: circular }], /^options\.schema: expected a JSON schema/],
    'a schema that is empty': [['Hi', { schema: {} }], /^options\.schema: /],
    'a schema that is a list': [['Hi', { schema: [] }], /^options\.schema: .* got an array/],
    'a history that is no list': [['Hi', { history: 'Hello' }], /^options\.history: expected an array of \{ role, text \}, got string/],
    'a turn that is a text': [['Hi', { history: ['Hello'] }], /^options\.history\[0\]: expected \{ role, text \}, got string/],
    'a turn of nobody': [['Hi', { history: [{ role: 'user', text: 'x' }, { role: 'system', text: 'y' }] }], /^options\.history\[1\]\.role: expected user or assistant; .* options\.system/],
    'a turn in OpenAI’s words': [['Hi', { history: [{ role: 'user', content: 'x' }] }], /^options\.history\[0\]\.content: unknown option; known are role, text, images/],
    'a picture without a list': [['Hi', { images: new Uint8Array(4) }], /^options\.images: expected an array of pictures, got object/],
    'a picture by its path': [['Hi', { images: ['cat.png'] }], /^options\.images\[0\]: expected an address that begins with data:, https: or http:/],
    'a picture of nothing': [['Hi', { images: [PNG, new Uint8Array()] }], /^options\.images\[1\]: expected a picture, got no bytes/],
    'bytes of no known type': [['Hi', { images: [new Uint8Array([1, 2, 3])] }], /^options\.images\[0\]\.mimeType: expected a type such as image\/png/],
    'a type that is none': [['Hi', { images: [{ data: PNG, mimeType: 'png' }] }], /^options\.images\[0\]\.mimeType: /],
    'a type that is a number': [['Hi', { images: [{ data: PNG, mimeType: 5 }] }], /^options\.images\[0\]\.mimeType: expected a type such as image\/png, got number/],
    'base64 that is none': [['Hi', { images: [{ data: 'not base64!', mimeType: 'image/png' }] }], /^options\.images\[0\]\.data: expected bytes in base64/],
    'a data URL that is not in base64': [['Hi', { images: ['data:image/svg+xml,<svg/>'] }], /^options\.images\[0\]: expected a data URL in base64/],
    'a picture that is null': [['Hi', { images: [null] }], /^options\.images\[0\]: expected a Blob, bytes,/],
    'a picture of an earlier turn': [['Hi', { history: [{ role: 'user', text: 'x', images: [5] }] }], /^options\.history\[0\]\.images\[0\]: expected a Blob/],
  };
  for (const [name, [given, words]] of Object.entries(wrong)) {
    test(`is refused: ${name}`, async () => {
      const api = open({ provider: 'gemini', fetch: () => assert.fail('sent') });
      await assert.rejects(api.generate(...given), refusal('CONFIG_INVALID', words));
      const [prompt, options] = given;
      if (options !== null && typeof options === 'object' && !('stream' in options)) {
        await assert.rejects(collected(api.generate(prompt, { ...options, stream: true })), refusal('CONFIG_INVALID', words));
      }
      assert.equal(api.getStats().totalRequests, 0);
    });
  }

  test('nothing said is the same as not given', async () => {
    const { api, sent } = asking('gemini');
    await api.generate('Hi', { system: null, temperature: undefined, images: null, history: undefined, schema: null, signal: null, quota: null, stream: false, model: null });
    assert.deepEqual(sent[0].body, { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] });
    assert.equal(KEYS.length, 2);
  });
});
