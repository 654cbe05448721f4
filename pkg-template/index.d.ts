/// <reference lib="esnext.disposable" />
// Types of `quota-aware-api`, kept by hand; tests/types compiles the examples of the README against them.
// Units: every duration is in milliseconds, every instant is milliseconds since the Unix epoch. Every limit is per pool:
// one provider project (Google) or organisation (Groq, OpenAI) and one model. Quota belongs to projects, not to keys.

/**
 * Spreads calls over several API keys: picks the key, counts quota before it sends, waits when waiting is right, fails
 * over when it is not, and says what it did. Dispatches the events of {@link QuotaEventMap}.
 *
 * Every method throws a {@link QuotaAwareError} `CLOSED` after `close()`.
 */
export class QuotaAwareAPI extends EventTarget {
  /**
   * @param keys secrets, or {@link KeyConfig}s, or a keys file. Empty, blank, null, undefined and false entries are dropped.
   * @throws QuotaAwareError `CONFIG_INVALID` where no key is left, a key is given twice, or an option is unknown or has a
   *   wrong value. The message names the option's path, what was expected and what came; never a secret.
   */
  constructor(keys: readonly (string | KeyConfig | null | undefined | '' | false)[] | KeysFile, options?: Options);

  /**
   * Reads keys from an environment: `GEMINI_KEY_1…n`, `GEMINI_KEY_<name>`, `GEMINI_API_KEY`, `GEMINI_API_KEY_1…n`,
   * `GEMINI_API_KEYS` (separated by commas), `GOOGLE_API_KEY`, `GOOGLE_AI_API_KEY_1…n`, `GROQ_API_KEY`,
   * `GROQ_API_KEY2…n`, `OPENAI_API_KEY[_n]`, `ANTHROPIC_API_KEY[_n]`. The same secret twice counts once. Placeholders of
   * the template file (`your-…-here`) count as absent, with a warning on the console.
   *
   * @param env default: `process.env`, or Deno's
   * @throws QuotaAwareError `CONFIG_INVALID` where no key is found
   */
  static fromEnv(env?: Record<string, string | undefined>, options?: FromEnvOptions): QuotaAwareAPI;

  /**
   * Calls an endpoint with whichever key can serve, and resolves to the provider's `Response`, untouched. A refusal that
   * no other key would change (400, 404, 413, …) is a Response too, returned after one attempt.
   *
   * The key goes into the header of the provider's dialect; credentials of the caller's own and `?key=` are taken out (at
   * providers' own hosts also `api_key` and `access_token`). No header is added but the key's. A redirect is never followed:
   * the key would go along. It ends the call with `REDIRECTED` after one attempt, unless `init.redirect` is `"manual"`: then
   * it is the Response.
   *
   * Bodies are sent as they are, not copied: what is changed before the last attempt is sent so. A string, bytes, a Blob, a
   * file on disk (`openAsBlob`), FormData and URLSearchParams can be sent again. A ReadableStream, an async iterable and a
   * stream of Node can be sent once (`duplex: "half"` is set where it is missing); they may wait for their turn like any other,
   * and where a second attempt would have been made, the call rejects with `BODY_NOT_REPLAYABLE`, with the provider's refusal
   * as its `response`, or the host's error as its `cause`. Pages can send streams by HTTP/2 alone. The body of a `Request` is
   * read into memory before the first attempt; give a large one beside a URL instead, as a Blob or as a stream. All else that
   * an init has (`credentials`, `cache`, `keepalive`, `dispatcher`, `cf`, …) reaches `fetch` untouched in every attempt; the
   * `dispatcher` of a `Request` does not, since nobody can read it.
   *
   * An aborted `init.signal` rejects with its own reason, and frees the call's place at once.
   *
   * A call for a stream (`:streamGenerateContent`, `"stream": true`, or answered by `text/event-stream`) resolves at the first
   * content of its answer. An error in a stream, a cut or a time-out before that is tried elsewhere, unseen. Afterwards the
   * body has the provider's bytes as they come; if it breaks, it errors with `STREAM_BROKEN`, whose `cause` is the connection's
   * error or the provider's (`cause.verdict`). A stream that simply ends before any finish reason, or its dialect's mark of the
   * end, is broken too; `[DONE]` may be missing after the last `finish_reason`. Its `Response` is one in place of the host's.
   *
   * With `quota.explain` the `Response` has one more property, `quota`, which is not enumerable: which key answered, and
   * the account of all that was decided on the way. Nothing else of it is touched.
   *
   * @param endpoint an absolute URL whose origin is the provider's own or one of `options.allowedOrigins`; or a path,
   *   where `options.baseURL` is given
   * @throws (rejects) QuotaAwareError when no key could serve
   */
  call(endpoint: string | URL | Request, init: CallInit & { quota: { explain: true } }): Promise<ExplainedResponse>;
  /** Calls an endpoint with whichever key can serve, and resolves to the provider's `Response`, untouched. */
  call(endpoint: string | URL | Request, init?: CallInit): Promise<CallResponse>;

  /**
   * Drop-in `fetch`, bound: hand it to any SDK. Rejects as `fetch` does, for aborts and unreachable servers; when no key
   * has quota it resolves to a 429 with `Retry-After`, marked `x-should-retry: false`: the retrying has been done.
   * `init.quota` works here too; whoever can only set headers reads the accounts from {@link QuotaAwareAPI.explain}.
   */
  readonly fetch: typeof globalThis.fetch;

  /**
   * Puts {@link QuotaAwareAPI.fetch} in the place of the global one, for SDKs and programs that can't be handed a `fetch`. From then on
   * `globalThis.fetch` goes through this instance where keys of it may be sent (the providers' own origins, those of
   * `allowedOrigins` and `baseURL`) and it has a key for the provider. Everything else reaches the `fetch` that was there
   * before, with the same arguments. The calls of this instance itself go out by that one too.
   *
   * May be called by several instances and several times: the installation that came last is asked first, each ends by its
   * own handle, in any order. What others have put on top meanwhile stays. `close()` ends them all.
   *
   * What has taken hold of the global `fetch` before (`const { fetch } = globalThis`) does not notice: install first.
   *
   * @throws QuotaAwareError `CONFIG_INVALID` where the host has no global `fetch`, or one that can't be replaced
   */
  install(): Installation;

  /**
   * A text in, a text out: asks a model, and hands over what it says, whichever provider the keys are for. By way of
   * {@link QuotaAwareAPI.call}, so everything about keys, limits and waiting is as it is there.
   *
   * Speaks Gemini's native API, OpenAI's chat (OpenAI, Groq, and whatever `options.baseURL` of the constructor leads to) and
   * Anthropic's messages.
   *
   * With `stream: true` it returns, at once, what can be iterated piece by piece (see {@link TextStream}); with a `schema`
   * the result has `json`, parsed. `T` is what the caller says it is: the answer is looked at (types, enums, required
   * properties, items), but a schema can say more.
   *
   * @example
   * const { text } = await api.generate('Say hi');
   * const { json } = await api.generate<{ name: string }>('Who wrote this?', { schema, images: [photo] });
   * for await (const piece of api.generate('Tell me a story', { stream: true })) process.stdout.write(piece);
   *
   * @throws (rejects) QuotaAwareError
   *   `BLOCKED` where the provider refuses the content, or stops in its middle: no other key would change it.
   *   `NO_ANSWER` where there is no text, or with a schema none that is JSON and fits; `error.answer` has what came.
   *   `REFUSED` where the provider refuses the request (400, 404, 413, …), with its words in the message.
   *   `STREAM_BROKEN` where the answer broke off; `error.answer.text` has what came.
   *   `CONFIG_INVALID` where the prompt or an option is wrong; and whatever {@link QuotaAwareAPI.call} rejects with.
   */
  generate<T = unknown>(prompt: string, options: GenerateOptions & { schema: object; stream: true }): TextStream<GeneratedJson<T>>;
  /** A text in, pieces of text out. */
  generate(prompt: string, options: GenerateOptions & { schema?: undefined; stream: true }): TextStream;
  /** A text in, JSON out that keeps to the schema. */
  generate<T = unknown>(prompt: string, options: GenerateOptions & { schema: object; stream?: false }): Promise<GeneratedJson<T>>;
  /** A text in, a text out. */
  generate(prompt: string, options?: GenerateOptions & { schema?: undefined; stream?: false }): Promise<Generated>;
  /** The same where it is not known before the program runs whether it is a stream. */
  generate(prompt: string, options?: GenerateOptions): Promise<Generated> | TextStream;

  /** The turn goes to the next key, wrapping. With a session (strategy `assigned`), only that session moves on. */
  rotateKey(session?: string): void;
  /**
   * Resolves after the configured back-off.
   * @param attempt counted from 0: `workshop` waits 100, 200, 400, 800, 1600, 2000, 2000 … ms
   */
  backoff(attempt: number): Promise<void>;
  /** Counters since the start. */
  getStats(): Stats;
  /**
   * All counters of {@link QuotaAwareAPI.getStats}, of each key, of the cache and of fallbacks begin anew. Uptime, quota, health, the
   * rotation history and {@link QuotaAwareAPI.getUsage} stay as they are.
   */
  resetStats(): void;
  /**
   * Prints current key, totals, success rate, uptime, latency, tokens, waits, queue and alerts, and a line for each key: how it is,
   * how much is left of the tightest limit that is known of its project, what became of its requests, and when it returns.
   *
   * In a terminal with colours and bars, as wide as it is; everywhere else in plain ASCII lines that a script can search. The
   * environment's `FORCE_COLOR` and `NO_COLOR` are heeded.
   * @param log default `console.log`; lines are plain where another is given
   */
  printStats(log?: (line: string) => void, options?: PrintOptions): void;

  /** Whether some key could serve a call now; of this model, where one is named. */
  hasAvailableKeys(model?: string): boolean;
  /** The id of the key that the next call would take; null where none can serve now. Looking changes nothing. */
  getNextAvailableKey(model?: string): string | null;
  /** The id of a session's own key under strategy `assigned`: the same until that key is invalid or removed. */
  getKeyForSession(session: string): string | null;
  /** The turn goes to this key. @param id its id, or its number from 1 */
  switchToKey(id: string | number): void;
  /** Forgets refusals, cooldowns and invalidity of a key, its project and its pools; of all, where no key is named. A key that was
   *  taken out by hand stays out. */
  resetQuotaFlags(id?: string): void;
  /**
   * Sends one minimal real request with this key, whatever its health. A good answer restores the key.
   * Gemini: one generated token of `model`, which costs one request of quota. Others: a list of models, or one token
   * where a model is named.
   * @param options.model default: the model of the last call to where this key is tested, else the provider's smallest alias
   */
  testKey(id: string, options?: { model?: string }): Promise<KeyTest>;
  /**
   * Tests every key, one after the other.
   * @param options.model as with {@link QuotaAwareAPI.testKey}
   */
  testAllKeys(options?: { model?: string }): Promise<KeyTest[]>;
  /** Adds a key at run time, and returns its id. Waiting calls may go with it at once. */
  addKey(key: string | KeyConfig): string;
  /**
   * Removes a key; calls under way with it end as they would have. False where there is no such key.
   * @throws QuotaAwareError `CONFIG_INVALID` for the last key
   */
  removeKey(id: string): boolean;
  /**
   * Takes a key out until {@link QuotaAwareAPI.enableKey} puts it back: no call is sent with it but a test, whatever it is found to
   * be meanwhile. Calls under way with it end as they would; calls that wait go with others, or are told that none is left. The
   * last key may be taken out too: the state is then `exhausted`. Its health is `disabled`, the reason "taken out by hand".
   * @returns false where it was out already
   * @throws QuotaAwareError `CONFIG_INVALID` where there is no such key
   */
  disableKey(id: string): boolean;
  /**
   * Puts a key back that was taken out. What was held against it (a refusal, a cooldown) holds on.
   * @returns false where it was not out
   * @throws QuotaAwareError `CONFIG_INVALID` where there is no such key
   */
  enableKey(id: string): boolean;
  /**
   * Tests keys now and then from now on, the first time after one interval; what was started before ends. Each check sends one
   * request for each key that is down by errors, not accepted, or to be tried again, and one for the first key that is up; for a
   * key whose quota is used up none (it returns by the clock), nor for one that is not allowed, was reported as leaked, or was
   * taken out by hand. One check at a time. A key that tests well is back. Never keeps a process alive.
   * @param options.interval milliseconds, from 1000. @default that of `Options.healthCheck`, else 1800000
   * @param options.model as with {@link QuotaAwareAPI.testKey}; not for fallbacks' keys, which are tested as well
   * @throws QuotaAwareError `CONFIG_INVALID` on the edge, where no timer outlives a request
   */
  startHealthChecks(options?: { interval?: number; model?: string }): void;
  /** Ends health checks, whoever has started them. May be called where there are none. */
  stopHealthChecks(): void;
  /** New limits for the project of a key, from now on. */
  setLimits(id: string, limits: Limits | Record<string, Limits>): void;

  /**
   * Forgets all answers that were kept ({@link Options.cache}). Calls under way are answered, and theirs are not kept either.
   */
  clearCache(): void;

  /** Now: keys, pools, queue. */
  getStatus(): Status;
  /**
   * What was used over time: by key, pool, session, operation and verdict, by minute, hour or day. Kept in memory, as
   * {@link Options.usage} says; exact, but for percentiles (within 1 %). Attempts count in the minute in which they end, tokens
   * in that in which an answer tells of them.
   *
   * @param query which time, and whose. @default the last seven days of everybody
   * @throws QuotaAwareError `CONFIG_INVALID` where the query has a mistake, or `options.usage` is false
   */
  getUsage(query?: UsageQuery): UsageReport;

  /**
   * Metrics in Prometheus' text format (0.0.4; `text/plain; version=0.0.4`), for a scrape of yours to return: attempts by verdict,
   * histograms of latencies and waits, keys, quota used and known limits by project and model, the queue, alerts. All names
   * begin with `quota_aware_`. Keys are named by their ids, which are labels: choose few and lasting ones.
   */
  toPrometheus(): string;

  /** The last moves from one key to another, newest first. @param limit default 100, at most 1,000 are kept */
  getRotationHistory(limit?: number): RotationEvent[];

  /**
   * The accounts of the calls that ended last, newest first: which keys were passed over and why (with the arithmetic of the
   * limit), what the call waited for, how each attempt ended. Kept for the last 100 calls, asked for or not; keys that
   * were passed over are named up to eight, or all of them where the call said `quota: { explain: true }`.
   * @param limit whole number from 0. @default 1
   */
  explain(limit?: number): CallTrace[];

  /**
   * Gives out what is known of attempts (`Options.sink`), and waits until every sink has written it; after `close()`, until they
   * are closed. To be awaited before a program ends by `process.exit()`, or a worker's request is over.
   * @param timeout how long to wait, in milliseconds: a sink may never come back. @default 10000
   * @returns false where that was not long enough
   */
  flush(timeout?: number): Promise<boolean>;

  /**
   * What this instance knows, as plain data that outlives it: counters, cooldowns, what is used of the present minute and day,
   * limits and habits that were learned, and usage over time (what `getUsage()` tells). `JSON.stringify` it into a file or a
   * store, now and then and at the end. No secret is in it. Calls are not in it; those under way count as sent.
   *
   * Its size is bounded: some 2 KB, for each pool in use up to 20 KB, and for usage over time some 33 bytes a cell: 650 KB of a
   * full history with `usage.maxCells` as it is by default. Of more than 50,000 cells the oldest minutes are left out, then
   * hours, then days.
   */
  snapshot(): Snapshot;

  /**
   * Goes on where the instance that took a snapshot was; best before the first call. What it had counted and used counts
   * besides what this one has done itself, so a snapshot is restored once. Time goes on in between: what has reopened is open,
   * what has left its window is gone. Of usage over time as much is kept as `Options.usage` has room for, that of keys and
   * projects that are not configured any more included; none where it is `false`.
   *
   * On the edge within a request: outside of one the clocks stand still in 1970. Keys are known by their ids. One whose secret is another now (its last three characters differ) takes over the quota of its
   * project, and not the old one's health. What is configured now stands above what was learned then; keys, projects and
   * models that are not configured any more are ignored; but what a project with a name has used of its day, and what it is
   * closed for, counts if a key joins it later. A snapshot from the future (a clock was set back) is taken for one of
   * this moment, and nothing in it closes anything for longer than 31 days.
   * @returns what is known again
   * @throws QuotaAwareError `SNAPSHOT_INVALID` where it is damaged, or of a version that can't be read; then nothing has changed
   */
  restore(snapshot: Snapshot): Restored;

