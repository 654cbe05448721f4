// Bad input: each is a QuotaAwareError that names the place, or does what a reader of the types would expect.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ENDPOINT, KEYS, QuotaAwareAPI, assertIdle, open, refusal, served } from './support.js';

const SAFE = Number.MAX_SAFE_INTEGER;
const LONGEST = 2 ** 31 - 1;

/** Every number that can be given, where, and from what to what it may be. `fraction`: not only whole ones. */
const NUMBERS = [
  ['options.maxRetries', 0, 100],
  ['options.resetInterval', 1, LONGEST],
  ['options.backoff.base', 0, LONGEST],
  ['options.backoff.max', 0, LONGEST],
  ['options.backoff.factor', 1, 100, 'fraction'],
  ['options.cooldown.rateLimit', 1, LONGEST],
  ['options.cooldown.error', 1, LONGEST],
  ['options.cooldown.errorThreshold', 1, 1_000_000],
  ['options.retryBudget.capacity', 0, 1_000_000],
  ['options.retryBudget.refill', 0, 1_000_000],
  ['options.timeout', 1, LONGEST],
  ['options.chunkTimeout', 1, LONGEST],
  ['options.deadline', 1, LONGEST],
  ['options.queue.maxWait', 0, LONGEST],
  ['options.queue.maxSize', 0, 1_000_000],
  ['options.healthCheck.interval', 1000, LONGEST],
  ['options.printStatsEvery', 1, 1_000_000],
  ['options.alerts.successRate', Number.MIN_VALUE, 1, 'fraction'],
  ['options.alerts.errorRate', Number.MIN_VALUE, 1, 'fraction'],
  ['options.alerts.minRequests', 1, 50],
  ['options.reserve.chat', 0.001, 0.999, 'fraction'],
  ['options.sessionRate.perSecond', 1, 1_000_000],
  ['options.sessionRate.burst', 1, 1_000_000],
  ['options.cache.maxEntries', 1, 1_000_000],
  ['options.cache.ttl', 1, LONGEST],
  ['options.cache.maxBytes', 1, 2 ** 40],
  ['options.usage.minutes', 1, 10_080],
  ['options.usage.hours', 1, 2208],
  ['options.usage.days', 1, 3660],
  ['options.usage.maxCells', 100, 1_000_000],
  ['options.profiles.quest.temperature', 0, 2, 'fraction'],
  ['options.profiles.quest.maxTokens', 1, 10_000_000],
  ['options.profiles.quest.priority', 0, 9],
  ['options.profiles.quest.timeout', 1, LONGEST],
  ['options.profiles.quest.deadline', 1, LONGEST],
  ['options.profiles.quest.maxRetries', 0, 100],
  ...['rpm', 'tpm', 'rpd', 'tpd', 'concurrency', 'burst'].map((name) => [`options.limits.${name}`, 1, SAFE]),
  ['options.limits.model.rpm', 1, SAFE],
  ['keys[0].weight', 1, 1_000_000],
  ['keys[0].priority', 1, 1_000_000],
  ['keys[0].limits.rpm', 1, SAFE],
  ['quota.priority', 0, 9],
  ['quota.tokens', 0, SAFE],
  ['quota.timeout', 1, LONGEST],
  ['quota.chunkTimeout', 1, LONGEST],
  ['quota.deadline', 1, LONGEST],
  ['quota.maxRetries', 0, 100],
  ['quota.cache.ttl', 1, LONGEST],
];

/** Does with a value at such a path what a user would do. */
async function give(path, value) {
  const [root, ...names] = path.split('.');
  const nested = names.reduceRight((inner, name) => ({ [name]: inner }), value);
  if (root === 'options') return open(nested).close();
  if (root === 'keys[0]') return open({}, [{ key: 'fake-key', ...nested }]).close();
  const api = open();
  await api.call(ENDPOINT, { quota: nested }).finally(() => api.close());
}

const escaped = (text) => text.replace(/[.[\]]/g, '\\$&');

