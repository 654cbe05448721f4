// Errors in other words: the option `messages`, on the built package.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { GERMAN, VOCABULARY } from './german.js';
import { ENDPOINT, answering, clock, fromNoon, open, question, refusal, refused } from './support.js';

/** A day's refusal in Gemini's words. */
function usedUp() {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier', quotaValue: '20' }] }];
  const message = 'You exceeded your current quota. For more information read https://ai.google.dev/gemini-api/docs/rate-limits.';
  return new Response(JSON.stringify({ error: { code: 429, message, status: 'RESOURCE_EXHAUSTED', details } }), { status: 429 });
}

const always = (answer) => async () => answer();
const failed = () => new Response('{}', { status: 500 });
const failure = (promise) => promise.then(() => assert.fail('it was served'), (error) => error);

/** What of an error is in no German: words of its message, its advice, and its report but for what only the provider can say. */
function foreign(error) {
  const report = error.toReport().split('\n').filter((line) => !line.startsWith(GERMAN['report.provider']) && !line.startsWith(GERMAN['report.tier'])).join('\n');
  const words = `${error.message}\n${error.advice}\n${report}`.replace(/https:\/\/\S+|\bkey-\d\b|gemini-fake/g, '').match(/\p{L}+/gu);
  return [...new Set(words.filter((word) => !VOCABULARY.has(word)))];
}

