// What the test of IndexedDB looks at: records that an instance wrote, asked in the page that wrote them, and what is left of many.
import { QuotaAwareAPI } from '/dist/index.js';
import { indexedDbSink } from '/dist/sink-indexeddb.js';

const ENDPOINT = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-fake:generateContent';
const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 9, 7, 12);

const json = (body, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
const question = (session) => ({ method: 'POST', body: '{"contents":[{"parts":[{"text":"Hi"}]}]}', quota: { session, operation: 'text', userId: 'u-1' } });

function record(more) {
  return {
    at: NOON, call: 1, attempt: 1, key: 'key-1', keyNumber: 1, provider: 'gemini', project: 'p', model: 'm', session: null, operation: null, userId: null, userAgent: null,
    verdict: 'ok', category: null, success: true, status: 200, latencyMs: 100, waitedMs: 0, tokens: null, tokensEstimated: false, ...more,
  };
}

/** An instance's attempts, as the engine and as the sink tell them. */
async function instance() {
  const sink = indexedDbSink({ name: 'instance' });
  await sink.clear();
  const answers = [json({ error: { code: 503 } }, 503)];
  const api = new QuotaAwareAPI(['fake-page-one', 'fake-page-two'], {
    sink, backoff: { base: 0 }, fetch: async () => answers.shift() ?? json({ usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 20, cachedContentTokenCount: 60 } }),
  });
  for (const session of ['amy', 'amy', 'ben']) await (await api.call(ENDPOINT, question(session))).json();
  const flushed = await api.flush();
  const { summary, ...engine } = api.getUsage();
  const own = await sink.getUsage();
  const names = ['totals', 'keys', 'sessions', 'operations', 'errors'];
  const ben = (await sink.getUsage({ session: 'ben' })).totals.requests;
  api.close();
  await api.flush();
  // Closed with the instance, it is opened again by whoever asks.
  const later = (await sink.getUsage()).totals.requests;
  return { flushed, engine: pick(engine, names), own: pick(own, names), shape: [Object.keys(engine).sort(), Object.keys(own).sort()], ben, later, records: summary.totalKeys };
}

function pick(report, names) {
  return Object.fromEntries(names.map((name) => [name, report[name]]));
}

/** A second record of an attempt, a second writer, and both in one transaction or not at all. */
async function writes() {
  const [one, two] = [indexedDbSink({ name: 'writes', now: () => NOON + HOUR }), indexedDbSink({ name: 'writes', now: () => NOON + HOUR })];
  await one.clear();
  await one.write([record({ call: 1 }), record({ call: 2 })]);
  await one.write([record({ call: 2, verdict: 'network', success: false, category: 'other' })]);
  await two.write([record({ call: 1 })]);
  const { totals } = await two.getUsage();
  const refused = await one.write([record({ call: 7 }), record({ call: () => {} })]).then(() => 'written', ({ name }) => name);
  return { requests: totals.requests, successes: totals.successes, calls: totals.calls, refused, after: (await one.getUsage()).totals.requests };
}

/** What is too old, or too many, goes. */
async function retention() {
  let now = NOON;
  const sink = indexedDbSink({ name: 'retention', maxAge: HOUR, maxRecords: 1_500, now: () => now });
  await sink.clear();
  await sink.write([record({ call: 1, at: NOON - 2 * HOUR }), record({ call: 2 })]);
  const old = (await sink.getUsage()).totals.requests;
  now += HOUR / 2;
  let call = 10;
  for (let n = 0; n < 5; n += 1) await sink.write(Array.from({ length: 500 }, () => record({ call: call++, at: now + n })));
  const { totals, range } = await sink.getUsage();
  return { old, left: totals.requests, from: range.from };
}

/** A host that has none to give: calls go on. */
async function broken() {
  const indexedDB = { open: () => { throw new DOMException('A mutation operation was attempted on a database that did not allow mutations.', 'InvalidStateError'); } };
  const api = new QuotaAwareAPI(['fake-page-one'], { sink: indexedDbSink({ indexedDB }), fetch: async () => json({ ok: true }) });
  const warn = console.warn;
  console.warn = () => {};
  const { status } = await api.call(ENDPOINT, question('amy'));
  await api.flush();
  console.warn = warn;
  return { status, records: api.getStats().records };
}

try {
  window.outcome = { instance: await instance(), writes: await writes(), retention: await retention(), broken: await broken() };
} catch (error) {
  window.outcome = { error: `${error.name}: ${error.message}\n${error.stack}` };
}
