/// <reference lib="esnext.disposable" />
// `quota-aware-api/mock`: an offline stand-in for the LLM APIs. It is an emulator, not a list of canned answers: projects have keys and
// limits, calls use them up, and refusals come in each provider's own words, headers and status codes.
//
// Units: durations are milliseconds, instants are milliseconds since the Unix epoch, chances are 0 to 1.

/**
 * The languages the mock speaks: answers whole and streamed, function calls, embeddings, files. `gemini` both natively and on its
 * OpenAI-compatible path, `openai` and `groq` by chat completions and by the Responses API, `anthropic` by messages.
 *
 * A tool is called where the request says that one must be, or where its last message names it ("use get_weather for Paris"); the
 * arguments are the smallest that its schema allows, with the prompt where a text is asked for. Files belong to a project: to another
 * project's keys they do not exist, and a request that refers to one is refused in the provider's words.
 */
export type MockProviderName = 'gemini' | 'groq' | 'openai' | 'anthropic';

/** The keys of the three default projects, one each. They are worth nothing and look like it. */
export const MOCK_KEYS: readonly [string, string, string];

/**
 * A provider in this process. Without options: three Gemini projects on the free tier, one of `MOCK_KEYS` each, 15 requests per
 * minute on `gemini-3.5-flash-lite` (and on models not named in the defaults).
 *
 * Throws a `TypeError` that names the option, what was expected and what came.
 */
export function createMockProvider(options?: MockOptions): MockProvider;

/** The same behind HTTP, for programs and pages that can't be handed a `fetch`. Node 20 or later. Rejects when the port is taken. */
export function createMockServer(options?: MockOptions & MockServerOptions): Promise<MockServer>;

// ---------------------------------------------------------------- options

/** What a project has and, at the top of the options, what every project has that says nothing else. */
export interface MockProjectDefaults {
  /** @default 'gemini' */
  provider?: MockProviderName;
  /** Decides how Gemini's refusals name the quota. `paid` is tier 1. @default 'free' */
  tier?: 'free' | 'paid' | 'paid-2' | 'paid-3';
  /**
   * Limits by model; `*` stands for every other model, each with a pool of its own. Without `*`, other models are a 404.
   * @default the free tier's (Gemini, Groq) or the lowest paid tier's (OpenAI, Anthropic), as known in 2026
   */
  models?: Record<string, MockLimits>;
  /**
   * How a minute is counted. `rolling`: exactly the last 60 s. `fixed`: minutes that begin at `fixedOffset`. `bucket`: refills continuously.
   * Gemini's day is a calendar day whatever this says; elsewhere the day is counted like the minute.
   * @default 'rolling' for Gemini, 'bucket' for the others
   */
  window?: 'rolling' | 'fixed' | 'bucket';
  /** Where fixed windows begin, milliseconds after the full minute. No effect on other windows. @default 0 */
  fixedOffset?: number;
  /**
   * How long the minute of the limits lasts: in a demo a shorter one spares people the waiting. Nothing else gets faster, and texts
   * still say "minute". Milliseconds.
   * @default 60_000
   */
  minute?: number;
  /** When Gemini's day ends. Recordings say 00:00 UTC, documents say midnight in California. @default 'utc' */
  dayReset?: 'utc' | 'pacific';
  /**
   * What Gemini says about waiting when a day's quota is gone. `short`: 4 to 59 s, and wrong, as free tiers were told for over
   * a year. `true`: the time to the reset.
   * @default 'short' on the free tier, 'true' on paid ones
   */
  dailyHint?: 'short' | 'true';
}

/** A project: its keys, and what it is allowed. */
export interface MockProject extends MockProjectDefaults {
  /** @default 'project-1', 'project-2', … */
  id?: string;
  /** Keys of one project share its limits. Made-up ones only: what looks like a real key is refused. */
  keys: readonly string[];
}

/** A limit left out is none. 0 (any of them) means that the tier has no quota for the model at all. Whole numbers. */
export interface MockLimits {
  /** Requests per minute. Gemini counts each item of a batch of embeddings. @default none */
  rpm?: number;
  /** Tokens per minute: input for Gemini and Anthropic; for OpenAI and Groq input plus `max_tokens`, reserved in advance. @default none */
  tpm?: number;
  /** Requests per day. Not for Anthropic. @default none */
  rpd?: number;
  /** Tokens per day. Not for Anthropic. @default none */
  tpd?: number;
  /** Output tokens per minute, counted when they exist. Anthropic only. @default none */
  otpm?: number;
}

/**
 * What can be wrong with a key. Providers that have no word for something say "invalid".
 *
 * `ok` (nothing) · `invalid` `expired` `leaked` · `restricted` (to other APIs) `referrer` `ip` · `wrong-type` (a credential this endpoint does not take) ·
 * `suspended` `disabled` `denied` (the project) · `location` (the caller's country) · `no-credit` `spend-cap` (money).
 * Note: like the real one, the answer to a `suspended` Gemini key repeats the key.
 */
