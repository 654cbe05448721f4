// Streams: passed on as they come, tried elsewhere while nothing has been read, broken with a reason afterwards.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ENDPOINT, KEYS, assertIdle, listening, open, refusal, stayAwake, turn } from './support.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const encoder = new TextEncoder();
const SSE = { 'content-type': 'text/event-stream' };
const STREAM = ENDPOINT.replace(':generateContent', ':streamGenerateContent');
const json = JSON.stringify;

/** A response whose body is handed over piece by piece; `end`: "close", "never", or an error that breaks it. */
function streamed(pieces, { end = 'close', headers = SSE, status = 200, log = {} } = {}) {
  const left = pieces.map((piece) => (typeof piece === 'string' ? encoder.encode(piece) : piece));
  log.pulls = 0;
  const body = new ReadableStream({
    pull(controller) {
      log.pulls += 1;
      if (left.length > 0) controller.enqueue(left.shift());
      else if (end === 'close') controller.close();
      else if (end !== 'never') controller.error(end);
      else return new Promise(() => {});
      return undefined;
    },
    cancel(reason) { log.cancelled = reason ?? true; },
  }, { highWaterMark: 0 });
  return new Response(body, { status, statusText: 'Fine', headers });
}

/** What a reader gets: the text, and the error that it ended with. */
async function readAll(response) {
  let text = '';
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (;;) {
    try {
      const { done, value } = await reader.read();
      if (done) return { text, error: undefined };
      text += decoder.decode(value, { stream: true });
    } catch (error) {
      return { text, error };
    }
  }
}

/** An API whose attempts are answered in turn by these; remembers the keys. */
function serving(answers, options, keys = KEYS) {
  const used = [];
  const fetch = async (url, { headers, signal }) => {
    used.push(headers['x-goog-api-key'] ?? headers['x-api-key'] ?? headers.authorization);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return typeof answer === 'function' ? answer(signal) : answer;
  };
  return Object.assign(open({ fetch, backoff: { base: 0 }, ...options }, keys), { used });
}

const gemini = (text, finishReason) => ({ candidates: [{ content: { parts: [{ text }], role: 'model' }, ...(finishReason && { finishReason }), index: 0 }], usageMetadata: { promptTokenCount: 12, candidatesTokenCount: 7 }, modelVersion: 'gemini-fake' });
const choice = (delta, finish = null) => ({ choices: [{ index: 0, delta, finish_reason: finish }] });
const data = (document) => `data: ${json(document)}\n\n`;
const named = (type, more = {}) => `event: ${type}\ndata: ${json({ type, ...more })}\n\n`;

const GEMINI_ERROR = { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } };
/** Per dialect: where it is called, what comes before the answer, the answer, its end, and its ways of an error. */
const DIALECTS = {
  'Gemini events': {
    url: `${STREAM}?alt=sse`, preamble: [': keep-alive\n\n', data({ usageMetadata: { promptTokenCount: 12 } })],
    content: [data(gemini('Grü')), data(gemini('ße'))], end: [data(gemini('!', 'STOP'))],
    errors: [`${json(GEMINI_ERROR, null, 2)}\n`, data(GEMINI_ERROR)],
  },
  'Gemini array': {
    url: STREAM, headers: { 'content-type': 'application/json' }, preamble: ['[', '\r\n'],
    content: [json(gemini('Grü'), null, 2), `,\r\n${json(gemini('ße'), null, 2)}\n`], end: [`,\r\n${json(gemini('!', 'STOP'), null, 2)}\n`, ']'],
    errors: [json(GEMINI_ERROR, null, 2)],
  },
  OpenAI: {
    url: 'https://api.openai.com/v1/chat/completions', body: '{"model":"m","stream":true}', preamble: [': OPENROUTER PROCESSING\n\n', data(choice({ role: 'assistant', content: '' }))],
    content: [data(choice({ content: 'Grü' })), data(choice({ content: 'ße' }))], end: [data(choice({}, 'stop')), data({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 7 } }), 'data: [DONE]\n\n'],
    errors: [data({ error: { message: 'The server is overloaded', type: 'server_error', code: 503 } })],
  },
  Anthropic: {
    url: 'https://api.anthropic.com/v1/messages', body: '{"model":"m","stream":true}',
    preamble: [named('message_start', { message: { usage: { input_tokens: 12, output_tokens: 1 } } }), named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }), named('ping')],
    content: [named('content_block_delta', { delta: { type: 'text_delta', text: 'Grü' } }), named('content_block_delta', { delta: { type: 'text_delta', text: 'ße' } })],
    end: [named('content_block_stop', { index: 0 }), named('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } }), named('message_stop')],
    errors: [named('error', { error: { type: 'overloaded_error', message: 'Overloaded' } })],
  },
  Responses: {
    url: 'https://api.openai.com/v1/responses', body: '{"model":"m","stream":true}',
    preamble: [named('response.created', { response: { status: 'in_progress', error: null } }), named('response.output_item.added', { item: {} })],
    content: [named('response.output_text.delta', { delta: 'Grü' }), named('response.output_text.delta', { delta: 'ße' })],
    end: [named('response.completed', { response: { error: null, usage: { input_tokens: 12, output_tokens: 7 } } })],
    errors: [named('error', { code: 'server_error', message: 'overloaded' }), named('response.failed', { response: { error: { code: 'server_error', message: 'overloaded' } } })],
  },
};
const whole = ({ preamble, content, end }) => [...preamble, ...content, ...end];
const ask = (api, { url, body = '{}' }, more = {}) => api.call(url, { method: 'POST', body, ...more });
const respond = (dialect, pieces, options) => streamed(pieces, { headers: dialect.headers ?? SSE, ...options });

