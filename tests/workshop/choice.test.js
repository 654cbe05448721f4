// Which key is taken: sessions, headroom, stickiness, the turn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEYS, workshop } from './support.js';

const four = [...KEYS, 'fake-mock-key-4'];
const projects = four.map((key) => ({ keys: [key] }));

test('least-loaded takes the key with the most headroom (C113, R77)', async (t) => {
  const keys = [{ key: KEYS[0], limits: { rpm: 15 } }, { key: KEYS[1], limits: { rpm: 60 } }];
  const { api, ask } = workshop(t, { keys, strategy: 'least-loaded', mock: { models: { '*': { rpm: 60 } } } });
  for (let call = 0; call < 50; call += 1) await ask();
  const [small, large] = api.getStats().requestCounts;
  assert.deepEqual([small, large], [10, 40], 'in proportion to what they may');
});

test('a key that is down is no choice, whatever its headroom (C113)', async (t) => {
  const { mock, ask, tried } = workshop(t, { strategy: 'least-loaded' });
  mock.breakKey('key-1');
  await ask();
  await ask();
  assert.deepEqual(new Set(tried().slice(1)), new Set(['key-2', 'key-3']));
});

test('quest n goes to key n mod k, and to the best other one where that key fails (C114)', async (t) => {
  const { api, mock, ask, tried } = workshop(t, { keys: four, preset: 'quest', mock: { projects } });
  for (let quest = 0; quest < 8; quest += 1) {
    assert.equal(api.getKeyForSession(String(quest)), `key-${(quest % 4) + 1}`);
    await ask({ quota: { session: String(quest) } });
  }
  assert.deepEqual(tried(), ['key-1', 'key-2', 'key-3', 'key-4', 'key-1', 'key-2', 'key-3', 'key-4']);
  mock.exhaust('key-2', 'minute');
  const response = await ask({ quota: { session: '5' } });
  assert.equal(response.status, 200);
  assert.equal(tried().at(-2), 'key-2');
  assert.notEqual(tried().at(-1), 'key-2');
});

test('failover stays on one key until it fails, then on the next (C115)', async (t) => {
  const { mock, ask, tried } = workshop(t, { strategy: 'failover' });
  for (let call = 0; call < 3; call += 1) await ask();
  mock.exhaust('project-1', 'minute');
  for (let call = 0; call < 3; call += 1) await ask();
  assert.deepEqual(tried(), ['key-1', 'key-1', 'key-1', 'key-1', 'key-2', 'key-2', 'key-2']);
});

test('a user keeps one key, until it is invalid (R78)', async (t) => {
  const { api, mock, ask, tried } = workshop(t, { strategy: 'assigned' });
  const home = api.getKeyForSession('user-7');
  for (let call = 0; call < 4; call += 1) await ask({ quota: { session: 'user-7' } });
  assert.deepEqual(new Set(tried()), new Set([home]));
  mock.breakKey(home);
  assert.equal((await ask({ quota: { session: 'user-7' } })).status, 200);
  assert.notEqual(api.getKeyForSession('user-7'), home);
});

test('users spread over all keys (R78)', (t) => {
  const { api } = workshop(t, { strategy: 'assigned' });
  const homes = Array.from({ length: 40 }, (_, user) => api.getKeyForSession(`user-${user}`));
  assert.deepEqual(new Set(homes), new Set(['key-1', 'key-2', 'key-3']));
});

test('rotateKey(user) moves that user, and nobody else (R79)', (t) => {
  const { api } = workshop(t, { strategy: 'assigned' });
  const users = Array.from({ length: 20 }, (_, user) => `user-${user}`);
  const before = users.map((user) => api.getKeyForSession(user));
  api.rotateKey('user-3');
  const after = users.map((user) => api.getKeyForSession(user));
  assert.notEqual(after[3], before[3]);
  assert.deepEqual(after.toSpliced(3, 1), before.toSpliced(3, 1));
});

test('hasAvailableKeys, getNextAvailableKey and switchToKey tell and give the turn (M65)', async (t) => {
  const { api, ask, tried } = workshop(t);
  assert.equal(api.hasAvailableKeys(), true);
  assert.equal(api.getNextAvailableKey(), 'key-1');
  assert.equal(api.getNextAvailableKey(), 'key-1', 'looking changes nothing');
  api.switchToKey('key-3');
  assert.equal(api.getNextAvailableKey(), 'key-3');
  api.switchToKey(2);
  assert.equal(api.getStats().currentKey, 2);
  await ask();
  assert.deepEqual(tried(), ['key-2']);
  assert.throws(() => api.switchToKey(4), { code: 'CONFIG_INVALID' });
  assert.throws(() => api.switchToKey('nobody'), { code: 'CONFIG_INVALID' });
});
