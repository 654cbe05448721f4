// What people read: every text is said by some account, and can be said otherwise. The sources themselves, without the engine:
// what it brings to them is in messages.test.js.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { QuotaAwareError } from '../../pkg-template/api/errors.js';
import { summary } from '../../pkg-template/api/summary.js';
import { ENGLISH } from '../../pkg-template/api/texts/english.js';
import { OURS, Texts } from '../../pkg-template/api/texts/texts.js';

const ROOT = join(import.meta.dirname, '../..');
const wordsIn = (file, from) => [...readFileSync(join(ROOT, 'src', file), 'utf8').split(from)[1].split('\n    }\n')[0].matchAll(/=> "([\w-]+)"/g)].map(([, word]) => word);
const CAUSES = wordsIn('provider/cause.rs', 'const fn name');
const THINGS = wordsIn('engine/only.rs', 'impl Thing {');
const TYPES = readFileSync(join(ROOT, 'pkg-template/index.d.ts'), 'utf8');
const choices = (type) => [...TYPES.split(`export type ${type} =`)[1].split(';\n')[0].matchAll(/\| '([\w-]+)'/g)].map(([, word]) => word);
const VERDICTS = choices('Verdict');

/** Texts that write down which were asked for, with which facts. */
class Heard extends Texts {
  names = new Map();

  say(name, facts = {}) {
    this.names.set(name, [...(this.names.get(name) ?? []), facts]);
    return super.say(name, facts);
  }
}

const key = { key: 'key-1', status: 429, verdict: 'rate-limited', waitedMs: 0 };
const failure = (code, more) => ({ code, keys: 3, keysExhausted: 0, keysInvalid: 0, attempts: [key], retryAfter: null, elapsedMs: 5, meaning: null, words: null, only: null, ...more });
const meaning = (verdict, cause, more) => ({ verdict, cause, metric: null, window: null, limit: null, model: null, tier: null, ...more });
const answer = { text: 'Once upon' };
const only = (tie, more) => ({ project: 'p', kind: ['named', 'asked'].includes(tie) ? null : tie, tie, ...more });

/** What the engine and the class say of failures, one for each way. */
const ACCOUNTS = [
  failure('QUOTA_EXCEEDED', { keysExhausted: 3, retryAfter: 3200, provider: 'gemini', meaning: meaning('quota-exhausted', 'daily-quota', { metric: 'requests', window: 'day', limit: 20, model: 'm', tier: 'free' }) }),
  failure('QUOTA_EXCEEDED', { keysExhausted: 2, keysInvalid: 1, retryAfter: 250_000, provider: 'groq' }),
  failure('PARTIAL_QUOTA', { keysExhausted: 2, retryAfter: 19_200_000, meaning: meaning('overloaded', 'overloaded') }),
  failure('INVALID_KEYS', { keysInvalid: 3, provider: 'openai' }),
  failure('EXHAUSTED', { retryAfter: 40_000, provider: 'anthropic', words: 'wait,\nsee https://a.example/b', attempts: [{ ...key, waitedMs: 100 }, { ...key, status: null, verdict: 'network' }], meaning: meaning('rate-limited', 'minute-quota', { metric: 'input-tokens', window: 'minute' }) }),
  failure('EXHAUSTED', { only: only('named') }),
  failure('EXHAUSTED', { retryAfter: 5, fallbacks: [{ step: 1, kind: 'model', model: 'm', provider: 'gemini', error: { message: 'None.' } }] }),
  failure('EXHAUSTED', { meaning: meaning('out-of-credit', 'credit', { metric: 'tokens', limit: 5 }) }),
  failure('NEVER_FITS', { limit: 5 }), failure('QUEUE_FULL', { limit: 5 }), failure('SESSION_LIMIT', { limit: 5 }),
  failure('DEADLINE'), failure('DEADLINE', { elapsedMs: 0, attempts: [] }), failure('DEADLINE', { retryAfter: 5 }),
  failure('OWNER_UNAVAILABLE', { only: only('file'), keys: 0 }), failure('OWNER_UNAVAILABLE', { only: only('file'), keysInvalid: 3 }),
  failure('OWNER_UNAVAILABLE', { only: only('file'), retryAfter: 5 }), failure('OWNER_UNAVAILABLE', { only: only('file'), keysExhausted: 3 }),
  ...[...THINGS, 'named', 'asked'].map((tie) => failure('EXHAUSTED', { only: only(tie) })),
  ...THINGS.map((kind) => ({ code: 'OWNERS_DIFFER', one: { kind, project: 'p' }, other: { kind: 'file', project: 'q' } })),
  failure('TIMEOUT', { meaning: meaning('timeout', '') }), failure('EXHAUSTED', { meaning: meaning('network', '') }), failure('STREAM_BROKEN'), failure('STREAM_BROKEN', { answer, words: 'no more' }),
  { code: 'ORIGIN_NOT_ALLOWED', detail: 'https://a.example:8080' },
  failure('BODY_NOT_REPLAYABLE'), { code: 'REDIRECTED', status: 302 }, { code: 'REDIRECTED', status: 0 },
  { code: 'REFUSED', status: 400, meaning: meaning('bad-request', 'bad-request'), words: 'No.', attempts: [key] },
  { code: 'BLOCKED', meaning: meaning('blocked', 'blocked') }, { code: 'BLOCKED', reason: 'SAFETY', meaning: meaning('blocked', 'blocked') },
  { code: 'BLOCKED', reason: 'SAFETY', answer, meaning: meaning('blocked', 'blocked') },
  ...['cut', 'empty', 'no-json', 'misfit'].map((reason) => ({ code: 'NO_ANSWER', reason, misfit: 'a is missing', answer })),
  ...['policy', 'absent', 'embedder', 'old', 'other'].map((obstacle) => ({ code: 'WASM_UNAVAILABLE', obstacle, detail: 'no memory' })),
  failure('CONFIG_INVALID', { keys: 0 }), { code: 'CONFIG_INVALID', path: 'options.a', detail: 'options.a: unknown option' },
  { code: 'CLOSED' }, { code: 'CLOSED', detail: 'unreachable' }, { code: 'DRAINING' }, { code: 'SNAPSHOT_INVALID' },
  { code: 'NOT_TRANSLATABLE', detail: 'a (no words for it)' }, { code: 'FALLBACK_FAILED', detail: 'nobody answered' },
  ...['unforeseen', 'no-attempt', 'twice', 'late', 'no-json', 'stream', 'same-model', 'broke-off', 'unreadable', 'threw', 'no-response', 'read', 'unmarkable'].map((reason) => ({ code: 'FALLBACK_FAILED', reason })),
  ...CAUSES.map((cause) => failure('EXHAUSTED', { meaning: meaning('permission', cause) })),
  ...VERDICTS.map((verdict) => failure('EXHAUSTED', { attempts: [{ ...key, verdict }] })),
];