  /**
   * Ends service in good order: from now on new calls reject with `DRAINING`, and what has begun comes to its end: attempts
   * under way, waiting calls, streams until they are read. For good: `close()` is all that can follow. May be called
   * again, for another wait.
   * @param timeout milliseconds; 0 to 2,147,483,647. @default 30000
   * @returns once nothing is left, or the time is up, or `close()` was called: what is left then. It does not reject for that.
   */
  drain(timeout?: number): Promise<Drained>;

  /** Ends everything: calls under way are aborted, all calls that are not over reject with `CLOSED`. Idempotent. */
  close(): void;
  /** The same as {@link QuotaAwareAPI.close}, where the host has `Symbol.dispose`. */
  [Symbol.dispose](): void;

  /** Listens to one of the events of {@link QuotaEventMap}, with its `detail` typed; as every `EventTarget` does it. */
  addEventListener<K extends keyof QuotaEventMap>(type: K, listener: (event: QuotaEventMap[K]) => void, options?: ListenerOptions): void;
  /** The same by any name, and with an object as the listener. */
  addEventListener(type: string, callback: Listener | null, options?: ListenerOptions): void;
}

/**
 * What an instance knew at a moment: plain data for {@link QuotaAwareAPI.restore}, of this version of the package or of one
 * that comes after it. What is in it besides these may change with its version.
 */
export interface Snapshot {
  /** Of the format. */
  version: number;
  /** When it was taken; Unix milliseconds. */
  at: number;
  /** All else. */
  [part: string]: unknown;
}

/** What {@link QuotaAwareAPI.restore} has found, fallbacks with keys of their own included. */
export interface Restored {
  /** Keys that are known again. */
  keys: number;
  /** Pools (a project's quota for a model) that are known again. */
  pools: number;
  /** Keys and pools that no configured key stands for any more. */
  ignored: number;
}

/** What {@link QuotaAwareAPI.drain} has left, fallbacks with keys of their own included. */
export interface Drained {
  /** Whether nothing is left. */
  done: boolean;
  /** Calls that wait, for quota or by their back-off. */
  waiting: number;
  /** Attempts under way. */
  inFlight: number;
  /** Streams that nobody has read to their end. */
  streams: number;
}

/** What the host's `EventTarget` takes for a listener: a function, or an object with `handleEvent`. */
export type Listener = NonNullable<Parameters<EventTarget['addEventListener']>[1]>;

/** What the host's `EventTarget` takes beside a listener: `once`, `signal`, … By this way pages' types are not needed under Node. */
export type ListenerOptions = Parameters<EventTarget['addEventListener']>[2];

/** How {@link QuotaAwareAPI.printStats} shows itself. */
export interface PrintOptions {
  /** With colours and bars, or in plain lines. @default whether it goes to a terminal that has colours */
  color?: boolean;
  /** Columns, a whole number from 1. @default the terminal's, else 80 */
  width?: number;
}

/** What {@link QuotaAwareAPI.install} has put in place. */
export interface Installation {
  /** Ends it: the global `fetch` is the one from before, or once what others have put on top is gone; calls under way end as they
   *  would have. May be called again. */
  restore(): void;
  /** The same, where the host has `Symbol.dispose`: `using _ = api.install()`. */
  [Symbol.dispose](): void;
}

// ---------------------------------------------------------------- configuration

/** What {@link QuotaAwareAPI.fromEnv} takes: the options of the constructor, and how names in the environment begin. */
export interface FromEnvOptions extends Options {
  /**
   * Only names that begin with it count: `PRODUCTION_` reads `PRODUCTION_GEMINI_KEY_1`, for keys of several environments side by
   * side. @default ""
   */
  envPrefix?: string;
}

/** A key, and what is known of it. A plain string stands for `{ key }`. */
export interface KeyConfig {
  /** The secret. Never appears in any output of this package. Characters that a header can't carry are refused. */
  key: string;
  /** Unique. @default "key-1", "key-2", … */
  id?: string;
  /** @default `Options.provider`, else told by the key's prefix, else any provider whose endpoint is called */
  provider?: ProviderName;
  /** Keys of one project share its quota. @default a project of its own */
  project?: string;
  /** Models that this key may serve. @default all */
  models?: string[];
  /** Limits of its project, for all models or by model (`"*"`: every other one). @default `Options.limits` */
  limits?: Limits | Record<string, Limits>;
  /** Its share under `weighted`: a whole number from 1. @default 1 */
  weight?: number;
  /** Its rank under `priority`; 1 is tried first. @default 1 */
  priority?: number;
  /** For example "light" or "heavy": served first to calls of the same workload. @default none */
  workload?: string;
}

/**
 * What a pool allows. Whole numbers from 1. Omitted: not known, and learned from what the provider answers. A limit that
 * the provider states beats a preset's, and beats a declared one where it is lower.
 */
export interface Limits {
  /** Requests per minute. @default learned */
  rpm?: number;
  /** Tokens per minute: input tokens for Gemini, input and output for everybody else. @default learned */
  tpm?: number;
  /**
   * Requests per day. Gemini's ends at 00:00 UTC or at midnight in Los Angeles (recordings and documents disagree): both
   * are counted until one call, sent in doubt, has shown which. Everybody else's is the last 24 hours. @default learned
   */
  rpd?: number;
  /** Tokens per day. @default learned */
  tpd?: number;
  /** Requests under way at once. @default as many as there are */
  concurrency?: number;
  /** How many of `rpm` may go at once. @default all */
  burst?: number;
}

/** keys.json of the rotation report, read as it stands. Secrets come from the environment, as `GEMINI_KEY_<key_id>`. */
export interface KeysFile {
  /** One entry a key. */
  keys: KeysFileEntry[];
  /** Ids in the order in which they are tried. @default as in `keys` */
  fallback_order?: string[];
  /** "smart" is `least-loaded`; "quest" is `assigned`, quest n on key n mod k. @default "round-robin" */
  rotation_strategy?: Strategy | 'smart' | 'quest';
  /** Between two health checks, in seconds. @default none are made */
  health_check_interval?: number;
  /** The share of a limit whose crossing raises the first `quota-warning`: 0 to 1; those of `Options.warnAt` above it come as well. @default 0.8 */
  quota_warning_threshold?: number;
}

/** A key in a {@link KeysFile}, in the names of the rotation report. */
export interface KeysFileEntry {
  /** Its id, and the end of the variable's name that has its secret. */
  key_id: string;
  /** The secret itself, where it is not in the environment. Better there. @default `GEMINI_KEY_<key_id>` and its relatives */
  key?: string;
  /** The one model that it may serve; its limits are this model's. @default all */
  model_name?: string;
  /** A {@link ProviderName}. @default `Options.provider`, else told by the name of the variable */
  provider?: string;
  /** Requests per minute. @default learned */
  rpm?: number;
  /** Tokens per minute. @default learned */
  tpm?: number;
  /** Requests per day. @default learned */
  rpd?: number;
  /** How many of `rpm` may go at once. @default all */
  burst_capacity?: number;
  /** Its rank under `priority`; 1 is tried first. @default 1 */
  priority?: number;
  /** Served first to calls of the same workload. @default none */
  workload_type?: string;
  /** Keys of one project share its quota. @default a project of its own */
  project?: string;
  /** Its share under `weighted`. @default 1 */
  weight?: number;
}

/**
 * Whose API it is: where keys go, which header carries them, and how limits and refusals are told. `gemini`, natively and by its
 * endpoint for OpenAI's form; `groq`; `openai`; `anthropic`; `openai-compatible`: every other API that speaks OpenAI's.
 */
export type ProviderName = 'gemini' | 'groq' | 'openai' | 'anthropic' | 'openai-compatible';

/** How a key is chosen among those that can serve. */
export type Strategy =
  /** Every request takes the next available key. The default. */
  | 'round-robin'
  /** Stay on one key until it can't serve, then on the next. */
  | 'failover'
  /** The key with the largest share of quota left. */
  | 'least-loaded'
  /** In proportion to the keys' weights, smoothly. */
  | 'weighted'
  /** The lowest priority number first, in turn among equals. */
  | 'priority'
  /** A stable key for each `quota.session`; `least-loaded` while that key can't serve. */
  | 'assigned';

/** Retry manners of a source system, or a dated table of known limits: what each of them sets stands with {@link Options.preset}. */
export type Preset =
  /** The workshop's class: short waits, between keys too. */
  | 'workshop'
  /** The quota handler: long waits. */
  | 'handler'
  /** The quest app: few tries, long cooldowns, a key for each quest. */
  | 'quest'
  /** Limits of Gemini's free tier. */
  | 'gemini-free'
  /** Limits of Groq's free plan. */
  | 'groq-free';

/** How an instance works. Every option has a default; an unknown name or a wrong value is `CONFIG_INVALID`. */
export interface Options {
  /** @default told from each endpoint's host or path */
  provider?: ProviderName;
  /** @default "round-robin" */
  strategy?: Strategy;
  /** Limits of every project whose keys name none, for all models or by model (`"*"`: every other one). @default learned */
  limits?: Limits | Record<string, Limits>;
  /**
   * Whole sets of values, one or several; single options beside them win. At most one of retry manners:
   * `workshop`: 100 ms doubling to 2 s without jitter, between keys too, as many sends as keys.
   * `handler`: a base of 15 s with jitter, five sends. `quest`: three sends, cooldowns of 60 s and 30 s, quest n on key n mod k.
   *
   * And tables of known limits, for models of which nothing is declared. They are hearsay with a date: providers change
   * such numbers without notice, and what one answers beats them.
   * `gemini-free`: the free tier's flash and flash-lite models, speech and embeddings, as of October 2026, from users'
   * reports and recorded refusals. `groq-free`: the free plan as of July 2026, from a users' list.
   * @default none
   */
  preset?: Preset | readonly Preset[];
  /** Sends per call at most, the first included; 0 and 1 both mean one. @default projects + 2, at most 10 */
  maxRetries?: number;
  /** Length of the per-minute window, in milliseconds. @default 60000 */
  resetInterval?: number;
  /** One line per attempt, on the console or to a function. @default false */
  verbose?: boolean | ((line: string) => void);
  /**
   * Who gets a record of every attempt: fallbacks' and tests of keys included, answers from the cache not, since nothing was
   * sent. Written in batches some time after the call (a tenth of a second), one write at a time for each sink; what a sink does
   * touches no call. Ten thousand records may wait for it, then the oldest are dropped. `close()` writes what is left; `flush()`
   * waits for it. On the edge, where no timer outlives a request, only `flush()` writes: `ctx.waitUntil(api.flush())`.
   * Ready-made ones are in `quota-aware-api/sink-file`, `/sink-sqlite` and `/sink-indexeddb`. @default none, and nothing is recorded
   */
  sink?: Sink | readonly Sink[];
  /** Waits before the same pool is tried again: `random(0, min(max, base · factor^n))`. @default 500, 30000, 2, "full" */
  backoff?: {
    /** Milliseconds. @default 500 */
    base?: number;
    /** Milliseconds; no wait is longer. @default 30000 */
    max?: number;
    /** From one wait to the next. @default 2 */
    factor?: number;
    /** `full`: from nothing to all of it; `equal`: from half of it; `none`: all of it. @default "full" */
    jitter?: 'full' | 'equal' | 'none';
  };
  /**
   * `rateLimit` closes a pool after a per-minute refusal without a hint (to the end of the observed window).
   * `error` (30 s) closes a key after `errorThreshold` (3) errors in a row, doubling to 5 minutes. @default those
   */
  cooldown?: {
    /** Of a pool, in milliseconds. @default to the end of the observed window */
    rateLimit?: number;
    /** Of a key, in milliseconds; each further one is twice as long, up to 5 minutes. @default 30000 */
    error?: number;
    /** Errors in a row that cause one. @default 3 */
    errorThreshold?: number;
  };
  /** One purse for all calls: a retry on the same pool costs 5, after a time-out 10, a success returns `refill`. @default 100, 1 */
  retryBudget?: {
    /** What the purse holds at most, and at first. @default 100 */
    capacity?: number;
    /** What a success returns. @default 1 */
    refill?: number;
  } | false;
  /** One attempt, in milliseconds: to its response headers; of a stream, to the first content of its answer. @default 60000 */
  timeout?: number;
  /**
   * How long the reader of a stream waits for its next piece, in milliseconds; then the stream errors with `STREAM_BROKEN`
   * and its request is ended. Only while somebody reads: who takes long over a piece is not hurried.
   * @default 30000
   */
  chunkTimeout?: number;
  /** One call, waiting and retries included, in milliseconds. @default 120000 */
  deadline?: number;
  /**
   * Waiting for quota: `maxWait`, the longest a call may be kept waiting (60000); `maxSize`, how many calls at once (1000,
   * and 50 of one session). A call whose promised start lies later than `maxWait` or its deadline is refused at once.
   * `fair` (true): calls of different `quota.session`s take turns, also within a priority, and a session that has had more
   * than its share leaves room for others. False: who came first goes first. @default those
   */
  queue?: {
    /** Milliseconds. @default 60000 */
    maxWait?: number;
    /** Calls. @default 1000 */
    maxSize?: number;
    /** Whether sessions take turns. @default true */
    fair?: boolean;
  };
  /**
   * Tried in order when no key can serve: quota used up or too far away, keys not accepted, attempts used up, the queue full, a
   * request above a limit, an overloaded model after two more tries. Never for what a provider says of a request (400, 404,
   * 413, a block): that is a `Response`, a fallback's too. Nor after an abort, nor once the call's deadline has passed.
   *
   * One deadline and one number of attempts hold for all together: `maxRetries` where it is given, else what each has alone,
   * at most 10. Each later one is left an attempt, and up to 15 s of the time (a handler: 1 s), together less than half.
   * The choice is on the response ({@link CallResponse}) and in the event `fallback`. If all fail, the error is that of the
   * instance's own keys, and `error.fallbacks` has the others'. At most 10. @default none
   */
  fallback?: readonly Fallback[];
  /**
   * Whether sends are spread over the minute. `auto`: at once while a minute's quota can take all that wait, spread for
   * those who find more waiting than that. `burst`: always at once. `even`: always spread, at steps of a minute divided by `rpm`.
   * @default "auto"
   */
  pacing?: 'auto' | 'burst' | 'even';
  /**
   * How the provider's minute runs. `auto`: taken to roll, the strictest, until answers show that it begins anew at fixed
   * instants. At most two calls in a client's life are sent above a limit to find that out: only to Gemini and compatible
   * APIs, only where many wait for long on three or more projects, and never where a day has fewer than 250 requests. Once it is
   * known to be fixed, one call crosses each project's boundary first. One that is refused costs its call one more
   * attempt. `rolling`: no such call is ever sent.
   * @default "auto"
   */
  minute?: 'auto' | 'rolling';
  /**
   * The share of each minute that only calls of a workload may use: `{ chat: 0.3 }` keeps 30 % free of everything but
   * `quota: { workload: "chat" }`. Each above 0, less than 1 in all. One request a minute is left to everybody.
   * @default none
   */
  reserve?: Record<string, number>;
  /**
   * Limits are counted and told, and nothing waits for them: what they would do, before they do it. `Stats.heldBack` counts
   * the attempts that a limit would have kept waiting. @default false
   */
  shadow?: boolean;
  /**
   * How often one `quota.session` may call: so many times a second on average (10), and so many at once (20). Whoever calls
   * more often is refused at once, with `SESSION_LIMIT` and `retryAfter`. Whole numbers from 1. @default as often as it likes
   */
  sessionRate?: {
    /** Calls a second, on average. @default 10 */
    perSecond?: number;
    /** Calls at once. @default 20 */
    burst?: number;
  };
  /**
   * Answers the same question from memory: `true`, or how many answers (1,000), how long (15 minutes), and how many bytes with
   * their questions (32 MiB); the least lately used goes first, and what would take more than an eighth of the bytes is not
   * kept.
   *
   * By the option: what is asked of a model and leaves nothing behind there (`generateContent`, completions, messages,
   * embeddings, token counts), unless a call says `quota: { cache: false }`. Without the option: calls that say
   * `quota: { cache: true }`, whatever they are. The same question is the same method, URL, body and headers, those of
   * credentials and tracing aside; who asks (`session`) does not matter. Equal calls that are under way at once and ask the
   * scheduler for the same are sent once.
   *
   * Kept are whole answers with a status of success and without an error in them. Streams are neither kept nor merged, nor
   * are calls whose body is neither a string nor bytes of text. Time is `Options.now`. @default false
   */
  cache?: boolean | {
    /** Answers. @default 1000 */
    maxEntries?: number;
    /** How long an answer is kept, in milliseconds. @default 900000 */
    ttl?: number;
    /** Bytes of answers and their questions. @default 33554432 */
    maxBytes?: number;
  };
  /**
   * What of the past is counted and kept in memory for {@link QuotaAwareAPI.getUsage}; false: nothing. Older than that goes
   * first, then the oldest minutes, hours and days beyond `maxCells`. A minute that has more than an eighth of them no longer
   * tells its new sessions and operations apart. 2,000 sessions are told apart, and 200 operations. @default as below
   */
  usage?: {
    /** Minutes that are kept. @default 240 */
    minutes?: number;
    /** Hours that are kept. @default 192 */
    hours?: number;
    /** Days that are kept, as UTC has them. @default 92 */
    days?: number;
    /** One cell for each key, model, session, operation and verdict that have met in a minute, hour or day; some 100 bytes. @default 20000 */
    maxCells?: number;
  } | false;
  /**
   * What kinds of tasks usually ask for, by name: `{ "quest-1": { model: "gemini-3.8-flash", temperature: 0.2, maxTokens: 150 } }`.
   * A call takes one with `quota: { profile: "quest-1" }`. @default none
   */
  profiles?: Record<string, Profile>;
  /** Origins, besides the providers' own, where keys may be sent. Loopback too only where it is named. @default none */
  allowedOrigins?: string[];
  /** Where paths without a host and key tests go. Its origin is allowed by being named. @default none: URLs are absolute */
  baseURL?: string;
  /** Health checks from the start, as of {@link QuotaAwareAPI.startHealthChecks}: keys that are down are tested now and then, and one
   *  that is up; a request each. Never keeps a process alive. Not on the edge (workerd, Next's edge runtime), where it throws
   *  `CONFIG_INVALID`: no timer outlives a request there. @default false */
  healthCheck?: {
    /** Milliseconds, from 1000. @default 1800000 */
    interval?: number;
  } | false;
  /** Prints the stats after every so many attempts. @default never */
  printStatsEvery?: number;
  /** The share of a limit whose crossing raises `quota-warning`, or up to ten of them; each is told once a window. None: `[]`.
   *  From the lowest on, `Pace.signal` is `slow`. @default [0.8, 0.95] */
  warnAt?: number | readonly number[];
  /** When alerts are raised ({@link Status.alerts}, and the events `alert` and `alert-over`). `false`: never. Rates are those of the
   *  last 100 to 200 attempts. @default those below */
  alerts?: {
    /** The share of a key's attempts that should be served: above 0, at most 1. @default 0.8 */
    successRate?: number;
    /** The share of all attempts that may fail other than for quota: above 0, at most 1. @default 0.1 */
    errorRate?: number;
    /** As long as there are no more attempts, they say nothing about a rate: a whole number from 1 to 50. @default 10 */
    minRequests?: number;
    /** Whether it is noted ({@link Status.notices}) that several keys of one provider name no project. @default true */
    terms?: boolean;
  } | false;
  /**
   * Who is told when the state changes, the last key goes down, service is restored, an alert begins or is over: functions,
   * webhooks, or several of them, each in the order of events. Nothing that they do harms a call: what they throw, and what takes
   * them long, is theirs. After `close()` nobody is told anything. How they do is in {@link Stats.notifications}. @default nobody
   */
  notify?: Hook | readonly Hook[];
  /** False: only the first key is used. @default true */
  enableRotation?: boolean;
  /** `single-key`: instead of throwing, start with the first key and those options that are right, with a warning. @default "throw" */
  onBadConfig?: 'throw' | 'single-key';
  /** Instead of the host's. It must honour `init.signal`. @default `globalThis.fetch`, as it is at each call */
  fetch?: typeof globalThis.fetch;
  /**
   * Texts instead of the English ones, by name: of errors and their reports, and of {@link Status.summary}. Strings with
   * `{placeholders}`, or functions of the same facts; {@link TextFacts} has them all, and what each is given. An unknown name is
   * `CONFIG_INVALID`. A function that throws, or returns no string, leaves the English in place. Of this instance, and of
   * its fallbacks. English stays what names the path of an option (`CONFIG_INVALID`), being for whoever writes the program.
   * @example
   * messages: { QUOTA_EXCEEDED: 'Das Kontingent ist aufgebraucht.', 'span.seconds': ({ seconds }) => `${seconds} Sek.` }
   * @default English
   */
  messages?: Messages;
  /** For tests: milliseconds since the epoch. @default the host's clock */
  now?: () => number;
  /** For tests: [0, 1). Drawn from once, for the seed. @default `Math.random` */
  random?: () => number;
  /**
   * The engine's module, for whoever has it already: compiled, by a worker's parent or by
   * `WebAssembly.compileStreaming(fetch(…))`, or its bytes. Only that of the package's own version will do: the file
   * `quota-aware-api/core.wasm`. The first instance of a program starts the engine; those after it share it.
   * @default the one inside the package
   */
  wasm?: CompiledModule | ArrayBuffer | ArrayBufferView;
}