describe('in German', () => {
  test('is QUOTA_EXCEEDED, with its report', async (t) => {
    const { api } = instance(t, { fetch: always(usedUp) });
    const error = await failure(api.call(ENDPOINT, question()));
    assert.equal(error.code, 'QUOTA_EXCEEDED');
    assert.match(error.message, /^Das Kontingent aller Schlüssel ist aufgebraucht \(2 Schlüssel, 2 Versuche\)\. In \d+ Std\. \d+ Min\. noch einmal versuchen\.$/);
    assert.deepEqual(foreign(error), []);
    const report = error.toReport();
    for (const line of [/^Kontingent: +20 Anfragen am Tag$/m, /^Stufe: +free$/m, /^Versuche: +key-1 429 aufgebraucht$/m, /^Jetzt: +Das Kontingent des Tages/m, /^Nächstes Mal: /m, /^Mehr davon: +https:/m]) assert.match(report, line);
    // One column, however long the labels are.
    assert.equal(new Set(report.split('\n').filter((line) => /^\p{L}[\p{L} ]*:/u.test(line)).map((line) => /^[\p{L} ]+: +/u.exec(line)[0].length)).size, 1);
    assert.doesNotMatch(error.stack, /quota of every key/);
    assert.match(error.toJSON().message, /^Das Kontingent/);
  });

  test('is EXHAUSTED, after a refusal and after failures', async (t) => {
    const { api } = instance(t, { fetch: always(failed), maxRetries: 1 });
    const error = await failure(api.call(ENDPOINT, question()));
    assert.equal(error.code, 'EXHAUSTED');
    assert.equal(error.message, 'Kein Schlüssel konnte antworten (2 Schlüssel, 1 Versuch).');
    assert.deepEqual(foreign(error), []);
    const { api: slow } = instance(t, { fetch: always(() => refused(30)), queue: { maxWait: 5 } });
    const late = await failure(slow.call(ENDPOINT, question()));
    assert.equal(late.code, 'EXHAUSTED');
    assert.match(late.message, /^Kein Schlüssel konnte antworten \(2 Schlüssel, 2 Versuche\)\. In \d+ Sek\. noch einmal versuchen\.$/);
    assert.deepEqual(foreign(late), []);
  });

  test('is DEADLINE', async (t) => {
    const { api } = instance(t, { limits: { rpm: 1 }, deadline: 1000, minute: 'rolling' });
    await api.call(ENDPOINT, question());
    await api.call(ENDPOINT, question());
    const error = await failure(api.call(ENDPOINT, question()));
    assert.equal(error.code, 'DEADLINE');
    assert.match(error.message, /^In der Zeit, die bleibt, geht es nicht \(2 Schlüssel, 0 Versuche\)\. In \d+ Sek\. noch einmal versuchen\.$/);
    assert.deepEqual(foreign(error), []);
  });

  test('is what is refused before it is sent, and what comes after close()', async (t) => {
    const { api } = instance(t);
    assert.equal((await failure(api.call('https://other.example/v1'))).message, 'Nach other.example dürfen keine Schlüssel.');
    api.close();
    for (const ask of [() => api.getStats(), () => api.getStatus()]) assert.throws(ask, refusal('CLOSED', /^Diese Instanz ist geschlossen\.$/));
    await assert.rejects(api.call(ENDPOINT), refusal('CLOSED', /^Diese Instanz ist geschlossen\.$/));
  });

  test('is what fallbacks say, those of other instances too', async (t) => {
    const fallback = [
      { provider: 'groq', model: 'llama-fake', keys: ['fake-groq'] },
      { handler: () => { throw new Error('no'); } },
    ];
    const { api } = instance(t, { fetch: always(usedUp), fallback });
    const error = await failure(api.call(ENDPOINT, question()));
    assert.match(error.message, /^Das Kontingent .* Auch kein Ersatz konnte antworten: 1\. groq llama-fake \(.*\); 2\. handler \(die eigene Antwort ist gescheitert\)\.$/);
    for (const { error: own } of error.fallbacks) assert.ok([...own.message.matchAll(/\p{L}+/gu)].every(([word]) => VOCABULARY.has(word)), own.message);
    assert.match(error.toReport(), /^Ersatz: +1\. groq llama-fake \(Das Kontingent/m);
    assert.match(api.getStatus().summary, /^Das Tageskontingent aller Schlüssel ist aufgebraucht; der nächste kommt in \d+ Std\. \d+ Min\. zurück\.$/);
  });

  test('is how things stand, and when a key returns', async (t) => {
    const { api } = instance(t, { fetch: answering(usedUp()) });
    assert.equal(api.getStatus().summary, 'Alle 2 Schlüssel können antworten.');
    await api.call(ENDPOINT, question());
    const { summary, keys } = api.getStatus();
    assert.match(summary, /^1 von 2 Schlüsseln können antworten; der nächste kommt in \d+ Std\. \d+ Min\. zurück\.$/);
    assert.match(keys[0].availableIn, /^\d+ Std\. \d+ Min\.$/);
  });
});

describe('texts', () => {
  test('belong to one instance: two speak two languages at once', async (t) => {
    const { api } = instance(t, { fetch: always(usedUp) });
    const english = open({ fetch: always(usedUp) });
    t.after(() => english.close());
    const errors = await Promise.all([api, english, api, english].map((each) => failure(each.call(ENDPOINT, question()))));
    assert.deepEqual(errors.map(({ message }) => message.split(' ')[0]), ['Das', 'The', 'Das', 'The']);
    assert.deepEqual(errors.map((error) => /^(?:Wait|Wartezeit)/m.exec(error.toReport())[0]), ['Wartezeit', 'Wait', 'Wartezeit', 'Wait']);
  });

  test('of an unknown name are refused with the nearest that is known', () => {
    const of = (name) => () => open({ messages: { [name]: 'x' } });
    assert.throws(of('QUOTA_EXCEDED'), refusal('CONFIG_INVALID', /^options\.messages\["QUOTA_EXCEDED"\]: unknown text; did you mean QUOTA_EXCEEDED\?$/));
    assert.throws(of('advice.minutequota'), refusal('CONFIG_INVALID', /did you mean advice\.minute-quota\?$/));
    // What is like none of them may be a secret in the wrong place.
    assert.throws(of('fake-secret-of-somebody'), refusal('CONFIG_INVALID', /^options\.messages: unknown text; the type Messages lists all names$/));
    assert.throws(of('constructor'), refusal('CONFIG_INVALID'));
  });

  test('of a wrong type are refused by their path; undefined and null are not given', () => {
    for (const messages of [5, 'x', [], true]) assert.throws(() => open({ messages }), refusal('CONFIG_INVALID', /^options\.messages: expected an object of texts by their names, got /));
    for (const text of [5, {}, [], true]) assert.throws(() => open({ messages: { EXHAUSTED: text } }), refusal('CONFIG_INVALID', /^options\.messages\["EXHAUSTED"\]: expected a string or a function that returns one, got /));
    for (const messages of [undefined, null, {}, { EXHAUSTED: undefined, wait: null }]) open({ messages }).close();
  });

  test('that throw leave the error as it is in English', async (t) => {
    const { api } = instance(t, { fetch: always(usedUp), messages: { QUOTA_EXCEEDED: () => { throw new Error('mine'); }, 'span.hours': () => 5, 'status.day': () => { throw new Error('mine'); } } });
    const error = await failure(api.call(ENDPOINT, question()));
    assert.match(error.message, /^The quota of every key is used up \(2 keys, 2 attempts\)\. Try again in \d+ h \d+ min\.$/);
    assert.match(api.getStatus().summary, /^The day's quota of every key is used up/);
  });

  test('are not asked for a call that is served', async (t) => {
    let asked = 0;
    const messages = new Proxy({}, { ownKeys: () => Object.keys(GERMAN), getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }), get: () => () => { asked += 1; return 'x'; } });
    const { api } = instance(t, { messages, fetch: answering(refused(1)) });
    assert.equal((await api.call(ENDPOINT, question())).status, 200);
    assert.equal(asked, 0);
    assert.equal(api.getStatus().summary, 'x');
    assert.ok(asked > 0);
  });

  test('of a mistake in what was given stay English: its path is for whoever writes the program', async (t) => {
    const { api } = instance(t);
    await assert.rejects(api.call(ENDPOINT, { quota: { priority: 'high' } }), refusal('CONFIG_INVALID', /^quota\.priority: expected /));
    assert.throws(() => open({ messages: GERMAN, timeout: -1 }), refusal('CONFIG_INVALID', /^options\.timeout: expected /));
  });
});

