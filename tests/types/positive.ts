// What the types allow: every method, option and event, as people write them.
import { QuotaAwareAPI, QuotaAwareError, classify, plan, printPlan } from 'quota-aware-api';
import type {
  CallResponse, Fallback, FallbackName, FallbackNote, FallbackStatus,
  Alert, CallInit, CallQuota, CallReport, CallTrace, Classification, CompiledModule, ExplainedResponse, Generated, GeneratedJson, GenerateOptions, Installation,
  KeyConfig, KeysFile, KeyStatus, KeyTest, LimitInUse, Limits, Options, Pace, Picture, PlanFix, PlanLimit, PlanReport, PlanScenario, PlanSupply,
  PoolStatus, Preset, Profile, ProviderName, QueueStatus, QuotaEventMap, RotationEvent, SkippedKey, Stats, Status, Strategy, TextStream, TokenCount, TraceStep,
  Turn, Verdict, WaitingCall,
  CallFacts, Cause, Facts, Messages, NoFacts, PrintOptions, Text, TextFacts,
  AlertCode, ErrorCode, Listener, ListenerOptions, ResponseFacts, Drained, Restored, Snapshot,
  AllKeysDownDetail, AttemptDetail, FallbackDetail, KeyDownDetail, KeyRestoredDetail, LimitLearnedDetail, QuotaWarningDetail, RateLimitedDetail,
  RotateDetail, ServiceRestoredDetail, SettledDetail, SharedQuotaDetail, WaitingDetail,
  AlertDetail, StateDetail,
} from 'quota-aware-api';
import { MOCK_KEYS, createMockProvider, createMockServer } from 'quota-aware-api/mock';
import type { MockOptions, MockState } from 'quota-aware-api/mock';
import type { AttemptRecord, ErrorCategory, RecordCount, Sink, SinkObject } from 'quota-aware-api';
import { performOrder, stateOf, statusEvents } from 'quota-aware-api/dashboard-server';
import type { DashboardState } from 'quota-aware-api/dashboard-server';
import { observe } from 'quota-aware-api/otel';
import type { OtelApi } from 'quota-aware-api/otel';
import { fileSink } from 'quota-aware-api/sink-file';
import { indexedDbSink } from 'quota-aware-api/sink-indexeddb';
import { sqliteSink } from 'quota-aware-api/sink-sqlite';
import type { SinkUsageReport, SqliteDatabase } from 'quota-aware-api/sink-sqlite';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
const sure = <T extends true>(): T | void => undefined;

const limits: Limits = { rpm: 15, tpm: 250_000, rpd: 500, tpd: 1, concurrency: 2, burst: 5 };
const key: KeyConfig = { key: 'fake-a', id: 'a', provider: 'gemini', project: 'p', models: ['m'], limits: { m: limits, '*': {} }, weight: 2, priority: 1, workload: 'heavy' };
const strategies: Strategy[] = ['round-robin', 'failover', 'least-loaded', 'weighted', 'priority', 'assigned'];
const providers: ProviderName[] = ['gemini', 'groq', 'openai', 'anthropic', 'openai-compatible'];
const options: Options = {
  provider: providers[0]!, strategy: strategies[0]!, limits, preset: 'workshop', maxRetries: 3, resetInterval: 60_000, verbose: (line) => line.length,
  backoff: { base: 1, max: 2, factor: 3, jitter: 'none' }, cooldown: { rateLimit: 1, error: 2, errorThreshold: 3 }, retryBudget: false, timeout: 1, chunkTimeout: 1, deadline: 2,
  queue: { maxWait: 1, maxSize: 2, fair: false }, pacing: 'even', minute: 'rolling', reserve: { chat: 0.3, batch: 0.1 }, shadow: true, sessionRate: { perSecond: 1, burst: 2 }, allowedOrigins: ['https://llm.example'], baseURL: 'https://llm.example/v1', healthCheck: { interval: 1000 }, printStatsEvery: 10,
  warnAt: [0.8, 0.95], alerts: { successRate: 0.9, errorRate: 0.2, minRequests: 20, terms: false },
  notify: [(notice) => void [notice.state, notice.keys.available, notice.alert?.since], { url: 'https://hooks.example', headers: { authorization: 'x' }, events: ['alert', 'alert-over'], format: 'slack', timeout: 1 }], enableRotation: true, fetch: createMockProvider().fetch, now: Date.now, random: Math.random,
};
const profile: Profile = { model: 'm', temperature: 0.5, maxTokens: 100, session: 's', priority: 1, workload: 'w', timeout: 1, deadline: 2, maxRetries: 3 };
const withProfiles: Options = { profiles: { 'quest-1': profile, empty: {} } };
const file: KeysFile = { keys: [{ key_id: 'flash_01', rpm: 15 }], fallback_order: ['flash_01'], rotation_strategy: 'smart' };

