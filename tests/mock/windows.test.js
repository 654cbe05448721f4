import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate, hintOf, oneProject, onClock, statuses, GROQ, OPENAI, chat } from './support.js';

const project = (limits, more = {}) => ({ projects: [{ id: 'a', keys: ['fake-a', 'fake-a2'], models: { '*': limits }, ...more }] });

test('a rolling minute: what was used at t is free again at exactly t + 60 s, and not before', async () => {
  const { mock, at } = oneProject({ rpm: 3 });
  for (const ms of [0, 10_000, 20_000]) {
    at(ms);
    assert.equal((await generate(mock)).status, 200);
  }
  at(59_999);
  assert.equal((await generate(mock)).status, 429);
  assert.equal(mock.state().pools[0].used.rpm, 3);
  at(60_000);
  assert.equal(mock.state().pools[0].used.rpm, 2);
  assert.deepEqual(await statuses(2, () => generate(mock)), [200, 429], 'one came back, not three');
  at(70_000);
  assert.deepEqual(await statuses(2, () => generate(mock)), [200, 429]);
});

test('a rolling minute refuses in the next clock minute what a fixed one lets pass', async () => {
  const outcome = async (window) => {
    const { mock, at } = oneProject({}, project({ rpm: 2 }, { window }));
    at(59_000);
    await statuses(2, () => generate(mock));
    at(61_000);
    return (await generate(mock)).status;
  };
  assert.equal(await outcome('rolling'), 429);
  assert.equal(await outcome('fixed'), 200);
});

test('a fixed minute begins at its offset, and the hint leads to its end', async () => {
  const { mock, at } = oneProject({}, project({ rpm: 1 }, { window: 'fixed', fixedOffset: 15_000 }));
  at(14_999);
  assert.equal((await generate(mock)).status, 200);
  at(15_000);
  assert.equal((await generate(mock)).status, 200, 'a new window');
  at(35_000);
  const refused = await generate(mock);
  const hint = hintOf((await refused.json()).error.message);
  assert.ok(hint >= 40_000 && hint < 40_001, `${hint}`);
  at(74_999);
  assert.equal((await generate(mock)).status, 429);
  at(75_000);
  assert.equal((await generate(mock)).status, 200);
});

test('after waiting as told a call gets through, and one millisecond earlier it does not', async () => {
  for (const window of ['rolling', 'fixed']) {
    for (const countRefused of [false, true]) {
      const { mock, clock } = oneProject({}, { ...project({ rpm: 4 }, { window }), countRefused });
      for (let i = 0; i < 4; i++) {
        clock.time += 1234;
        await generate(mock);
      }
      const hint = hintOf((await (await generate(mock)).json()).error.message);
      const probe = async (wait) => {
        clock.time += wait;
        return (await generate(mock)).status;
      };
      if (!countRefused) {
        assert.equal(await probe(Math.floor(hint) - 1), 429, `${window}: early`);
        assert.equal(await probe(2), 200, `${window}: as told`);
      } else {
        assert.equal(await probe(Math.ceil(hint)), 200, `${window}: as told, refused calls counted`);
      }
    }
  }
});

test('refused calls count when told so: who hammers a rolling minute never gets in', async () => {
  const run = async (countRefused) => {
    const { mock, at } = oneProject({}, { ...project({ rpm: 3, rpd: 1000 }), countRefused });
    const seen = [];
    for (let second = 0; second < 130; second++) {
      at(second * 1000);
      seen.push((await generate(mock)).status);
    }
    return { served: seen.filter((status) => status === 200).length, day: mock.state().pools[0].used.rpd };
  };
  assert.deepEqual(await run(true), { served: 3, day: 130 });
  assert.deepEqual(await run(false), { served: 9, day: 9 });
});

test('a minute lasts as long as told, in every kind of window, and hints keep to it', async () => {
  for (const window of ['rolling', 'fixed', 'bucket']) {
    const { mock, at } = oneProject({}, project({ rpm: 2 }, { window, minute: 6000 }));
    assert.deepEqual(await statuses(2, () => generate(mock)), [200, 200]);
    const { error } = await (await generate(mock)).json();
    assert.ok(hintOf(error.message) <= 6001, error.message);
    at(6000);
    assert.equal((await generate(mock)).status, 200, window);
  }
  assert.throws(() => onClock({ minute: 0 }), /minute/);
});