/** Who is told: a function, called soon after the event and not waited for, or a webhook. On the edge (workerd, Next's edge runtime)
 *  functions only: a request can't be sent outside of a caller's there. A function may send by itself, within `ctx.waitUntil`. */
export type Hook = ((notice: HookNotice) => unknown) | Webhook;

/**
 * A URL to which each notice is POSTed, by the host's own `fetch`: never through an instance, and never with a key. One after the
 * other. What is not answered in time, or by 408, 429 or 5xx, is sent once more a second later; redirects are not followed. At most
 * 100 wait, then the oldest is dropped. No timer of it keeps a process alive; a request under way does, until its time is up.
 */
export interface Webhook {
  /** `http:` or `https:`. It may be a secret: only its origin is ever shown, in {@link Stats.notifications}. */
  url: string | URL;
  /** Sent along: `{ authorization: 'Bearer …' }`. @default `content-type: application/json` */
  headers?: Readonly<Record<string, string>>;
  /** What it is told. @default everything */
  events?: readonly NotifyEvent[];
  /** `json`: a {@link HookNotice}. `slack`: `{ text }`, which Slack, Mattermost, Google Chat and others take. @default "json" */
  format?: 'json' | 'slack';
  /** One request, in milliseconds. @default 10000 */
  timeout?: number;
}

/** What hooks are told; each is an event of {@link QuotaEventMap} too. */
export type NotifyEvent =
  /** The state of everything is another. */
  | 'state'
  /** The last key went down. */
  | 'all-keys-down'
  /** The first came back. */
  | 'service-restored'
  /** An alert has begun. */
  | 'alert'
  /** An alert is over. */
  | 'alert-over';

/** What a hook gets. No secret is in it: keys are named by their ids. */
export interface HookNotice {
  /** Which event. */
  readonly type: NotifyEvent;
  /** Instant of the event. */
  readonly at: number;
  /** For people, in a sentence. */
  readonly message: string;
  /** As of then. */
  readonly state: Status['state'];
  /** The instance's own, as of then. */
  readonly keys: {
    /** How many there are. */
    readonly total: number;
    /** How many can serve, or may be tried. */
    readonly available: number;
  };
  /** Of `alert` and `alert-over`. */
  readonly alert?: Alert & {
    /** Instant at which it was told. */
    readonly since: number;
  };
}

/** A `WebAssembly.Module`, of whatever realm or thread. Its type has no members, and not every host's types know it, so any object compiles. */
export type CompiledModule = object;

/**
 * What is tried when no key can serve within `queue.maxWait`.
 *
 * `{ model }`: another model, by the instance's own keys. For calls that generate text.
 *
 * `{ provider, model, keys }`: another provider, by keys of its own, which go to its own origin only, or to that of its
 * `baseURL`. For chat calls, whole or streamed. A caller in OpenAI's form is answered in that form, by Gemini's endpoint for
 * it too. For a caller of Gemini the request is translated to OpenAI's chat, and its answer back: text, system instructions,
 * pictures, functions, JSON by schema; another `gemini` without a `baseURL` is asked natively. Anthropic's messages are
 * not translated: `anthropic` serves callers of Anthropic. What can't be carried is named (`NOT_TRANSLATABLE` in
 * `error.fallbacks`) and the next fallback is tried, unless `leaveOut` allows to leave it out. Of the caller's headers only
 * the content type goes along, and Anthropic's own.
 *
 * `{ handler }`: an answer that the program makes up. Only as the last. Its response gets the header
 * `x-quota-aware-fallback: handler`.
 */
export type Fallback =
  | {
    /** The other model. */
    model: string;
    provider?: undefined;
    keys?: undefined;
    handler?: undefined;
  }
  | {
    /** Whose API it is. */
    provider: ProviderName;
    /** The model that answers there. */
    model: string;
    /** Default ids are `fallback-<step>-key-1`, …; given ones differ from those of all other keys. */
    keys: readonly (string | KeyConfig)[];
    /** Where `/chat/completions` is found: `https://openrouter.ai/api/v1`. Needed for `openai-compatible`. @default the provider's own */
    baseURL?: string;
    /** Paths of the request that may be left out with all beneath them, without numbers: `safetySettings`, `generationConfig.topK`. @default none */
    leaveOut?: readonly string[];
    handler?: undefined;
  }
  | {
    /**
     * @param request the call, without a key; without a body, where that was a stream
     * @param cause why nobody could serve: its `fallbacks` tell of those before this one
     */
    handler: (request: Request, cause: QuotaAwareError) => Response | Promise<Response>;
    model?: undefined;
    provider?: undefined;
    keys?: undefined;
  };

/** What `fetch` takes, and more bodies, and what the call asks of the scheduler. */
export interface CallInit extends Omit<RequestInit, 'body'> {
  /**
   * A stream (an async iterable and a stream of Node too) can be sent once. Plain objects, shared memory and streams that
   * somebody has read are `CONFIG_INVALID`. @default none
   */
  body?: RequestInit['body'] | AsyncIterable<Uint8Array | string>;
  /** @default "half" where the body is a stream */
  duplex?: 'half';
  /** A name of its own: `RequestInit` already has a `priority`, of another meaning. @default nothing in particular */
  quota?: CallQuota;
}

/**
 * Defaults of a kind of task. A call that names it gets what it does not say itself; what is in its body stays, `null`
 * included.
 *
 * `model`, `temperature` and `maxTokens` go into a JSON body (a string), in the words of the endpoint: Gemini's
 * `generateContent` (`generationConfig`), chat completions, Anthropic's messages, OpenAI's responses. Gemini's model stands in
 * the URL: write `{model}` there for the profile's. The rest is what `quota` may say.
 */
export interface Profile {
  /** The model that answers. @default the call's */
  model?: string;
  /** How free it is in its words: 0 to 2. @default the model's */
  temperature?: number;
  /** Output tokens at most: a whole number from 1. `maxOutputTokens`, `max_completion_tokens` (OpenAI, Groq), `max_tokens`, `max_output_tokens`. @default the model's */
  maxTokens?: number;
  /** Whose turn it is. @default the call's */
  session?: string;
  /** 0 to 9, lower is sooner. @default the call's */
  priority?: number;
  /** What kind of work it is. @default the call's */
  workload?: string;
  /** One attempt, in milliseconds. @default `Options.timeout` */
  timeout?: number;
  /** One call, in milliseconds. @default `Options.deadline` */
  deadline?: number;
  /** Sends at most; 0 and 1 both mean one. @default `Options.maxRetries` */
  maxRetries?: number;
}

/**
 * What one call asks of the scheduler. An SDK that can only set headers says the same with `x-quota-session`,
 * `x-quota-project`, `x-quota-priority`, `x-quota-tokens`, `x-quota-deadline`, `x-quota-profile`, `x-quota-operation`, `x-quota-user`; they are taken off before anything
 * is sent.
 */
export interface CallQuota {
  /**
   * The name of one of `Options.profiles`. An unknown one is `CONFIG_INVALID`, and so is one that speaks of the request where
   * the body is no string of JSON, or the endpoint none that it knows. @default none
   */
  profile?: string;
  /** @default read from the URL (Gemini) or the JSON body */
  model?: string;
  /** A participant, a user, a quest: the unit of fair shares and of `assigned`. At most 50 calls of one session wait at once. @default none: of nobody's session */
  session?: string;
  /** 0 to 9, lower is sooner; five seconds of waiting are worth one step. @default 5 */
  priority?: number;
  /** Keys of the same workload first, and its share of `Options.reserve`. @default none */
  workload?: string;
  /** What the call is for, in your words ("text", "vision", "quest-3"): usage is told apart by it. @default none */
  operation?: string;
  /** Who is behind the call, for records of attempts. Goes nowhere else: fair shares are by `session`. @default none */
  userId?: string;
  /** With what, for records of attempts. @default the host's `navigator.userAgent`, where it has one */
  userAgent?: string;
  /**
   * Only keys of this project (`Key.project`; a key without one is a project of its id), with its quota, health and waiting as
   * for any call; another project never serves it. A name that no key has is `CONFIG_INVALID`. Stands above what is known of
   * the owner of what the call names.
   * @default the project that owns what the call names (a file, a cache, a tuned model, a stored response, a batch), where
   *   that is known: what was made or shown by earlier answers, at most 10,000 things, Gemini's files for 48 hours. What is
   *   not known goes to any key; where the provider says that it is not there, the other projects are asked, each once and at
   *   most 20, unless the call may be sent only once. If none has it, the first refusal is the answer, and nobody is asked for a minute.
   */
  project?: string;
  /**
   * Tokens that it will count for; more than a limit is refused at once (`NEVER_FITS`).
   * @default an estimate: a token for four characters of the body, corrected by half to fourfold by what earlier calls of
   *   the same URL and model have used; besides, except for Gemini, the most output that the body asks for
   *   (`max_tokens`, `max_completion_tokens`, `max_output_tokens`), or what it came to lately. Never more than the limit.
   *   Once the answer is read, what it says takes its place.
   */
  tokens?: number;
  /** One attempt, in milliseconds. @default {@link Options.timeout} */
  timeout?: number;
  /** Between two pieces of a stream, in milliseconds. @default {@link Options.chunkTimeout} */
  chunkTimeout?: number;
  /** This call, waiting included, in milliseconds. @default {@link Options.deadline} */
  deadline?: number;
  /** Sends at most; 0 and 1 both mean one. @default {@link Options.maxRetries} */
  maxRetries?: number;
  /**
   * False: never sent twice once the provider may have acted on it (a lost connection, a time-out, a 408, 500, 502, 504). A
   * refusal before anything was done (quota, a dead key, a 503 of overload) still moves on. @default true
   */
  idempotent?: boolean;
  /**
   * Whether it may be answered from what is kept, and its answer kept: `true`, `false`, or how old the answer may be and how
   * long its own counts, in milliseconds. @default as `Options.cache` has it
   */
  cache?: boolean | {
    /** Milliseconds. @default that of {@link Options.cache} */
    ttl?: number;
  };
  /** The response, or the error, brings the account of the call. See {@link QuotaAwareAPI.explain}. @default false */
  explain?: boolean;
}

/** What goes with a question to {@link QuotaAwareAPI.generate}. `null` and `undefined` are the same as not given. */
export interface GenerateOptions {
  /**
   * @default by provider: `gemini-flash-lite-latest` (Gemini; the one with most free quota),
   *   `openai/gpt-oss-120b` (Groq; takes no pictures), `gpt-5.4-mini` (OpenAI), `claude-haiku-5-5` (Anthropic), as of November
   *   2026. None for `openai-compatible`.
   */
  model?: string;
  /**
   * Whose API is asked.
   * @default `Options.provider`, else the model's (gemini-, gemma-, claude-, gpt-, o1 …) where a key may serve it and there is
   *   no `baseURL`, else that of the first key, else what `baseURL` tells, else Gemini
   */
  provider?: ProviderName;
  /** What holds for the whole conversation: "You are a kind teacher." @default nothing */
  system?: string;
  /** Earlier turns, oldest first; the prompt is the latest. @default none */
  history?: readonly Turn[];
  /** Shown with the prompt. @default none */
  images?: readonly Picture[];
  /** 0 to 2 (Anthropic: to 1). Some models take none but their own. @default the model's */
  temperature?: number;
  /** Output tokens at most, thoughts included: a whole number from 1. @default the model's; Anthropic: 4096 */
  maxTokens?: number;
  /**
   * A JSON schema: the answer is JSON that keeps to it. For OpenAI, Groq and Anthropic objects are closed
   * (`additionalProperties: false`) where they do not say otherwise, and the root has to be an object. @default none: a text
   */
  schema?: object;
  /** Piece by piece, while it is said. @default false */
  stream?: boolean;
  /** Ends it; it rejects with the signal's own reason. @default none */
  signal?: AbortSignal | null;
  /** What the call asks of the scheduler: session, priority, deadline, … @default nothing in particular */
  quota?: CallQuota;
}

/** Something that was said before, by one side. */
export interface Turn {
  /** Who said it. */
  role: 'user' | 'assistant';
  /** What was said. */
  text: string;
  /** Shown with it. @default none */
  images?: readonly Picture[];
}

/**
 * A Blob or a File; bytes, with their type where they are no PNG, JPEG, GIF or WebP; base64 with its type; a data URL; or the
 * `https:` address of a picture, which the provider fetches (not every model takes one).
 */