new QuotaAwareAPI(['fake-a', process_env('B'), null, undefined, '', false, key], options);
const presets: readonly Preset[] = ['workshop', 'gemini-free', 'groq-free'];
new QuotaAwareAPI(file, { preset: 'gemini-free' });
new QuotaAwareAPI(file, { preset: presets, pacing: 'burst', minute: 'auto' });
new QuotaAwareAPI(MOCK_KEYS);
declare function process_env(name: string): string | undefined;

const api = QuotaAwareAPI.fromEnv({ GEMINI_KEY_1: 'fake-a' }, { maxRetries: undefined });
const fetch: typeof globalThis.fetch = api.fetch;
async function* pieces(): AsyncGenerator<Uint8Array> { yield new Uint8Array(1); }
const inits: CallInit[] = [{ method: 'POST', body: pieces() }, { method: 'POST', body: new ReadableStream(), duplex: 'half' }, { method: 'POST', body: new Blob([]), redirect: 'manual' }, new Request('https://a.example') as RequestInit];
void inits;
const quota: CallQuota = { model: 'm', session: 's', priority: 0, workload: 'light', project: 'p', tokens: 5, timeout: 1, chunkTimeout: 2, deadline: 2, maxRetries: 0, idempotent: false, explain: false };
const started: Options[] = [{ wasm: new ArrayBuffer(8) }, { wasm: new Uint8Array(8).subarray(2) }, { wasm: {} as CompiledModule }];
void started;
const cached: Options[] = [{ cache: true }, { cache: false }, { cache: { maxEntries: 5, ttl: 1000, maxBytes: 1_000_000 } }];
const cachedCalls: CallQuota[] = [{ cache: true }, { cache: false }, { cache: { ttl: 5 } }];
void [cached, cachedCalls];
const ofProfile: CallQuota = { profile: 'quest-1' };
new QuotaAwareAPI(file, withProfiles);
const init: CallInit = { method: 'POST', body: '{}', keepalive: true, quota };