for (const [name, dialect] of Object.entries(DIALECTS)) {
  describe(`a stream of ${name}`, () => {
    test('passes through byte for byte, its tokens counted', async () => {
      const log = {};
      const api = serving([respond(dialect, whole(dialect), { log })]);
      const response = await ask(api, dialect);
      // Held back until there was something to read, and not read ahead from there.
      assert.equal(log.pulls, dialect.preamble.length + 1);
      assert.deepEqual([response.status, response.statusText, response.bodyUsed, response instanceof Response], [200, 'Fine', false, true]);
      assert.deepEqual(await readAll(response), { text: whole(dialect).join(''), error: undefined });
      assert.deepEqual(api.getStats().tokens, { input: 12, output: 7, total: 19, cached: 0, thoughts: 0 });
      assertIdle(api);
    });

    test('that has no content yet is tried elsewhere, unseen: after a cut, an end, an error', async () => {
      const broken = [
        respond(dialect, [], {}), respond(dialect, dialect.preamble, {}), respond(dialect, dialect.preamble, { end: new TypeError('terminated') }),
        ...dialect.errors.map((error) => respond(dialect, [...dialect.preamble, error])),
      ];
      for (const first of broken) {
        const api = serving([first, respond(dialect, whole(dialect))]);
        assert.deepEqual(await readAll(await ask(api, dialect)), { text: whole(dialect).join(''), error: undefined });
        assert.equal(api.used.length, 2);
        assertIdle(api);
      }
    });

    test('that breaks after its first content ends with what broke it, and is not sent again', async () => {
      const sent = [...dialect.preamble, ...dialect.content];
      const cause = new TypeError('terminated');
      const api = serving([respond(dialect, sent, { end: cause })]);
      const settled = listening(api, 'settled');
      const { text, error } = await readAll(await ask(api, dialect));
      assert.equal(text, sent.join(''));
      refusal('STREAM_BROKEN', /broke/)(error);
      assert.equal(error.cause, cause);
      assert.deepEqual(error.attempts, [{ key: 'key-1', status: 200, verdict: 'network', waitedMs: 0 }]);
      assert.deepEqual(settled.map(([, { verdict, call }]) => [verdict, call]), [['ok', 1], ['network', 1]]);
      const { totalRequests, totalErrors, successRate } = api.getStats();
      assert.deepEqual([totalRequests, totalErrors, successRate], [1, 1, '0.0%']);
      assert.equal(api.used.length, 1);
    });

    test('that ends before its answer does is broken', async () => {
      const sent = [...dialect.preamble, ...dialect.content];
      const { text, error } = await readAll(await ask(serving([respond(dialect, sent)]), dialect));
      assert.equal(text, sent.join(''));
      refusal('STREAM_BROKEN')(error);
      assert.match(error.cause.message, /middle of its answer/);
    });

    test('that has an error in its middle passes it on, and then ends with it', async () => {
      for (const told of dialect.errors) {
        const sent = [...dialect.preamble, ...dialect.content, told, '\n'];
        const api = serving([respond(dialect, sent)]);
        const { text, error } = await readAll(await ask(api, dialect));
        assert.equal(text, sent.join(''));
        refusal('STREAM_BROKEN')(error);
        assert.match(error.cause.message, /overloaded/i);
        assert.equal(error.cause.verdict, error.attempts.at(-1).verdict);
        assert.match(error.cause.verdict, /overloaded|transient/);
      }
    });

    test('means the same however its bytes are cut', async () => {
      const bytes = encoder.encode(whole(dialect).join(''));
      for (const size of [1, 2, 3, 7, 50]) {
        const pieces = [];
        for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.slice(at, at + size));
        const api = serving([respond(dialect, pieces)]);
        assert.deepEqual(await readAll(await ask(api, dialect)), { text: whole(dialect).join(''), error: undefined });
        assert.deepEqual(api.getStats().tokens, { input: 12, output: 7, total: 19, cached: 0, thoughts: 0 });
      }
    });
  });
}