describe('numbers', () => {
  for (const [path, least, most, fraction] of NUMBERS) {
    test(`${path} is from ${least} to ${most}`, async () => {
      await give(path, least);
      await give(path, most);
      const wrong = [NaN, Infinity, -Infinity, -1, 1e300, most * 1.5 + 1, '5', 'soon', {}, [], [5], true];
      if (least >= 1) wrong.push(0);
      if (fraction === undefined) wrong.push(least + 0.5);
      for (const value of wrong) {
        await assert.rejects(give(path, value), refusal('CONFIG_INVALID', new RegExp(`^${escaped(path)}: expected `)), `${path} = ${JSON.stringify(value) ?? value}`);
      }
    });
  }

  test('options.warnAt is above 0 and at most 1, or several of that kind', () => {
    for (const warnAt of [Number.MIN_VALUE, 1, [Number.MIN_VALUE, 1]]) open({ warnAt }).close();
    for (const share of [0, NaN, Infinity, -1, 1.001, 80, '0.8', {}, true]) {
      assert.throws(() => open({ warnAt: share }), refusal('CONFIG_INVALID', /^options\.warnAt: expected a number above 0 and at most 1, or an array of them, got /));
      assert.throws(() => open({ warnAt: [share] }), refusal('CONFIG_INVALID', /^options\.warnAt\[0\]: expected a number above 0 and at most 1, got /));
    }
  });

  test('go together: a base above its own maximum is refused', () => {
    assert.throws(() => open({ backoff: { base: 50, max: 10 } }), refusal('CONFIG_INVALID', /^options\.backoff\.base: expected at most options\.backoff\.max, which is 10, got 50/));
  });
});

