// Who looks after his own sees whose timers have stopped: on a clock that the tests move.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Vigils } from '../../pkg-template/api/edge/vigils.js';

/** Vigils on timers that ring when told to, so that a request can end: its timers then never ring. */
function stage(t) {
  let now = 0;
  const timers = new Set();
  t.mock.method(performance, 'now', () => now);
  t.mock.method(globalThis, 'setTimeout', (ring, ms) => {
    const timer = { ring, at: now + ms, request: stage.request };
    timers.add(timer);
    return timer;
  });
  t.mock.method(globalThis, 'clearTimeout', (timer) => timers.delete(timer));
  const pass = (ms, isAlive = () => true) => {
    for (const end = now + ms; ;) {
      const due = [...timers].filter(({ at, request }) => at <= end && isAlive(request)).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) return void (now = end);
      timers.delete(due);
      now = Math.max(now, due.at);
      stage.request = due.request;
      due.ring();
    }
  };
  const within = (request, work) => {
    stage.request = request;
    return work();
  };
  return { pass, within, timers, sleep: (ms) => { now += ms; } };
}

test('what is looked after is never given up, and ends without a trace', (t) => {
  const { pass, within, timers } = stage(t);
  const vigils = new Vigils();
  const gone = t.mock.fn();
  const ends = ['A', 'B'].map((name) => within(name, () => vigils.keep(() => 50, gone)));
  pass(60_000);
  assert.equal(gone.mock.callCount(), 0);
  for (const end of ends) end();
  assert.equal(timers.size, 0);
});

test('what nobody looks after any more is given up by another, soon, and once', (t) => {
  const { pass, within } = stage(t);
  const vigils = new Vigils();
  const gone = t.mock.fn();
  within('A', () => vigils.keep(() => 50, gone));
  within('B', () => vigils.keep(() => 50, () => assert.fail('B is there')));
  pass(1000, (request) => request !== 'A');
  assert.equal(gone.mock.callCount(), 0, 'a timer may be late');
  pass(1500, (request) => request !== 'A');
  assert.equal(gone.mock.callCount(), 1);
  pass(60_000, (request) => request !== 'A');
  assert.equal(gone.mock.callCount(), 1);
});

test('a machine that slept gives nobody up', (t) => {
  const { pass, within, sleep } = stage(t);
  const vigils = new Vigils();
  for (const name of ['A', 'B', 'C']) within(name, () => vigils.keep(() => 50, () => assert.fail(`${name} is there`)));
  for (let n = 0; n < 5; n += 1) {
    sleep(3_600_000);
    pass(1000);
  }
});

test('who was given up by mistake hears of it', (t) => {
  const { pass, within } = stage(t);
  const vigils = new Vigils();
  const [gone, back] = [t.mock.fn(), t.mock.fn()];
  within('A', () => vigils.keep(() => 50, gone, back));
  within('B', () => vigils.keep(() => 50, () => {}));
  pass(5000, (request) => request !== 'A');
  pass(100);
  assert.deepEqual([gone.mock.callCount(), back.mock.callCount()], [1, 1]);
});
