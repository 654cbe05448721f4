// An instance at the global scope of a worker, where there are no timers and time stands still.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byHand, worker } from './support.js';

test('time begins with the first request, not in 1970', { timeout: 30_000 }, async (t) => {
  const { told } = await worker(t, {});
  const { body } = await told('/status');
  assert.ok(Number.parseInt(body.stats.uptime, 10) < 60, body.stats.uptime);
});

test('health checks, whose timer could not outlive a request, are refused', { timeout: 30_000 }, async (t) => {
  const program = `
    let refusal;
    try { new QuotaAwareAPI(['fake-key-two'], { healthCheck: { interval: 60_000 } }); } catch (error) { refusal = { code: error.code, message: error.message }; }
    export default { fetch: () => Response.json(refusal ?? null) };`;
  const { told } = await worker(t, { program });
  const { body } = await told('/');
  assert.equal(body?.code, 'CONFIG_INVALID');
  assert.match(body.message, /options\.healthCheck.*testAllKeys/);
});

test('webhooks, which could only be sent within a request, are refused; functions are told within the one that brought it about', { timeout: 30_000 }, async (t) => {
  const program = `
    const refusals = [];
    for (const notify of [{ url: 'https://hooks.example/fake' }, [() => {}, { url: 'https://hooks.example/fake' }]]) {
      try { new QuotaAwareAPI(['fake-key-two'], { notify }); } catch (error) { refusals.push({ code: error.code, message: error.message }); }
    }
    const heard = [];
    const mine = new QuotaAwareAPI(['fake-key-two'], { notify: ({ type }) => heard.push(type) });
    let started;
    try { mine.startHealthChecks(); } catch (error) { started = error.code; }
    export default { fetch: async () => {
      mine.disableKey('key-1');
      mine.enableKey('key-1');
      await Promise.resolve().then(() => {}).then(() => {});
      return Response.json({ refusals, heard, started });
    } };`;
  const { told } = await worker(t, { program });
  const { body } = await told('/');
  assert.deepEqual([body.started, body.refusals.map(({ code }) => code)], ['CONFIG_INVALID', ['CONFIG_INVALID', 'CONFIG_INVALID']]);
  assert.match(body.refusals[1].message, /^options\.notify\[1\]: expected a function on the edge, .*ctx\.waitUntil$/);
  assert.ok(!JSON.stringify(body).includes('hooks.example'));
  assert.deepEqual(body.heard.filter((type) => type !== 'alert'), ['all-keys-down', 'state', 'service-restored', 'state']);
});

test('the client\'s own signal ends its call at once', { timeout: 30_000 }, async (t) => {
  const { provider, arrived } = byHand();
  const { visit, until } = await worker(t, { provider, flags: ['enable_request_signal'] });
  const a = visit('/call?name=A&signal');
  await arrived(1);
  a.leave();
  await until(({ queue }) => queue.inFlight === 0);
});

test('rules of 2024 are enough, which know no weak references', { timeout: 30_000 }, async (t) => {
  const { provider, arrived } = byHand();
  const { told } = await worker(t, { provider, date: '2024-01-01' });
  const a = told('/call');
  (await arrived(1)).answer();
  assert.equal((await a).status, 200);
});