describe('options', () => {
  const wrong = {
    'an unknown strategy': [{ strategy: 'round-robbin' }, /^options\.strategy: expected one of .* did you mean round-robin\?/],
    'an unknown preset': [{ preset: 'workshp' }, /^options\.preset: .* did you mean workshop\?/],
    'one among presets that is unknown': [{ preset: ['gemini-free', 'grok-free'] }, /^options\.preset\[1\]: .* did you mean groq-free\?/],
    'two presets of manners': [{ preset: ['workshop', 'quest'] }, /^options\.preset: expected one preset of retry manners at the most/],
    'presets as an object': [{ preset: {} }, /^options\.preset: expected /],
    'an unknown pacing': [{ pacing: 'brust' }, /^options\.pacing: expected one of .* did you mean burst\?/],
    'an unknown minute': [{ minute: 'roling' }, /^options\.minute: expected one of .* did you mean rolling\?/],
    'a fixed minute, which nobody can know': [{ minute: 'fixed' }, /^options\.minute: expected one of auto, rolling/],
    'a reserve that leaves nothing to others': [{ reserve: { chat: 0.5, batch: 0.5 } }, /^options\.reserve: expected shares that leave something to others, got 1 or more in all/],
    'a reserve as a number': [{ reserve: 0.5 }, /^options\.reserve: expected an object of shares by workload/],
    'shadow as a word': [{ shadow: 'on' }, /^options\.shadow: expected true or false, got "on"/],
    'a rate as a number': [{ sessionRate: 10 }, /^options\.sessionRate: expected an object, got 10/],
    'fair as a word': [{ queue: { fair: 'yes' } }, /^options\.queue\.fair: expected true or false, got "yes"/],
    'a misspelt name in the queue': [{ queue: { fiar: false } }, /^options\.queue\.fiar: .* did you mean fair\?/],
    'an unknown provider': [{ provider: 'gemeni' }, /^options\.provider: .* did you mean gemini\?/],
    'an unknown jitter': [{ backoff: { jitter: 'ful' } }, /^options\.backoff\.jitter: .* did you mean full\?/],
    'a misspelt name in a fallback': [{ fallback: [{ modle: 'm' }] }, /^options\.fallback\[0\]\.modle: .* did you mean model\?/],
    'a fallback’s key without brackets': [{ fallback: [{ provider: 'groq', model: 'm', keys: 'fake-key' }] }, /^options\.fallback\[0\]\.keys: expected an array of keys, got a string of 8 characters$/],
    'a handler that is no function': [{ fallback: [{ handler: 'canned' }] }, /^options\.fallback\[0\]\.handler: expected a function, got string/],
    'a stranger': [{ temperature: 1 }, /^options\.temperature: unknown option; known are provider, strategy/],
    'a truth as a word': [{ enableRotation: 'yes' }, /^options\.enableRotation: expected true or false, got "yes"/],
    'verbose as a word': [{ verbose: 'yes' }, /^options\.verbose: expected true or false/],
    'a share among several that is none': [{ warnAt: [0.8, 80] }, /^options\.warnAt\[1\]: expected a number above 0 and at most 1, got 80/],
    'more shares than anybody can want': [{ warnAt: Array(11).fill(0.5) }, /^options\.warnAt: expected an array of at most 10, got an array of 11/],
    'alerts: true': [{ alerts: true }, /^options\.alerts: expected an object or false, got true/],
    'a misspelt name in alerts': [{ alerts: { succesRate: 0.5 } }, /^options\.alerts\.succesRate: .* did you mean successRate\?/],
    'retryBudget: true': [{ retryBudget: true }, /^options\.retryBudget: expected an object or false, got true/],
    'cache as a word': [{ cache: 'on' }, /^options\.cache: expected true, false or an object, got "on"/],
    'cache in seconds': [{ cache: 900 }, /^options\.cache: expected true, false or an object, got 900/],
    'a misspelt name in the cache': [{ cache: { maxEntires: 5 } }, /^options\.cache\.maxEntires: .* did you mean maxEntries\?/],
    'profiles as a list': [{ profiles: [{ model: 'm' }] }, /^options\.profiles: expected an object of profiles by name, got an array of 1/],
    'a profile as a model': [{ profiles: { chat: 'gemini-3.8-flash' } }, /^options\.profiles\.chat: expected an object, got "gemini-3\.8-flash"/],
    'a misspelt name in a profile': [{ profiles: { chat: { max_tokens: 5 } } }, /^options\.profiles\.chat\.max_tokens: .* did you mean maxTokens\?/],
    'limits as a number': [{ limits: 15 }, /^options\.limits: expected an object/],
    'a misspelt limit': [{ limits: { rmp: 15 } }, /^options\.limits\.rmp: .* did you mean rpm\?/],
    'allowedOrigins as a string': [{ allowedOrigins: 'https://a.example' }, /^options\.allowedOrigins: expected an array/],
    'an origin that is none': [{ allowedOrigins: ['https://a.example', 'a.example'] }, /^options\.allowedOrigins\[1\]: expected an absolute http or https URL/],
    'a baseURL that is none': [{ baseURL: '/v1' }, /^options\.baseURL: expected an absolute http or https URL/],
    'fetch as a string': [{ fetch: 'node-fetch' }, /^options\.fetch: expected a function, got string/],
    'sink as a path': [{ sink: 'attempts.jsonl' }, /^options\.sink: expected a function or an object with a function write, got string/],
    'random as a number': [{ random: 4 }, /^options\.random: expected a function, got number/],
    'a function among data': [{ limits: { rpm: () => 5 } }, /^options/],
  };
  for (const [name, [options, words]] of Object.entries(wrong)) {
    test(`are refused: ${name}`, () => assert.throws(() => open(options), refusal('CONFIG_INVALID', words)));
  }

  test('that are right are taken: presets one or several, pacing, minute, reserve, fair', () => {
    for (const preset of ['gemini-free', 'groq-free', [], ['workshop'], ['quest', 'gemini-free', 'groq-free'], ['workshop', 'workshop']]) open({ preset }).close();
    for (const warnAt of [0.5, [], [0.95, 0.5], undefined, null]) open({ warnAt }).close();
    for (const alerts of [false, {}, { terms: false }, undefined, null]) open({ alerts }).close();
    for (const pacing of ['auto', 'burst', 'even', undefined, null]) open({ pacing }).close();
    for (const minute of ['auto', 'rolling', undefined, null]) open({ minute }).close();
    for (const reserve of [{}, { chat: 0.5, batch: 0.4 }, undefined, null]) open({ reserve }).close();
    for (const cache of [true, false, {}, { ttl: undefined }, undefined, null]) open({ cache }).close();
    for (const fair of [true, false, undefined, null]) open({ queue: { fair } }).close();
  });

  test('that are no object are refused', () => {
    for (const options of [null, 5, 'x', true]) assert.throws(() => new QuotaAwareAPI(KEYS, options), refusal('CONFIG_INVALID', /^options: expected an object/));
  });

  test('that contain themselves are refused', () => {
    const options = {};
    options.limits = { model: options };
    assert.throws(() => open(options), refusal('CONFIG_INVALID', /^options/));
  });
});