test('keys of one project share its quota, models and projects do not', async () => {
  const { mock } = oneProject({}, {
    projects: [{ id: 'a', keys: ['fake-a', 'fake-a2'], models: { '*': { rpm: 1 } } }, { id: 'b', keys: ['fake-b'], models: { '*': { rpm: 1 } } }],
  });
  assert.equal((await generate(mock, 'fake-a')).status, 200);
  assert.equal((await generate(mock, 'fake-a2')).status, 429, 'the same project');
  assert.equal((await generate(mock, 'fake-a2', { model: 'gemini-other' })).status, 200, 'another model');
  assert.equal((await generate(mock, 'fake-b')).status, 200, 'another project');
});

test('aliases of one model share its pool', async () => {
  const { mock } = oneProject({ rpm: 1 }, { aliases: { 'my-alias': 'gemini-3.5-flash-lite' } });
  assert.equal((await generate(mock, 'fake-a', { model: 'gemini-flash-lite-latest' })).status, 200);
  const refused = await generate(mock, 'fake-a', { model: 'my-alias' });
  assert.equal(refused.status, 429);
  assert.match((await refused.json()).error.message, /model: gemini-3\.5-flash-lite\n/);
});

test('Gemini counts input tokens only, and a request above the whole allowance is refused with a hint that never helps', async () => {
  const { mock, clock } = oneProject({ tpm: 100 }, { answer: () => 'word '.repeat(1000) });
  const text = (tokens) => 'abcd'.repeat(tokens);
  assert.equal((await generate(mock, 'fake-a', { text: text(60) })).status, 200, 'a long answer costs nothing');
  assert.equal(mock.state().pools[0].used.tpm, 60);
  assert.equal((await generate(mock, 'fake-a', { text: text(41) })).status, 429);
  assert.equal((await generate(mock, 'fake-a', { text: text(40) })).status, 200);
  for (let i = 0; i < 3; i++) {
    const refused = await generate(mock, 'fake-a', { text: text(101) });
    assert.equal(refused.status, 429);
    clock.time += Math.ceil(hintOf((await refused.json()).error.message));
  }
});

test('items of a batch of embeddings count one by one', async () => {
  const { mock } = oneProject({ rpm: 5 });
  const embed = (items) => generate(mock, 'fake-a', {
    model: 'gemini-embedding-001', verb: 'batchEmbedContents', body: { requests: Array.from({ length: items }, () => ({ content: { parts: [{ text: 'x' }] } })) },
  });
  const first = await embed(3);
  assert.equal((await first.json()).embeddings.length, 3);
  assert.equal((await embed(3)).status, 429);
  assert.equal((await embed(2)).status, 200);
});

test('Gemini’s day ends at 00:00 UTC', async () => {
  const { mock, clock } = oneProject({ rpd: 2 }, { projects: [{ id: 'a', keys: ['fake-a'], models: { '*': { rpd: 2 } }, tier: 'paid' }] });
  clock.time = Date.UTC(2026, 9, 7, 23, 59, 59, 0);
  assert.deepEqual(await statuses(3, () => generate(mock)), [200, 200, 429]);
  clock.time = Date.UTC(2026, 9, 7, 23, 59, 59, 999);
  const { error } = await (await generate(mock)).json();
  assert.match(error.message, /retry in 1(\.\d+)?(ms|s)\.$/, 'a paid tier is told the truth');
  clock.time = Date.UTC(2026, 9, 8);
  assert.equal((await generate(mock)).status, 200);
});

