// A server that sends states (see ../dashboard-server/). The stream is read with fetch, since EventSource sends no token; whoever
// loses it comes again, later each time.
import { EventStreamReader } from './event-stream.js';
import { Memory } from './memory.js';

/** Until the next try, in milliseconds; the last for all others. The first is short: most losses are a server that restarts. */
const PAUSES = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
/** The server says something every 15 s; after twice that and a little the line is dead, though nothing has told so. */
const SILENCE = 35_000;

export class UrlSource {
  memory = new Memory();
  orders;
  /** `{ state: 'connecting' | 'open' | 'lost' | 'refused', until, status, tries }`: `until` is by `performance.now()`. */
  connection;

  #given;
  #changed;
  #ending = new AbortController();
  #state = null;
  #closed = false;
  /** How far the server's clock is behind ours. */
  #skew = 0;
  #tries = 0;
  #timer;
  #reader = new EventStreamReader();
  #attempt = null;
  #comeNow = () => { if (this.connection.state === 'lost') this.#connect(); };

  /** @param given `{ url, token, actions }` */
  constructor(given, changed) {
    this.#given = given;
    this.#changed = changed;
    this.memory.tellsErrors = false;
    const can = Boolean(given.actions);
    this.orders = { reset: can, test: can, disable: can, enable: can };
    globalThis.addEventListener?.('online', this.#comeNow);
    this.#connect();
  }

  /** The server's time: the instants in a state are by its clock. */
  now() {
    return Date.now() - this.#skew;
  }

  read() {
    return { status: this.#state?.status, stats: this.#state?.stats, closed: this.#closed, at: this.#state?.at ?? null };
  }

  async perform(order) {
    const response = await fetch(this.#given.actions, {
      method: 'POST', headers: { ...this.#authorization(), 'content-type': 'application/json' }, body: JSON.stringify(order), signal: this.#ending.signal,
    });
    const text = await response.text();
    const result = text === '' ? null : JSON.parse(text);
    if (!response.ok) throw new Error(result?.message ?? `HTTP ${response.status}`);
    return result;
  }

  close() {
    globalThis.removeEventListener?.('online', this.#comeNow);
    clearTimeout(this.#timer);
    this.#ending.abort();
    this.#attempt?.abort();
  }

  async #connect() {
    clearTimeout(this.#timer);
    const attempt = new AbortController();
    this.#attempt = attempt;
    this.#is('connecting');
    try {
      await this.#listen(attempt);
    } catch {
      // Whatever it was, it is lost; what it was only the console of the browser knows.
    }
    attempt.abort();
    if (this.#ending.signal.aborted || this.#attempt !== attempt || this.connection.state === 'refused') return;
    const pause = Math.max(this.#reader.retry ?? 0, PAUSES[Math.min(this.#tries, PAUSES.length - 1)]);
    this.#tries += 1;
    this.#is('lost', { until: performance.now() + pause });
    this.#timer = setTimeout(() => this.#connect(), pause);
  }

  async #listen(attempt) {
    const headers = { ...this.#authorization(), accept: 'text/event-stream' };
    if (this.#reader.lastId !== '') headers['last-event-id'] = this.#reader.lastId;
    const alive = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => attempt.abort(), SILENCE);
    };
    alive();
    const response = await fetch(this.#given.url, { headers, cache: 'no-store', signal: attempt.signal });
    // A wrong token does not become right by trying.
    if (response.status === 401 || response.status === 403) {
      clearTimeout(this.#timer);
      this.#is('refused', { status: response.status });
      return;
    }
    if (!response.ok || !response.headers.get('content-type')?.startsWith('text/event-stream')) throw new Error(`HTTP ${response.status}`);
    const { retry, lastId } = this.#reader;
    this.#reader = Object.assign(new EventStreamReader(), { retry, lastId });
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      for (const event of this.#reader.take(decoder.decode(value, { stream: true }))) this.#heard(event);
    }
  }

  #heard({ type, data }) {
    if (type === 'closed') {
      this.#closed = true;
      this.#changed();
    }
    if (type !== 'state') return;
    const state = JSON.parse(data);
    this.#skew = Date.now() - state.at;
    this.#remember(state);
    this.#state = state;
    this.#closed = false;
    this.#tries = 0;
    this.#is('open');
  }

  /** Requests and waits are told by how the counters have grown. */
  #remember({ at, stats, status, history, usage, errors }) {
    const { series, tally, moves } = this.memory;
    const before = this.#state;
    if (before !== null && stats.totalRequests >= before.stats.totalRequests) {
      series.requests(at, stats.totalRequests - before.stats.totalRequests);
      series.failures(at, Math.max(0, stats.totalErrors - before.stats.totalErrors));
      series.waits(at, Math.max(0, stats.waited.calls - before.stats.waited.calls));
      const was = new Map(before.status.keys.map(({ id, requests }) => [id, requests]));
      for (const { id, requests } of status.keys) tally.requests(at, id, Math.max(0, requests - (was.get(id) ?? 0)));
    }
    moves.merge(history);
    if (usage) this.memory.use(usage);
    // These have been counted since, too.
    if (errors) tally.errors = errors;
  }

  #authorization() {
    return this.#given.token ? { authorization: `Bearer ${this.#given.token}` } : {};
  }

  #is(state, more = {}) {
    this.connection = { state, until: null, status: null, tries: this.#tries, ...more };
    this.#changed();
  }
}