const one = { health: 'available', availableInMs: null, quotaExceeded: false };
const gone = { health: 'quota-exhausted', availableInMs: null, quotaExceeded: true };
const status = (state, keys, more) => ({ state, keys, pace: { signal: 'go', waitMs: null, used: null }, queue: { waiting: 0 }, fallbacks: [], ...more });
const waits = (waiting, waitMs) => ({ pace: { signal: 'wait', waitMs, used: 1 }, queue: { waiting } });
/** How things may stand, and what is said then. */
const STANDINGS = [
  [status('ok', [one, one, one]), 'All 3 keys can serve.'],
  [status('ok', [one]), 'The key can serve.'],
  [status('ok', [one], { pace: { signal: 'slow', waitMs: null, used: 0.85 } }), 'The quota is nearly used up (85 %): ask less often.'],
  [status('ok', [one, one], waits(12, 4000)), 'Next free place in 4 s; 12 calls wait.'],
  [status('degraded', [one, gone], waits(1, null)), '1 call waits for a free place.'],
  [status('degraded', [one, { ...gone, availableInMs: 3_700_000 }]), '1 of 2 keys can serve; the next returns in 1 h 1 min.'],
  [status('degraded', [one, gone, gone]), '1 of 3 keys can serve.'],
  [status('exhausted', [{ ...gone, availableInMs: 19_200_000 }, { ...gone, availableInMs: 20_000_000 }]), "The day's quota of every key is used up; the next returns in 5 h 20 min."],
  [status('exhausted', [gone], waits(3, null)), 'The quota of every key is used up, and nothing tells when there will be more.'],
  [status('exhausted', [gone, { health: 'rate-limited', availableInMs: 30_000, quotaExceeded: false }]), 'No key can serve now; the next returns in 30 s.'],
  [status('exhausted', [{ health: 'rate-limited', availableInMs: 30_000, quotaExceeded: false }], waits(5, 30_000)), 'Next free place in 30 s; 5 calls wait.'],
  [status('exhausted', [{ ...one, health: 'cooling-down' }]), 'No key can serve now, and nothing tells when one will.'],
  [status('invalid-keys', [{ ...one, health: 'invalid' }]), 'No key is accepted: give keys that work.'],
  [status('exhausted', [{ ...gone, availableInMs: 1000 }], { fallbacks: [{ state: 'degraded' }] }), "The day's quota of every key is used up; the next returns in 1 s. A fallback serves meanwhile."],
];