export type Picture = string | URL | Blob | ArrayBuffer | ArrayBufferView | {
  /** Base64 as a string, or bytes. */
  data: string | Blob | ArrayBuffer | ArrayBufferView;
  /** `image/png` and the like. @default told by the first bytes, or a Blob's own */
  mimeType?: string;
};

// ---------------------------------------------------------------- what comes out

/** How many tokens something took. */
export interface TokenCount {
  /** Of what was sent. */
  input: number;
  /** Of what came back, thoughts included. */
  output: number;
  /** Both. */
  total: number;
  /** The part of `input` that came out of a cache of the provider's; 0 where it tells of none. */
  cached: number;
  /** The part of `output` that was thoughts; 0 where it tells of none. */
  thoughts: number;
}

/** What a model has said. */
export interface Generated {
  /** All that it said, thoughts left out. */
  text: string;
  /** `max-tokens`: it was cut off there. `other`: a reason of the provider's own, or none told. */
  finishReason: 'stop' | 'max-tokens' | 'other';
  /** Tokens, thoughts counted as output; null where the provider tells none. */
  usage: TokenCount | null;
  /** The model that answered, as the provider names it. */
  model: string;
  /** The id of the key that it came by; null where nobody knows. */
  key: string | null;
  /** How often it was sent; 0 where it was answered by the cache, and waited for nothing. */
  attempts: number;
  /** How long it waited: for quota, and between attempts. */
  waitedMs: number;
  /** Whether the answer was kept, or came by an equal call. */
  cached: boolean;
  /** Its status and headers; the body has been read. Not enumerable. */
  readonly response: Response;
}

/** What a model has said, as JSON. */
export interface GeneratedJson<T = unknown> extends Generated {
  /** The answer, parsed. */
  json: T;
}

/**
 * The text of an answer, piece by piece as it comes. Leaving the loop early ends the call. Can be iterated again: from the
 * beginning. Need not be iterated: the result comes all the same.
 */
export interface TextStream<R extends Generated = Generated> extends AsyncIterable<string> {
  /** The whole answer, once it is there. Rejects with what the iteration throws; unlike other promises, unnoticed. */
  readonly result: Promise<R>;
}

/** Which time and whose usage. What is left out is everybody's. */
export interface UsageQuery {
  /** From here: an instant or a Date. Rounded down to the slots of the report. @default seven days before `to` */
  from?: number | Date;
  /** Up to here, rounded up. @default now */
  to?: number | Date;
  /** Of this key, by its id. @default everybody's */
  key?: string;
  /** Of this session. @default everybody's */
  session?: string;
  /** Of this model. @default all */
  model?: string;
  /** Of this operation. @default all */
  operation?: string;
  /** How long the slots of the report are. @default the finest that is kept back to `from` */
  step?: 'minute' | 'hour' | 'day';
}

/** What was used, in numbers. */
export interface UsageCounts {
  /** Attempts that are over, aborted ones too. */
  requests: number;
  /** Of those, served. */
  successes: number;
  /** Of those, failed through the fault of a key or the provider. */
  failures: number;
  /** Of the failures, refused for quota. */
  rateLimited: number;
  /** From sending to response headers, on average of the served; null where none was. In milliseconds. */
  averageMs: number | null;
  /** Input and output, as the answers that were read tell. */
  tokens: number;
  /** Sent. */
  inputTokens: number;
  /** Received. */
  outputTokens: number;
  /** Of the input, what the provider found in a cache. */
  cachedTokens: number;
  /** Of the output, what the model thought. */
  thoughtsTokens: number;
}

/** What was used over a time. */
export interface UsageReport {
  /** The time, rounded outwards to slots. */
  range: {
    /** The beginning of the first slot. */
    from: number;
    /** The end of the last. */
    to: number;
  };
  /** How long slots are. */
  step: 'minute' | 'hour' | 'day';
  /** Instant before which something may be missing: what was older was let go, or there was nothing. */
  since: number;
  /** Everything. */
  totals: UsageCounts & {
    /** Calls that are over; null where a part of the usage was asked for. */
    calls: number | null;
    /** Of those, such as had to wait; null likewise. */
    waitedCalls: number | null;
  };
  /** Of served attempts, to response headers, in milliseconds, within 1 %; null where a part was asked for, or nothing was served. */
  latency: {
    /** Half were no slower. */
    p50: number;
    /** 95 of 100 were no slower. */
    p95: number;
    /** 99 of 100 were no slower. */
    p99: number;
  } | null;
  /** How long calls waited, not at all included, in milliseconds, within 1 %; null where a part was asked for, or there was none. */
  waits: {
    /** Half waited no longer. */
    p50: number;
    /** 95 of 100 waited no longer. */
    p95: number;
    /** 99 of 100 waited no longer. */
    p99: number;
    /** None waited longer. */
    max: number;
  } | null;
  /** The keys as they are now. */
  summary: {
    /** How many there are. */
    totalKeys: number;
    /** Of those, such as may serve. */
    healthyKeys: number;
    /** The id of the one whose turn it is. */
    activeKey: string;
  };
  /** By key, in the order in which they were added; those that are gone too. */
  keys: (UsageCounts & {
    /** Its id. */
    key: string;
  })[];
  /** By pool. */
  pools: (UsageCounts & {
    /** Whose API. */
    provider: ProviderName;
    /** Whose quota. */
    project: string;
    /** The model; `"*"` for calls that named none. */
    model: string;
    /** Requests that the limits known now would have allowed in that time, begun minutes and days counting whole; null where none is known. */
    available: number | null;
    /** Served out of those: 0 to 1. */
    efficiency: number | null;
  })[];
  /** By session, most requests first, 100 at most. */
  sessions: (UsageCounts & {
    /** Null: of none, or of those that are not told apart. */
    session: string | null;
  })[];
  /** By operation, most requests first. */
  operations: (UsageCounts & {
    /** Null: of none, or of those that are not told apart. */
    operation: string | null;
  })[];
  /** Over time: every slot from the first that is known, also those in which nothing happened; the last 10,080 of them. */
  series: {
    /** Instant of its beginning. */
    at: number;
    /** Attempts that ended. */
    requests: number;
    /** Of those, served. */
    successes: number;
    /** Of those, failed. */
    failures: number;
    /** Of those, refused for quota. */
    rateLimited: number;
    /** Calls that ended and had waited; null where a part was asked for. */
    waited: number | null;
    /** How long they waited on average, in milliseconds; null likewise. */
    waitMs: number | null;
    /** To headers, on average of the served; null where none was. */
    latencyMs: number | null;
  }[];
  /** By hour and key. */
  hours: {
    /** Instant at which the hour began. */
    at: number;
    /** The id of the key. */
    key: string;
    /** Attempts that ended. */
    requests: number;
    /** Of those, served. */
    successes: number;
  }[];
  /** By hour of the day, 24 of them, in the time of the host. */
  pattern: {
    /** 0 to 23. */
    hour: number;
    /** Attempts that ended. */
    requests: number;
    /** Of those, served. */
    successes: number;
    /** Attempts by the ids of their keys. */
    keys: Record<string, number>;
  }[];
  /** What was not served, most frequent first. */
  errors: {
    /** What it came to. */
    verdict: Verdict;
    /** `quota`: a day, or credit, is used up. `rate_limit`: a minute is. `invalid_key`: not accepted, or not allowed. */
    category: 'quota' | 'rate_limit' | 'invalid_key' | 'other';
    /** How often. */
    count: number;
    /** How often, by the ids of the keys. */
    keys: Record<string, number>;
  }[];
}

/** Counters since the start. The workshop's own come first, named and counted as its scripts read them. */
export interface Stats {
  /** Whose turn it is, from 1. */
  currentKey: number;
  /** How many keys there are. */
  totalKeys: number;
  /** Attempts, by key. */
  requestCounts: number[];
  /** Failed attempts, by key. */
  errorCounts: number[];
  /** Attempts. */
  totalRequests: number;
  /** Failed attempts. */
  totalErrors: number;
  /** `"98.3%"` of the attempts that are over, or `"N/A"`. */
  successRate: string;
  /** Since when, in whole seconds: `"12s"`. */
  uptime: string;
  /** Of served attempts, to response headers, in milliseconds, within 1 %. */
  latency: {
    /** Half were no slower. */
    p50: number;
    /** 95 of 100 were no slower. */
    p95: number;
    /** 99 of 100 were no slower. */
    p99: number;
  };
  /** As reported in JSON responses that were read with `json()` or `text()`, and in streams that were read. */
  tokens: TokenCount;
  /** Attempts refused for quota. */
  rateLimited: number;
  /** Attempts beyond a call's first. */
  retries: number;
  /** Attempts that a limit would have kept waiting, under `Options.shadow`. */
  heldBack: number;
  /** How much of the known quota of the present minute is in use, over all pools: 0 to 1; null where no limit is known. */
  utilisation: number | null;
  /** Served of the attempts that are over: 0 to 1; null before the first. What is missing was spent in vain. */
  efficiency: number | null;
  /** Moves from one key to another; see `getRotationHistory`. */
  rotations: number;
  /** Calls that waited, and how long in all. */
  waited: {
    /** How many. */
    calls: number;
    /** Of all together, in milliseconds. */
    totalMs: number;
    /** Half of all calls waited no longer, also not at all; in milliseconds, within 1 %. */
    p50: number;
    /** 95 of 100 waited no longer; in milliseconds. */
    p95: number;
    /** 99 of 100 waited no longer; in milliseconds. */
    p99: number;
  };
  /** How often each fallback was tried, and how often it served. */
  fallbacks: FallbackCount[];
  /** What became of the records that `Options.sink` was to get; of all sinks together. */
  records: RecordCount;
  /**
   * Calls that were answered from what is kept, that were not, and that had an equal call under way do the asking; what is kept
   * now, and how much may be. Calls that are not for the cache are not counted.
   */
  cache: CacheCount;
  /** How each hook of `Options.notify` does, in that order. */
  notifications: NotificationCount[];
}

/** How a hook has done. */
export interface NotificationCount {
  /** The origin of a webhook; null for a function. */
  to: string | null;
  /** Notices that it took. */
  sent: number;
  /** Notices that it did not take: a function that threw or rejected, a webhook that refused or gave no answer, twice. */
  failed: number;
  /** Notices that were dropped, since too many waited. */
  dropped: number;
  /** Notices on their way. */
  waiting: number;
}

/** How a fallback has done. */
export interface FallbackCount extends FallbackName {
  /** Calls that went on to it. */
  tried: number;
  /** Of those, answered by it. */
  served: number;
}

/** What became of records of attempts. */
export interface RecordCount {
  /** Written: the sink has said so. */
  written: number;
  /** Dropped: more than ten thousand were waiting. */
  dropped: number;
  /** Lost: the sink has failed. */
  failed: number;
}

/** How the cache has done, and how full it is. */
export interface CacheCount {
  /** Calls answered from what is kept. */
  hits: number;
  /** Calls that had to be sent. */
  misses: number;
  /** Calls that an equal one under way was sent for. */
  merged: number;
  /** Answers kept now. */
  entries: number;
  /** How many may be. */
  maxEntries: number;
  /** Bytes kept now, questions included. */
  bytes: number;
  /** How many may be. */
  maxBytes: number;
}

/** How everything stands at the moment that it was asked for. */
export interface Status {
  /** In a sentence, for people: "Next free place in 4 s; 12 calls wait." In other words by {@link Options.messages}. */
  summary: string;
  /** `ok`: every key can serve, or may be tried. `degraded`: some can. `exhausted`: none can now. `invalid-keys`: none ever will, as
   *  they stand: all that nobody has taken out are not accepted. */
  state: 'ok' | 'degraded' | 'exhausted' | 'invalid-keys';
  /** Every key, in the order of the ring. */
  keys: KeyStatus[];
  /** Every pool that was used so far. */
  pools: PoolStatus[];
  /** Who waits, and what is under way. */
  queue: QueueStatus;
  /** What people who are about to ask should be told. */
  pace: Pace;
  /** What somebody should look at, as of now: what has just passed is here no more, though its `alert-over` comes two minutes later. */
  alerts: Alert[];
  /** What is good to know, and no problem. No event, and no hook, tells of it. */
  notices: StatusNotice[];
  /** Instant at which the first key can serve again, where none can now and that is known. */
  nextAvailableAt: number | null;
  /** Fallbacks with keys of their own. */
  fallbacks: FallbackStatus[];
}

/** The keys of a fallback, and what else a {@link Status} tells, of them. */
export interface FallbackStatus extends FallbackName, Pick<Status, 'state' | 'keys' | 'pools' | 'queue' | 'alerts' | 'nextAvailableAt'> {}

/** What a page should tell people who are about to ask. */
export interface Pace {
  /** `go`: there is room. `slow`: of every pool, the lowest `Options.warnAt` of a limit is used. `wait`: whoever asks now has to wait. */
  signal: 'go' | 'slow' | 'wait';
  /** For how long whoever asks now has to, where that can be told. */
  waitMs: number | null;
  /** How much of its tightest limit the pool with most room has used: 0 to 1; null where there is none. */
  used: number | null;
}

/** One key. Its counters are of attempts since the start. */
export interface KeyStatus {
  /** As given, or `key-1`, `key-2`, … */
  id: string;
  /** `"…3dQ"`: never more than the last three characters. */
  hint: string;
  /** Null: any. */
  provider: ProviderName | null;
  /** Whose quota it uses; a key without one is a project of its id. */
  project: string;
  /**
   * `available`. `rate-limited`: a minute's quota. `quota-exhausted`: a day's, or money. `cooling-down`: errors in a row, or overload.
   * `probing`: may be tried with one call. `invalid`: not accepted. `disabled`: not allowed, or taken out by hand. A key is rate-limited or exhausted only
   * while every pool of its project is.
   */
  health: 'available' | 'rate-limited' | 'quota-exhausted' | 'cooling-down' | 'probing' | 'invalid' | 'disabled';
  /** Instant at which it may serve again, where it can't now and that is known. */
  availableAt: number | null;
  /** The same as a span from now. */
  availableInMs: number | null;
  /** The same in words: "4 min 10 s". */
  availableIn: string | null;
  /** Why it can't serve, in a few words; null where it can. */
  reason: string | null;
  /** Whether the day's quota of its project is used up. */
  quotaExceeded: boolean;
  /** Instant at which that is over, where it is so and that is known. */
  quotaResetTime: number | null;
  /** Sent. */
  requests: number;
  /** Of those, served. */
  successes: number;
  /** Of those, failed through the key's or the provider's fault. */
  errors: number;
  /** Of those, refused for quota. */
  rateLimited: number;
  /** Errors in a row, up to now. */
  consecutiveErrors: number;
  /** 0 to 1, of those that were served or failed. */
  successRate: number | null;
  /** Mean time of the served to response headers; null before the first. */
  latencyMs: number | null;
  /** Instant of the last send; null before the first. */
  lastUsedAt: number | null;
}

/** Who waits, and what is under way. */
export interface QueueStatus {
  /** Calls that wait: for quota, or by their own back-off. */
  waiting: number;
  /** Attempts under way. */
  inFlight: number;
  /** How long the oldest of the waiting has waited; 0 where none does. */
  oldestMs: number;
  /** Those that wait for quota, in the order in which they will go, as far as that is known; the first hundred. */
  calls: WaitingCall[];
}

/** A call that waits for quota. */
export interface WaitingCall {
  /** The one project that may serve it, where only one may. */
  project?: string;
  /** Its number, as in events. */
  call: number;
  /** Whose it is, where that was said. */
  session: string | null;
  /** 0 to 9, lower is sooner. */
  priority: number;
  /** How many are before it. */
  ahead: number;
  /**
   * Instant at which it is promised to go: later where somebody more urgent comes, a session that has had less, or something is refused. Null: not
   * known, for example while one call is finding out whether there is quota.
   */
  startsAt: number | null;
  /** For how long it has waited. */
  waitedMs: number;
  /** For what it waits, in a few words. */
  reason: string;
  /** The limit that it waits for, where it is one. */
  limit: LimitInUse | null;
}

/** A limit that somebody waits for, with the arithmetic. */
export interface LimitInUse {
  /** The project whose limit it is. */
  project: string;
  /** What is counted. */
  metric: 'requests' | 'input-tokens' | 'tokens';
  /** Over which span. */
  window: 'minute' | 'day';
  /** How much is used. */
  used: number;
  /** Out of so much. */
  limit: number;
}