describe('a stream', () => {
  const dialect = DIALECTS['Gemini events'];

  test('whose every attempt meets an error ends the call as that error would have, outside of a stream', async () => {
    const api = serving(Array.from({ length: 9 }, () => respond(dialect, [dialect.errors[0]])), { maxRetries: 2 });
    const error = await ask(api, dialect).catch((reason) => reason);
    refusal('EXHAUSTED')(error);
    assert.deepEqual(error.attempts.map(({ status, verdict }) => [status, verdict]), [[503, 'overloaded'], [503, 'overloaded']]);
    assert.deepEqual([error.response.status, await error.response.json()], [503, GEMINI_ERROR]);
  });

  test('with an error that no other key would change comes back as that refusal', async () => {
    const wrong = { error: { code: 400, message: 'contents is not specified', status: 'INVALID_ARGUMENT' } };
    const api = serving([respond(dialect, [data(wrong)])]);
    const response = await ask(api, dialect);
    assert.deepEqual([response.status, await response.json(), api.used.length], [400, wrong, 1]);
  });

  test('of a refused key moves on to the other, and closes what is guilty', async () => {
    const refusedMinute = { error: { code: 429, message: 'You exceeded your current quota.', status: 'RESOURCE_EXHAUSTED', details: [{ '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier' }] }, { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '30s' }] } };
    const api = serving([respond(dialect, [json(refusedMinute)]), respond(dialect, whole(dialect)), respond(dialect, whole(dialect))]);
    await readAll(await ask(api, dialect));
    await readAll(await ask(api, dialect));
    assert.deepEqual(api.used, [KEYS[0], KEYS[1], KEYS[1]]);
  });

  test('is the same pieces, not copies, and read no faster than its reader reads', async () => {
    const pieces = whole(dialect).map((piece) => encoder.encode(piece));
    const log = {};
    const api = serving([respond(dialect, pieces, { log })]);
    const reader = (await ask(api, dialect)).body.getReader();
    const seen = [(await reader.read()).value];
    await turn();
    assert.equal(log.pulls, dialect.preamble.length + 1);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      seen.push(value);
    }
    assert.ok(seen.every((piece, at) => piece === pieces[at]));
  });

  test('whose reader leaves is closed at its source, and was a success', async () => {
    const log = {};
    const api = serving([respond(dialect, [...dialect.preamble, ...dialect.content], { end: 'never', log })]);
    const reader = (await ask(api, dialect)).body.getReader();
    await reader.read();
    await reader.cancel('enough');
    assert.equal(log.cancelled, 'enough');
    assert.equal(api.getStats().successRate, '100.0%');
  });

  test('may be cloned, and read as text, json or lines', async () => {
    const body = whole(dialect).join('');
    const api = serving([respond(dialect, whole(dialect)), respond(DIALECTS['Gemini array'], whole(DIALECTS['Gemini array']))]);
    const response = await ask(api, dialect);
    const twin = response.clone();
    assert.deepEqual([await response.text(), await twin.text()], [body, body]);
    assert.equal(twin.url, response.url);
    assert.equal((await (await ask(api, DIALECTS['Gemini array'])).json()).length, 3);
  });

  test('that stalls before its content is a time-out, and tried elsewhere', async (t) => {
    t.after(stayAwake());
    const hanging = (signal) => {
      const response = respond(dialect, dialect.preamble, { end: 'never' });
      void signal;
      return response;
    };
    const api = serving([hanging, respond(dialect, whole(dialect))], { timeout: 40 });
    const settled = listening(api, 'settled');
    assert.equal((await readAll(await ask(api, dialect))).error, undefined);
    assert.deepEqual(settled.map(([, { verdict }]) => verdict), ['timeout', 'ok']);
  });

  test('that stalls between two pieces is broken, but only while somebody waits for one', async (t) => {
    t.after(stayAwake());
    const log = {};
    const pieces = [...dialect.preamble, ...dialect.content, ...dialect.content];
    const api = serving([respond(dialect, pieces, { end: 'never', log })], { chunkTimeout: 60_000 });
    const reader = (await ask(api, dialect, { quota: { chunkTimeout: 40 } })).body.getReader();
    for (const piece of pieces) {
      assert.equal(Buffer.from((await reader.read()).value).toString(), piece);
      await new Promise((resolve) => { setTimeout(resolve, 60); });
    }
    const error = await reader.read().catch((reason) => reason);
    refusal('STREAM_BROKEN')(error);
    assert.deepEqual([error.cause.name, error.attempts.at(-1).verdict, log.cancelled.name], ['TimeoutError', 'timeout', 'TimeoutError']);
  });

  test('is broken off by its caller’s signal, with the caller’s own reason', async () => {
    const log = {};
    const patience = new AbortController();
    const api = serving([respond(dialect, [...dialect.preamble, ...dialect.content], { end: 'never', log })]);
    const reader = (await ask(api, dialect, { signal: patience.signal })).body.getReader();
    await reader.read();
    const reason = { mine: true };
    patience.abort(reason);
    for (;;) {
      const seen = await reader.read().catch((error) => ({ error }));
      if (seen.error === undefined) continue;
      assert.equal(seen.error, reason);
      break;
    }
    assert.equal(log.cancelled, reason);
    assert.equal(api.getStats().successRate, '100.0%');
  });

  test('keeps its place among the requests under way until it ends, is left, or breaks', async () => {
    const part = [...dialect.preamble, ...dialect.content];
    const endings = [
      [respond(dialect, whole(dialect)), (reader) => reader.read().then(async (seen) => { while (!seen.done) seen = await reader.read(); })],
      [respond(dialect, part, { end: 'never' }), (reader) => reader.cancel()],
      [respond(dialect, part, { end: new TypeError('terminated') }), async (reader) => { try { for (;;) await reader.read(); } catch { /* as it should */ } }],
    ];
    for (const [first, finish] of endings) {
      const api = serving([first, respond(dialect, whole(dialect))], { limits: { concurrency: 1 } }, ['fake-one']);
      const reader = (await ask(api, dialect)).body.getReader();
      const second = ask(api, dialect);
      await turn();
      assert.deepEqual([api.used.length, api.getStatus().queue.waiting], [1, 1]);
      await finish(reader);
      await (await second).text();
      assert.equal(api.used.length, 2);
      assertIdle(api);
    }
  });

  test('that everybody has forgotten is closed at its source, and its place is free', { timeout: 20_000 }, async () => {
    const log = {};
    const api = serving([respond(dialect, [...dialect.preamble, ...dialect.content], { end: 'never', log }), respond(dialect, whole(dialect))], { limits: { concurrency: 1 } }, ['fake-one']);
    // The caller's signal lives on, and keeps nothing.
    const { signal } = new AbortController();
    await (async () => { await (await ask(api, dialect, { signal })).body.getReader().read(); })();
    const second = ask(api, dialect);
    for (let n = 0; n < 300 && api.used.length < 2; n += 1) { collect(); await turn(); }
    assert.deepEqual([log.cancelled, api.used.length], [true, 2]);
    await (await second).text();
    assertIdle(api);
  });

  test('has its account in the error, where that was asked for', async () => {
    const api = serving([respond(dialect, dialect.content, { end: new TypeError('terminated') })]);
    const response = await ask(api, dialect, { quota: { explain: true } });
    assert.equal(response.quota.key, 'key-1');
    const { error } = await readAll(response);
    assert.equal(error.trace.steps.at(-1).step, 'over');
  });

  test('never repeats a key of ours in its error', async () => {
    const told = data({ error: { code: 403, message: `Consumer 'api_key:${KEYS[0]}' has been suspended.`, status: 'PERMISSION_DENIED' } });
    const { text, error } = await readAll(await ask(serving([respond(dialect, [...dialect.content, told])]), dialect));
    assert.ok(text.includes(KEYS[0]), 'the body itself stays untouched');
    for (const words of [error.message, error.cause.message, json(error), error.toReport(), String(error.stack)]) assert.ok(!words.includes(KEYS[0]), words);
    assert.match(error.cause.message, /has been suspended/);
  });

  test('in a dialect that nobody knows passes as it is', async () => {
    for (const pieces of [['data: hello\n\n', 'data: world\n\n'], ['{"token":1}\n', '{"token":2}\n'], ['data: {}\n\n'], [new Uint8Array([255, 254, 0, 1, 10, 13, 200])]]) {
      const response = await ask(serving([respond(dialect, pieces)]), dialect);
      const expected = Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
      assert.deepEqual(Buffer.from(await response.arrayBuffer()), expected);
    }
  });

  test('with pictures in it is looked through, not kept', async () => {
    const picture = 'A'.repeat(3_000_000);
    const big = { candidates: [{ content: { parts: [{ inlineData: { mimeType: 'image/png', data: picture } }] }, finishReason: 'STOP' }], usageMetadata: { promptTokenCount: 12, candidatesTokenCount: 1290 } };
    const bytes = encoder.encode(data(big));
    const pieces = [];
    for (let at = 0; at < bytes.length; at += 65_536) pieces.push(bytes.subarray(at, at + 65_536));
    const log = {};
    const api = serving([respond(dialect, pieces, { log })]);
    const response = await ask(api, dialect);
    assert.ok(log.pulls < 5, String(log.pulls));
    assert.equal((await response.arrayBuffer()).byteLength, bytes.length);
    assert.deepEqual(api.getStats().tokens, { input: 12, output: 1290, total: 1302, cached: 0, thoughts: 0 });
  });
});