describe('keys', () => {
  const wrong = {
    'none': [[], /^keys: expected at least one key, got an empty array/],
    'nothing but blanks': [['', '  ', null, undefined, false], /^keys: expected at least one key, got an array of nothing but blanks/],
    'a line break': [['fake-key\n'], /^keys\[0\]: .* a line break at position 9/],
    'a letter that headers can’t carry': [['fake-kłucz'], /^keys\[0\]: .* headers cannot carry .* position 7/],
    'a blank at its end': [['fake-key '], /^keys\[0\]: .* ends with a blank/],
    'an id twice': [[{ key: 'fake-a', id: 'x' }, { key: 'fake-b', id: 'x' }], /^keys\[1\]\.id: expected an id of its own, got the same as keys\[0\]\.id/],
    'a secret twice': [['fake-a', 'fake-b', 'fake-a'], /^keys\[2\]: expected a secret of its own, got the same secret as keys\[0\]/],
    'no secret': [[{ id: 'x' }], /^keys\[0\]\.key: expected the secret, got nothing/],
    'a number': [[5], /^keys\[0\]: expected a secret, a key object or nothing, got 5/],
    'zero': [['fake-a', 0], /^keys\[1\]: expected a secret/],
    'models: none': [[{ key: 'fake-a', models: [] }], /^keys\[0\]\.models: expected at least one model/],
    'an unknown provider': [[{ key: 'fake-a', provider: 'open-ai' }], /^keys\[0\]\.provider: .* did you mean openai\?/],
    'a mistake after holes': [['', undefined, 'fake-a', null, { key: 'fake-b', wieght: 2 }], /^keys\[4\]\.wieght: .* did you mean weight\?/],
  };
  for (const [name, [keys, words]] of Object.entries(wrong)) {
    test(`are refused: ${name}`, () => assert.throws(() => open({}, keys), refusal('CONFIG_INVALID', words)));
  }

  test('that are no array and no keys file are refused', () => {
    for (const keys of ['fake-key', null, undefined, 5, true]) assert.throws(() => new QuotaAwareAPI(keys), refusal('CONFIG_INVALID', /^keys: expected an array of keys or a keys file/));
    assert.throws(() => open({}, {}), refusal('CONFIG_INVALID', /^keys/));
  });

  test('that are holes are dropped, and the others keep their order', () => {
    assert.equal(open({}, ['fake-a', '', null, undefined, 'fake-b', false]).getStats().totalKeys, 2);
    assert.equal(open({}, [, 'fake-a', , 'fake-b']).getStats().totalKeys, 2);
  });

  test('that an environment lacks are told with an example', () => {
    assert.throws(() => QuotaAwareAPI.fromEnv({}), refusal('CONFIG_INVALID', /^env: expected at least one key, for example GEMINI_KEY_1/));
  });

  test('that can be counted: explain() and its limit', async () => {
    const api = open();
    for (const limit of [NaN, Infinity, -1, 0.5, '5', null, {}]) assert.throws(() => api.explain(limit), refusal('CONFIG_INVALID', /^limit: expected a whole number from 0/));
    assert.deepEqual(api.explain(), []);
    await api.call(ENDPOINT);
    assert.deepEqual([api.explain(0).length, api.explain().length, api.explain(2 ** 53).length], [0, 1, 1]);
  });

  test('can be hundreds, and all of them take part', async () => {
    const api = open({}, Array.from({ length: 500 }, (_, at) => `fake-key-${at}`));
    await Promise.all(Array.from({ length: 500 }, () => api.call(ENDPOINT)));
    assert.deepEqual(api.getStats().requestCounts, Array(500).fill(1));
    assert.equal(api.getStatus().keys.length, 500);
    assertIdle(api);
  });

  test('are added, removed and named at run time, or told what is wrong', () => {
    const api = open();
    assert.throws(() => api.addKey('fake-key-one'), refusal('CONFIG_INVALID', /^key: .* the same secret as the key "key-1"/));
    assert.throws(() => api.addKey({ key: 'fake-x', id: 'key-1' }), refusal('CONFIG_INVALID', /^key\.id: /));
    for (const nothing of ['', null, undefined, {}, 5]) assert.throws(() => api.addKey(nothing), refusal('CONFIG_INVALID', /^key(\.key)?: /));
    for (const unknown of ['key-9', '']) {
      assert.equal(api.removeKey(unknown), false);
      assert.throws(() => api.switchToKey(unknown), refusal('CONFIG_INVALID', /^id: /));
      assert.throws(() => api.resetQuotaFlags(unknown), refusal('CONFIG_INVALID', /^id: /));
      assert.throws(() => api.setLimits(unknown, {}), refusal('CONFIG_INVALID', /^id: /));
    }
    for (const number of [0, 3, 1.5, -1, 2 ** 32 + 1]) assert.throws(() => api.switchToKey(number), refusal('CONFIG_INVALID', /^id: .* its number from 1 to 2/));
    assert.throws(() => api.setLimits('key-1', { rpm: 0 }), refusal('CONFIG_INVALID', /^limits\.rpm: /));
    assert.equal(api.removeKey('key-1'), true);
    assert.throws(() => api.removeKey('key-2'), refusal('CONFIG_INVALID', /^id: "key-2" is the last key/));
    assert.equal(api.getStats().totalKeys, 1);
  });
});