/** All that an error says. */
const saysOf = (error) => [error.message, error.advice, error.toReport(), JSON.stringify(error)];

function said(texts) {
  const all = ACCOUNTS.map((account) => saysOf(new QuotaAwareError(account, texts)));
  return [...all, ...STANDINGS.map(([standing]) => [summary(standing, texts)])].flat();
}

describe('every text', () => {
  const heard = new Heard();
  const spoken = said(heard);

  test('is said by some account, and no account wants one that is not there', () => {
    assert.deepEqual([...heard.names.keys()].sort(), Object.keys(ENGLISH).sort());
  });

  test('gets all that its placeholders name, and nothing that is undefined', () => {
    for (const words of spoken) assert.doesNotMatch(words, /\{\w+\}|undefined|NaN|\[object/);
    for (const [name, facts] of heard.names) {
      for (const each of facts) for (const [fact, value] of Object.entries(each)) assert.ok(value !== undefined, `${name} gets no ${fact}`);
    }
  });

  test('gets the same facts, whoever says it', () => {
    for (const [name, facts] of heard.names) assert.equal(new Set(facts.map((each) => Object.keys(each).sort().join())).size, 1, name);
  });

  test('is explained in the types by its English, and its facts are named there', () => {
    const { groups: { body } } = /export interface TextFacts [^]*?\n> \{\n(?<body>[^]*?)\n\}/.exec(TYPES);
    const declared = new Map([...body.matchAll(/\/\*\* (.*) \*\/\n {2}'?([\w.-]+)'?: (.*);/g)].map(([, words, name, facts]) => [name, [words, facts]]));
    for (const [name, facts] of heard.names) {
      const keys = Object.keys(facts[0]);
      if (!declared.has(name)) {
        assert.ok(/^(?:advice|verdict|thing|why|metric|window)\./.test(name) && keys.length === 0, `${name} is not among TextFacts`);
        continue;
      }
      const [words, type] = declared.get(name);
      const english = ENGLISH[name];
      if (typeof english === 'string') assert.equal(words, `"${english}"`);
      const picked = type.startsWith('CallFacts') ? ['keys', 'exhausted', 'invalid', 'attempts', 'tried'] : [];
      assert.deepEqual([...picked, ...[...type.matchAll(/'(\w+)'/g)].map(([, fact]) => fact)].sort(), keys.sort(), name);
    }
    for (const name of declared.keys()) assert.ok(Object.hasOwn(ENGLISH, name), `${name} is no text`);
  });

  test('may be missing from nowhere: each cause has its advice, and no two the same', () => {
    const advice = CAUSES.map((cause) => ENGLISH[`advice.${cause}`]);
    for (const words of advice) assert.match(words, /^[^.]*(?:\.[^.]+)*\.$/);
    assert.equal(new Set(advice).size, CAUSES.length);
    assert.ok(CAUSES.length > 30);
  });
});

describe('an account', () => {
  test('of every code has a message and advice', () => {
    const seen = new Set(ACCOUNTS.map(({ code }) => code));
    assert.deepEqual([...seen].sort(), choices('ErrorCode').sort());
    for (const account of ACCOUNTS) {
      const { message, advice } = new QuotaAwareError(account);
      assert.ok(message.length > 10 && advice.length > 10, account.code);
    }
  });

  test('has neither an address nor a stack in its message', () => {
    for (const account of ACCOUNTS) {
      const { message } = new QuotaAwareError(account);
      assert.doesNotMatch(message, /:\/\/|\n|\bat \w+ \(/);
    }
    const told = new QuotaAwareError({ code: 'REFUSED', status: 400, meaning: meaning('bad-request', 'bad-request'), words: 'Read https://a.example/b?c, and (http://d.example).' });
    assert.equal(told.message, 'The provider refused the request (400 bad-request). It says: Read … and (…).');
    assert.match(told.toJSON().details, /https:\/\/a\.example\/b\?c/);
    assert.match(new QuotaAwareError({ code: 'ORIGIN_NOT_ALLOWED', detail: 'https://a.example' }).toJSON().details, /https:\/\/a\.example/);
  });

  test('reports what, which quota, how long, what now, how to prevent it, and where to look', () => {
    const report = new QuotaAwareError(ACCOUNTS[0]).toReport();
    assert.equal(report, `The quota of every key is used up (3 keys, 1 attempt). Try again in 3.2 s.

Quota:     20 requests per day
Model:     m
Tier:      free
Wait:      3.2 s
Tried:     key-1 429 rate-limited

Now:       The daily quota is used up: wait for its reset, add a key of another project, or raise the tier.
Next time: Add a key of another project, a smaller model with a quota of its own, or billing; declare rpd in options.limits to see the end coming.
Limits:    https://ai.google.dev/gemini-api/docs/rate-limits
Usage:     https://aistudio.google.com/usage
Upgrade:   https://ai.google.dev/gemini-api/docs/billing`);
  });

  test('reports a mistake once', () => {
    assert.equal(new QuotaAwareError({ code: 'CONFIG_INVALID', detail: 'options.a: unknown option' }).toReport(), 'options.a: unknown option');
    assert.equal(new QuotaAwareError({ code: 'CLOSED' }).toReport(), 'this instance was closed; make a new one\n\nNow:       Make a new instance, and make calls before close().');
  });

  test('links to the pages of whoever refused, and to nobody else', () => {
    const of = (provider, more) => new QuotaAwareError(failure('EXHAUSTED', { provider, meaning: meaning('rate-limited', 'minute-quota'), ...more })).toReport();
    const hosts = (report) => [...new Set([...report.matchAll(/https:\/\/([\w.]+)/g)].map(([, host]) => host.split('.').slice(-2).join('.')))];
    assert.deepEqual(hosts(of('gemini')), ['google.dev', 'google.com']);
    assert.deepEqual(hosts(of('groq')), ['groq.com']);
    assert.deepEqual(hosts(of('openai')), ['openai.com']);
    assert.deepEqual(hosts(of('anthropic')), ['claude.com', 'anthropic.com']);
    assert.deepEqual([hosts(of('openai-compatible')), hosts(of(undefined))], [[], []]);
    for (const provider of ['gemini', 'groq', 'openai', 'anthropic']) {
      assert.match(of(provider), /Upgrade: +https:/);
      assert.doesNotMatch(of(provider), /Keys: +https:/);
      assert.match(of(provider, { meaning: meaning('invalid-key', 'key-invalid') }), /Keys: +https:/);
    }
  });
});

test('the summary of a status is a sentence for whoever looks after an event', () => {
  for (const [standing, words] of STANDINGS) assert.equal(summary(standing, OURS), words);
});

describe('texts of somebody else', () => {
  test('reach everything: nothing of ours is left where all are replaced', () => {
    const other = new Texts(Object.fromEntries(Object.keys(ENGLISH).map((name) => [name, `<${name.toUpperCase().replace(/[^A-Z]/g, '_')}>`])));
    for (const account of ACCOUNTS.filter(({ code, detail }) => code !== 'CONFIG_INVALID' || !detail)) {
      const error = new QuotaAwareError(account, other);
      assert.match(error.message, /^(?:<[A-Z_]+> ?)+$/);
      assert.match(error.advice, /^<[A-Z_]+>$/);
      // What is left is what nobody can translate: links, what the provider says, a model's name.
      const report = error.toReport().replace(/<[A-Z_]+>/g, '').replace(/https:\/\/\S+|wait, see \S+|no more|No\.|\bm\b|free/g, '');
      assert.match(report, /^\s*$/, `${error.code}: ${report}`);
    }
    for (const [standing] of STANDINGS) assert.match(summary(standing, other), /^(?:<[A-Z_]+> ?)+$/);
  });

  test('that fail, or give no text, are ours instead', async () => {
    const bad = [() => { throw new Error('no'); }, () => 5, () => undefined, () => null, async () => { throw new Error('later'); }, () => ({ then: 5 })];
    for (const text of bad) {
      const texts = new Texts({ QUOTA_EXCEEDED: text, tried: text, 'span.seconds': text });
      assert.equal(new QuotaAwareError(failure('QUOTA_EXCEEDED', { retryAfter: 3200 }), texts).message, 'The quota of every key is used up (3 keys, 1 attempt). Try again in 3.2 s.');
    }
    // A promise that rejects and that nobody has caught would end the process here.
    await new Promise((resolve) => { setImmediate(resolve); });
  });

  test('get facts of their own: what they do to them is nobody\'s business', () => {
    const texts = new Texts({ QUOTA_EXCEEDED: (facts) => { facts.tried = 'mine'; throw new Error('no'); } });
    assert.equal(new QuotaAwareError(failure('QUOTA_EXCEEDED'), texts).message, 'The quota of every key is used up (3 keys, 1 attempt).');
  });

  test('show a placeholder that there is no fact for, and take no braces out of what others say', () => {
    const texts = new Texts({ QUOTA_EXCEEDED: 'Leer {kyes} {keys}.' });
    assert.equal(new QuotaAwareError(failure('QUOTA_EXCEEDED'), texts).message, 'Leer {kyes} 3.');
    const words = 'a {words} of $& them';
    assert.ok(new QuotaAwareError({ ...ACCOUNTS.find(({ code }) => code === 'REFUSED'), words }).message.endsWith(`It says: ${words}`));
  });
});