describe('an error', () => {
  test('keeps secrets, addresses and stacks out of its message; the technical side is in its details', async (t) => {
    const words = 'Key fake-key-one-abcdefgh is over. See https://ai.google.dev/a?key=fake-key-one-abcdefgh.';
    const refusing = async () => new Response(JSON.stringify({ error: { code: 400, message: words, status: 'INVALID_ARGUMENT' } }), { status: 400 });
    const { api } = instance(t, { fetch: refusing, messages: undefined }, ['fake-key-one-abcdefgh']);
    const error = await failure(api.generate('Hi', { model: 'gemini-fake' }));
    assert.equal(error.code, 'REFUSED');
    assert.doesNotMatch(error.message, /fake-key|:\/\/|\n|at /);
    const { success, message, error: code, details, data } = error.toJSON();
    assert.deepEqual([success, message, code, data], [false, error.message, 'REFUSED', null]);
    assert.match(details, /https:\/\/ai\.google\.dev/);
    assert.doesNotMatch(`${details}${error.toReport()}${error.stack}`, /fake-key/);
  });

  test('names tier, model and metric where they are stated, and the pages of the provider that refused', async (t) => {
    const message = 'Rate limit reached for model `llama-fake` in organization `org_x` service tier `on_demand` on requests per minute (RPM): Limit 30, Used 30, Requested 1. Please try again in 20s.';
    const groq = async () => new Response(JSON.stringify({ error: { message, type: 'requests', code: 'rate_limit_exceeded' } }), { status: 429 });
    const { api } = instance(t, { fetch: groq, messages: undefined, queue: { maxWait: 1 } }, ['fake-groq']);
    const error = await failure(api.call('https://api.groq.com/openai/v1/chat/completions', question('llama-fake')));
    const report = error.toReport();
    for (const line of [/^Quota: +30 requests per minute$/m, /^Model: +llama-fake$/m, /^Tier: +on_demand$/m, /^Upgrade: +https:\/\/console\.groq\.com\//m]) assert.match(report, line);
    assert.doesNotMatch(report, /google|openai\.com|anthropic/);
  });

  test('suggests no wait where the limit is zero, also once nothing is sent any more', async (t) => {
    const { body, status } = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/responses/gemini-429-limit-zero-four-violations.json'), 'utf8'));
    const { api } = instance(t, { fetch: always(() => new Response(JSON.stringify(body), { status })), messages: undefined });
    for (const attempts of [2, 0]) {
      const error = await failure(api.call(ENDPOINT, question()));
      assert.deepEqual([error.code, error.attempts.length, error.retryAfter], ['QUOTA_EXCEEDED', attempts, null]);
      assert.match(error.advice, /waiting never helps: enable billing, or choose another model/);
      assert.doesNotMatch(`${error.message}\n${error.toReport()}`, /try again|Wait:|\bin \d+ (h|min|s)\b|connection/i);
    }
  });

  test('names the pages where nothing was sent too: what is used up is known by then', async (t) => {
    const { api } = instance(t, { fetch: always(usedUp), messages: undefined });
    await failure(api.call(ENDPOINT, question()));
    const known = await failure(api.call(ENDPOINT, question()));
    assert.deepEqual([known.code, known.attempts.length], ['QUOTA_EXCEEDED', 0]);
    assert.match(known.toReport(), /^Upgrade: +https:\/\/ai\.google\.dev/m);
  });
});

test('classify() tells cause and tier', async () => {
  const { classify } = await import('../built.js');
  const { cause, tier, advice } = classify({ status: 429, body: await usedUp().text() });
  assert.deepEqual([cause, tier], ['daily-quota', 'free']);
  assert.match(advice, /^The daily quota is used up/);
});

describe('status.summary', () => {
  test('counts those who wait, and tells when the next place is free', async (t) => {
    const { pass } = clock(t);
    const api = open({ limits: { rpm: 1 }, minute: 'rolling', now: () => Date.now(), pacing: 'burst' }, ['fake-a']);
    t.after(() => api.close());
    assert.equal(api.getStatus().summary, 'The key can serve.');
    await api.call(ENDPOINT, question());
    const waiting = [1, 2].map(() => api.call(ENDPOINT, question()).catch(() => {}));
    await pass(100);
    assert.match(api.getStatus().summary, /^Next free place in \d+ s; [12] calls? waits?\.$/);
    api.close();
    await Promise.all(waiting);
  });
});

function instance(t, options = {}, keys = undefined) {
  const api = open({ messages: GERMAN, provider: undefined, now: fromNoon(), ...options }, keys);
  t.after(() => api.close());
  return { api };
}
