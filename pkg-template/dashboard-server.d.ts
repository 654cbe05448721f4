// Types of `quota-aware-api/dashboard-server`, kept by hand: what a server sends to dashboards, and what they may ask of it.
import type { KeyTest, QuotaAwareAPI, RotationEvent, Stats, Status } from './index.js';

/**
 * How an instance stands now: what a dashboard is told. Contains ids and hints of keys, never a secret.
 * @throws QuotaAwareError `CLOSED` after `close()`
 */
export function stateOf(api: QuotaAwareAPI): DashboardState;

/**
 * A `Response` that any server can return to dashboards: its body is a stream of server-sent events, until the reader leaves, the
 * signal aborts, or the instance is closed. Whom it is sent to (tokens, CORS) is the server's to decide.
 *
 * The wire: `event: state` with a {@link DashboardState} as JSON in `data` and a growing number as `id`: soon after something has
 * happened, and every 2 s in any case; `event: closed` once the instance is closed, and then the stream ends; comments (`: alive`)
 * while a slow reader is spared states. Each state is whole, so `Last-Event-ID` need not be looked at.
 *
 * @example
 * // node:http
 * const events = statusEvents(api);
 * response.writeHead(200, Object.fromEntries(events.headers));
 * Readable.fromWeb(events.body).pipe(response);
 *
 * @throws TypeError where `interval` is less than 50
 */
export function statusEvents(api: QuotaAwareAPI, options?: StatusEventsOptions): Response;

/**
 * Carries out what a button of a dashboard asks for: the body of a `POST` to its `actions`, parsed. Resolves to the result of a test,
 * and to null for the others. Whoever may do this can stop a service: look at the token first.
 *
 * Answer with the result as JSON and status 200; with an error's `message` in a JSON object and another status, people read it.
 *
 * @throws (rejects) TypeError where the order is none, or names no key of the instance; else what the instance throws
 */
export function performOrder(api: QuotaAwareAPI, order: DashboardOrder): Promise<KeyTest | null>;

/** How states are sent. */
export interface StatusEventsOptions {
  /** At most one state in so many milliseconds, from 50. @default 250 */
  interval?: number;
  /** Ends the stream. @default none */
  signal?: AbortSignal;
}

/** An instance at one moment, as it is sent to dashboards. */
export interface DashboardState {
  /** Instant of this state, by the clock of the sender. */
  at: number;
  /** Of `getStatus()`. */
  status: Status;
  /** Of `getStats()`. */
  stats: Stats;
  /** Of `getRotationHistory()`: the last hundred moves, newest first. */
  history: RotationEvent[];
  /** Of `getUsage()`, where the instance has it: the last 24 hours. Sent every half minute; absent from the states between. */
  usage?: DashboardUsage;
  /** What went wrong in all, as of now: `usage.errors`, and what has failed since. Absent where there is nothing new, or no `usage`. */
  errors?: DashboardUsage['errors'];
}

/** What a dashboard reads of a report of use. */
export interface DashboardUsage {
  /** How long a slot of `series` is. */
  step: 'minute' | 'hour' | 'day';
  /** Use over time, oldest first. */
  series: {
    /** Instant at which the slot begins. */
    at: number;
    /** Attempts that ended in it. */
    requests: number;
    /** Of those, failed through the key's or the provider's fault. */
    failures: number;
    /** Calls that had to wait. */
    waited: number;
  }[];
  /** Attempts by hour of the day: 24 rows. */
  pattern: {
    /** 0 to 23, of the host's local time. */
    hour: number;
    /** So many. */
    requests: number;
    /** The same by the id of the key. */
    keys: Record<string, number>;
  }[];
  /** What went wrong, most frequent first. */
  errors: {
    /** What the attempts came to, in one word. */
    verdict: string;
    /** So many. */
    count: number;
    /** The same by the id of the key. */
    keys: Record<string, number>;
  }[];
}

/** What a button asks for. */
export interface DashboardOrder {
  /** `reset`: `resetQuotaFlags`. `test`: `testKey`. `disable`, `enable`: `disableKey` and `enableKey`, where the instance has them. */
  action: 'reset' | 'test' | 'disable' | 'enable';
  /** The id of the key. Null: all of them, for `reset` alone. @default null */
  key?: string | null;
}
