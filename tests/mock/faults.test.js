import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LITE, GROQ, chat, fixture, generate, oneProject, onClock, statuses } from './support.js';

const stream = { verb: 'streamGenerateContent', query: '?alt=sse' };

describe('scripts', () => {
  test('are consumed first, one step a request, and count nothing', async () => {
    const { mock } = oneProject({ rpm: 1 });
    mock.script([{ status: 503 }, { status: 429, body: { mine: true } }, { ok: true }]);
    const first = await generate(mock);
    assert.equal(first.status, 503);
    assert.equal((await first.json()).error.status, 'UNAVAILABLE');
    const second = await generate(mock);
    assert.deepEqual([second.status, await second.json()], [429, { mine: true }]);
    assert.deepEqual(await statuses(2, () => generate(mock)), [200, 429]);
    assert.deepEqual(mock.log.map(({ reason }) => reason), ['script', 'script', 'ok', 'rpm']);
  });

  test('speak the provider’s words', async () => {
    const { mock } = onClock({ provider: 'groq' });
    mock.script([{ status: 500 }, { status: 401 }]);
    assert.equal((await (await chat(mock, GROQ, 'fake-mock-key-1')).json()).error.type, 'internal_server_error');
    assert.equal((await (await chat(mock, GROQ, 'fake-mock-key-1')).json()).error.code, 'invalid_api_key');
  });

  test('headers and delay', async () => {
    const { mock, clock, start } = oneProject({});
    mock.script([{ ok: true, delay: 5000, headers: { 'x-extra': '1' } }]);
    assert.equal((await generate(mock)).headers.get('x-extra'), '1');
    assert.equal(clock.time - start, 5000);
  });

  test('a connection that fails rejects as fetch does, and counts nothing', async () => {
    const { mock } = oneProject({ rpm: 5 });
    mock.script([{ connection: true }]);
    await assert.rejects(generate(mock), (error) => error instanceof TypeError && error.message === 'fetch failed' && error.cause.code === 'ECONNRESET');
    assert.equal((await generate(mock)).status, 200);
    assert.deepEqual(mock.log.map(({ status, reason }) => [status, reason]), [[null, 'connection'], [200, 'ok']]);
    assert.equal(mock.state().pools[0].used.rpm, 1);
  });

  test('a stream that ends in an error document (gemini-200-stream-error-tail)', async () => {
    const { mock } = oneProject({});
    mock.script([{ streamError: 1 }]);
    const response = await generate(mock, 'fake-a', stream);
    assert.equal(response.status, 200);
    const text = await response.text();
    const [event, ...tail] = text.split('\r\n\r\n');
    assert.match(event, /^data: \{/);
    assert.equal(tail.join('').trimEnd(), (await fixture('gemini-200-stream-error-tail')).body.trimEnd());
  });

  test('a connection that breaks in the middle, of a stream or of a plain answer', async () => {
    const { mock } = oneProject({});
    mock.script([{ cut: 2 }, { cut: 1 }, { cut: 0 }, { cut: 99 }]);
    for (const options of [stream, {}, stream, stream]) {
      const response = await generate(mock, 'fake-a', options);
      assert.equal(response.status, 200);
      const reader = response.body.getReader();
      const { value } = await reader.read();
      assert.ok(value.length > 0);
      await assert.rejects((async () => { while (!(await reader.read()).done); })(), { name: 'TypeError', message: 'terminated' });
    }
  });
});

describe('chance', () => {
  test('strikes as often as told, and the same calls with the same seed', async () => {
    const run = (seed) => statuses(400, (() => {
      const { mock } = oneProject({}, { faults: { overloaded: 0.25 }, seed });
      return () => generate(mock);
    })());
    const seen = await run(7);
    const hit = seen.filter((status) => status === 503).length;
    assert.ok(hit > 70 && hit < 130, `${hit}`);
    assert.deepEqual(await run(7), seen);
    assert.notDeepEqual(await run(8), seen);
  });

  test('of connection faults', async () => {
    const { mock } = oneProject({}, { faults: { connection: 1 } });
    await assert.rejects(generate(mock), TypeError);
  });
});

describe('overload', () => {
  test('of a model hits every project, for a number of calls, until an instant, or until it recovers', async () => {
    const { mock, clock, start } = oneProject({}, { projects: [{ keys: ['fake-a'], models: { '*': {} } }, { keys: ['fake-b'], models: { '*': {} } }] });
    mock.overload(LITE, { count: 2 });
    assert.equal((await generate(mock, 'fake-a')).status, 503);
    assert.equal((await generate(mock, 'fake-a', { model: 'gemini-other' })).status, 200);
    assert.equal((await generate(mock, 'fake-b')).status, 503);
    assert.equal((await generate(mock, 'fake-b')).status, 200);

    mock.overload(LITE, { until: start + 1000 });
    assert.deepEqual(mock.state().overloaded, [LITE]);
    assert.equal((await generate(mock)).status, 503);
    clock.time = start + 1000;
    assert.equal((await generate(mock)).status, 200);

    mock.overload(LITE);
    assert.deepEqual(await statuses(2, () => generate(mock)), [503, 503]);
    assert.equal(mock.recover(LITE), true);
    assert.equal((await generate(mock)).status, 200);
  });

  test('from the start', async () => {
    const { mock } = oneProject({}, { overloadedModels: [LITE] });
    assert.equal((await generate(mock)).status, 503);
  });
});

describe('by hand', () => {
  test('exhaust a minute or a day, of one model or of all, those not asked for yet included', async () => {
    const { mock, clock } = oneProject({}, { projects: [{ id: 'a', keys: ['fake-a'], models: { [LITE]: { rpm: 5, rpd: 50 }, '*': { rpm: 5, rpd: 50 } } }] });
    mock.exhaust('a', 'minute', LITE);
    assert.equal((await generate(mock)).status, 429);
    assert.equal((await generate(mock, 'fake-a', { model: 'gemini-other' })).status, 200);
    clock.time += 60_000;
    assert.equal((await generate(mock)).status, 200);
    mock.exhaust('fake-a', 'day');
    assert.deepEqual([(await generate(mock)).status, (await generate(mock, 'fake-a', { model: 'gemini-new' })).status], [429, 429]);
    clock.time += 86_400_000;
    assert.deepEqual([(await generate(mock)).status, (await generate(mock, 'fake-a', { model: 'gemini-new' })).status], [200, 200]);
    assert.throws(() => mock.exhaust('nobody', 'day'), RangeError);
  });

  test('what is not limited can’t be used up', () => {
    const { mock } = oneProject({ rpm: 5 });
    assert.throws(() => mock.exhaust('a', 'day'), { name: 'RangeError', message: 'project a has no limit per day to use up' });
  });

  test('break and repair a key', async () => {
    const { mock } = oneProject({});
    mock.breakKey('fake-a', 'leaked');
    assert.equal((await generate(mock)).status, 403);
    assert.equal(mock.state().keys[0].state, 'leaked');
    mock.repairKey('key-1');
    assert.equal((await generate(mock)).status, 200);
    assert.throws(() => mock.breakKey('fake-a', 'sad'), TypeError);
    assert.throws(() => mock.breakKey('unknown'), RangeError);
  });

  test('change limits, keeping what was used', async () => {
    const { mock } = oneProject({ rpm: 2 });
    await statuses(2, () => generate(mock));
    mock.setLimits('a', LITE, { rpm: 3 });
    assert.deepEqual(await statuses(2, () => generate(mock)), [200, 429]);
    mock.setLimits('a', LITE, { rpm: 1 });
    assert.deepEqual(mock.state().pools[0].remaining, { rpm: 0 });
    assert.throws(() => mock.setLimits('a', LITE, { rpm: -1 }), { message: 'limits.rpm: expected a whole number from 0, got number -1' });
  });
});
