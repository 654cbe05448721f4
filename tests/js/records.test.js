// Records of attempts, and the sinks that get them: what is in each, when it comes, and that no sink ever touches a call.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ENDPOINT, KEYS, QuotaAwareAPI, answering, byHand, clock, listening, open, question, refusal, refused, served, turn, until } from './support.js';

const USAGE = { usageMetadata: { promptTokenCount: 100, cachedContentTokenCount: 60, candidatesTokenCount: 20, thoughtsTokenCount: 7 } };
const COUNTED = { input: 100, output: 27, cached: 60, thoughts: 7 };
const STREAM = ENDPOINT.replace(':generateContent', ':streamGenerateContent?alt=sse');
const CHAT = 'https://api.openai.com/v1/chat/completions';

const data = (document) => `data: ${JSON.stringify(document)}\n\n`;
const piece = (text, more = {}) => data({ candidates: [{ content: { parts: [{ text }] }, ...more }] });
const streamed = (...parts) => new Response(parts.join(''), { headers: { 'content-type': 'text/event-stream' } });

/** An instance and all records that it has given out so far. */
function recording(options = {}, keys = KEYS) {
  const records = [];
  const api = open({ sink: (record) => { records.push(record); }, ...options }, keys);
  return { api, records };
}

const brief = ({ call, attempt, key, verdict, tokens }) => [call, attempt, key, verdict, tokens?.input ?? null];

describe('a record', () => {
  test('has everything that is known of an attempt', async () => {
    const { api, records } = recording({ fetch: answering(refused(), served(USAGE)) });
    const before = Date.now();
    const quota = { session: 'amy', operation: 'vision', userId: 'user-7', userAgent: 'browser/1' };
    await (await api.call(ENDPOINT, { ...question(), quota })).json();
    assert.equal(await api.flush(), true);
    const same = { call: 1, provider: 'gemini', model: 'gemini-fake', session: 'amy', operation: 'vision', userId: 'user-7', userAgent: 'browser/1', tokensEstimated: false };
    const timed = records.map(({ at, latencyMs, waitedMs, ...rest }) => {
      assert.ok(at >= before && at <= Date.now() && latencyMs >= 0 && waitedMs >= 0);
      return rest;
    });
    const [one, two] = api.getStatus().keys.map(({ project }) => project);
    assert.deepEqual(timed, [
      { ...same, attempt: 1, key: 'key-1', keyNumber: 1, project: one, verdict: 'rate-limited', category: 'rate_limit', success: false, status: 429, tokens: null },
      { ...same, attempt: 2, key: 'key-2', keyNumber: 2, project: two, verdict: 'ok', category: null, success: true, status: 200, tokens: COUNTED },
    ]);
    assert.ok(Object.isFrozen(records[0]) && Object.isFrozen(records[1].tokens));
    assert.deepEqual(api.getStats().records, { written: 2, dropped: 0, failed: 0 });
    assert.ok(!JSON.stringify(records).includes('fake-key'));
  });

  test('names nobody where the call does not, and the host as its user agent', async () => {
    const { api, records } = recording();
    await (await api.call(ENDPOINT)).json();
    await api.flush();
    const [{ session, operation, userId, userAgent, tokens }] = records;
    assert.deepEqual([session, operation, userId, userAgent, tokens], [null, null, null, globalThis.navigator?.userAgent ?? null, null]);
  });

  test('has the user of a call that said so in headers', async () => {
    const { api, records } = recording();
    await (await api.call(ENDPOINT, { ...question(), headers: { 'x-quota-user': 'u', 'x-quota-operation': 'text' } })).json();
    await api.flush();
    assert.deepEqual([records[0].userId, records[0].operation], ['u', 'text']);
  });

  test('is given of attempts that the caller gave up, of lost connections, and of tests of keys', async () => {
    const { fetch, requests } = byHand();
    const { api, records } = recording({ fetch, maxRetries: 1 });
    const leave = new AbortController();
    const left = api.call(ENDPOINT, { ...question(), signal: leave.signal }).catch(() => {});
    leave.abort();
    await left;
    const lost = api.call(ENDPOINT, question()).catch(() => {});
    requests[1].fail(new TypeError('fetch failed'));
    await lost;
    const tested = api.testKey('key-2');
    await until(() => requests.length === 3);
    requests[2].answer(served(USAGE));
    assert.equal((await tested).ok, true);
    await api.flush();
    assert.deepEqual(records.map(({ key, verdict, status, success, category, tokens }) => [key, verdict, status, success, category, tokens?.input]), [
      ['key-1', 'aborted', null, false, 'other', undefined],
      ['key-2', 'network', null, false, 'other', undefined],
      ['key-2', 'ok', 200, true, null, 100],
    ]);
  });

  test('is told of a fallback’s attempts, with its number', async () => {
    const { api, records } = recording({
      fetch: async (url) => (url.startsWith('https://api.groq.com') ? served({ choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }], usage: { prompt_tokens: 9, completion_tokens: 1 } }) : url.includes('gemini-small') ? new Response('{"error":{"code":503}}', { status: 503 }) : refused(3600)),
      provider: 'gemini', maxRetries: 4, retryBudget: { capacity: 0 }, backoff: { base: 0 },
      fallback: [{ model: 'gemini-small' }, { provider: 'groq', model: 'llama', keys: ['fake-groq'] }],
    }, ['fake-one']);
    const response = await api.call(ENDPOINT, { ...question(), quota: { userId: 'u', operation: 'text' } });
    assert.match(await response.text(), /Hi/);
    await api.flush();
    assert.deepEqual(records.at(0).fallback, undefined);
    const models = [...new Set(records.map(({ fallback, provider, model, success }) => `${fallback} ${provider} ${model} ${success}`))];
    assert.deepEqual(models, ['undefined gemini gemini-fake false', '1 gemini gemini-small false', '2 groq llama true']);
    assert.deepEqual([records.at(-1).userId, records.at(-1).operation, records.at(-1).tokens], ['u', 'text', { input: 9, output: 1, cached: 0, thoughts: 0 }]);
  });

  test('says nothing of answers that were kept', async () => {
    const { api, records } = recording({ cache: true });
    for (let n = 0; n < 2; n += 1) await (await api.call(ENDPOINT, { ...question(), quota: { cache: true } })).json();
    await api.flush();
    assert.equal(records.length, 1);
  });
});

