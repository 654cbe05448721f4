// Calls that wait: what they are promised, who goes first, and what they cost those that do not wait.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ENDPOINT, NOON, answering, assertIdle, byHand, clock, listening, open, refused, served, turn, watched } from './support.js';

/** A client with so much quota a minute, whose calls may wait as long as it takes; `sent` is when each went, in seconds. */
function patient(t, { keys = ['fake-one'], ...options }) {
  const { now, pass } = clock(t);
  const sent = [];
  const fetch = async () => { sent.push(Math.floor((now() - NOON) / 1000)); return served(); };
  const api = open({ now, fetch, queue: { maxWait: 900_000 }, deadline: 1_200_000, minute: 'rolling', ...options }, keys);
  t.after(() => api.close());
  return { api, now, pass, sent };
}

const ask = (api, quota) => watched(api.call(ENDPOINT, { quota }));

describe('a waiting call', () => {
  test('is promised a start, told in the event and in the status alike, and keeps it', async (t) => {
    const { api, now, pass } = patient(t, { keys: ['fake-one', 'fake-two'], limits: { rpm: 5 }, pacing: 'burst' });
    const heard = listening(api, 'waiting', 'attempt');
    for (let n = 0; n < 40; n += 1) ask(api);
    await turn();
    const promised = heard.filter(([type]) => type === 'waiting').map(([, detail]) => detail);
    assert.deepEqual(promised.map(({ ahead }) => ahead), Array.from({ length: 30 }, (_, at) => at));
    const { waiting, calls } = api.getStatus().queue;
    assert.deepEqual([waiting, calls.map(({ call, ahead }) => [call, ahead])], [30, promised.map(({ call, ahead }) => [call, ahead])]);
    assert.deepEqual(calls[0], {
      call: 11, session: null, priority: 5, ahead: 0, startsAt: promised[0].until, waitedMs: 0, reason: "the minute's quota is in use",
      limit: { project: 'key-1', metric: 'requests', window: 'minute', used: 5, limit: 5 },
    });
    await pass(400_000, 100);
    const went = new Map(heard.filter(([type]) => type === 'attempt').map(([, { call, at }]) => [call, at]));
    // A second for what is learned meanwhile of how late requests are counted.
    for (const { call, until } of promised) assert.ok(went.get(call) >= until - 1000 && went.get(call) <= until + 1000, `call ${call}: ${went.get(call) - until} ms after its promise`);
    assert.ok(now() > NOON);
    assertIdle(api);
  });

  test('whose promise lies beyond its deadline is refused at once, and never sent', async (t) => {
    const { api, sent } = patient(t, { limits: { rpm: 1 } });
    await api.call(ENDPOINT);
    const heard = listening(api, 'waiting');
    await assert.rejects(api.call(ENDPOINT, { quota: { deadline: 30_000 } }), (error) => {
      assert.equal(error.code, 'DEADLINE');
      assert.match(error.message, /^The call can't be served in the time that it has \(1 key, 0 attempts\)\. Try again in 61 s\.$/);
      assert.ok(error.retryAfter >= 60_000 && error.retryAfter < 62_000);
      return true;
    });
    assert.deepEqual([heard, sent.length], [[], 1]);
    assertIdle(api);
  });

  test('whose promise lies beyond maxWait is refused at once too, also behind others', async (t) => {
    const { api, sent } = patient(t, { limits: { rpm: 1 }, queue: { maxWait: 60_000 } });
    await api.call(ENDPOINT);
    const second = ask(api);
    await assert.rejects(api.call(ENDPOINT), { code: 'EXHAUSTED' });
    await turn();
    assert.deepEqual([second.state, sent.length, api.getStatus().queue.waiting], ['pending', 1, 1]);
  });

  test('that is aborted leaves its place and its turn to the next', async (t) => {
    const { api, pass, sent } = patient(t, { limits: { rpm: 1 } });
    await api.call(ENDPOINT);
    const patience = new AbortController();
    const first = watched(api.call(ENDPOINT, { signal: patience.signal }));
    const second = ask(api);
    assert.equal(api.getStatus().queue.calls[1].ahead, 1);
    patience.abort();
    await turn();
    const { waiting, calls } = api.getStatus().queue;
    assert.deepEqual([first.state, first.error.name, waiting, calls[0].ahead], ['rejected', 'AbortError', 1, 0]);
    await pass(62_000);
    assert.deepEqual([second.state, sent], ['resolved', [0, 60]]);
  });

  test('in flight that is aborted gives its permit back: the next goes at once', async (t) => {
    const { fetch, requests } = byHand();
    const { api } = patient(t, { fetch, limits: { concurrency: 1 } });
    const patience = new AbortController();
    api.call(ENDPOINT, { signal: patience.signal }).catch(() => {});
    const next = ask(api);
    assert.equal(requests.length, 1);
    patience.abort();
    await turn();
    assert.equal(requests.length, 2);
    requests[1].answer(served());
    await turn();
    assert.equal(next.state, 'resolved');
    assertIdle(api);
  });

  test('by its own back-off is counted, and stands in no line', async (t) => {
    const { api, pass } = patient(t, { fetch: answering(new TypeError('fetch failed')), backoff: { base: 5000, jitter: 'none' } });
    const call = ask(api);
    await turn();
    const { waiting, calls } = api.getStatus().queue;
    assert.deepEqual([waiting, calls], [1, []]);
    await pass(6000);
    assert.equal(call.state, 'resolved');
  });

  test('for a project that a refusal has closed is promised its end', async (t) => {
    const { api, pass } = patient(t, { fetch: answering(refused(20)), deadline: 60_000 });
    const heard = listening(api, 'waiting');
    const call = ask(api);
    await turn();
    await turn();
    const [[, { until, limit, reason }]] = heard;
    assert.ok(until >= NOON + 20_000 && until < NOON + 25_000);
    assert.deepEqual([reason, limit], ['per-minute quota used up', null]);
    await pass(25_000);
    assert.equal(call.state, 'resolved');
  });
});

describe('pacing', () => {
  const sends = async (t, pacing, count) => {
    const { api, pass, sent } = patient(t, { pacing, limits: { rpm: 6 } });
    for (let n = 0; n < count; n += 1) ask(api);
    await pass(250_000, 100);
    return sent;
  };

  test('burst sends whatever there is room for, minute by minute', async (t) => {
    assert.deepEqual(await sends(t, 'burst', 20), [...Array(6).fill(0), ...Array(6).fill(60), ...Array(6).fill(120), 180, 180]);
  });

  test('even sends one after the other, a minute divided by the limit apart', async (t) => {
    assert.deepEqual(await sends(t, 'even', 10), [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });

  test('auto sends at once while a minute can take all, and spreads what outlasts it', async (t) => {
    assert.deepEqual(await sends(t, 'auto', 6), Array(6).fill(0));
    t.mock.timers.reset();
    const sent = await sends(t, 'auto', 20);
    assert.deepEqual([sent.length, sent.slice(0, 6)], [20, Array(6).fill(0)]);
    const later = new Set(sent.slice(6));
    assert.ok(later.size > 8, `sent in ${later.size} different seconds: ${sent}`);
  });
});

describe('a reserve', () => {
  test('keeps its share of a minute free for its workload', async (t) => {
    const { api } = patient(t, { reserve: { chat: 0.3 }, limits: { rpm: 10 } });
    const batch = Array.from({ length: 10 }, () => ask(api, { workload: 'batch' }));
    await turn();
    assert.equal(batch.filter(({ state }) => state === 'resolved').length, 7);
    const chat = Array.from({ length: 4 }, () => ask(api, { workload: 'chat' }));
    await turn();
    assert.deepEqual(chat.map(({ state }) => state), ['resolved', 'resolved', 'resolved', 'pending']);
  });

  test('leaves one request a minute to everybody', async (t) => {
    const { api } = patient(t, { reserve: { chat: 0.9 }, limits: { rpm: 2 } });
    const batch = [ask(api, { workload: 'batch' }), ask(api)];
    await turn();
    assert.deepEqual(batch.map(({ state }) => state), ['resolved', 'pending']);
  });
});

describe('sessions', () => {
  const order = async (t, fair, sessions) => {
    const { api, pass } = patient(t, { limits: { rpm: 2 }, queue: { fair, maxWait: 900_000 } });
    const answered = [];
    for (const session of sessions) api.call(ENDPOINT, { quota: { session } }).then(() => answered.push(session), () => {});
    await pass(500_000, 100);
    return answered;
  };
  const crowd = [...Array(8).fill('greedy'), 'ada', 'bob'];

  test('take turns: who comes after eight calls of another waits for one of them', async (t) => {
    const answered = await order(t, true, crowd);
    assert.equal(answered.length, 10);
    assert.ok(answered.indexOf('ada') <= 3 && answered.indexOf('bob') <= 4, answered.join());
  });

  test('take none with queue.fair false: who came first goes first', async (t) => {
    assert.deepEqual(await order(t, false, crowd), crowd);
  });

  test('go by priority first', async (t) => {
    const { api, pass } = patient(t, { limits: { rpm: 1 } });
    const answered = [];
    for (const [session, priority] of [['now', 5], ['late', 9], ['normal', 5], ['urgent', 0]]) {
      api.call(ENDPOINT, { quota: { session, priority } }).then(() => answered.push(session), () => {});
    }
    assert.deepEqual(api.getStatus().queue.calls.map(({ session, priority, ahead }) => [session, priority, ahead]), [['urgent', 0, 0], ['normal', 5, 1], ['late', 9, 2]]);
    await pass(200_000, 100);
    assert.equal(answered.at(-1), 'late');
    assert.equal(answered[1], 'urgent');
  });
});

describe('people', () => {
  test('are told to go, to slow down, or to wait', async (t) => {
    const { api } = patient(t, { limits: { rpm: 10 } });
    const paces = [];
    for (let n = 0; n < 11; n += 1) {
      paces.push(api.getStatus().pace.signal);
      ask(api);
      await turn();
    }
    assert.deepEqual(paces, [...Array(8).fill('go'), ...Array(3).fill('slow')]);
    const { signal, waitMs, used } = api.getStatus().pace;
    assert.equal(signal, 'wait');
    assert.ok(waitMs > 59_000 && waitMs < 62_000 && used === 1, `${waitMs} ${used}`);
  });

  test('who call too often are refused at once, told when to come back, and nobody else is', async (t) => {
    const { api, pass, sent } = patient(t, { sessionRate: { perSecond: 1, burst: 2 } });
    for (let n = 0; n < 2; n += 1) await api.call(ENDPOINT, { quota: { session: 'eager' } });
    await assert.rejects(api.call(ENDPOINT, { quota: { session: 'eager' } }), (error) => {
      assert.deepEqual([error.code, error.retryAfter, error.attempts.length], ['SESSION_LIMIT', 1000, 0]);
      assert.match(error.message, /^This session calls too often \(1 a second are allowed\)\. Try again in 1 s\.$/);
      assert.match(error.advice, /sessionRate/);
      return true;
    });
    const response = await api.fetch(ENDPOINT, { headers: { 'x-quota-session': 'eager' } });
    assert.deepEqual([response.status, response.headers.get('retry-after')], [429, '1']);
    await api.call(ENDPOINT, { quota: { session: 'another' } });
    await api.call(ENDPOINT);
    await pass(1000);
    await api.call(ENDPOINT, { quota: { session: 'eager' } });
    assert.equal(sent.length, 5);
  });

  test('do not wait for limits that only look on: shadow counts what it would have held back', async (t) => {
    const { api, sent } = patient(t, { shadow: true, limits: { rpm: 2 } });
    for (let n = 0; n < 5; n += 1) await api.call(ENDPOINT);
    const { heldBack, utilisation, efficiency } = api.getStats();
    assert.deepEqual([sent.length, heldBack, utilisation, efficiency], [5, 3, 1, 1]);
  });
});