export async function use(): Promise<void> {
  const response: Response = await api.call('https://api.groq.com/openai/v1/models', init);
  await api.call(new URL(response.url));
  await api.call(new Request(response.url), { quota: ofProfile });
  await fetch(response.url);
  const explained: ExplainedResponse = await api.call(response.url, { method: 'POST', body: '{}', quota: { session: 's', explain: true } });
  const report: CallReport | null = explained.quota;
  const [account]: CallTrace[] = api.explain(5);
  sure<Equal<typeof report, typeof explained.quota>>();
  void [report?.key, report?.attempts, report?.trace.steps.map(told), account?.leftOut, api.explain().length];

  api.startHealthChecks({ interval: 1000, model: 'm' });
  api.stopHealthChecks();
  sure<Equal<ReturnType<typeof api.disableKey>, boolean>>();
  api.addEventListener('state', ({ detail }) => void [detail.from, detail.to, detail.reason?.length]);
  api.addEventListener('alert-over', ({ detail }) => void [detail.code, detail.since, detail.limit?.declared, detail.fallback]);
  const { notices } = api.getStatus();
  void [notices[0]?.code, api.getStats().notifications[0]?.to?.length, api.enableKey('key-1')];

  const { text, usage, finishReason }: Generated = await api.generate('Say hi');
  sure<Equal<typeof usage, TokenCount | null>>();
  const plain = await api.generate('Say hi', { stream: false, schema: { type: 'object' } });
  sure<Equal<typeof plain.json, unknown>>();
  const typed: GeneratedJson<{ name: string }> = await api.generate<{ name: string }>('Who?', { schema: { type: 'object' }, model: 'm', temperature: 0, maxTokens: 9 });
  sure<Equal<typeof typed.json.name, string>>();
  const images: readonly Picture[] = [new Blob([]), new Uint8Array(4), new ArrayBuffer(4), new URL(response.url), 'https://a.example/cat.png', { data: 'AAAA', mimeType: 'image/png' }];
  const history: readonly Turn[] = [{ role: 'user', text: 'Hi', images }, { role: 'assistant', text: 'Hi!' }];
  const asked: GenerateOptions = { system: 'Be kind.', history, images, provider: 'groq', signal: new AbortController().signal, quota: { session: 's', deadline: 1000 } };
  const stream: TextStream = api.generate('Say hi', { ...asked, schema: undefined, stream: true });
  for await (const piece of stream) piece.toUpperCase();
  const { json } = await api.generate<number[]>('Count', { schema: {}, stream: true }).result;
  sure<Equal<typeof json, number[]>>();
  const either = api.generate('Say hi', asked);
  void [text, finishReason, (await stream.result).response.status, 'result' in either];

  const stats: Stats = api.getStats();
  sure<Equal<Stats['latency'], { p50: number; p95: number; p99: number }>>();
  const status: Status = api.getStatus();
  const [first]: KeyStatus[] = status.keys;
  const [pool]: PoolStatus[] = status.pools;
  const [alert]: Alert[] = status.alerts;
  const rotations: RotationEvent[] = api.getRotationHistory(5);
  const snapshot: Snapshot = JSON.parse(JSON.stringify(api.snapshot()));
  const { keys: known, ignored }: Restored = api.restore(snapshot);
  const left: Promise<Drained> = api.drain(known + ignored);
  void left;
  const tests: KeyTest[] = [await api.testKey('a', { model: 'm' }), ...await api.testAllKeys()];
  const id: string = api.addKey(key);
  const gone: boolean = api.removeKey(id);
  const next: string | null = api.getNextAvailableKey('m') ?? api.getKeyForSession('s');
  const can: boolean = api.hasAvailableKeys();
  api.rotateKey();
  api.rotateKey('session');
  api.switchToKey('a');
  api.switchToKey(2);
  api.resetQuotaFlags();
  api.clearCache();
  const { hits, entries, maxBytes }: Stats['cache'] = api.getStats().cache;
  void [hits, entries, maxBytes, report?.cached];
  api.setLimits('a', { m: { rpm: 1 } });
  api.printStats((line) => line.toUpperCase());
  const how: PrintOptions = { color: true, width: 100 };
  api.printStats(undefined, how);
  await api.backoff(0);
  api.close();
  void [stats, first, pool, alert, rotations, tests, gone, next, can];
}

function told(step: TraceStep): string | number | null {
  switch (step.step) {
    case 'only': return `${step.project}: ${step.reason}`;
    case 'skipped': return step.keys.map(({ key, limit, until }: SkippedKey) => `${key} ${limit?.used ?? 0} ${until ?? ''}`).join();
    case 'waits': return step.startsAt;
    case 'backs-off': return step.until;
    case 'sent': return step.attempt;
    case 'ended': return step.latencyMs;
    case 'falls-back': return step.model;
    case 'fallback-failed': return step.code;
    case 'over': return step.with;
    default: {
      const never: never = step;
      return never;
    }
  }
}