describe('a served attempt’s record comes', () => {
  test('once its answer has told what it used', async () => {
    const { api, records } = recording({ fetch: async () => served(USAGE) });
    const response = await api.call(ENDPOINT, question());
    await turn();
    assert.equal(records.length, 0);
    await response.json();
    await until(() => records.length === 1);
    assert.deepEqual(records[0].tokens, COUNTED);
  });

  for (const way of ['arrayBuffer', 'blob']) {
    test(`once its body was read by ${way}()`, async () => {
      const { api, records } = recording({ fetch: async () => served(USAGE) });
      await (await api.call(ENDPOINT, question()))[way]();
      await until(() => records.length === 1);
      assert.equal(records[0].tokensEstimated, true);
    });
  }

  test('at once where nothing is to be expected of its body', async () => {
    const { api, records } = recording({ fetch: async () => new Response('ID3', { headers: { 'content-type': 'audio/mpeg' } }) });
    await api.call(ENDPOINT, question());
    await until(() => records.length === 1);
  });

  test('within ten seconds where nobody reads it, and keeps no program alive', async (t) => {
    const { now, pass } = clock(t);
    const { api, records } = recording({ now, fetch: async () => served(USAGE) });
    t.after(() => api.close());
    await api.call(ENDPOINT, question());
    await pass(4_900);
    assert.equal(records.length, 0);
    await pass(5_300);
    assert.deepEqual(records.map(brief), [[1, 1, 'key-1', 'ok', 1]]);
  });

  test('at flush(), and at close()', async () => {
    const { api, records } = recording({ fetch: async () => served(USAGE) });
    await api.call(ENDPOINT, question());
    await api.flush();
    assert.equal(records.length, 1);
    await api.call(ENDPOINT, question());
    api.close();
    await until(() => records.length === 2);
  });

  test('at the end of its stream, however long that takes', async (t) => {
    const { now, pass } = clock(t);
    let controller;
    const body = new ReadableStream({ start: (own) => { controller = own; } });
    const { api, records } = recording({ now, fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }) });
    t.after(() => api.close());
    const bytes = new TextEncoder();
    const answer = api.call(STREAM, question());
    controller.enqueue(bytes.encode(piece('a')));
    const reader = (await answer).body.getReader();
    await reader.read();
    for (let n = 0; n < 5; n += 1) {
      await pass(4_000);
      controller.enqueue(bytes.encode(piece('b')));
      await reader.read();
    }
    assert.equal(records.length, 0);
    controller.enqueue(bytes.encode(piece('c', { finishReason: 'STOP' }) + data(USAGE)));
    controller.close();
    while (!(await reader.read()).done);
    await pass(200);
    assert.deepEqual(records[0].tokens, COUNTED);
    assert.equal(records.length, 1);
  });

  test('as a failure, and once, where its stream broke', async () => {
    const { api, records } = recording({ fetch: async () => streamed(piece('a'), data({ error: { code: 503, status: 'UNAVAILABLE', message: 'overloaded' } })) });
    await assert.rejects((await api.call(STREAM, { ...question(), quota: { userId: 'u' } })).text());
    await api.flush();
    assert.deepEqual(records.map(({ call, attempt, verdict, success, userId }) => [call, attempt, verdict, success, userId]), [[1, 1, 'overloaded', false, 'u']]);
  });

  test('where its reader leaves early', async () => {
    const { api, records } = recording({ fetch: async () => streamed(piece('a'), piece('b'), piece('c', { finishReason: 'STOP' })) });
    const response = await api.call(STREAM, question());
    await response.body.cancel();
    await until(() => records.length === 1);
    assert.equal(records[0].success, true);
  });
});

