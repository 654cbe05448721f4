// Requests of one worker that share an instance, on workerd: what one of them brings about, no other's I/O may be touched for.
// Each test runs under both of workerd's rules for promises that one request settles for another.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MANNERS, byHand, isUnderWay, isWaiting, stream, worker } from './support.js';

const ONE_PLACE = '{ limits: { concurrency: 1 } }';

function each(title, run) {
  for (const [manner, flags] of Object.entries(MANNERS)) {
    test(`${title} (${manner})`, { timeout: 30_000 }, async (t) => {
      const provider = byHand();
      await run(provider, (given) => worker(t, { flags, provider: provider.provider, ...given }));
    });
  }
}

each('a call that waits goes in its own request when another\'s answer frees its place', async ({ arrived, requests }, open) => {
  const { told, until, words } = await open({ options: ONE_PLACE });
  const a = told('/call?name=A');
  await arrived(1);
  const b = told('/call?name=B');
  const c = told('/call?name=C');
  await until(isWaiting(2));
  for (const count of [1, 2, 3]) (await arrived(count)).answer({ served: count });
  assert.deepEqual((await Promise.all([a, b, c])).map(({ status, body }) => [status, body.served]), [[200, 1], [200, 2], [200, 3]]);
  assert.deepEqual(requests.map(({ name }) => name), ['A', 'B', 'C']);
  const { queue, stats } = await until(isWaiting(0));
  assert.deepEqual([queue.inFlight, stats.waited.calls, stats.totalErrors], [0, 2, 0]);
  assert.equal(words.join(''), '', 'workerd has nothing to warn of');
});

each('a call that waits for time owns its timer', async ({ arrived }, open) => {
  const { told, words } = await open({ options: '{ limits: { rpm: 1 }, resetInterval: 1000 }' });
  const a = told('/call?name=A');
  (await arrived(1)).answer();
  assert.equal((await a).status, 200);
  // Nothing else runs in the worker meanwhile.
  const b = told('/call?name=B');
  (await arrived(2)).answer();
  assert.equal((await b).status, 200);
  assert.equal(words.join(''), '');
});