test('or at midnight in California, summer time or not', async () => {
  // [an instant of the day, the next midnight there]; clocks change on 2026-03-08 and 2026-11-01.
  for (const [now, midnight] of [
    [Date.UTC(2026, 9, 7, 12), Date.UTC(2026, 9, 8, 7)],
    [Date.UTC(2026, 0, 15, 12), Date.UTC(2026, 0, 16, 8)],
    [Date.UTC(2026, 2, 8, 8, 30), Date.UTC(2026, 2, 9, 7)], // a day of 23 hours
    [Date.UTC(2026, 10, 1, 7, 30), Date.UTC(2026, 10, 2, 8)], // a day of 25 hours
  ]) {
    const { mock, clock } = onClock({ projects: [{ keys: ['fake-a'], models: { '*': { rpd: 1 } }, dayReset: 'pacific', tier: 'paid' }], countRefused: false }, now);
    assert.deepEqual(await statuses(2, () => generate(mock)), [200, 429]);
    const hint = hintOf((await (await generate(mock)).json()).error.message);
    assert.ok(Math.abs(now + hint - midnight) < 1.1, `${new Date(now + hint).toISOString()}`);
    clock.time = midnight - 1;
    assert.equal((await generate(mock)).status, 429);
    clock.time = midnight;
    assert.equal((await generate(mock)).status, 200);
  }
});

test('a free tier is told a short and wrong wait for a day’s quota', async () => {
  const { mock, clock } = oneProject({ rpd: 1 });
  await generate(mock);
  for (let i = 0; i < 5; i++) {
    const hint = hintOf((await (await generate(mock)).json()).error.message);
    assert.ok(hint >= 4000 && hint < 60_000, `${hint}`);
    clock.time += hint;
  }
});

test('buckets refill continuously: wait = (used + requested - limit) * window / limit', async () => {
  const { mock, clock } = onClock({ provider: 'groq', projects: [{ keys: ['fake-a'], models: { '*': { tpm: 6000 } } }], answer: () => 'x'.repeat(4 * 34) });
  // 5 + 4993 reserved, corrected to 5 + 34 when answered; then 5000 more held by a call under way.
  const first = await chat(mock, GROQ, 'fake-a', { max_tokens: 4993 });
  assert.equal(first.headers.get('x-ratelimit-remaining-tokens'), '1002', 'reserved');
  assert.equal(mock.state().pools[0].used.tpm, 39, 'corrected');
  const refused = await chat(mock, GROQ, 'fake-a', { max_tokens: 5975 });
  const { error } = await refused.json();
  assert.equal(refused.status, 429);
  assert.match(error.message, /Limit 6000, Used 39, Requested 5980\. Please try again in 190ms\./);
  assert.equal(refused.headers.get('retry-after'), '1');
  clock.time += 189;
  assert.equal((await chat(mock, GROQ, 'fake-a', { max_tokens: 5975 })).status, 429);
  clock.time += 1;
  assert.equal((await chat(mock, GROQ, 'fake-a', { max_tokens: 5975 })).status, 200);
});

test('OpenAI’s day is a bucket too: one request of 200 comes back every 7m12s', async () => {
  const { mock, clock } = onClock({ provider: 'openai', projects: [{ keys: ['fake-a'], models: { '*': { rpd: 200 } } }] });
  await statuses(200, () => chat(mock, OPENAI, 'fake-a'));
  const { error } = await (await chat(mock, OPENAI, 'fake-a')).json();
  assert.match(error.message, /requests per day \(RPD\): Limit 200, Used 200, Requested 1\. Please try again in 7m12s\./);
  clock.time += 432_000;
  assert.deepEqual(await statuses(2, () => chat(mock, OPENAI, 'fake-a')), [200, 429]);
});

test('OpenAI keeps what was reserved', async () => {
  const { mock } = onClock({ provider: 'openai', projects: [{ keys: ['fake-a'], models: { '*': { tpm: 1000 } } }], answer: () => 'short' });
  await chat(mock, OPENAI, 'fake-a', { max_tokens: 500 });
  assert.equal(mock.state().pools[0].used.tpm, 505);
});

test('a clock that steps back breaks nothing', async () => {
  const { mock, at } = oneProject({ rpm: 2, rpd: 5 });
  at(10_000);
  await generate(mock);
  at(0);
  assert.deepEqual(await statuses(2, () => generate(mock)), [200, 429]);
  at(70_000);
  assert.equal((await generate(mock)).status, 200);
});