/** One pool: a provider's project and a model. Quota belongs to it, whichever of the project's keys is used. */
export interface PoolStatus {
  /** Whose model it is. */
  provider: ProviderName;
  /** Whose quota it is. */
  project: string;
  /** `"*"`: calls that named no model. Names that an answer has shown to be one model share a pool, and a status. */
  model: string;
  /** Those in force: declared, stated by the provider, or found. */
  limits: Limits & {
    /** Whether answers have told, or changed, some of them. */
    learned: boolean;
  };
  /** What was used, by this instance. */
  used: {
    /** Requests in the present minute. */
    requests: number;
    /** Tokens in the present minute. */
    tokens: number;
    /** Requests in the present day. */
    requestsToday: number;
  };
  /** What is left of each limit; null where it is not known. */
  remaining: {
    /** Requests of the minute. */
    rpm: number | null;
    /** Tokens of the minute. */
    tpm: number | null;
    /** Requests of the day. */
    rpd: number | null;
  };
  /**
   * How the provider's minute runs, as far as answers have shown. `rolling`: the sixty seconds before. `fixed`: since the turn of
   * a minute. `unknown`: not yet told, and taken to roll.
   */
  minute: 'rolling' | 'fixed' | 'unknown';
  /** When there will be more. */
  resetsAt: {
    /** Instant at which the minute's use begins to leave. */
    minute: number;
    /** Instant at which the day ends. */
    day: number;
  };
  /** Why it is closed, in a few words; null where it is open. */
  closed: string | null;
  /** Instant at which it may be tried again, where it is closed and that is known. */
  availableAt: number | null;
}

/** What an {@link Alert} is about. */
export type AlertCode =
  /** The day's quota of every key is used up. */
  | 'all-keys-exhausted'
  /** The day's quota of some keys is used up. */
  | 'some-keys-exhausted'
  /** No key can serve now, for whatever reasons. */
  | 'no-key-available'
  /** A key was reported as leaked, and its provider has ended it: revoke it. */
  | 'leaked-key'
  /** More than a fifth of one key's last attempts have failed, of more than ten. */
  | 'low-success-rate'
  /** More than a tenth of the last attempts have failed, of more than ten; the message has a likely cause. */
  | 'high-error-rate'
  /** Two projects that were not declared together refuse together. */
  | 'shared-quota-suspected'
  /** A declared limit is more than there is: the provider states less, or has refused below four fifths of it in two windows. */
  | 'limit-drift';

/** Something that somebody should look at. */
export interface Alert {
  /** `critical`: nobody is served any more, or a key has leaked. */
  severity: 'medium' | 'critical';
  /** `error` where it is critical. */
  type: 'warning' | 'error';
  /** For programs. */
  code: AlertCode;
  /** For people, in numbers. */
  message: string;
  /** The id of the key in question; absent where it is not about one. */
  key?: string;
  /** The limit in question; absent where it is not about one. */
  limit?: LimitDrift;
}

/** A limit that is another than declared. */
export interface LimitDrift {
  /** Whose quota it is. */
  project: string;
  /** The model; `"*"` for calls that named none. */
  model: string;
  /** What is counted. */
  metric: LimitInUse['metric'];
  /** Over which span. */
  window: LimitInUse['window'];
  /** What was declared. */
  declared: number;
  /** What the provider states; null where it has only refused. */
  stated: number | null;
  /** After how many it refuses; null where it states a figure. */
  found: number | null;
}

/** What a {@link StatusNotice} is about. */
export type NoticeCode =
  /** Several keys of one provider name no project: those of one project share its quota, and its owner is bound by the provider's terms for all of them. */
  | 'terms'
  /** A declared limit is less than the provider states; what is above is left unused, perhaps on purpose. */
  | 'limit-above';

/** Something that is good to know, and no problem. */
export interface StatusNotice {
  severity: 'info';
  /** For programs. */
  code: NoticeCode;
  /** For people. */
  message: string;
  /** The limit in question; absent where it is not about one. */
  limit?: LimitDrift;
}

/** A provider's `Response`, or a fallback's. */
export interface CallResponse extends Response {
  /** Which fallback gave it; absent where the instance's own keys served. Not enumerable. */
  readonly fallback?: FallbackNote;
}

/** A fallback, as it is told of. */
export interface FallbackName {
  /** Its place in `Options.fallback`, from 1. */
  readonly step: number;
  /** What it is: another model, another provider, or a function of the program. */
  readonly kind: 'model' | 'provider' | 'handler';
  /** Whose model it is; null for a handler, and in `Stats` for another model of whichever provider is called. */
  readonly provider: ProviderName | null;
  /** Null for a handler. */
  readonly model: string | null;
}

/** A part of a request, or of an answer, that another provider's dialect has no words for. */
export interface Loss {
  /** Where it stands: `generationConfig.topK`, `contents[0].parts[1]`. */
  readonly path: string;
  /** Why it can't be carried, in a few words. */
  readonly why: string;
}

/** Who answered instead, and why. */
export interface FallbackNote extends FallbackName {
  /** Why the instance's own keys could not serve. */
  readonly reason: ErrorCode;
  /** The same, as the error that it would have been. */
  readonly cause: QuotaAwareError;
  /** What of the request, or of the answer, a translation left out, and why. Grows while a stream is read. */
  readonly left: readonly Loss[];
}

/** What a call's response brings where it was asked for. */
export interface ExplainedResponse extends CallResponse {
  /** Not enumerable. Null where more than a hundred calls have ended at the same moment, or the call that brought a kept answer was not asked for its account. */
  readonly quota: CallReport | null;
}

/** What a call was decided to do, and did. */
export interface CallReport {
  /** Its number, as in events. */
  call: number;
  /** The key that it went with last; null where it was never sent. */
  key: string | null;
  /** How often it was sent. */
  attempts: number;
  /** Whether this call itself was not sent: the account is that of the one that brought the answer. */
  cached: boolean;
  /** The account, step by step. */
  trace: CallTrace;
}

/** The account of one call. */
export interface CallTrace {
  /** Its number, as in events. */
  call: number;
  /** As asked for; `"*"` where it named none. */
  model: string;
  /** Whose it was, where that was said. */
  session: string | null;
  /** Instant at which it came. */
  began: number;
  /** How long it waited in all: for quota, and by its back-off. */
  waitedMs: number;
  /** What was decided and what happened, in order: the first 48 steps. */
  steps: TraceStep[];
  /** How many more there were. */
  leftOut: number;
}

/** What was decided about a call, or what happened to it. Told apart by `step`. */
export type TraceStep = OnlyStep | SkippedStep | WaitsStep | BacksOffStep | SentStep | EndedStep | FallsBackStep | FallbackFailedStep | OverStep;

/** One project alone may serve it. */
export interface OnlyStep {
  step: 'only';
  /** Instant at which it was so. */
  at: number;
  /** Which. */
  project: string;
  /** Why, in a few words: "it owns the file". */
  reason: string;
}

/** Keys that could not serve. */
export interface SkippedStep {
  step: 'skipped';
  /** Instant at which it was so. */
  at: number;
  /** The first eight, or all where `quota.explain` was asked for. */
  keys: SkippedKey[];
}

/** It waits for quota. */
export interface WaitsStep {
  step: 'waits';
  /** Instant at which it was so. */
  at: number;
  /** How many are before it. */
  ahead: number;
  /** Instant at which it is promised to go; null where that can't be told. */
  startsAt: number | null;
  /** For what it waits, in a few words. */
  reason: string;
  /** The limit that it waits for, where it is one. */
  limit: LimitInUse | null;
}

/** It waits after a failure. */
export interface BacksOffStep {
  step: 'backs-off';
  /** Instant at which it was so. */
  at: number;
  /** Instant at which it goes on. */
  until: number;
}

/** It was sent. */
export interface SentStep {
  step: 'sent';
  /** Instant at which it was so. */
  at: number;
  /** The id of the key that it went with. */
  key: string;
  /** Counted from 1. */
  attempt: number;
}

/** An attempt has ended. */
export interface EndedStep {
  step: 'ended';
  /** Instant at which it was so. */
  at: number;
  /** The id of its key. */
  key: string;
  /** What it came to. */
  verdict: Verdict;
  /** The status of the response; null where there was none. */
  status: number | null;
  /** How long it took: to response headers, or of a stream to the first content of its answer. */
  latencyMs: number;
}

/** It goes on to a fallback. The attempts that follow are counted anew. */
export interface FallsBackStep {
  step: 'falls-back';
  /** Instant at which it was so. */
  at: number;
  /** Its number, from 1. */
  fallback: number;
  /** What it is. */
  kind: FallbackName['kind'];
  /** Whose model it is; null for a handler. */
  provider: ProviderName | null;
  /** Null for a handler. */
  model: string | null;
  /** Why those before could not serve. */
  reason: ErrorCode;
}

/** The fallback could not serve, or was not for this call. */
export interface FallbackFailedStep {
  step: 'fallback-failed';
  /** Instant at which it was so. */
  at: number;
  /** Its number, from 1. */
  fallback: number;
  /** Of its error. */
  code: ErrorCode;
  /** The message of its error. */
  reason: string;
}

/** The call is over. */
export interface OverStep {
  step: 'over';
  /** Instant at which it was so. */
  at: number;
  /** A response, an abort by the caller, or the code of its error. */
  with: 'response' | 'aborted' | ErrorCode;
}

/** A key that was passed over. */
export interface SkippedKey {
  /** Its id. */
  key: string;
  /** Why, in a few words. */
  reason: string;
  /** The limit in its way, where it is one. */
  limit: LimitInUse | null;
  /** Instant until which, where that is known. */
  until: number | null;
}

/** What came of testing a key. */
export interface KeyTest {
  /** Of the key. */
  id: string;
  /** Whether it was served. */
  ok: boolean;
  /** Of the response; null where there was none. */
  status: number | null;
  /** From sending to its end. */
  latencyMs: number;
  /** What it came to. */
  verdict: Verdict;
  /** What to do, or what went wrong, in one sentence; null where it was served. */
  message: string | null;
}

/** A move from one key to another. */
export interface RotationEvent {
  /** Instant of the move. */
  at: number;
  /** The id of the key before; null where it is gone. */
  from: string | null;
  /** The id of the key after; null where no other key could serve. */
  to: string | null;
  /** `"ok"`: somebody asked for it. */
  verdict: Verdict;
  /** Why, in a few words. */
  reason: string;
}

/** What an attempt came to. Twelve are told by a response, the last three from this side of the wire. */
export type Verdict =
  /** The provider served the request. */
  | 'ok'
  /** A limit of a minute. */
  | 'rate-limited'
  /** A limit of a day. */
  | 'quota-exhausted'
  /** No credit, or a spending cap. */
  | 'out-of-credit'
  /** The key is not accepted. */
  | 'invalid-key'
  /** The key is accepted and not allowed: API not enabled, key restricted, project suspended, or a limit of 0. */
  | 'permission'
  /** The model has no capacity; nobody's quota is at fault. */
  | 'overloaded'
  /** A failure on the provider's side. */
  | 'transient'
  /** The request is wrong. */
  | 'bad-request'
  /** There is no such model or path. */
  | 'not-found'
  /** The request can never fit as it stands. */
  | 'too-large'
  /** Refused for its content. */
  | 'blocked'
  /** There was no response. */
  | 'network'
  /** There was none in time. */
  | 'timeout'
  /** The caller gave up. */
  | 'aborted';

/**
 * What a response means: the classifier that the class itself uses, for logs, tests and other clients. Pure; any body is
 * survived.
 *
 * @throws TypeError where `status` is no whole number from 0 to 999
 */
export function classify(response: ResponseFacts): Classification;

/** What is known of a response. */
export interface ResponseFacts {
  /** @default told from the response itself */
  provider?: ProviderName;
  /** A whole number from 0 to 999. */
  status: number;
  /** @default none */
  headers?: RequestInit['headers'];
  /** As text, as bytes, or parsed. @default none */
  body?: string | Uint8Array | object | null;
}

/** What a response means. */
export interface Classification {
  /** In one word. */
  verdict: Verdict;
  /** The most exact hint on the wire, in milliseconds, rounded up; also where obeying it would be wrong. Always null on 2xx. */
  retryAfter: number | null;
  /** Who else is hit: this credential, all keys of its project, this model of the project (or for everyone, of an overload), or nobody. */
  scope: 'key' | 'project' | 'model' | 'none';
  /** What the limit counts, where stated. */
  metric: 'requests' | 'input-tokens' | 'tokens' | null;
  /** Over which span it counts, where stated or told by the length of the hint. */
  window: 'minute' | 'day' | null;
  /** As stated, 0 included. */
  limit: number | null;
  /** The resolved model's name, where stated. */
  model: string | null;
  /** The tier of the project or organisation, where stated: `free`, `paid`, or the provider's own word for it. */
  tier: string | null;
  /** Why, finer than the verdict: causes that call for different actions are different. */
  cause: Cause;
  /** One sentence that a person can act on, in English. */
  advice: string;
}

/** Why a response is what it is. */
export type Cause =
  /** The request was served. */
  | 'served'
  /** The content was refused. */
  | 'blocked'
  /** The key is not valid. */
  | 'key-invalid'
  /** The key has expired. */
  | 'key-expired'
  /** The key was found in public, and ended for good. */
  | 'key-leaked'
  /** No key has reached the provider. */
  | 'key-missing'
  /** Another kind of credential is wanted. */
  | 'key-kind'
  /** Two credentials were sent. */
  | 'two-credentials'
  /** The key is restricted to other APIs. */
  | 'key-apis'
  /** The key is restricted to other web pages. */
  | 'key-referrer'
  /** The key is restricted to other IP addresses. */
  | 'key-address'
  /** The key is restricted to an app. */
  | 'key-app'
  /** The project has not enabled the API. */
  | 'api-disabled'
  /** The project has no billing. */
  | 'billing-disabled'
  /** The project is suspended for good. */
  | 'suspended'
  /** The place that the request came from is not served. */
  | 'location'
  /** The free tier does not include it. */
  | 'billing-needed'
  /** The project is not allowed, for reasons of its own. */
  | 'denied'
  /** The project's limit for it is 0. */
  | 'no-quota'
  /** There is no credit. */
  | 'credit'
  /** The spending cap is reached. */
  | 'spend-cap'
  /** The quota of a minute is used up. */
  | 'minute-quota'
  /** The quota of a day is used up. */
  | 'daily-quota'
  /** Capacity that all share is used up. */
  | 'shared-capacity'
  /** The model is overloaded. */
  | 'overloaded'
  /** A router's own quota with the provider behind it is used up. */
  | 'upstream-pool'
  /** The request is larger than the model takes. */
  | 'context-too-long'
  /** The request is larger than a limit. */
  | 'never-fits'
  /** There is no such model or path. */
  | 'not-found'
  /** There is no such file or cache in this key's project. */
  | 'file-missing'
  /** The model has made an invalid call of a tool. */
  | 'tool-call'
  /** The request is malformed. */
  | 'bad-request'
  /** The provider has failed. */
  | 'transient';

/** What a project can own. */
export type OwnedKind =
  /** A file of Gemini's, OpenAI's or Anthropic's. */
  | 'file'
  /** A file that is being uploaded. */
  | 'upload'
  /** A cache of Gemini's. */
  | 'cached-content'
  /** A model that was tuned. */
  | 'tuned-model'
  /** A stored response of OpenAI's. */
  | 'response'
  /** A batch of requests. */
  | 'batch'
  /** A store, a thread, an assistant, a conversation, a container, a video. */
  | 'other';

/** What went wrong. */
export type ErrorCode =
  /** Every key's quota of the day, or credit, is used up. */
  | 'QUOTA_EXCEEDED'
  /** That of some keys is used up, and the others could not serve. */
  | 'PARTIAL_QUOTA'
  /** No key is accepted. */
  | 'INVALID_KEYS'
  /** No key could serve within the attempts and the wait that are allowed. */
  | 'EXHAUSTED'
  /** The request is larger than the limit itself. */
  | 'NEVER_FITS'
  /** As many calls wait already as may (`queue.maxSize`). */
  | 'QUEUE_FULL'
  /** Its session calls more often than one may (`sessionRate`). */
  | 'SESSION_LIMIT'
  /** The call's time has passed, or would pass before there is quota. */
  | 'DEADLINE'
  /** The last attempt got no answer in time. */
  | 'TIMEOUT'
  /** A stream broke after its first content. */
  | 'STREAM_BROKEN'
  /** A body that is a stream was refused, and can't be sent again. */
  | 'BODY_NOT_REPLAYABLE'
  /** The endpoint sends its callers elsewhere; `response` tells where to, except in pages. Its `attempts` are empty. */
  | 'REDIRECTED'
  /** The one project that owns what the call names can't serve. */
  | 'OWNER_UNAVAILABLE'
  /** The call needs things of two projects. */
  | 'OWNERS_DIFFER'
  /** The endpoint is at an origin where keys may not be sent (`allowedOrigins`). */
  | 'ORIGIN_NOT_ALLOWED'
  /** What was given is wrong; the message names its path. */
  | 'CONFIG_INVALID'
  /** The engine can't be started; `advice` tells what a policy has to allow, or what the host lacks. */
  | 'WASM_UNAVAILABLE'
  /** What was to be restored is no snapshot, is damaged, or is of a version that can't be read; the message names its path. */
  | 'SNAPSHOT_INVALID'
  /** The instance takes no more calls: it is being drained. */
  | 'DRAINING'
  /** The instance was closed. */
  | 'CLOSED'
  /** Of a fallback, in `fallbacks`: the request has something that the other provider has no words for. */
  | 'NOT_TRANSLATABLE'
  /** Of a fallback, in `fallbacks`: it is not for such a call, its handler failed, or what came of it was no answer. */
  | 'FALLBACK_FAILED'
  /** Of `generate` alone: the provider refuses the content. */
  | 'BLOCKED'
  /** Of `generate` alone: there is no text, or none that fits the schema. */
  | 'NO_ANSWER'
  /** Of `generate` alone: the provider refuses the request. */
  | 'REFUSED';