const german: Messages = {
  QUOTA_EXCEEDED: 'Das Kontingent ist aufgebraucht ({tried}).', tried: ({ keys, attempts }) => `${keys.toFixed()}, ${attempts}`,
  'span.seconds': ({ seconds }) => `${seconds} Sek.`, 'advice.minute-quota': () => 'Warten.', 'verdict.rate-limited': 'gebremst', 'thing.file': 'Datei',
  'why.named': 'so verlangt', 'metric.tokens': 'Tokens', 'window.day': 'am Tag', 'report.now': undefined, 'status.waiting': ({ waiting, span }) => `${waiting}: ${span}`,
};
new QuotaAwareAPI(['fake-a'], { messages: german });
const ofCall: Text<CallFacts> = ({ exhausted, invalid }) => `${exhausted + invalid}`;
const plain: Text<NoFacts> = () => 'x';
const seconds: Facts['seconds'] = 5;
const names: (keyof TextFacts)[] = ['EXHAUSTED', 'advice.key-leaked'];
const cause: Cause = classify({ status: 429 }).cause;
const tier: string | null = classify({ status: 429 }).tier;
const summary: string = api.getStatus().summary;
void [ofCall, plain, seconds, names, cause, tier, summary];
const { signal, waitMs }: Pace = api.getStatus().pace;
sure<Equal<typeof signal, 'go' | 'slow' | 'wait'>>();
void waitMs;
const queue: QueueStatus = api.getStatus().queue;
const [waiting]: WaitingCall[] = queue.calls;
const inUse: LimitInUse | null | undefined = waiting?.limit;
sure<Equal<PoolStatus['minute'], 'rolling' | 'fixed' | 'unknown'>>();
void inUse;

api.addEventListener('limit-learned', ({ detail: { project, limit, source } }) => `${project} ${limit.toFixed()} ${source}`);
api.addEventListener('shared-quota-suspected', ({ detail: { projects: [one, other], served, limit } }) => [one, other, served[0], limit?.toFixed()]);
api.addEventListener('waiting', ({ detail: { until, limit } }) => [until?.toFixed(), limit?.used]);
api.addEventListener('settled', ({ detail }) => {
  sure<Equal<typeof detail.verdict, Verdict>>();
  sure<Equal<typeof detail.status, number | null>>();
});
api.addEventListener('rate-limited', ({ detail: { until } }) => until?.toFixed());
api.addEventListener('of-my-own', (event: Event) => event.type);
api.addEventListener('waiting', null);
sure<Equal<keyof QuotaEventMap, 'attempt' | 'settled' | 'fallback' | 'rotate' | 'rate-limited' | 'key-down' | 'key-restored' | 'all-keys-down' | 'service-restored' | 'quota-warning' | 'waiting' | 'limit-learned' | 'shared-quota-suspected' | 'state' | 'alert' | 'alert-over'>>();

const fallback: Fallback[] = [
  { model: 'm' },
  { provider: 'groq', model: 'm', keys: ['fake-a', { key: 'fake-b', id: 'b' }], leaveOut: ['safetySettings'] },
  { provider: 'openai-compatible', model: 'm', keys: ['fake-a'], baseURL: 'https://a.example/v1' },
  { handler: (request, cause) => new Response(cause.code, { headers: { from: request.url } }) },
];

export async function fallen(): Promise<void> {
  const own = new QuotaAwareAPI(['fake-a'], { fallback });
  const response: CallResponse = await own.call('https://a.example/');
  const note: FallbackNote | undefined = response.fallback;
  void [note?.step, note?.cause.fallbacks[0]?.error.lost[0]?.path, note?.left.length];
  own.addEventListener('fallback', ({ detail }) => sure<Equal<typeof detail.kind, 'model' | 'provider' | 'handler'>>());
  const [status]: FallbackStatus[] = own.getStatus().fallbacks;
  const served: (FallbackName & { served: number }) | undefined = own.getStats().fallbacks[0];
  void [status?.keys[0]?.id, served?.served];
}