describe('endpoints', () => {
  const wrong = {
    'no URL': ['not a url', 'CONFIG_INVALID', /^endpoint: expected an absolute http or https URL; a path alone needs options\.baseURL/],
    'a path without baseURL': ['/v1/models', 'CONFIG_INVALID', /^endpoint: .* options\.baseURL/],
    'nothing': [undefined, 'CONFIG_INVALID', /^endpoint: expected a URL, got undefined/],
    'null': [null, 'CONFIG_INVALID', /^endpoint: expected a URL, got null/],
    'a number': [5, 'CONFIG_INVALID', /^endpoint: expected a URL, got number/],
    'ftp:': ['ftp://generativelanguage.googleapis.com/x', 'CONFIG_INVALID', /^endpoint: expected an http or https URL, got ftp:/],
    'data:': ['data:text/plain,x', 'CONFIG_INVALID', /^endpoint: .* got data:/],
    'credentials': ['https://user:fake-pw@api.groq.com/openai/v1/models', 'CONFIG_INVALID', /^endpoint: expected a URL without a user name or password/],
    'another origin': ['https://attacker.example/v1beta/models/x:generateContent', 'ORIGIN_NOT_ALLOWED', /attacker\.example/],
    'a lookalike': ['https://generativelanguage.googleapis.com.attacker.example/', 'ORIGIN_NOT_ALLOWED', /attacker\.example/],
    'a provider without TLS': ['http://generativelanguage.googleapis.com/v1beta/models/x:generateContent', 'ORIGIN_NOT_ALLOWED', /googleapis/],
    'a provider at another port': ['https://api.openai.com:8443/v1/models', 'ORIGIN_NOT_ALLOWED', /openai/],
    'a provider with another dot': ['https://api.openai.com../v1/models', 'ORIGIN_NOT_ALLOWED', /openai/],
    'a provider’s name behind an @': ['https://api.openai.com@attacker.example/v1/models', 'CONFIG_INVALID', /user name/],
    'a provider’s name behind a backslash': ['https://attacker.example\\@api.openai.com/v1/models', 'ORIGIN_NOT_ALLOWED', /attacker\.example/],
    'a provider’s name with another alphabet’s letter': ['https://api.оpenai.com/v1/models', 'ORIGIN_NOT_ALLOWED', /xn--/],
    'a provider’s name in punycode': ['https://api.xn--penai-iye.com/v1/models', 'ORIGIN_NOT_ALLOWED', /xn--/],
    'a provider’s name with a hyphen before it': ['https://evil-api.openai.com/v1/models', 'ORIGIN_NOT_ALLOWED', /evil-api/],
    'the domain above a provider’s': ['https://openai.com/v1/models', 'ORIGIN_NOT_ALLOWED', /openai\.com/],
    'a scheme that is left out': ['//attacker.example/v1/models', 'CONFIG_INVALID', /^endpoint: expected an absolute/],
    'an address as a number': ['http://2130706433/v1/models', 'ORIGIN_NOT_ALLOWED', /127\.0\.0\.1/],
    'an address of six': ['http://[::1]/v1/models', 'ORIGIN_NOT_ALLOWED', /::1/],
    'blob:': ['blob:https://api.openai.com/x', 'CONFIG_INVALID', /got blob:/],
    'loopback that nobody asked for': ['http://127.0.0.1:1/v1/models', 'ORIGIN_NOT_ALLOWED', /127\.0\.0\.1/],
  };
  for (const [name, [endpoint, code, words]] of Object.entries(wrong)) {
    test(`are refused: ${name}`, async () => {
      const api = open({ fetch: () => assert.fail('sent') });
      await assert.rejects(api.call(endpoint), refusal(code, words));
      await assert.rejects(api.fetch(endpoint), refusal(code, words));
      assert.equal(api.getStats().totalRequests, 0);
      assertIdle(api);
    });
  }

  test('are taken in every spelling of the same origin, and refused in every other', async () => {
    const sent = [];
    const api = open({ baseURL: 'https://gateway.example/base/', allowedOrigins: ['https://mine.example:8443'], fetch: async (url) => { sent.push(url); return served(); } });
    const taken = ['HTTPS://API.OPENAI.COM:443/v1/models', 'https://api.openai.com./v1/models', 'https:\\\\api.openai.com\\v1\\models', ' https://api.openai.com/v1/\tmodels\n', 'https://api。openai.com/v1/models', 'https://MINE.example:8443/x', 'models', '/v1/models', '../x'];
    for (const endpoint of taken) await api.call(endpoint);
    assert.deepEqual([...new Set(sent.map((url) => new URL(url).origin))], ['https://api.openai.com', 'https://api.openai.com.', 'https://mine.example:8443', 'https://gateway.example']);
    const refused = ['https://mine.example/x', 'https://mine.example:8444/x', 'http://mine.example:8443/x', 'https://mine.example.:8443/x', 'https://x.mine.example:8443/x', '//attacker.example/x', '\\\\attacker.example\\x', '/\\attacker.example/x', 'https:/\\attacker.example', 'http://gateway.example/base/x'];
    for (const endpoint of refused) await assert.rejects(api.call(endpoint), refusal('ORIGIN_NOT_ALLOWED'), endpoint);
    assert.equal(sent.length, taken.length);
  });

  test('are refused where their provider has no key', async () => {
    const api = open({}, ['gsk_FAKE-not-a-key']);
    await assert.rejects(api.call(ENDPOINT), refusal('CONFIG_INVALID', /No key is configured for this provider/));
  });

  test('can be thousands of different ones', async () => {
    const api = open();
    for (let n = 0; n < 1200; n += 1) assert.equal((await api.call(`${ENDPOINT}?n=${n}`)).status, 200);
    assertIdle(api);
  });
});