describe('tokens that no API has told', () => {
  const said = 'The quick brown fox jumps over the lazy dog. '.repeat(20);

  test('are estimated from question and answer, and marked', async () => {
    const { api, records } = recording({ fetch: async () => served({ choices: [{ message: { role: 'assistant', content: said }, finish_reason: 'stop' }] }), provider: 'openai' });
    await (await api.call(CHAT, { method: 'POST', body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: said }] }) })).json();
    await api.flush();
    const [{ tokens, tokensEstimated }] = records;
    assert.equal(tokensEstimated, true);
    // 201 by o200k_base.
    for (const count of [tokens.input, tokens.output]) assert.ok(count > 100 && count < 400, String(count));
    assert.equal(api.getStats().tokens.total, 0);
  });

  test('are estimated of a stream, too', async () => {
    const { api, records } = recording({ fetch: async () => streamed(...said.match(/.{1,45}/g).map((text) => piece(text)), piece('', { finishReason: 'STOP' })) });
    await (await api.call(STREAM, question())).text();
    await api.flush();
    assert.deepEqual([records[0].tokensEstimated, records[0].tokens.output > 100 && records[0].tokens.output < 400], [true, true]);
  });

  test('are none of calls that say nothing', async () => {
    const { api, records } = recording();
    await (await api.call('https://generativelanguage.googleapis.com/v1beta/models', { method: 'GET' })).json();
    await api.flush();
    assert.deepEqual([records[0].tokens, records[0].tokensEstimated], [null, false]);
  });
});

