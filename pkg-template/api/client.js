// The class. What is decided, counted and classified happens in the engine; here are JavaScript's types and promises.
import { core } from './core.js';
import { keysFromEnv, hostEnv } from './env.js';
import { QuotaAwareError, closed, guarded, mistake, thrown } from './errors.js';
import { emptyHanded } from './fallthrough.js';
import { pacificMidnight } from './pacific.js';
import { attemptLine, statsLines } from './print.js';
import { estimate, isReplayable, modelOf, prepare, unpack } from './request.js';
import { Routes } from './routes.js';
import { testRequest } from './probe.js';
import { classify } from './classify.js';
import { watchUsage } from './usage.js';

const NO_INIT = Object.freeze({});

export class QuotaAwareAPI extends EventTarget {
  #raw;
  #settings;
  #routes;
  #log;
  /** Calls under way, by ticket: how to go on with one whose attempt was given up, and how to end it. */
  #pending = new Map();
  #healthTimer;
  #lastModel;

  constructor(keys, options = {}) {
    super();
    const { fetch, now, random = Math.random, verbose, ...plain } = checked(options);
    const { RawQuotaAware } = core();
    // The engine's table of JavaScript values is a root of its own: a strong reference from there to this instance would
    // keep every instance that nobody closed.
    const self = new WeakRef(this);
    const hooks = {
      fetch, now, pacificMidnight,
      env: (name) => hostEnv()[name],
      notify: (type, detail) => self.deref()?.dispatchEvent(new CustomEvent(type, { detail })),
      givenUp: (ticket) => self.deref()?.#pending.get(ticket)?.goOn(),
      // 53 bits: what a number can carry.
      seed: Math.floor(random() * 2 ** 53),
    };
    const written = typeof verbose === 'function' ? { ...plain, verbose: true } : { ...plain, verbose };
    this.#raw = guarded(() => new RawQuotaAware(withoutEmpty(keys), written, hooks));
    this.#settings = this.#raw.settings();
    this.#routes = new Routes(this.#raw, this.#settings);
    this.#log = typeof verbose === 'function' ? verbose : console.log;
    this.fetch = (input, init) => this.#fetch(input, init);
    for (const warning of this.#settings.warnings) console.warn(`quota-aware-api: ${warning}`);
    this.#watch();
  }

  static fromEnv(env = hostEnv(), options = {}) {
    const { keys, warnings } = keysFromEnv(env);
    for (const warning of warnings) console.warn(`quota-aware-api: ${warning}`);
    if (keys.length === 0) {
      throw mistake('env', 'expected at least one key, for example GEMINI_KEY_1=…; see examples/api-keys.env.example');
    }
    return new this(keys, options);
  }

  call(endpoint, init = NO_INIT) {
    return new Promise((resolve, reject) => {
      if (typeof Request === 'function' && endpoint instanceof Request) {
        unpack(endpoint, init).then((unpacked) => this.#send(endpoint.url, unpacked, resolve, reject)).catch(reject);
      } else {
        this.#send(endpoint, init, resolve, reject);
      }
    });
  }

  // ---------------------------------------------------------------- the workshop's surface

  rotateKey(session) {
    this.#use((raw) => raw.rotate(session));
  }

  backoff(attempt) {
    if (!Number.isInteger(attempt) || attempt < 0) throw mistake('attempt', `expected a whole number from 0, got ${attempt}`);
    const wait = this.#use((raw) => raw.backoff(Math.min(attempt, 2 ** 31)));
    return new Promise((resolve) => setTimeout(resolve, Math.min(wait, LONGEST_TIMER)));
  }

  getStats() {
    return this.#use((raw) => raw.stats());
  }

  printStats(log = console.log) {
    for (const line of statsLines(this.getStats(), this.getStatus())) log(line);
  }

  // ---------------------------------------------------------------- keys

  hasAvailableKeys(model) {
    return this.getNextAvailableKey(model) !== null;
  }

  getNextAvailableKey(model) {
    return this.#use((raw) => raw.nextKey(model)) ?? null;
  }

  getKeyForSession(session) {
    return this.#use((raw) => raw.sessionKey(String(session))) ?? null;
  }

  switchToKey(id) {
    this.#use((raw) => raw.switchTo(this.#idOf(raw, id)));
  }

  resetQuotaFlags(id) {
    this.#use((raw) => raw.reset(id));
  }

  async testKey(id, { model = this.#lastModel } = {}) {
    const key = this.getStatus().keys.find((known) => known.id === id);
    if (key === undefined) throw mistake('id', `expected the id of a key, there is no "${id}"`);
    const { endpoint, init } = testRequest(key.provider ?? this.#settings.provider, this.#settings.baseURL ?? this.#routes.lastBase, model);
    const began = Date.now();
    try {
      const { route } = this.#routes.of(endpoint);
      const { init: own } = prepare(init);
      const response = await this.#run(guarded(() => this.#open().beginTest(route, own, id)));
      const body = await response.text();
      const meaning = classify({ provider: key.provider ?? undefined, status: response.status, headers: response.headers, body });
      const ok = meaning.verdict === 'ok';
      return { id, ok, status: response.status, latencyMs: Date.now() - began, verdict: meaning.verdict, message: ok ? null : meaning.advice };
    } catch (error) {
      if (!(error instanceof QuotaAwareError) || error.attempts.length === 0) throw error;
      const { status, verdict } = error.attempts.at(-1);
      return { id, ok: false, status, latencyMs: Date.now() - began, verdict, message: String(error.cause?.message ?? error.message) };
    }
  }

  async testAllKeys(options) {
    const results = [];
    // One after the other: a burst of tests is how keys get refused.
    for (const { id } of this.getStatus().keys) results.push(await this.testKey(id, options));
    return results;
  }

  addKey(key) {
    return this.#use((raw) => raw.addKey(key));
  }

  removeKey(id) {
    return this.#use((raw) => raw.removeKey(id));
  }

  setLimits(id, limits) {
    this.#use((raw) => raw.setLimits(id, limits));
  }

  // ---------------------------------------------------------------- seeing

  getStatus() {
    return this.#use((raw) => raw.status());
  }

  getRotationHistory(limit = 100) {
    return this.#use((raw) => raw.history(limit));
  }

  addEventListener(type, callback, options) {
    super.addEventListener(type, callback, options);
    // What nobody listens to is never built. An event of ours is always a word; anything else can't be one.
    if (this.#raw !== undefined && typeof type === 'string') this.#use((raw) => raw.listen(type));
  }

  // ---------------------------------------------------------------- lasting

  close() {
    const raw = this.#raw;
    if (raw === undefined) return;
    this.#raw = undefined;
    clearInterval(this.#healthTimer);
    raw.close();
    for (const { end } of [...this.#pending.values()]) end(closed());
    raw.free();
  }

  // ---------------------------------------------------------------- inside

  #open() {
    if (this.#raw === undefined) throw closed();
    return this.#raw;
  }

  #use(work) {
    const raw = this.#open();
    return guarded(() => work(raw));
  }

  #idOf(raw, id) {
    if (typeof id === 'string') return id;
    const found = Number.isInteger(id) && id >= 1 ? raw.keyAt(id - 1) : undefined;
    if (found === undefined) throw mistake('id', `expected a key's id or its number from 1 to ${raw.stats().totalKeys}, got ${id}`);
    return found;
  }

  #send(endpoint, given, resolve, reject) {
    try {
      const raw = this.#open();
      const { route, namesModel } = this.#routes.of(endpoint);
      const { init, quota } = prepare(given);
      const { signal, body } = init;
      if (signal?.aborted) throw signal.reason;
      const once = body !== undefined && body !== null && !isReplayable(body);
      const asked = once ? { ...quota, maxRetries: 1 } : quota;
      const model = namesModel ? undefined : modelOf(body);
      if (model !== undefined) this.#lastModel = model;
      const tokens = estimate(body);
      const promise = guarded(() => raw.begin(route, init, model, tokens, asked, signal ?? undefined));
      this.#run(promise, signal, once).then(resolve, reject);
    } catch (error) {
      reject(error);
    }
  }

  /** Awaits what `begin` has sent, and goes on by the engine's slow half where that is not the end of it. */
  #run(sent, signal, once = false) {
    const raw = this.#raw;
    const ticket = raw.ticket();
    return new Promise((resolve, reject) => {
      let given = false;
      const onAbort = () => {
        try { raw.abort(ticket); } catch { /* closed: the place is free already */ }
        end(signal.reason);
      };
      const leave = () => {
        this.#pending.delete(ticket);
        signal?.removeEventListener('abort', onAbort);
      };
      const end = (error) => {
        leave();
        reject(error);
      };
      const done = (response) => {
        leave();
        resolve(watchUsage(response, (input, output) => this.#raw?.used(input, output)));
      };
      const goOn = (response, cause) => {
        given = true;
        raw.resume(ticket, response, cause).then(done, (account) => end(once ? notReplayable(account) : thrown(account)));
      };
      const answered = (response) => {
        if (given || !this.#pending.has(ticket)) return;
        const ok = response.status >= 200 && response.status < 300;
        try {
          if (ok && raw.served(ticket, response.status)) done(response);
          else goOn(response, undefined);
        } catch (error) {
          end(thrown(error));
        }
      };
      this.#pending.set(ticket, { goOn: () => goOn(undefined, undefined), end });
      signal?.addEventListener('abort', onAbort, { once: true });
      if (sent === undefined) goOn(undefined, undefined);
      else sent.then(answered, (cause) => { if (!given && this.#pending.has(ticket)) goOn(undefined, cause ?? new TypeError('fetch failed')); });
    });
  }

  async #fetch(input, init) {
    try {
      return await this.call(input, init ?? NO_INIT);
    } catch (error) {
      return emptyHanded(error);
    }
  }

  #watch() {
    const { verbose, printStatsEvery, healthCheck } = this.#settings;
    if (verbose) this.addEventListener('settled', ({ detail }) => this.#log(attemptLine(detail)));
    if (printStatsEvery !== undefined) {
      let attempts = 0;
      this.addEventListener('settled', () => {
        attempts += 1;
        if (attempts % printStatsEvery === 0) this.printStats(this.#log);
      });
    }
    if (healthCheck !== undefined) {
      this.#healthTimer = setInterval(() => this.#checkHealth(), Math.min(healthCheck, LONGEST_TIMER));
      this.#healthTimer.unref?.();
    }
  }

  /** Tests what is down, and one key that is up, so that a silent loss is noticed. One request each. */
  async #checkHealth() {
    const { keys } = this.getStatus();
    const up = keys.find(({ health }) => health === 'available');
    for (const key of keys.filter((each) => each === up || each.health === 'invalid' || each.health === 'cooling-down')) {
      if (this.#raw === undefined) return;
      // What it finds reaches the engine; an error here would only be about the test itself.
      await this.testKey(key.id).catch(() => {});
    }
  }
}

if (typeof Symbol.dispose === 'symbol') {
  Object.defineProperty(QuotaAwareAPI.prototype, Symbol.dispose, { value: QuotaAwareAPI.prototype.close, configurable: true, writable: true });
}

const LONGEST_TIMER = 2 ** 31 - 1;

/** The options that are functions are looked at here; the rest is data, and the engine's to judge. */
function checked(options) {
  if (options === null || typeof options !== 'object') throw mistake('options', `expected an object, got ${options === null ? 'null' : typeof options}`);
  for (const name of ['fetch', 'now', 'random']) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      throw mistake(`options.${name}`, `expected a function, got ${typeof options[name]}`);
    }
  }
  return options;
}

/** Holes and empty keys are dropped by the engine; `undefined` entries of an array cross as null. */
function withoutEmpty(keys) {
  if (keys === null || typeof keys !== 'object') throw mistake('keys', `expected an array of keys or a keys file, got ${keys === null ? 'null' : typeof keys}`);
  return Array.isArray(keys) ? keys.filter(Boolean) : keys;
}

function notReplayable(account) {
  return thrown(account?.code === 'EXHAUSTED' ? { ...account, code: 'BODY_NOT_REPLAYABLE' } : account);
}