describe('an init', () => {
  const wrong = {
    'null': [null, /^init: expected an object, got null/],
    'a number': [5, /^init: expected an object, got number/],
    'quota as a number': [{ quota: 5 }, /^init\.quota: expected an object, got number/],
    'quota.explain as a word': [{ quota: { explain: 'yes' } }, /^quota\.explain: expected true or false, got "yes"/],
    'a cache by its time': [{ quota: { cache: 900 } }, /^quota\.cache: expected true, false or \{ ttl \}, got number/],
    'a cache by its name': [{ quota: { cache: 'yes' } }, /^quota\.cache: expected true, false or \{ ttl \}, got string/],
    'a cache with a stranger': [{ quota: { cache: { maxEntries: 5 } } }, /^quota\.cache\.maxEntries: unknown option; known is ttl/],
    'a profile that nobody wrote': [{ quota: { profile: 'quest-1' } }, /^quota\.profile: expected the name of one of options\.profiles, got "quest-1"; there are none/],
    'quota with a stranger': [{ quota: { sesion: 's' } }, /^quota\.sesion: .* did you mean session\?/],
    'an illegal header name': [{ headers: { 'bad name': 'x' } }, /^init\.headers: expected legal header names/],
    'an illegal header value': [{ headers: { accept: 'x\ny' } }, /^init\.headers\["accept"\]: expected a legal header value/],
    'illegal headers in pairs': [[['accept', 'x\ny']], /^init\.headers: /],
    'headers as a string': ['x', /^init\.headers: /],
    'an illegal method': [{ method: 'GE T' }, /^init\.method: /],
    'TRACE': [{ method: 'TRACE' }, /^init\.method: /],
    'a body with GET': [{ body: '{}' }, /^init\.body: expected no body with GET/],
    'a signal that is none': [{ signal: {} }, /^init\.signal: expected an AbortSignal, got object/],
    'a priority header that is no number': [{ headers: { 'x-quota-priority': '' } }, /^quota\.priority: /],
  };
  for (const [name, [init, words]] of Object.entries(wrong)) {
    test(`is refused: ${name}`, async () => {
      const api = open({ fetch: () => assert.fail('sent') });
      const given = Array.isArray(init) || typeof init === 'string' ? { headers: init } : init;
      await assert.rejects(api.call(ENDPOINT, given), refusal('CONFIG_INVALID', words));
      assert.deepEqual([api.getStats().totalRequests, api.getStats().totalErrors], [0, 0]);
      assertIdle(api);
    });
  }
});