/**
 * Why a call found no way, or what is wrong with what was given. Contains no secret: where a provider's words repeat a key, or
 * twelve characters of one in a row, they read `[key]`, also where it is written as in URLs, JSON, HTML or base64. Keys of
 * fewer than twelve characters are not looked for. `cause` and `response` are the host's and the provider's own, as they came.
 *
 * `message` is for whoever has asked: numbers and waits, no addresses. Its words, and those of `advice` and the report, are
 * English, or the instance's own ({@link Options.messages}).
 */
export class QuotaAwareError extends Error {
  readonly name: 'QuotaAwareError';
  /** What went wrong, for programs. */
  readonly code: ErrorCode;
  /** In how many milliseconds it is worth coming back; null where that is not known, or never. */
  readonly retryAfter: number | null;
  /** What was sent, in order; empty where nothing was. */
  readonly attempts: readonly FailedAttempt[];
  /** Fallbacks that could not serve, and why. Not enumerable. */
  readonly fallbacks: readonly FailedFallback[];
  /** What can't be carried to another provider, under `NOT_TRANSLATABLE`; else empty. Not enumerable. */
  readonly lost: readonly Loss[];
  /** What to do now, in one sentence. */
  readonly advice: string;
  /**
   * The project that owns what the call names, where that is known; else null. It alone could serve the call: out for the day,
   * refused or gone, it is `OWNER_UNAVAILABLE`, with `retryAfter` where it comes back by itself. A call that needs
   * things of two projects is `OWNERS_DIFFER`, and is not sent.
   */
  readonly owner: Owner | null;
  /** The last one, unread; null where there was none. Not enumerable. */
  readonly response: Response | null;
  /** The account of the call, where it was asked for with `quota.explain`; else null. Not enumerable. */
  readonly trace: CallTrace | null;
  /** What {@link QuotaAwareAPI.generate} had of an answer that it could not hand over; else null. Not enumerable. */
  readonly answer: PartialAnswer | null;
  /** The envelope of the multi-key service: for logs and for answers to a front end. */
  toJSON(): ErrorEnvelope;
  /**
   * The readable account: what happened, which quota (limit, model and tier, where stated), how long, what to do now, how to
   * prevent it, and the pages of the provider that refused: its limits, what is used, how to get more, its keys.
   */
  toReport(): string;
}

/** An attempt of a call that found no way. */
export interface FailedAttempt {
  /** The id of the key that it went with. */
  readonly key: string;
  /** The status of the response; null where there was none. */
  readonly status: number | null;
  /** What it came to. */
  readonly verdict: Verdict;
  /** How long the call had waited before it. */
  readonly waitedMs: number;
  /** The fallback's number, from 1; absent where it went with the instance's own keys. */
  readonly fallback?: number;
}

/** A fallback that could not serve. */
export interface FailedFallback extends FallbackName {
  /** Why. */
  readonly error: QuotaAwareError;
}

/** Whose the things are that a call names. */
export interface Owner {
  /** The project. */
  readonly project: string;
  /** What it owns. */
  readonly kind: OwnedKind;
}

/** What came of an answer. */
export interface PartialAnswer {
  /** The text, as far as it came. */
  readonly text: string;
  /** Why it ended. */
  readonly finishReason: Generated['finishReason'];
  /** Tokens; null where the provider tells none. */
  readonly usage: Generated['usage'];
  /** The model that answered; null where the provider names none. */
  readonly model: string | null;
}

/** An error as JSON. */
export interface ErrorEnvelope {
  /** Always. */
  success: false;
  /** The error's message. */
  message: string;
  /** Its code. */
  error: string;
  /** The technical side: attempts, limit, the provider's words. */
  details: string;
  /** Always. */
  data: null;
}

// ---------------------------------------------------------------- texts

/** Texts in place of the English ones, by their names. */
export type Messages = { readonly [Name in keyof TextFacts]?: Text<TextFacts[Name]> | undefined };

/**
 * A text: with `{placeholders}` that are facts of it, or a function of them, for languages with plurals. Blanks in a row become
 * one. A placeholder that is no fact of it stays as it is.
 */
export type Text<F = NoFacts> = string | ((facts: F) => string);

/** What texts may be given. */
export interface Facts {
  /** How many keys there are that might serve it. */
  readonly keys: number;
  /** Of those, without quota. */
  readonly exhausted: number;
  /** Of those, not accepted. */
  readonly invalid: number;
  /** How many were made. */
  readonly attempts: number;
  /** The text `tried`: keys and attempts, in words. */
  readonly tried: string;
  /** What is allowed. */
  readonly limit: number;
  /** A span in words, by the texts `span.…`. */
  readonly span: string;
  /** Whose the things are that the call names. */
  readonly project: string;
  /** For what reason, in a few words. */
  readonly why: string;
  /** What a project lacks, by the texts `lacking.…`. */
  readonly lacking: string;
  /** A thing and its project, by the text `owned`. */
  readonly one: string;
  /** Another, of another project. */
  readonly other: string;
  /** What is owned, by the texts `thing.…`. */
  readonly thing: string;
  /** How many have come. */
  readonly characters: number;
  /** Where a call would have gone, without its scheme. */
  readonly host: string;
  /** Where a call would have gone. */
  readonly origin: string;
  /** Of the response; the text `attempt.no-response` where there was none. */
  readonly status: number | string;
  /** What it came to, by the texts `verdict.…`. */
  readonly verdict: string;
  /** The provider's own word for why content was refused. */
  readonly reason: string;
  /** Where an answer leaves its schema. English. */
  readonly misfit: string;
  /** What went wrong. English. */
  readonly fault: string;
  /** What can't be translated, and why. English. */
  readonly lost: string;
  /** The provider's own, without secrets; in messages without addresses. */
  readonly words: string;
  /** Several, separated by semicolons. */
  readonly list: string;
  /** A fallback's place, from 1. */
  readonly step: number;
  /** A fallback: its provider and model, or its kind. */
  readonly who: string;
  /** The id of a key. */
  readonly key: string;
  /** What is counted, by the texts `metric.…`; empty where that is not stated. */
  readonly metric: string;
  /** Over which span, by the texts `window.…`; empty where that is not stated. */
  readonly window: string;
  /** How many keys can serve now. */
  readonly available: number;
  /** How many calls wait. */
  readonly waiting: number;
  /** How much is used, in hundredths. */
  readonly percent: number;
  /** Whole ones. */
  readonly hours: number;
  /** Whole ones. */
  readonly minutes: number;
  /** Whole ones; with one decimal below ten, where there are no minutes. */
  readonly seconds: number;
}

/** What all texts of calls that failed are given. */
export type CallFacts = Pick<Facts, 'keys' | 'exhausted' | 'invalid' | 'attempts' | 'tried'>;

/** Of a text that is the same every time. */
export type NoFacts = Pick<Facts, never>;

/**
 * Every text by its name, in English, and what it is given. An error code: what happened. `advice.…`: what to do now, by cause or
 * code. `prevention.…`: for the next time. `report.…`: labels. `status.…`: how things stand. The others are parts of these.
 */
export interface TextFacts extends Record<
  `advice.${Cause}` | `verdict.${Verdict}` | `thing.${OwnedKind}` | `why.${OwnedKind | 'named' | 'asked'}` | `metric.${LimitInUse['metric']}` | `window.${LimitInUse['window']}`,
  NoFacts
> {
  /** "The quota of every key is used up ({tried})." */
  QUOTA_EXCEEDED: CallFacts;
  /** "No key is left: {exhausted} of {keys} have no quota, {invalid} are not accepted ({tried})." */
  'QUOTA_EXCEEDED.some-invalid': CallFacts;
  /** "{exhausted} of {keys} keys have no quota left, and the others could not serve ({tried})." */
  PARTIAL_QUOTA: CallFacts;
  /** "No key is accepted by the provider ({tried})." */
  INVALID_KEYS: CallFacts;
  /** "No key could serve the call ({tried})." */
  EXHAUSTED: CallFacts;
  /** "The request is larger than the limit of {limit} tokens, so waiting will not help." */
  NEVER_FITS: CallFacts & Pick<Facts, 'limit'>;
  /** "Too many calls are waiting already ({limit} may)." */
  QUEUE_FULL: CallFacts & Pick<Facts, 'limit'>;
  /** "This session calls too often ({limit} a second are allowed)." */
  SESSION_LIMIT: CallFacts & Pick<Facts, 'limit'>;
  /** "The call ran out of time after {span} ({tried})." */
  DEADLINE: CallFacts & Pick<Facts, 'span'>;
  /** "The call can't be served in the time that it has ({tried})." */
  'DEADLINE.at-once': CallFacts;
  /** "Only project "{project}" can serve the call, because {why}, and {lacking} ({tried})." */
  OWNER_UNAVAILABLE: CallFacts & Pick<Facts, 'project' | 'why' | 'lacking'>;
  /** "The call needs {one} and {other}, and no key sees both." */
  OWNERS_DIFFER: CallFacts & Pick<Facts, 'one' | 'other'>;
  /** "The provider did not answer in time ({tried})." */
  TIMEOUT: CallFacts;
  /** "The stream broke before its answer was whole ({tried})." */
  STREAM_BROKEN: CallFacts;
  /** "The answer broke off after 5 characters." */
  'STREAM_BROKEN.answer': CallFacts & Pick<Facts, 'characters'>;
  /** "Keys may not be sent to {host}." */
  ORIGIN_NOT_ALLOWED: CallFacts & Pick<Facts, 'host'>;
  /** "The first attempt failed, and a body that is a stream can't be sent twice ({tried})." */
  BODY_NOT_REPLAYABLE: CallFacts;
  /** "The endpoint answered with a redirect ({status}), which is not followed: the key would go along." */
  REDIRECTED: CallFacts & Pick<Facts, 'status'>;
  /** "The endpoint answered with a redirect, which is not followed: the key would go along." */
  'REDIRECTED.unseen': CallFacts;
  /** "The provider refused the request ({status} {verdict})." */
  REFUSED: CallFacts & Pick<Facts, 'status' | 'verdict'>;
  /** "The provider blocked the request or its answer." */
  BLOCKED: CallFacts;
  /** "The provider blocked the request or its answer ({reason})." */
  'BLOCKED.reason': CallFacts & Pick<Facts, 'reason'>;
  /** "The provider blocked the answer, after a part of it ({reason})." */
  'BLOCKED.partway': CallFacts & Pick<Facts, 'reason'>;
  /** "The most tokens were used up before there was an answer to hand over." */
  'NO_ANSWER.cut': CallFacts;
  /** "The provider answered without any text." */
  'NO_ANSWER.empty': CallFacts;
  /** "The answer is no JSON, although a schema was given." */
  'NO_ANSWER.no-json': CallFacts;
  /** "The answer does not fit the schema: {misfit}." */
  'NO_ANSWER.misfit': CallFacts & Pick<Facts, 'misfit'>;
  /** "The engine can't be started: {fault}." */
  WASM_UNAVAILABLE: CallFacts & Pick<Facts, 'fault'>;
  /** "The Content Security Policy forbids WebAssembly: its script-src lacks 'wasm-unsafe-eval'." */
  'WASM_UNAVAILABLE.policy': CallFacts;
  /** "There is no WebAssembly here: it is switched off (the lockdown mode of a browser, --jitless of Node), or this host has none." */
  'WASM_UNAVAILABLE.absent': CallFacts;
  /** "This runtime compiles no WebAssembly from bytes." */
  'WASM_UNAVAILABLE.embedder': CallFacts;
  /** "This host is too old for the module: it lacks a part of WebAssembly." */
  'WASM_UNAVAILABLE.old': CallFacts;
  /** "No key is configured for this provider and model." */
  CONFIG_INVALID: CallFacts;
  /** "this instance was closed; make a new one" */
  CLOSED: CallFacts;
  /** "this instance stopped after an internal fault ({fault}); make a new one" */
  'CLOSED.fault': CallFacts & Pick<Facts, 'fault'>;
  /** "this instance takes no more calls: it is being drained" */
  DRAINING: CallFacts;
  /** "This is no snapshot." */
  SNAPSHOT_INVALID: CallFacts;
  /** "The request can't be translated: {lost}." */
  NOT_TRANSLATABLE: CallFacts & Pick<Facts, 'lost'>;
  /** "{fault}" */
  FALLBACK_FAILED: CallFacts & Pick<Facts, 'fault'>;
  /** "it failed in a way that nobody has foreseen" */
  'FALLBACK_FAILED.unforeseen': CallFacts;
  /** "no attempt was left to the call" */
  'FALLBACK_FAILED.no-attempt': CallFacts;
  /** "the provider may have acted on the call, which must not be sent twice" */
  'FALLBACK_FAILED.twice': CallFacts;
  /** "the time that the call had is over" */
  'FALLBACK_FAILED.late': CallFacts;
  /** "its body is no JSON" */
  'FALLBACK_FAILED.no-json': CallFacts;
  /** "its body is a stream, which can be read only once" */
  'FALLBACK_FAILED.stream': CallFacts;
  /** "the call was for this model already" */
  'FALLBACK_FAILED.same-model': CallFacts;
  /** "its answer broke off" */
  'FALLBACK_FAILED.broke-off': CallFacts;
  /** "its answer could not be read" */
  'FALLBACK_FAILED.unreadable': CallFacts;
  /** "the handler threw" */
  'FALLBACK_FAILED.threw': CallFacts;
  /** "the handler returned something that is no Response" */
  'FALLBACK_FAILED.no-response': CallFacts;
  /** "the handler returned a Response that was read already" */
  'FALLBACK_FAILED.read': CallFacts;
  /** "the handler returned a Response that can't be marked" */
  'FALLBACK_FAILED.unmarkable': CallFacts;
  /** "Try again in {span}." */
  wait: Pick<Facts, 'span'>;
  /** "It says: {words}" */
  words: Pick<Facts, 'words'>;
  /** "Only project "{project}" may serve it: {why}." */
  only: Pick<Facts, 'project' | 'why'>;
  /** "No fallback could serve: {list}." */
  fallbacks: Pick<Facts, 'list'>;
  /** "{step}. {who} ({why})" */
  fallback: Pick<Facts, 'step' | 'who' | 'why'>;
  /** "Wait {span}." */
  'advice.wait': Pick<Facts, 'span'>;
  /** "Check the connection, and try again." */
  'advice.connection': NoFacts;
  /** "Shorten the request, or use a model or tier with a higher limit." */
  'advice.NEVER_FITS': NoFacts;
  /** "Send fewer calls at once, or raise options.queue.maxSize." */
  'advice.QUEUE_FULL': NoFacts;
  /** "Call less often, or raise options.sessionRate." */
  'advice.SESSION_LIMIT': NoFacts;
  /** "Allow calls more time with options.deadline, or make fewer at once." */
  'advice.DEADLINE': NoFacts;
  /** "Give project "{project}" a key that works, or make the {thing} anew with another." */
  'advice.OWNER_UNAVAILABLE.key': Pick<Facts, 'project' | 'thing'>;
  /** "Wait {span}, or make the {thing} anew with another project." */
  'advice.OWNER_UNAVAILABLE.wait': Pick<Facts, 'project' | 'thing' | 'span'>;
  /** "Give project "{project}" quota, or make the {thing} anew with another." */
  'advice.OWNER_UNAVAILABLE.quota': Pick<Facts, 'project' | 'thing'>;
  /** "Make all that a call needs with one project: name it in quota.project of the calls that make it." */
  'advice.OWNERS_DIFFER': NoFacts;
  /** "Check the connection, or allow an attempt more time with options.timeout." */
  'advice.TIMEOUT': NoFacts;
  /** "Ask again: what has come is not the whole answer, and could not be taken back to try elsewhere." */
  'advice.STREAM_BROKEN': NoFacts;
  /** "Ask again; what had come is in error.answer." */
  'advice.STREAM_BROKEN.answer': NoFacts;
  /** "Name {origin} in options.allowedOrigins if it is yours." */
  'advice.ORIGIN_NOT_ALLOWED': Pick<Facts, 'origin'>;
  /** "Give the body as a string, as bytes or as a Blob, so that it can be sent again." */
  'advice.BODY_NOT_REPLAYABLE': NoFacts;
  /** "Call the address that it leads to (error.response tells, except in pages); options.allowedOrigins must name its origin." */
  'advice.REDIRECTED': NoFacts;
  /** "Ask again, perhaps in other words; what came is in error.answer." */
  'advice.NO_ANSWER': NoFacts;
  /** "Raise options.maxTokens: thinking counts too." */
  'advice.NO_ANSWER.cut': NoFacts;
  /** "See error.cause." */
  'advice.WASM_UNAVAILABLE': NoFacts;
  /** "Add 'wasm-unsafe-eval' to script-src (of a Web Extension: in content_security_policy.extension_pages); it allows WebAssembly and no other code from text." */
  'advice.WASM_UNAVAILABLE.policy': NoFacts;
  /** "Allow WebAssembly here, or make the calls elsewhere." */
  'advice.WASM_UNAVAILABLE.absent': NoFacts;
  /** "Bundle with the condition "workerd" or "edge-light", or import a compiled module from quota-aware-api/core.wasm and hand it over in options.wasm." */
  'advice.WASM_UNAVAILABLE.embedder': NoFacts;
  /** "Use Chrome 96, Firefox 93, Safari 16.4, Node 20, or anything newer." */
  'advice.WASM_UNAVAILABLE.old': NoFacts;
  /** "Give the constructor a key for this provider, or one without `models` that leaves this model out." */
  'advice.CONFIG_INVALID': NoFacts;
  /** "Make a new instance, and make calls before close()." */
  'advice.CLOSED': NoFacts;
  /** "Make the call with another instance." */
  'advice.DRAINING': NoFacts;
  /** "Hand over what snapshot() returned, whole; without one, begin anew: nothing has changed." */
  'advice.SNAPSHOT_INVALID': NoFacts;
  /** "Leave out of the request what is named, or allow the fallback to, with its leaveOut." */
  'advice.NOT_TRANSLATABLE': NoFacts;
  /** "See error.cause, where there is one." */
  'advice.FALLBACK_FAILED': NoFacts;
  /** "Check keys with testAllKeys() before people depend on them." */
  'prevention.keys': NoFacts;
  /** "Make what many calls need with several projects, so that they do not depend on the quota and the keys of one." */
  'prevention.owner': NoFacts;
  /** "Declare the project's limits in options.limits, so that calls wait before they are refused; keys of other projects add quota, more keys of one project do not." */
  'prevention.minute': NoFacts;
  /** "Add a key of another project, a smaller model with a quota of its own, or billing; declare rpd in options.limits to see the end coming." */
  'prevention.day': NoFacts;
  /** "Set a budget alert with the provider." */
  'prevention.credit': NoFacts;
  /** "Have a second model ready in options.fallback; overload is the model's, not the key's." */
  'prevention.overload': NoFacts;
  /** "Ask plan() beforehand whether the keys last for so many people, and how many more it takes." */
  'prevention.crowd': NoFacts;
  /** "{exhausted} of {keys} keys without quota" */
  'details.exhausted': Pick<Facts, 'keys' | 'exhausted' | 'invalid'>;
  /** "{invalid} of {keys} keys not accepted" */
  'details.invalid': Pick<Facts, 'keys' | 'exhausted' | 'invalid'>;
  /** "attempts: {list}" */
  'details.attempts': Pick<Facts, 'list'>;
  /** "provider: {words}" */
  'details.provider': Pick<Facts, 'words'>;
  /** "{key} {status} {verdict}" */
  attempt: Pick<Facts, 'key' | 'status' | 'verdict'>;
  /** "{key} {status} {verdict} after waiting {span}" */
  'attempt.waited': Pick<Facts, 'key' | 'status' | 'verdict' | 'span'>;
  /** "no response" */
  'attempt.no-response': NoFacts;
  /** "3 keys, 2 attempts" */
  tried: Pick<Facts, 'keys' | 'exhausted' | 'invalid' | 'attempts'>;
  /** "{limit} {metric} {window}" */
  quota: Pick<Facts, 'metric' | 'window' | 'limit'>;
  /** "a limit of {metric} {window}" */
  'quota.unstated': Pick<Facts, 'metric' | 'window'>;
  /** "Quota:" */
  'report.quota': NoFacts;
  /** "Model:" */
  'report.model': NoFacts;
  /** "Tier:" */
  'report.tier': NoFacts;
  /** "Wait:" */
  'report.wait': NoFacts;
  /** "Tried:" */
  'report.tried': NoFacts;
  /** "Fallback:" */
  'report.fallback': NoFacts;
  /** "Provider:" */
  'report.provider': NoFacts;
  /** "Now:" */
  'report.now': NoFacts;
  /** "Next time:" */
  'report.next-time': NoFacts;
  /** "Limits:" */
  'report.limits': NoFacts;
  /** "Usage:" */
  'report.usage': NoFacts;
  /** "Upgrade:" */
  'report.upgrade': NoFacts;
  /** "Keys:" */
  'report.keys': NoFacts;
  /** "All 3 keys can serve.", of one "The key can serve." */
  'status.ok': Pick<Facts, 'keys' | 'available'>;
  /** "The quota is nearly used up ({percent} %): ask less often." */
  'status.slow': Pick<Facts, 'keys' | 'available' | 'percent'>;
  /** "{available} of {keys} keys can serve; the next returns in {span}." */
  'status.some': Pick<Facts, 'keys' | 'available' | 'span'>;
  /** "{available} of {keys} keys can serve." */
  'status.some.unknown': Pick<Facts, 'keys' | 'available'>;
  /** "Next free place in 4 s; 12 calls wait." */
  'status.waiting': Pick<Facts, 'keys' | 'available' | 'waiting' | 'span'>;
  /** "12 calls wait for a free place." */
  'status.waiting.unknown': Pick<Facts, 'keys' | 'available' | 'waiting'>;
  /** "The day's quota of every key is used up; the next returns in {span}." */
  'status.day': Pick<Facts, 'keys' | 'available' | 'span'>;
  /** "The quota of every key is used up, and nothing tells when there will be more." */
  'status.day.unknown': Pick<Facts, 'keys' | 'available'>;
  /** "No key can serve now; the next returns in {span}." */
  'status.down': Pick<Facts, 'keys' | 'available' | 'span'>;
  /** "No key can serve now, and nothing tells when one will." */
  'status.down.unknown': Pick<Facts, 'keys' | 'available'>;
  /** "No key is accepted: give keys that work." */
  'status.invalid': Pick<Facts, 'keys' | 'available'>;
  /** "A fallback serves meanwhile." */
  'status.fallbacks': NoFacts;
  /** "{seconds} s" */
  'span.seconds': Pick<Facts, 'seconds'>;
  /** "{minutes} min {seconds} s" */
  'span.minutes': Pick<Facts, 'minutes' | 'seconds'>;
  /** "{hours} h {minutes} min" */
  'span.hours': Pick<Facts, 'hours' | 'minutes'>;
  /** "it has no key any more" */
  'lacking.key': NoFacts;
  /** "none of its keys is accepted" */
  'lacking.accepted': NoFacts;
  /** "not enough of its keys can serve" */
  'lacking.enough': NoFacts;
  /** "its quota is used up" */
  'lacking.quota': NoFacts;
  /** "a {thing} of project "{project}"" */
  owned: Pick<Facts, 'thing' | 'project'>;
}