export type MockKeyState =
  | 'ok' | 'invalid' | 'expired' | 'leaked' | 'restricted' | 'referrer' | 'ip' | 'wrong-type'
  | 'suspended' | 'disabled' | 'denied' | 'location' | 'no-credit' | 'spend-cap';

/** A time, or a range from which each is drawn evenly. Milliseconds. */
export type MockSpan = number | {
  /** At least. */
  min: number;
  /** At most. */
  max: number;
};

/** Chance per request. */
export interface MockFaults {
  /** The model is overloaded: 503 (529 for Anthropic). Has been counted against the quota. @default 0 */
  overloaded?: number;
  /** 500. Has been counted. @default 0 */
  internal?: number;
  /** 504. Has been counted. @default 0 */
  timeout?: number;
  /** Shared capacity, not the caller's quota: a 429 without details for Gemini, 498 for Groq, as `overloaded` for the others. Not counted. @default 0 */
  capacity?: number;
  /** No answer at all: `fetch` rejects. Not counted. @default 0 */
  connection?: number;
  /** The connection breaks in the middle of the answer. @default 0 */
  cut?: number;
  /** A stream ends in an error document under status 200. Nothing happens to answers that are no streams. @default 0 */
  streamError?: number;
}

/** How a mock provider behaves. Every option has a default. */
export interface MockOptions extends MockProjectDefaults {
  /** @default three projects, one of `MOCK_KEYS` each */
  projects?: readonly MockProject[];
  /** Keys that are broken from the start: those of a project, or others. A key that is neither here nor in a project is invalid. @default {} */
  keys?: Record<string, MockKeyState>;
  /** Names that mean another model and share its pool, beside the known ones (`gemini-embedding-001`, `gemini-flash-lite-latest`, …). @default {} */
  aliases?: Record<string, string>;
  /** Until the first byte, of refusals too. @default { min: 40, max: 120 } */
  latency?: MockSpan;
  /** Between the pieces of a stream. @default { min: 10, max: 30 } */
  chunkDelay?: MockSpan;
  /** @default none */
  faults?: MockFaults;
  /** Models that are overloaded until `recover(model)`. @default [] */
  overloadedModels?: readonly string[];
  /**
   * Whether refused calls use up requests, of the minute and of the day. Hints take it into account: after waiting as told a call
   * gets through, unless others were made meanwhile. OpenAI documents that they count; for Gemini reports say so.
   * @default true
   */
  countRefused?: boolean;
  /** What the model says. Not asked where the answer is a function call. @default an echo, or JSON that fits the schema that was asked for */
  answer?: (prompt: string, request: MockAnswerRequest) => string | Promise<string>;
  /** Same seed, same clock, same calls: the same bytes. @default 1 */
  seed?: number;
  /** How many entries `log` keeps. @default 1000 */
  logSize?: number;
  /** The clock. @default Date.now */
  now?: () => number;
  /** How time passes. Should reject with the signal's reason when aborted; if it does not, calls are given up all the same.
   *  @default a timer; with a `now` of your own, nothing is slept at all */
  sleep?: (ms: number, signal: AbortSignal | null) => Promise<void>;
}

/** What `answer` may want to know. */
export interface MockAnswerRequest {
  /** In whose language it was asked. */
  provider: MockProviderName;
  /** As asked for. */
  model: string;
  /** The project's id. */
  project: string;
  /** Whether JSON was asked for. */
  json: boolean;
  /** The schema that was asked for. */
  schema: Record<string, any> | null;
  /** The request body, parsed. */
  body: Record<string, any>;
}

/** Where a mock server listens. */
export interface MockServerOptions {
  /** 0: any free one. @default 0 */
  port?: number;
  /** @default '127.0.0.1' */
  host?: string;
}

// ---------------------------------------------------------------- what comes out

/** A provider in this process: how it is asked, looked at, and broken. */
export interface MockProvider {
  /**
   * A `fetch` that never touches the network. The real hosts are told by name, any other by the shape of the path
   * (`/v1beta/models/…:generateContent`, `/openai/v1/…` is Groq, `/v1/messages`, …). Decisions are made in the order of the calls. Rejects with a
   * `TypeError` for connection faults, with the signal's reason when aborted, also in the middle of a body. A call given up has been counted.
   */
  readonly fetch: typeof globalThis.fetch;

  /** What has been used, now. Contains no key. */
  state(): MockState;

  /** The last requests, oldest first; at most `logSize`. A copy. Contains no key. */
  readonly log: readonly MockLogEntry[];

  /** Uses up what is left of a minute's or a day's requests (tokens, where only they are limited). `target`: a project's id, a key or a
   *  key's id. Without a model: all of them. Throws a `RangeError` where there is no such limit. */
  exhaust(target: string, window: 'minute' | 'day', model?: string): void;

  /**
   * From now on the key is refused.
   * @param key the key or its id
   * @param how what is wrong with it; default: `invalid`
   */
  breakKey(key: string, how?: MockKeyState): void;
  /** From now on the key is accepted. @param key the key or its id */
  repairKey(key: string): void;

