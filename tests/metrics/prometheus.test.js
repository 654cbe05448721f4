// Metrics, read by what Debian's prometheus brings to check them, and by eye.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { createMockProvider } from '../built.js';
import { ENDPOINT, answering, clock, open, question, refused, served } from '../js/support.js';

/** What promtool says of a page; nothing where all is well. */
function judged(page) {
  const { status, stdout, stderr, error } = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
  assert.equal(error, undefined, 'promtool runs');
  return { status, words: `${stdout}${stderr}` };
}

/** Samples by what stands before their value. */
function samples(page) {
  return new Map(page.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

describe('toPrometheus', () => {
  test('passes promtool, fresh, in use, and with words of others in its labels', async () => {
    const strange = 'a"b\\c\nd\u2028é';
    const keys = [{ key: 'fake-one', id: 'one', project: 'p "1"\\' }, { key: 'fake-two', id: 'two' }];
    const api = open({ fetch: answering(served(), refused(30), new Error('cut')), fallback: [{ provider: 'groq', model: 'm', keys: ['fake-groq'] }], limits: { rpm: 15, rpd: 100 } }, keys);
    assert.deepEqual(judged(api.toPrometheus()), { status: 0, words: '' });
    for (let call = 0; call < 3; call += 1) await api.call(ENDPOINT, question());
    await api.call(ENDPOINT.replace('gemini-fake', encodeURIComponent(strange)), question());
    const page = api.toPrometheus();
    assert.deepEqual(judged(page), { status: 0, words: '' });
    assert.ok(!page.includes('fake-one') && !page.includes('fake-groq'), 'no secret');
  });

  test('the check can fail', () => {
    assert.notEqual(judged('quota_aware_x{le="1} 2\n').status, 0);
  });

  test('tells what happened', async (t) => {
    const { now, pass } = clock(t);
    const api = open({ now, limits: { rpm: 2 }, minute: 'rolling', pacing: 'burst', fetch: answering(served({ usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 3 } })) }, ['fake-one']);
    t.after(() => api.close());
    await (await api.call(ENDPOINT, question())).json();
    const later = [api.call(ENDPOINT, question()), api.call(ENDPOINT, question())];
    await pass(1000);
    const during = samples(api.toPrometheus());
    assert.equal(during.get('quota_aware_queue_waiting'), 1);
    assert.ok(during.get('quota_aware_queue_oldest_seconds') >= 1);
    assert.equal(during.get('quota_aware_quota_used{provider="gemini",project="key-1",model="gemini-fake",metric="requests",window="minute"}'), 2);
    assert.equal(during.get('quota_aware_quota_limit{provider="gemini",project="key-1",model="gemini-fake",metric="requests",window="minute"}'), 2);
    await pass(61_000);
    await Promise.all(later);
    const page = api.toPrometheus();
    const after = samples(page);
    assert.equal(after.get('quota_aware_attempts_total{verdict="ok"}'), 3);
    assert.equal(after.get('quota_aware_key_requests_total{key="key-1",project="key-1"}'), 3);
    assert.equal(after.get('quota_aware_tokens_total{type="input"}'), 7);
    assert.equal(after.get('quota_aware_wait_seconds_count'), 3);
    assert.deepEqual(['8', '30', '120'].map((le) => after.get(`quota_aware_wait_seconds_bucket{le="${le}"}`)), [2, 2, 3]);
    assert.ok(Math.abs(after.get('quota_aware_wait_seconds_sum') - 60) < 1);
    assert.equal(after.get('quota_aware_state{state="ok"}'), 1);
  });

  test('counters never go down, whatever happens to streams and keys', async () => {
    const mock = createMockProvider({ projects: [{ keys: ['fake-one'] }, { keys: ['fake-two'] }], latency: 0 });
    const api = open({ fetch: mock.fetch }, ['fake-one', 'fake-two']);
    let before = samples(api.toPrometheus());
    const breaking = new ReadableStream({ start(to) { to.enqueue(new TextEncoder().encode('data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}\n\n')); }, pull(to) { to.error(new Error('cut')); } });
    const cut = open({ fetch: async () => new Response(breaking, { headers: { 'content-type': 'text/event-stream' } }) }, ['fake-one']);
    const first = samples(cut.toPrometheus());
    await cut.call(ENDPOINT.replace('generateContent', 'streamGenerateContent?alt=sse'), question()).then((response) => response.text()).catch(() => {});
    const last = samples(cut.toPrometheus());
    for (const [name, value] of first) if (name.includes('_total')) assert.ok(last.get(name) >= value, name);
    assert.equal(last.get('quota_aware_attempts_total{verdict="network"}'), 1);
    for (let call = 0; call < 5; call += 1) {
      await api.call(ENDPOINT, question());
      const next = samples(api.toPrometheus());
      for (const [name, value] of before) if (/_total|_count|_bucket|_sum/.test(name)) assert.ok(next.get(name) >= value, name);
      before = next;
    }
  });

  test('a key that is down is 0, and says until when', async () => {
    const api = open({ fetch: answering(refused(30)) }, ['fake-one', 'fake-two']);
    await api.call(ENDPOINT, question());
    const page = samples(api.toPrometheus());
    assert.equal(page.get('quota_aware_key_available{key="key-1",project="key-1"}'), 0);
    assert.ok(page.get('quota_aware_key_available_in_seconds{key="key-1",project="key-1"}') >= 30);
    assert.equal(page.get('quota_aware_key_health{key="key-1",project="key-1",health="rate-limited"}'), 1);
    assert.equal(page.get('quota_aware_state{state="degraded"}'), 1);
  });
});