// ---------------------------------------------------------------- plans

/**
 * Will the keys last for the day that is to come? Answered by playing it: the same engine on a virtual clock, people who
 * ask as people do, and a provider that counts truthfully. Nothing is sent, no key is needed. Synchronous: a workshop
 * takes some 50 ms, advice included, and an 8-hour day of 1,000 people some 3 s; a million calls over a hundred keys take half a
 * minute. Keep such days off a page's main thread.
 *
 * The same scenario gives the same report, to the millisecond.
 *
 * @example
 * plan({ people: 40, hours: 3.5, keys: 3, limits: { rpm: 15 } }).supply[0].perHour; // 2700, of which 640 are asked for
 * @throws QuotaAwareError `CONFIG_INVALID` where the scenario has an unknown name or a wrong value, naming its path
 */
export function plan(scenario?: PlanScenario): PlanReport;

/** Prints a plan for people, in plain lines of text with a small chart. @param log default `console.log` */
export function printPlan(report: PlanReport, log?: (line: string) => void): void;

/** A day that is to come. Everything has a default: together they are the workshop of 40 people and three keys. */
export interface PlanScenario {
  /** 1 to 10,000. @default 40 */
  people?: number;
  /** How long people ask, in hours: 0.001 to 72. What is under way at the end still comes to its end. @default 3.5 */
  hours?: number;
  /**
   * Calls of one person in an hour, at instants drawn independently (a Poisson process): 0 to 3,600, and a million calls in
   * all. @default 16, which is 640 an hour for 40 people
   */
  callsPerHour?: number;
  /**
   * Instead of `callsPerHour`: one question at a time, and so many milliseconds on average between an answer and the next
   * question. 0: at once, as load generators do. @default not so
   */
  thinkTime?: number;
  /**
   * Instead of `callsPerHour`: when each call was made, in milliseconds since the beginning, as a log tells it. One person asks
   * after the other: who they were makes a difference to single waits, since fair turns put those last who have just asked. @default not so
   */
  trace?: number[];
  /** Moments at which many ask at once, besides. @default none */
  bursts?: {
    /** Milliseconds since the beginning. @default 0 */
    at?: number;
    /** How many of them. @default all */
    people?: number;
    /** Within how many milliseconds. @default 10000 */
    within?: number;
  }[];
  /** Besides, people who keep several calls open all the time: what is left for the others? @default none */
  greedy?: {
    /** How many. @default 1 */
    people?: number;
    /** Calls of each. @default 4 */
    parallel?: number;
  };
  /**
   * What is asked for, each model once. @default "gemini-3.5-flash-lite"
   */
  models?: string | (string | PlanModel)[];
  /** How many keys there are, up to 200; or a list that says whose they are and what their project is allowed. @default 3 */
  keys?: number | PlanKey[];
  /** How many projects the keys belong to, where `keys` is a number: quota belongs to projects. @default one for each key */
  projects?: number;
  /**
   * What each project is allowed, for all models or by model. `concurrency` and `burst` are kept by the client alone.
   * @default what is known of Gemini's free tier; see `PlanReport.assumed`
   */
  limits?: Limits | Record<string, Limits>;
  /** Whether the client is told the limits, or has to learn them from refusals. @default true */
  declared?: boolean;
  /**
   * How the provider counts a minute: the sixty seconds before; since the turn of a minute that nobody knows; or a bucket
   * that fills up continuously (Groq, OpenAI). Google does not say which it uses. @default "rolling", the strictest
   */
  window?: 'rolling' | 'fixed' | 'refill';
  /**
   * How long the minute of the limits lasts, in milliseconds: 1,000 to 60,000. Shorter for days that are played in real time
   * too, as with the mock's option of this name. The client is told, as by `options.resetInterval`. @default 60000
   */
  minute?: number;
  /** When the provider's day ends: 00:00 UTC or 00:00 in Los Angeles. @default "utc" */
  day?: 'utc' | 'pacific';
  /** Whether refused calls count as well. Not known of Gemini; OpenAI says so. @default true */
  countRefused?: boolean;
  /** Milliseconds from a request's arrival to its answer: always the same, or drawn evenly. @default 600 to 2,400, an assumption */
  latency?: number | PlanSpan;
  /** Milliseconds of one way over an open connection; opening one takes four more. @default 15 to 60 */
  travel?: number | PlanSpan;
  /** What else goes wrong, in shares of requests: 0 to 1. @default none */
  faults?: {
    /** Find no network. @default 0 */
    network?: number;
    /** Are answered by 500. @default 0 */
    transient?: number;
    /** Are answered by 503. @default 0 */
    overloaded?: number;
  };
  /** The options that the client will have, as far as they matter here. @default none */
  options?: Pick<Options, 'strategy' | 'preset' | 'pacing' | 'minute' | 'maxRetries' | 'resetInterval' | 'backoff' | 'cooldown' | 'retryBudget' | 'timeout' | 'deadline' | 'queue'>;
  /** How long people wait without complaint, in milliseconds. @default 10000 */
  patience?: number;
  /**
   * Models that advice may propose instead, with what each project would be allowed.
   * @default the free tier's model with the most requests a day
   */
  alternatives?: PlanAlternative[];
  /**
   * When it begins, in milliseconds since the epoch: days of quota end by this clock.
   * @default a morning whose quota is fresh and whose day ends no sooner than in 16 hours
   */
  startsAt?: number;
  /** Another number draws another day of the same kind. @default 1 */
  seed?: number;
  /** Whether to look for changes that would make it hold. Takes several times as long as the day itself. @default true */
  advice?: boolean;
}

/** A model of the scenario. */
export interface PlanModel {
  /** Its name. */
  model: string;
  /** In proportion to those of the others: above 0, at most 1. @default 1 */
  share?: number;
  /** What a call counts for where tokens are limited: up to 10 million. @default 500 */
  tokens?: number;
}

/** A key of the scenario. */
export interface PlanKey {
  /** Whose it is. @default a project of its own */
  project?: string;
  /** What its project is allowed, for all models or by model. @default `PlanScenario.limits` */
  limits?: Limits | Record<string, Limits>;
}

/** A range from which each span is drawn evenly, in milliseconds. */
export interface PlanSpan {
  /** At least. */
  min: number;
  /** At most. */
  max: number;
}

/** A model that could be used instead. */
export interface PlanAlternative {
  /** Its name. */
  model: string;
  /** What each project would be allowed. @default what is known of it */
  limits?: Limits;
}

/** What a day comes to. Spans and instants are in milliseconds, instants since the beginning. */
export interface PlanReport {
  /**
   * Whether every call is served, and in every slice 19 of 20 within `patience` (or all but one, of fewer calls). Slice by
   * slice, so that a rush in which everybody waits is not lost among the calls of a whole day.
   */
  holds: boolean;
  /** Of the scenario. */
  people: number;
  /** Of the scenario, in milliseconds. */
  patience: number;
  /** How long people ask. */
  span: number;
  /** How long a minute of the quota lasts: 60,000 unless the scenario says otherwise. */
  minute: number;
  /** When the last call is over. */
  endedAt: number;
  /** Calls by their end. */
  calls: PlanCalls;
  /** How long the served waited before the send that served them. */
  waits: PlanWaits;
  /** Attempts that were sent. */
  sends: number;
  /** Of those, refused by the provider for quota. */
  refusals: number;
  /** Calls asked for in the busiest minute. */
  busiestMinute: number;
  /** The sum for each model: what there is and what is asked for. */
  supply: PlanSupply[];
  /**
   * The first time that a limit is felt: a call waits longer than two seconds, is refused by the provider (and perhaps served
   * elsewhere), or is not served. Null where none is.
   */
  firstBreak: PlanBreak | null;
  /** The same over time. */
  slices: PlanSlice[];
  /** The length of a slice; there are 48 at most. */
  slice: number;
  /** How evenly answers are spread over people, by Jain's index: 1 is evenly, 1/n all to one. */
  fairness: number;
  /** Whether it was ended early: a million calls are the most that is played. */
  cut: boolean;
  /** Changes with which it holds, each of them played, the cheapest first. Empty where it holds, where none helps by itself, and where none was looked for. */
  advice: PlanFix[];
  /** Whether changes were looked for: what the scenario said with `advice`. */
  advised: boolean;
  /** Limits that nobody gave and that were looked up. */
  assumed: PlanAssumption[];
}

/** Calls by their end. */
export interface PlanCalls {
  /** All of them. */
  asked: number;
  /** Answered. */
  served: number;
  /** Not answered for want of quota. */
  unserved: number;
  /** Not answered for other reasons. */
  failed: number;
  /** The error codes of the latter two. */
  codes: PlanCode[];
}

/** How many calls ended with an error. */
export interface PlanCode {
  /** Its code. `HTTP`: a response came, and it was an error. */
  code: ErrorCode | 'HTTP';
  /** So many. */
  calls: number;
}

/** How long served calls waited, in milliseconds. */
export interface PlanWaits {
  /** Calls that did not wait. */
  atOnce: number;
  /** Half waited no longer. */
  p50: number;
  /** 95 of 100 waited no longer. */
  p95: number;
  /** 99 of 100 waited no longer. */
  p99: number;
  /** The longest wait. */
  max: number;
  /** How many waited how long. */
  histogram: PlanBar[];
}

