// What outlasts a worker's instance, and the end of its service, on workerd: no request may touch another's timers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MANNERS, byHand, isUnderWay, isWaiting, worker } from './support.js';

for (const [manner, flags] of Object.entries(MANNERS)) {
  test(`a drain waits in its own request for calls of others, and new ones are refused (${manner})`, { timeout: 30_000 }, async (t) => {
    const { provider, arrived, requests } = byHand();
    const { told, until, words } = await worker(t, { flags, provider, options: '{ limits: { concurrency: 1 } }' });
    const a = told('/call?name=A');
    await arrived(1);
    const b = told('/call?name=B');
    await until(isWaiting(1));
    assert.deepEqual((await told('/drain?timeout=50')).body, { done: false, waiting: 1, inFlight: 1, streams: 0 });
    const drain = told('/drain');
    assert.equal((await told('/call?name=C')).body.code, 'DRAINING');
    for (const count of [1, 2]) (await arrived(count)).answer();
    assert.deepEqual((await Promise.all([a, b])).map(({ status }) => status), [200, 200]);
    assert.deepEqual((await drain).body, { done: true, waiting: 0, inFlight: 0, streams: 0 });
    assert.deepEqual(requests.map(({ name }) => name), ['A', 'B']);
    assert.equal(words.join(''), '', 'workerd has nothing to warn of');
  });

  test(`close() in another's request ends a drain (${manner})`, { timeout: 30_000 }, async (t) => {
    const { provider, arrived } = byHand();
    const { told, until } = await worker(t, { flags, provider });
    const a = told('/call?name=A');
    await arrived(1);
    const drain = told('/drain');
    await until(isUnderWay(1));
    await told('/close');
    assert.equal((await a).body.code, 'CLOSED');
    assert.equal((await drain).status, 200);
  });
}

test('another worker goes on with a snapshot, on a clock of its own', { timeout: 30_000 }, async (t) => {
  const { provider, arrived } = byHand();
  const options = '{ limits: { rpm: 1 }, queue: { maxWait: 0 } }';
  const first = await worker(t, { provider, options });
  const a = first.told('/call?name=A');
  (await arrived(1)).answer();
  assert.equal((await a).status, 200);
  const { body: snapshot } = await first.told('/snapshot');
  const second = await worker(t, { provider, options });
  const { body } = await second.told('/restore', { method: 'POST', body: JSON.stringify(snapshot) });
  assert.deepEqual(body, { keys: 1, pools: 1, ignored: 0 });
  assert.notEqual((await second.told('/call?name=B')).status, 200, 'the minute is in use');
});