describe('a sink', () => {
  test('that is an object gets batches, one at a time', async () => {
    const batches = [];
    let writing = 0;
    const sink = {
      write: async (records) => {
        writing += 1;
        assert.equal(writing, 1);
        batches.push(records.length);
        await turn();
        writing -= 1;
      },
    };
    const api = open({ sink });
    for (let n = 0; n < 1_234; n += 1) await (await api.call(ENDPOINT)).json();
    await api.flush();
    assert.equal(batches.reduce((sum, size) => sum + size, 0), 1_234);
    assert.ok(batches.length >= 3 && Math.max(...batches) <= 500, batches.join());
    assert.deepEqual(api.getStats().records, { written: 1_234, dropped: 0, failed: 0 });
  });

  test('is never on the path of a call: the answer is there first', async () => {
    const order = [];
    const api = open({ sink: () => { order.push('record'); } });
    await (await api.call(ENDPOINT)).json();
    order.push('answer');
    await api.flush();
    assert.deepEqual(order, ['answer', 'record']);
  });

  test('is one of several, which know nothing of each other', async () => {
    const seen = [];
    const api = open({ sink: [() => { throw new Error('no'); }, () => new Promise(() => {}), (record) => { seen.push(record.call); }] });
    await (await api.call(ENDPOINT)).json();
    assert.equal(await api.flush(50), false);
    assert.deepEqual(seen, [1]);
    assert.deepEqual(api.getStats().records, { written: 1, dropped: 0, failed: 1 });
  });

  const BAD = {
    throws: () => { throw new Error('disk is full'); },
    rejects: async () => { throw new Error('disk is full'); },
    'throws nothing': () => { throw undefined; },
    'rejects with what can’t be told': async () => { throw { get message() { throw new Error('no words'); } }; },
    'returns a thenable that throws': () => ({ then() { throw new Error('odd'); } }),
  };
  for (const [name, write] of Object.entries(BAD)) {
    for (const [shape, sink] of [['a function', write], ['an object', { write }]]) {
      test(`that ${name} (${shape}) fails no call, and is heard of once`, async (t) => {
        const warnings = t.mock.method(console, 'warn', () => {});
        const unhandled = [];
        const note = (error) => unhandled.push(error);
        process.on('unhandledRejection', note);
        t.after(() => process.off('unhandledRejection', note));
        const api = open({ sink });
        for (let n = 0; n < 3; n += 1) {
          const response = await api.call(ENDPOINT);
          assert.equal(response.status, 200);
          await response.json();
          await api.flush();
        }
        await turn();
        assert.deepEqual([api.getStats().records, unhandled, warnings.mock.callCount()], [{ written: 0, dropped: 0, failed: 3 }, [], name.includes('told') ? 0 : 1]);
      });
    }
  }

  test('that never comes back costs memory for ten thousand records and no more', async () => {
    const api = open({ sink: { write: () => new Promise(() => {}) } });
    for (let n = 0; n < 11_000; n += 1) {
      await (await api.call(ENDPOINT)).text();
      if (n % 100 === 0) await turn();
    }
    const { written, dropped } = api.getStats().records;
    assert.equal(written, 0);
    // Those that the write has which hangs are no more in the queue: 500 at most.
    assert.ok(dropped >= 500 && dropped <= 1_000, String(dropped));
    assert.equal((await api.call(ENDPOINT)).status, 200);
  });

  test('is closed with the instance, after its last record', async () => {
    const told = [];
    const sink = { write: async (records) => { await turn(); told.push(records.length); }, close: () => { told.push('closed'); } };
    const api = open({ sink });
    await (await api.call(ENDPOINT)).json();
    api.close();
    assert.equal(await api.flush(), true);
    assert.deepEqual(told, [1, 'closed']);
  });

  test('whose close fails is nobody’s trouble', async (t) => {
    t.mock.method(console, 'warn', () => {});
    const api = open({ sink: { write: () => {}, close: async () => { throw new Error('no'); } } });
    api.close();
    assert.equal(await api.flush(), true);
  });

  test('is called as a method of its object', async () => {
    class Own {
      #all = [];
      write(records) { this.#all.push(...records); }
      get all() { return this.#all; }
    }
    const sink = new Own();
    const api = open({ sink });
    await (await api.call(ENDPOINT)).json();
    await api.flush();
    assert.equal(sink.all.length, 1);
  });

  test('makes nobody hear of events who does not listen to them', async () => {
    const { api, records } = recording();
    const heard = listening(api, 'attempt');
    await (await api.call(ENDPOINT)).json();
    await api.flush();
    assert.deepEqual([heard.map(([type]) => type), records.length], [['attempt'], 1]);
  });
});

test('resetStats() lets the counters of records begin anew', async () => {
  const { api } = recording();
  await (await api.call(ENDPOINT)).json();
  await api.flush();
  api.resetStats();
  assert.deepEqual(api.getStats().records, { written: 0, dropped: 0, failed: 0 });
  await (await api.call(ENDPOINT)).json();
  await api.flush();
  assert.equal(api.getStats().records.written, 1);
});

test('without a sink there is nothing to wait for, and nothing is counted', async () => {
  const api = open();
  assert.equal(await api.flush(), true);
  assert.deepEqual(api.getStats().records, { written: 0, dropped: 0, failed: 0 });
});

test('bad sinks and times are told', async () => {
  assert.throws(() => open({ sink: 5 }), refusal('CONFIG_INVALID', /^options\.sink: expected a function or an object with a function write, got 5/));
  assert.throws(() => open({ sink: {} }), refusal('CONFIG_INVALID', /^options\.sink: .*got object/));
  assert.throws(() => open({ sink: [() => {}, 'file.jsonl'] }), refusal('CONFIG_INVALID', /^options\.sink\[1\]: .*got string/));
  await assert.rejects(open().flush(-1), refusal('CONFIG_INVALID', /^timeout: expected a whole number/));
  await assert.rejects(open().flush('1'), refusal('CONFIG_INVALID', /^timeout:/));
  assert.ok(new QuotaAwareAPI(['fake-one'], { sink: null }));
  assert.ok(new QuotaAwareAPI(['fake-one'], { sink: [] }));
});