each('a refused call moves to another key, and later waits for the hint, in its own request', async ({ arrived, requests }, open) => {
  const { told, until } = await open({ keys: ['fake-key-one', 'fake-key-two'], options: '{ backoff: { base: 1 } }' });
  const refusal = { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'quota', details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1s' }] } };
  const a = told('/call?name=A');
  const b = told('/call?name=B');
  for (const count of [1, 2, 3]) (await arrived(count)).answer(refusal, { status: 429 });
  for (let count = 4; count <= 5; count += 1) (await arrived(count)).answer({ served: true });
  assert.deepEqual((await Promise.all([a, b])).map(({ status }) => status), [200, 200]);
  assert.equal(new Set(requests.map(({ key }) => key)).size, 2);
});

each('an attempt that takes too long is given up by its own request', async ({ arrived, requests }, open) => {
  const { told, until, words } = await open({ keys: ['fake-key-one', 'fake-key-two'], options: '{ timeout: 400 }' });
  const a = told('/call?name=A');
  await arrived(1);
  // Begun later, so that its timers are the ones that find A's time over, again and again.
  const b = told('/call?name=B&quota={"timeout":5000}');
  await arrived(2);
  const again = await arrived(3);
  assert.equal(again.name, 'A');
  again.answer({ served: 'at last' });
  assert.deepEqual(await a, { status: 200, body: { served: 'at last' } });
  requests[1].answer();
  assert.equal((await b).status, 200);
  await until(isUnderWay(0));
  assert.equal(words.join(''), '');
});

each('a stream passes through, and its end frees the place for another request', async ({ arrived }, open) => {
  const { ask, told, until, words } = await open({ options: ONE_PLACE });
  const flow = stream();
  const a = ask('/call?name=A&stream');
  (await arrived(1)).answer(flow.body, flow.init);
  flow.piece('Hi');
  const reader = (await a).body.getReader();
  assert.match(new TextDecoder().decode((await reader.read()).value), /Hi/);
  const b = told('/call?name=B');
  await until(isWaiting(1));
  flow.piece('there', 'STOP');
  flow.end();
  let rest = '';
  for (let piece; !(piece = await reader.read()).done;) rest += new TextDecoder().decode(piece.value);
  assert.match(rest, /there/);
  (await arrived(2)).answer();
  assert.equal((await b).status, 200);
  assert.equal(words.join(''), '');
});

each('a client that leaves while its call waits takes it out of the queue', async ({ arrived, requests }, open) => {
  const { told, visit, until } = await open({ options: ONE_PLACE });
  const a = told('/call?name=A');
  await arrived(1);
  const b = visit('/call?name=B');
  await until(isWaiting(1));
  const c = told('/call?name=C');
  await until(isWaiting(2));
  b.leave();
  await until(isWaiting(1));
  requests[0].answer();
  const next = await arrived(2);
  assert.equal(next.name, 'C');
  next.answer();
  assert.deepEqual([(await a).status, (await c).status], [200, 200]);
  assert.equal((await until(isUnderWay(0))).stats.totalRequests, 2);
});

each('a client that leaves while its call is sent, or while its answer streams, gives its place back', async ({ arrived }, open) => {
  const { told, visit, until } = await open({ options: ONE_PLACE });
  const a = visit('/call?name=A');
  await arrived(1);
  const b = visit('/call?name=B&stream');
  await until(isWaiting(1));
  a.leave();
  const flow = stream();
  (await arrived(2)).answer(flow.body, flow.init);
  flow.piece('Hi');
  await b.begun;
  const c = told('/call?name=C');
  await until(isWaiting(1));
  b.leave();
  (await arrived(3)).answer();
  assert.equal((await c).status, 200);
  await until(isUnderWay(0));
});

each('a call that its own request aborts is over at once', async ({ arrived, requests }, open) => {
  const { told, until } = await open({ options: ONE_PLACE });
  const a = told('/call?name=A');
  await arrived(1);
  const b = await told('/call?name=B&abort=30');
  assert.deepEqual([b.status, b.body.message], [500, 'had enough']);
  await until(isWaiting(0));
  requests[0].answer();
  assert.equal((await a).status, 200);
  const c = await told('/call?name=C&abort=30');
  assert.equal(c.body.message, 'had enough');
  await until(isUnderWay(0));
});

each('the same question of two requests is sent once, and each makes its own answer', async ({ arrived, requests }, open) => {
  const { told, until, words } = await open({ options: '{ cache: true }' });
  const a = told('/call');
  await arrived(1);
  const b = told('/call');
  await until(({ stats }) => stats.cache.merged === 1);
  requests[0].answer({ candidates: [{ content: { parts: [{ text: 'blue' }] } }] });
  const [first, second] = await Promise.all([a, b]);
  assert.deepEqual(first, second);
  assert.equal(first.status, 200);
  assert.deepEqual(await told('/call'), first);
  assert.equal(requests.length, 1);
  assert.equal(words.join(''), '');
});

each('the same question is asked anew when the request that asked it first has gone', async ({ arrived }, open) => {
  const { told, visit, until } = await open({ options: '{ cache: true }' });
  const a = visit('/call');
  await arrived(1);
  const b = told('/call');
  const c = told('/call');
  await until(({ stats }) => stats.cache.merged === 2);
  a.leave();
  (await arrived(2)).answer({ candidates: [{ content: { parts: [{ text: 'blue' }] } }] });
  const answers = await Promise.all([b, c]);
  assert.deepEqual(answers.map(({ status }) => status), [200, 200]);
  assert.deepEqual(answers[0].body, answers[1].body);
});

each('close() in one request ends the calls of all others, each in its own', async ({ arrived }, open) => {
  const { told, until, words } = await open({ options: ONE_PLACE });
  const a = told('/call?name=A');
  await arrived(1);
  const b = told('/call?name=B');
  await until(isWaiting(1));
  assert.equal((await told('/close')).status, 200);
  for (const { status, body } of await Promise.all([a, b])) assert.deepEqual([status, body.code], [500, 'CLOSED']);
  assert.equal((await told('/call?name=C')).body.code, 'CLOSED');
  assert.equal((await told('/close')).status, 200);
  assert.equal(words.join(''), '');
});

each('a handler that hangs is interrupted by close() in another request', async ({ arrived }, open) => {
  const { told, until, words } = await open({ options: '{ maxRetries: 1, fallback: [{ handler: () => new Promise(() => {}) }] }' });
  const a = told('/call?name=A');
  (await arrived(1)).answer({ error: { code: 503, status: 'UNAVAILABLE', message: 'busy' } }, { status: 503 });
  await until(({ stats }) => stats.fallbacks[0].tried === 1);
  await told('/close');
  assert.equal((await a).body.code, 'CLOSED');
  assert.equal(words.join(''), '');
});