  /**
   * Every call for this model, whatever the project, is refused as overloaded.
   * @param limit.count the next so many
   * @param limit.until those before this instant; without a limit: until `recover`
   */
  overload(model: string, limit?: { count?: number; until?: number }): void;
  /** Returns whether it was overloaded. */
  recover(model: string): boolean;

  /** New limits for a model (`*`: for models not asked for yet). What was used stays used. */
  setLimits(target: string, model: string, limits: MockLimits): void;

  /** What happens to the next requests, one step each, in the order of arrival; appended to what is left of earlier scripts. */
  script(steps: readonly MockStep[]): void;

  /** Whose language a request is spoken in. */
  providerOf(url: URL, headers: Headers): MockProviderName;
}

/** One request's fate. At least one field. */
export interface MockStep {
  /** Nothing is forced: the request meets its key and quota as usual. Other fields may still add a delay or a break. @default not said */
  ok?: true;
  /** Answered with this status, in the provider's words, before key and quota are looked at; not counted. Below 400 a `body` is needed. @default as key and quota have it */
  status?: number;
  /** Instead of the provider's words; an object is sent as JSON. With `status`. @default the provider's words */
  body?: string | object;
  /** Added to the answer's headers, whatever it is. @default none */
  headers?: Record<string, string>;
  /** No answer. @default there is one */
  connection?: true;
  /** The connection breaks after so many pieces of the answer (at least one; an answer that is no stream breaks in its middle). @default whole */
  cut?: number;
  /** A stream ends in an error document after so many pieces (at least one). @default none */
  streamError?: number;
  /** Milliseconds on top of the latency. @default 0 */
  delay?: number;
}

/** What has been used, at one moment. */
export interface MockState {
  /** Instant of this state. */
  at: number;
  /** Since the start. */
  totals: {
    /** All of them. */
    requests: number;
    /** Of those, answered by status 200. */
    served: number;
    /** Of those, the rest. */
    refused: number;
    /** Of those, answered by 5xx, or not at all. */
    failed: number;
  };
  /** In the order of declaration. */
  keys: MockKeyStatus[];
  /** Models that were declared, and others since they were first asked for. */
  pools: MockPoolStatus[];
  /** Models that are. */
  overloaded: string[];
}

/** One key, and how its requests have ended. */
export interface MockKeyStatus {
  /** `key-1`, `key-2`, … in the order of declaration. */
  id: string;
  /** null: a key that belongs to no project. */
  project: string | null;
  /** Whose key it is; null where it belongs to no project. */
  provider: MockProviderName | null;
  /** What is wrong with it, or `ok`. */
  state: MockKeyState;
  /** All of them. */
  requests: number;
  /** Of those, answered by status 200. */
  served: number;
  /** All that was not served. */
  refused: number;
}

/** One pool: a project and a model. */
export interface MockPoolStatus {
  /** The project's id. */
  project: string;
  /** Whose model it is. */
  provider: MockProviderName;
  /** The resolved name: aliases share it. */
  model: string;
  /** What it is allowed. */
  limits: MockLimits;
  /** In the current window of each limit. Above the limit where refused calls count. */
  used: MockLimits;
  /** What is left of each limit in its current window. */
  remaining: MockLimits;
  /** Calls that found room in every limit. */
  served: number;
  /** Calls refused, by the limit that kept them out longest; absent where it kept none out. */
  refused: {
    /** Requests of the minute. */
    rpm?: number;
    /** Tokens of the minute. */
    tpm?: number;
    /** Requests of the day. */
    rpd?: number;
    /** Tokens of the day. */
    tpd?: number;
    /** Output tokens of the minute. */
    otpm?: number;
    /** A limit of 0. */
    none?: number;
  };
}

/** One request, and what came of it. */
export interface MockLogEntry {
  /** Instant of arrival. */
  at: number;
  /** The key's id; null: no key, or one the mock does not know. */
  key: string | null;
  /** In whose language it was asked. */
  provider: MockProviderName;
  /** The id of the key's project; null where it has none. */
  project: string | null;
  /** As asked for. */
  model: string | null;
  /** null: the connection failed. */
  status: number | null;
  /** `ok`; `rpm` `tpm` `rpd` `tpd` `otpm` `limit-zero`; `no-key`, `key-invalid` and its like; `bad-request` `no-such-model` `no-such-file` `no-such-path`; `overloaded`
   *  `internal` `timeout` `capacity` `connection` `cut` `stream-error`; `script`. */
  reason: string;
}

/** A mock provider behind HTTP. */
export interface MockServer {
  /** Without a slash at the end: `http://127.0.0.1:49152`. Paths are the real ones. */
  readonly url: string;
  /** On which it listens. */
  readonly port: number;
  /** The emulator behind it, to look at and to break. */
  readonly provider: MockProvider;
  /** Ends every connection, requests under way included, and frees the port. May be called twice. */
  close(): Promise<void>;
  /** `await using server = await createMockServer()` */
  [Symbol.asyncDispose](): Promise<void>;
}