export function explain(error: unknown): string {
  if (!(error instanceof QuotaAwareError)) return String(error);
  const envelope: { success: false; data: null } = error.toJSON();
  switch (error.code) {
    case 'QUOTA_EXCEEDED': case 'PARTIAL_QUOTA': case 'INVALID_KEYS': case 'EXHAUSTED': case 'NEVER_FITS': case 'QUEUE_FULL': case 'SESSION_LIMIT': case 'DEADLINE': case 'OWNER_UNAVAILABLE': case 'OWNERS_DIFFER': case 'TIMEOUT':
    case 'ORIGIN_NOT_ALLOWED': case 'CONFIG_INVALID': case 'BODY_NOT_REPLAYABLE': case 'REDIRECTED': case 'CLOSED': case 'DRAINING': case 'SNAPSHOT_INVALID': case 'WASM_UNAVAILABLE':
    case 'NOT_TRANSLATABLE': case 'FALLBACK_FAILED':
    case 'BLOCKED': case 'NO_ANSWER': case 'REFUSED': case 'STREAM_BROKEN':
      return `${error.toReport()} ${error.advice} ${error.retryAfter ?? 0} ${error.response?.status ?? 0} ${error.attempts[0]?.verdict ?? 'ok'} ${error.trace?.steps.length ?? 0} ${envelope.data ?? ''} ${error.answer?.text ?? ''} ${error.owner?.project ?? ''} ${error.owner?.kind ?? ''}`;
    default: {
      const never: never = error.code;
      return never;
    }
  }
}

const meaning: Classification = classify({ status: 429, headers: new Headers(), body: new Uint8Array(), provider: 'groq' });
classify({ status: 200, headers: { a: 'b' }, body: { any: 'thing' } });
classify({ status: 200, headers: [['a', 'b']], body: null });
sure<Equal<typeof meaning.window, 'minute' | 'day' | null>>();

const day: PlanScenario = {
  people: 40, hours: 3.5, callsPerHour: 16, bursts: [{ at: 5_400_000, people: 40, within: 10_000 }, {}], greedy: { people: 1, parallel: 4 },
  models: ['a', { model: 'b', share: 0.5, tokens: 900 }], keys: [{ project: 'p', limits }, {}], limits: { a: limits, '*': limits }, declared: false,
  window: 'fixed', minute: 6000, day: 'pacific', countRefused: true, latency: { min: 1, max: 2 }, travel: 5, faults: { network: 0.01 }, options: { queue: { maxWait: 1000 }, preset: ['handler'], pacing: 'even', minute: 'rolling' },
  patience: 10_000, alternatives: [{ model: 'c', limits }, { model: 'gemini-3.5-flash' }], startsAt: Date.now(), seed: 7, advice: true,
};
plan({ thinkTime: 0, models: 'a', keys: 3, projects: 1, latency: 1000 });
plan({ trace: [0, 1, 2] });
const planned: PlanReport = plan(day);
const [need]: PlanSupply[] = planned.supply;
const [cheapest]: PlanFix[] = planned.advice;
const broken: PlanLimit | null | undefined = planned.firstBreak?.limit;
sure<Equal<typeof planned.holds, boolean>>();
sure<Equal<typeof planned.minute, number>>();
printPlan(plan(), (line: string) => void [line, need?.perDay, cheapest?.kind === 'spread-bursts', broken?.window]);