/** A bar of the histogram of waits. */
export interface PlanBar {
  /** Waits longer than the bar before, up to so many milliseconds; null: all longer ones. */
  upTo: number | null;
  /** So many. */
  calls: number;
}

/** The first time that a limit is felt. */
export interface PlanBreak {
  /** When, in milliseconds since the beginning. */
  at: number;
  /** A call waited longer than two seconds, was refused by the provider, or was not served. */
  how: 'waited' | 'refused' | 'unserved';
  /** For which model. */
  model: string;
  /** In which project, where one refused. */
  project: string | null;
  /** Which limit, where it is one. */
  limit: PlanLimit | null;
}

/** A part of the day. Waits are in milliseconds. */
export interface PlanSlice {
  /** When it begins, in milliseconds since the beginning. */
  at: number;
  /** Calls asked for in it. */
  asked: number;
  /** Of those, answered. */
  served: number;
  /** Of those, not answered for want of quota. */
  unserved: number;
  /** Of those, not answered for other reasons. */
  failed: number;
  /** Of the answered, those that waited longer than people are patient. */
  slow: number;
  /** Refusals in it. */
  refused: number;
  /** Half waited no longer. */
  p50: number;
  /** 95 of 100 waited no longer. */
  p95: number;
  /** The longest wait. */
  max: number;
}

/** Limits that were looked up. */
export interface PlanAssumption {
  /** Of this model. */
  model: string;
  /** Requests per minute. */
  rpm: number;
  /** Requests per day. */
  rpd: number;
  /** When they were last seen: a year, or a year and a month. */
  seen: string;
  /** Whether refusals that state them were recorded; else they are hearsay. */
  recorded: boolean;
}

/** Quota and need of one model. A limit that is not there is null. */
export interface PlanSupply {
  /** The model. */
  model: string;
  /** Those that serve it. Quota is theirs, however many keys they have. */
  projects: number;
  /** Their keys. */
  keys: number;
  /** Requests of all projects together, in a minute of the scenario. */
  perMinute: number | null;
  /** Requests of all projects together, in 3,600 s. */
  perHour: number | null;
  /** Requests of all projects together, in a day. */
  perDay: number | null;
  /** Tokens of all projects together, in a minute of the scenario. */
  tokensPerMinute: number | null;
  /** Tokens of all projects together, in a day. */
  tokensPerDay: number | null;
  /** Calls asked for. */
  asked: number;
  /** The same for an hour, on average. */
  askedPerHour: number;
  /** Calls answered. */
  served: number;
  /** When the day's quota of the last project is used up, in milliseconds since the beginning; null where it is not. */
  dayUsedUpAt: number | null;
  /** The most requests that one project serves on one day. */
  mostOfADay: number;
}

/** A limit of one project. */
export interface PlanLimit {
  /** What is counted. */
  metric: 'requests' | 'input-tokens';
  /** Over which span. */
  window: 'minute' | 'day';
  /** What one project is allowed. */
  limit: number;
}

/** A change with which the plan holds. What does not belong to its kind is null. */
export interface PlanFix {
  /**
   * `spread-bursts`: the same people ask less at once. `more-projects`: keys of other projects. `other-model`: perhaps with more
   * projects. `fewer-calls`. `higher-limits`: a paid tier.
   */
  kind: 'spread-bursts' | 'more-projects' | 'other-model' | 'fewer-calls' | 'higher-limits';
  /** How many projects there would be: the fewest with which it holds, or on a day of more than some 100,000 calls perhaps more. */
  projects: number;
  /** How many of them are new. Keys that share one can get projects of their own. */
  newProjects: number;
  /** The model instead. */
  model: string | null;
  /** How many of today's calls there would be, in hundredths. Bursts stay as they are. */
  callsPercent: number | null;
  /** Over how many milliseconds each burst would be spread. */
  burstWithin: number | null;
  /** Requests per minute that each project would have: as known of the other model, or as the paid tier has to give it. */
  rpm: number | null;
  /** Requests per day, likewise. */
  rpd: number | null;
  /** Then 95 of 100 wait no longer, in milliseconds. */
  p95: number;
  /** What it asks of people: rough points, good for the order only. */
  effort: number;
}

// ---------------------------------------------------------------- events

/**
 * Events of a fallback's own keys come with `fallback`, its number from 1, and a `call` that counts its own calls; without
 * `state`, `all-keys-down` and `service-restored`, which are about the instance's own.
 */
export interface QuotaEventMap {
  /** An attempt was sent. */
  attempt: CustomEvent<AttemptDetail>;
  /** A call goes on to a fallback. */
  fallback: CustomEvent<FallbackDetail>;
  /**
   * An attempt came to its end; one that is answered by a stream, to the first content of its answer. Where that breaks later,
   * a second `settled` with the same `call` says what broke it, and statistics count a failure in place of the success.
   */
  settled: CustomEvent<SettledDetail>;
  /** A call, or somebody, moved to another key. */
  rotate: CustomEvent<RotateDetail>;
  /** A pool was closed by a refusal. */
  'rate-limited': CustomEvent<RateLimitedDetail>;
  /** A key, or its project, can't serve. */
  'key-down': CustomEvent<KeyDownDetail>;
  /** A key may serve again. */
  'key-restored': CustomEvent<KeyRestoredDetail>;
  /** Once, when the last key goes down. */
  'all-keys-down': CustomEvent<AllKeysDownDetail>;
  /** Once, when the first comes back. */
  'service-restored': CustomEvent<ServiceRestoredDetail>;
  /** What all keys together can do is another than it was. Once for each time; what goes and comes back at the same instant is none. */
  state: CustomEvent<StateDetail>;
  /** An alert of {@link Status.alerts} has begun. Once, however often its reason comes and goes meanwhile. */
  alert: CustomEvent<AlertDetail>;
  /** The reason of an alert has been gone for two minutes. Rates end a quarter better than they begin: 0.85 where that is 0.8. */
  'alert-over': CustomEvent<AlertDetail>;
  /** A limit's use crossed one of `warnAt`; once a window for each. */
  'quota-warning': CustomEvent<QuotaWarningDetail>;
  /** A call has to wait. */
  waiting: CustomEvent<WaitingDetail>;
  /** A limit became known, or is another than was known. */
  'limit-learned': CustomEvent<LimitLearnedDetail>;
  /**
   * Two projects that were not declared together refuse together: three times within three seconds of each other, unexplained
   * by what either had used. Told once for each pair, and an alert in the status from then on; nothing is merged for it.
   */
  'shared-quota-suspected': CustomEvent<SharedQuotaDetail>;
}

/** Of `attempt`. */
export interface AttemptDetail {
  /** Instant of the event. */
  readonly at: number;
  /** The number of the call. */
  readonly call: number;
  /** The id of the key. */
  readonly key: string;
  /** The place of the key in the ring, from 1; 0 where it is gone. */
  readonly position: number;
  /** How many keys there are. */
  readonly of: number;
  /** As asked for; `"*"` where the call named none. */
  readonly model: string;
  /** Counted from 1. */
  readonly attempt: number;
  /** The fallback's number, from 1; absent for the instance's own keys. */
  readonly fallback?: number;
}

/** Of `fallback`: which, and why. */
export interface FallbackDetail extends FallbackName {
  /** Instant of the event. */
  readonly at: number;
  /** The number of the call; null where its account is gone. */
  readonly call: number | null;
  /** Why those before could not serve. */
  readonly reason: ErrorCode;
}

/**
 * What failed, in four words: `quota` (a day's limit, or credit), `rate_limit` (a minute's), `invalid_key` (also a key that is
 * not allowed to), `other`.
 */
export type ErrorCategory = 'quota' | 'rate_limit' | 'invalid_key' | 'other';

/**
 * One attempt that is over, as sinks get it: frozen, and of JSON's types alone. A failed one is given out at once. A served one
 * once its answer has told its tokens, or was read or cancelled; ten seconds after the answer, or after the last piece of its
 * stream, if nobody reads it; or at `flush()` or `close()`. Has no secrets, unless a caller's own words do.
 */
export interface AttemptRecord {
  /** Instant at which the attempt ended: that its headers came, that it failed, that its stream broke. */
  readonly at: number;
  /** The number of the call: of the instance, or of the fallback. */
  readonly call: number;
  /**
   * The how-manieth of the call, from 1. Of a stream that broke after its record was given out, at a `flush()` say, there is a
   * second record with the same `call` and `attempt`; the second is the truth.
   */
  readonly attempt: number;
  /** The id of the key. */
  readonly key: string;
  /** The place of the key among all, from 1; 0 where it is gone. */
  readonly keyNumber: number;
  /** Whose dialect was spoken. */
  readonly provider: ProviderName;
  /** Whose quota it used. */
  readonly project: string;
  /** As asked for; `"*"` where the call named none. */
  readonly model: string;
  /** `quota.session` of the call. */
  readonly session: string | null;
  /** `quota.operation` of the call. */
  readonly operation: string | null;
  /** `quota.userId` of the call. */
  readonly userId: string | null;
  /** `quota.userAgent` of the call, else the host's `navigator.userAgent`; null where there is none (Node 20). */
  readonly userAgent: string | null;
  /** What it came to. */
  readonly verdict: Verdict;
  /** The same in four words; null where it was served. */
  readonly category: ErrorCategory | null;
  /** Whether it was served. */
  readonly success: boolean;
  /** The status of the response; null where there was none. */
  readonly status: number | null;
  /** From sending to the headers, in milliseconds; of a stream to the first content of its answer, or until it broke. */
  readonly latencyMs: number;
  /** How long the call had waited before it was sent, in all. */
  readonly waitedMs: number;
  /** Its tokens; null of failed ones, and where neither its answer nor its question tells. */
  readonly tokens: {
    /** All that was sent. */
    readonly input: number;
    /** All that came back, thoughts included; estimated, it is 0 of an answer that nobody has read. */
    readonly output: number;
    /** The part of `input` that came out of a cache of the provider's. */
    readonly cached: number;
    /** The part of `output` that was thoughts. */
    readonly thoughts: number;
  } | null;
  /** Whether they are guessed by the length of what was said, since the answer told none: of plain words within a factor of two. */
  readonly tokensEstimated: boolean;
  /** The fallback's number, from 1. @default absent, where it was sent with the instance's own keys for the model that was asked for */
  readonly fallback?: number;
}

/** Who gets records: a function, for each one; or an object, for several at once. What they throw or reject with is counted. */
export type Sink = ((record: AttemptRecord) => unknown) | SinkObject;

/** A sink that writes several records at once: 500 at most. */
export interface SinkObject {
  /** Is not called again before its promise is settled. */
  write(records: readonly AttemptRecord[]): void | Promise<void>;
  /** Called after the last record, once the instance is closed. A sink of several instances should have none. @default nothing is closed */
  close?(): void | Promise<void>;
}

/** Of `settled`. */
export interface SettledDetail {
  /** Instant of the event. */
  readonly at: number;
  /** The number of the call. */
  readonly call: number;
  /** The id of the key. */
  readonly key: string;
  /** The place of the key in the ring, from 1; 0 where it is gone. */
  readonly position: number;
  /** How many keys there are. */
  readonly of: number;
  /** Whose dialect was spoken. */
  readonly provider: ProviderName;
  /** Whose quota it used. */
  readonly project: string;
  /** As asked for; `"*"` where the call named none. */
  readonly model: string;
  /** Of the call; null where it named none. */
  readonly session: string | null;
  /** Of the call; null where it named none. */
  readonly operation: string | null;
  /** The how-manieth of the call, from 1. */
  readonly attempt: number;
  /** What the attempt came to. */
  readonly verdict: Verdict;
  /** The same in four words; null where it was served. */
  readonly category: ErrorCategory | null;
  /** The status of the response; null where there was none. */
  readonly status: number | null;
  /** How long it took: to response headers, or of a stream to the first content of its answer. */
  readonly latencyMs: number;
  /** How long the call had waited before it was sent, in all. */
  readonly waitedMs: number;
  /** The fallback's number, from 1; absent for the instance's own keys. */
  readonly fallback?: number;
}

/** Of `rotate`. */
export interface RotateDetail extends RotationEvent {
  /** The fallback's number, from 1; absent for the instance's own keys. */
  readonly fallback?: number;
}

/** Of `rate-limited`. */
export interface RateLimitedDetail {
  /** Instant of the event. */
  readonly at: number;
  /** The id of the key that was refused. */
  readonly key: string;
  /** Whose quota it is. */
  readonly project: string;
  /** The model; `"*"` for calls that named none. */
  readonly model: string;
  /** What the refusal means. */
  readonly verdict: Verdict;
  /** Instant at which it is tried again; null where that is not known. */
  readonly until: number | null;
  /** The fallback's number, from 1; absent for the instance's own keys. */
  readonly fallback?: number;
}

/** Of `key-down`. */
export interface KeyDownDetail {
  /** Instant of the event. */
  readonly at: number;
  /** The id of the key. */
  readonly key: string;
  /** Why, in a few words. */
  readonly reason: string;
  /** Instant at which it is tried again; null where that is not known. */
  readonly until: number | null;
  /** The fallback's number, from 1; absent for the instance's own keys. */
  readonly fallback?: number;
}

/** Of `key-restored`. */
export interface KeyRestoredDetail {
  /** Instant of the event. */
  readonly at: number;
  /** The id of the key. */
  readonly key: string;
  /** The fallback's number, from 1; absent for the instance's own keys. */
  readonly fallback?: number;
}

/** Of `all-keys-down`. */
export interface AllKeysDownDetail {
  /** Instant of the event. */
  readonly at: number;
  /** Instant of the soonest return; null where that is not known. */
  readonly until: number | null;
}

/** Of `service-restored`. */
export interface ServiceRestoredDetail {
  /** Instant of the event. */
  readonly at: number;
}

/** Of `state`. */
export interface StateDetail {
  /** Instant of the event. */
  readonly at: number;
  /** What it was. */
  readonly from: Status['state'];
  /** What it is. */
  readonly to: Status['state'];
  /** What keeps most of the keys that can't serve, in a few words; null where all can. */
  readonly reason: string | null;
}

/** Of `alert` and `alert-over`: the alert, as it stood when it began. */
export interface AlertDetail extends Readonly<Alert> {
  /** Instant of the event. */
  readonly at: number;
  /** Instant at which it began. */
  readonly since: number;
  /** The fallback's number, from 1; absent for the instance's own keys. */
  readonly fallback?: number;
}

/** Of `quota-warning`. */
export interface QuotaWarningDetail {
  /** Instant of the event. */
  readonly at: number;
  /** Whose quota it is. */
  readonly project: string;
  /** The model; `"*"` for calls that named none. */
  readonly model: string;
  /** What is counted. */
  readonly metric: LimitInUse['metric'];
  /** Over which span. */
  readonly window: LimitInUse['window'];
  /** How much is used. */
  readonly used: number;
  /** Out of so much. */
  readonly limit: number;
  /** Which share of {@link Options.warnAt} it has crossed. */
  readonly threshold: number;
  /** The fallback's number, from 1; absent for the instance's own keys. */
  readonly fallback?: number;
}

/** Of `waiting`. */
export interface WaitingDetail {
  /** Instant of the event. */
  readonly at: number;
  /** The number of the call. */
  readonly call: number;
  /** How many are before it. */
  readonly ahead: number;
  /** Instant at which it is promised to go; null where that can't be told. */
  readonly until: number | null;
  /** For what it waits, in a few words. */
  readonly reason: string;
  /** The limit that it waits for, where it is one. */
  readonly limit: LimitInUse | null;
  /** The fallback's number, from 1; absent for the instance's own keys. */
  readonly fallback?: number;
}

/** Of `limit-learned`. */
export interface LimitLearnedDetail {
  /** Instant of the event. */
  readonly at: number;
  /** Whose quota it is. */
  readonly project: string;
  /** The model; `"*"` for calls that named none. */
  readonly model: string;
  /** What is counted. */
  readonly metric: LimitInUse['metric'];
  /** Over which span. */
  readonly window: LimitInUse['window'];
  /** How much there is of it. */
  readonly limit: number;
  /** How it became known, in a few words: a refusal or headers stated it, … */
  readonly source: string;
  /** The fallback's number, from 1; absent for the instance's own keys. */
  readonly fallback?: number;
}

/** Of `shared-quota-suspected`. */
export interface SharedQuotaDetail {
  /** Instant of the event. */
  readonly at: number;
  /** The two. */
  readonly projects: [string, string];
  /** For this model. */
  readonly model: string;
  /** How often both have refused within three seconds. */
  readonly coincidences: number;
  /** How much of its minute each had served when it refused last. */
  readonly served: [number, number];
  /** What the provider states the limit is; null where it does not. */
  readonly limit: number | null;
  /** The fallback's number, from 1; absent for the instance's own keys. */
  readonly fallback?: number;
}