export async function disposed(): Promise<void> {
  const installation: Installation = api.install();
  installation.restore();
  using patched = api.install();
  sure<Equal<ReturnType<typeof patched.restore>, void>>();
  using own = new QuotaAwareAPI(['fake-a']);
  own.getStats();
  const mock: MockOptions = { projects: [{ keys: ['fake-a'] }], latency: { min: 1, max: 2 } };
  await using server = await createMockServer({ ...mock, port: 0 });
  const state: MockState = server.provider.state();
  void state;
}

// Every event has a detail of a name, and the instant in it; every alert a code that is known.
type Details = { [K in keyof QuotaEventMap]: QuotaEventMap[K]['detail'] };
sure<Equal<Details, {
  attempt: AttemptDetail; fallback: FallbackDetail; settled: SettledDetail; rotate: RotateDetail; 'rate-limited': RateLimitedDetail; 'key-down': KeyDownDetail;
  'key-restored': KeyRestoredDetail; 'all-keys-down': AllKeysDownDetail; 'service-restored': ServiceRestoredDetail; 'quota-warning': QuotaWarningDetail;
  waiting: WaitingDetail; 'limit-learned': LimitLearnedDetail; 'shared-quota-suspected': SharedQuotaDetail;
  state: StateDetail; alert: AlertDetail; 'alert-over': AlertDetail;
}>>();
sure<Details[keyof Details]['at'] extends number ? true : false>();
sure<Equal<Alert['code'], AlertCode>>();
sure<Equal<QuotaAwareError['code'], ErrorCode>>();
sure<Equal<Parameters<typeof classify>[0], ResponseFacts>>();

/** As frameworks wrap it: any event, its own listener. */
export function on<K extends keyof QuotaEventMap>(type: K, hear: (detail: QuotaEventMap[K]['detail']) => void, signal: AbortSignal): void {
  api.addEventListener(type, ({ detail }) => hear(detail), { once: true, signal });
}
on('attempt', ({ attempt, fallback: step }) => attempt.toFixed() + (step?.toFixed() ?? ''), new AbortController().signal);
const listener: Listener = { handleEvent: (event) => void event.type };
const listening: ListenerOptions = { capture: true };
api.addEventListener('settled', listener, listening);
api.removeEventListener('settled', listener, true);

export function isUrgent({ code, severity }: Alert): boolean {
  switch (code) {
    case 'all-keys-exhausted': case 'no-key-available': case 'leaked-key': return true;
    case 'some-keys-exhausted': case 'low-success-rate': case 'high-error-rate': case 'shared-quota-suspected': case 'limit-drift': return severity === 'critical';
    default: {
      const never: never = code;
      return never;
    }
  }
}

declare const database: SqliteDatabase;
declare const otel: OtelApi;
const byHand: SinkObject = { write: async (records) => { for (const { at, userId, tokens } of records) console.log(at, userId, tokens?.cached); }, close: () => {} };
const lines: Sink = (record) => record.success;
const kept = sqliteSink({ database, table: 'attempts', maxAge: 1, maxRecords: 1, now: Date.now });
const inPage = indexedDbSink({ name: 'mine', maxRecords: 5 });
new QuotaAwareAPI(['fake-a'], { sink: lines });
new QuotaAwareAPI(['fake-a'], { sink: [byHand, fileSink('attempts.jsonl', { maxBytes: 5, keep: 2 }), kept, inPage, (record: AttemptRecord) => record.key] });
const usageKept: SinkUsageReport = kept.getUsage({ session: 's', from: new Date() });
inPage.getUsage().then(({ totals, latency }) => [totals.calls, latency?.p99]);
api.flush().then((whole: boolean) => whole);
api.flush(500);
const shown: DashboardState = stateOf(api);
const events: Response = statusEvents(api, { interval: 1000 });
void [shown, events, performOrder];
const stop: () => void = observe(api, { otel, attributes: { a: 1 } });
stop();
export const recordsOf = ({ records }: Stats): RecordCount => records;
export const categoryOf = ({ category }: AttemptRecord): ErrorCategory | null => category;
void usageKept;
