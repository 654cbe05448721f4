// The class. What is decided, counted and classified happens in the engine; here are JavaScript's types and promises.
import { Cache } from './cache/cache.js';
import { core } from './core.js';
import { keysFromEnv, hostEnv } from './env.js';
import { QuotaAwareError, closed, guarded, isAccount, mistake, redirected, thrown } from './errors.js';
import { steady } from './clock.js';
import { explain } from './explain.js';
import { emptyHanded } from './fallthrough.js';
import { Outlet, install } from './install.js';
import { generate } from './generate/generate.js';
import { span } from './messages.js';
import { pacificMidnight } from './pacific.js';
import { attemptLine, statsLines } from './print.js';
import { profiled } from './profiles.js';
import { isRedirect, isReplayable, modelOf, prepare, seesRedirects, unpack } from './request.js';
import { Routes } from './routes.js';
import { testRequest } from './probe.js';
import { classify } from './classify.js';
import { watchUsage } from './usage.js';

const NO_INIT = Object.freeze({});

export class QuotaAwareAPI extends EventTarget {
  #raw;
  #settings;
  #routes;
  #cache;
  #log;
  /** Calls under way, by ticket. */
  #pending = new Map();
  #healthTimer;
  #outlet;
  /** Handles of `install`, while they hold. */
  #installed = new Set();

  constructor(keys, options = {}) {
    super();
    const { fetch, now, random, verbose, ...plain } = checked(options);
    const { RawQuotaAware } = core();
    this.#outlet = new Outlet(fetch);
    const hooks = QuotaAwareAPI.#hooks(new WeakRef(this), this.#outlet.fetch, now, random);
    const written = typeof verbose === 'function' ? { ...plain, verbose: true } : { ...plain, verbose };
    this.#raw = guarded(() => new RawQuotaAware(listed(keys), written, hooks));
    this.#settings = this.#raw.settings();
    this.#routes = new Routes(this.#raw, this.#settings);
    this.#cache = new Cache(this.#settings.cache, now ? steady(now) : () => Date.now());
    this.#log = typeof verbose === 'function' ? verbose : console.log;
    this.fetch = (input, init) => this.#fetch(input, init);
    for (const warning of this.#settings.warnings) console.warn(`quota-aware-api: ${warning}`);
    this.#watch();
  }

  /** What the engine may call. Its table of JavaScript values is a root of the collector's, so nothing in here may lead to
   *  the instance; and closures made in one function share all its variables, `this` included: hence a function apart. */
  static #hooks(self, fetch, now, random = Math.random) {
    return {
      fetch, now: now && steady(now), pacificMidnight,
      env: (name) => hostEnv()[name],
      notify: (type, detail) => self.deref()?.#tell(type, detail),
      goOn: (ticket) => self.deref()?.#told(ticket),
      // 53 bits: what a number can carry.
      seed: Math.floor((random ?? Math.random)() * 2 ** 53),
    };
  }

  static fromEnv(env = hostEnv(), options = {}) {
    const { envPrefix, ...rest } = checked(options);
    const { keys, warnings } = keysFromEnv(env, optional('options.envPrefix', envPrefix));
    for (const warning of warnings) console.warn(`quota-aware-api: ${warning}`);
    if (keys.length === 0) {
      throw mistake('env', `expected at least one key, for example ${envPrefix ?? ''}GEMINI_KEY_1=…; see examples/api-keys.env.example`);
    }
    return new this(keys, rest);
  }

  call(endpoint, init = NO_INIT) {
    return new Promise((resolve, reject) => {
      if (typeof Request === 'function' && endpoint instanceof Request) {
        // Before its body is read: one that may not be sent stays as it was.
        this.#routes.of(endpoint.url);
        unpack(endpoint, init).then((unpacked) => this.#send(endpoint.url, unpacked, resolve, reject)).catch(reject);
      } else {
        this.#send(endpoint, init, resolve, reject);
      }
    });
  }

  install() {
    this.#open();
    const takes = (url) => this.#routes.serves(url);
    return install({ outlet: this.#outlet, installed: this.#installed, takes, serve: this.fetch });
  }

  generate(prompt, options) {
    return generate({
      settings: this.#settings,
      call: (endpoint, init) => this.call(endpoint, init),
      providers: () => this.#use((raw) => raw.providers()),
      profileOf: (name) => this.#profileOf(name),
      redact: (words) => this.#use((raw) => raw.redact(words)),
    }, prompt, options);
  }

  // ---------------------------------------------------------------- the workshop's surface

  rotateKey(session) {
    this.#use((raw) => raw.rotate(optional('session', session)));
  }

  async backoff(attempt) {
    if (!Number.isInteger(attempt) || attempt < 0) throw mistake('attempt', `expected a whole number from 0, got ${attempt}`);
    const wait = this.#use((raw) => raw.backoff(Math.min(attempt, 2 ** 31)));
    await new Promise((resolve) => { setTimeout(resolve, Math.min(wait, LONGEST_TIMER)); });
  }

  getStats() {
    return { ...this.#use((raw) => raw.stats()), cache: this.#cache.stats() };
  }

  printStats(log = console.log) {
    for (const line of statsLines(this.getStats(), this.getStatus())) log(line);
  }

  // ---------------------------------------------------------------- keys

  hasAvailableKeys(model) {
    return this.getNextAvailableKey(model) !== null;
  }

  getNextAvailableKey(model) {
    return this.#use((raw) => raw.nextKey(optional('model', model))) ?? null;
  }

  getKeyForSession(session) {
    return this.#use((raw) => raw.sessionKey(text('session', session))) ?? null;
  }

  switchToKey(id) {
    this.#use((raw) => raw.switchTo(this.#idOf(raw, id)));
  }

  resetQuotaFlags(id) {
    this.#use((raw) => raw.reset(optional('id', id)));
  }

  async testKey(id, { model } = {}) {
    const key = this.getStatus().keys.find((known) => known.id === text('id', id));
    if (key === undefined) throw mistake('id', 'expected the id of a key, got one that no key has');
    const place = this.#routes.placeOf(key.provider);
    const { endpoint, init } = testRequest(key.provider ?? place?.provider, this.#settings.baseURL ?? place?.base, optional('model', model) ?? place?.model);
    const began = Date.now();
    try {
      const { route } = this.#routes.of(endpoint);
      const { init: own } = prepare(init);
      const raw = this.#open();
      const response = await new Promise((resolve, reject) => {
        this.#run(raw, this.#use(() => raw.beginTest(route, own, id)), { resolve, reject, sees: true });
      });
      const body = await response.text();
      const meaning = classify({ provider: key.provider ?? undefined, status: response.status, headers: response.headers, body });
      const ok = meaning.verdict === 'ok';
      return { id, ok, status: response.status, latencyMs: Date.now() - began, verdict: meaning.verdict, message: ok ? null : meaning.advice };
    } catch (error) {
      if (!(error instanceof QuotaAwareError) || error.attempts.length === 0) throw error;
      const { status, verdict } = error.attempts.at(-1);
      return { id, ok: false, status, latencyMs: Date.now() - began, verdict, message: this.#use((own) => own.redact(String(error.cause?.message ?? error.message))) };
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
    return this.#use((raw) => raw.removeKey(text('id', id)));
  }

  setLimits(id, limits) {
    this.#use((raw) => raw.setLimits(text('id', id), limits));
  }

  // ---------------------------------------------------------------- seeing

  getStatus() {
    const status = this.#use((raw) => raw.status());
    for (const key of status.keys) key.availableIn = key.availableInMs === null ? null : span(key.availableInMs);
    return status;
  }

  getRotationHistory(limit = 100) {
    if (!Number.isInteger(limit) || limit < 0) throw mistake('limit', `expected a whole number from 0, got ${described(limit)}`);
    return this.#use((raw) => raw.history(Math.min(limit, 1000)));
  }

  explain(limit = 1) {
    if (!Number.isInteger(limit) || limit < 0) throw mistake('limit', `expected a whole number from 0, got ${described(limit)}`);
    return this.#use((raw) => raw.explain(Math.min(limit, 1000), undefined));
  }

  addEventListener(type, callback, options) {
    super.addEventListener(type, callback, options);
    // What nobody listens to is never built. An event of ours is always a word; anything else can't be one.
    if (this.#raw !== undefined && typeof type === 'string') this.#use((raw) => raw.listen(type));
  }

  clearCache() {
    this.#open();
    this.#cache.clear();
  }

  // ---------------------------------------------------------------- lasting

  close() {
    const raw = this.#raw;
    if (raw === undefined) return;
    this.#raw = undefined;
    clearInterval(this.#healthTimer);
    for (const { restore } of this.#installed) restore();
    raw.close();
    for (const call of [...this.#pending.values()]) this.#end(call, closed());
    this.#cache.clear();
    // Not at once: a hook of the engine's own (a listener, a custom fetch) may be what closes. After a fault never: the
    // memory stays borrowed.
    queueMicrotask(() => { try { raw.free(); } catch { /* left to the collector */ } });
  }

  // ---------------------------------------------------------------- inside

  #open() {
    if (this.#raw === undefined) throw closed();
    return this.#raw;
  }

  #use(work) {
    const raw = this.#open();
    try {
      return guarded(() => work(raw));
    } catch (error) {
      // From an empty stack, since a full one may be what went wrong.
      if (isFault(error)) queueMicrotask(() => this.#feelPulse());
      throw error;
    }
  }

  /** Ends an instance that a fault has stopped: nobody shall wait for it. One that was lucky goes on. */
  #feelPulse() {
    try {
      this.#raw?.keyAt(0);
    } catch {
      this.close();
    }
  }

  #idOf(raw, id) {
    if (typeof id === 'string') return id;
    const found = Number.isInteger(id) && id >= 1 && id <= 2 ** 32 ? raw.keyAt(id - 1) : undefined;
    if (found === undefined) throw mistake('id', `expected a key's id or its number from 1 to ${raw.stats().totalKeys}, got ${described(id)}`);
    return found;
  }

  #send(endpoint, given, resolve, reject) {
    try {
      this.#open();
      const { target, init, quota } = profiled(endpoint, prepare(given), this.#routes, (name) => this.#profileOf(name));
      const place = this.#cache.placeOf(target.href, init, quota);
      if (place === undefined) {
        this.#launch(target, init, quota, resolve, reject);
        return;
      }
      if (init.signal?.aborted) throw init.signal.reason;
      const send = (own) => new Promise((answer, fail) => { this.#launch(target, own, quota, answer, fail); });
      this.#cache.answer(place, init, quota, send).then(resolve, reject);
    } catch (error) {
      reject(error);
    }
  }

  #launch(target, init, quota, resolve, reject) {
    try {
      const raw = this.#open();
      const { signal, body } = init;
      if (signal?.aborted) throw signal.reason;
      const most = quota?.maxRetries ?? this.#settings.maxRetries ?? Infinity;
      const once = typeof most === 'number' && most > 1 && !isReplayable(body) ? { idempotent: quota?.idempotent !== false } : undefined;
      const asked = once !== undefined ? { ...quota, maxRetries: 1 } : quota;
      const model = target.namesModel ? undefined : modelOf(body);
      this.#routes.went(target, model);
      const guess = target.guesses.of(body, quota?.model ?? model);
      const sent = this.#use(() => raw.begin(target.route, init, model, guess.tokens, asked, signal ?? undefined));
      this.#run(raw, sent, { resolve, reject, signal, once, sees: seesRedirects(init), guess, explains: quota?.explain === true });
    } catch (error) {
      reject(error);
    }
  }

  #profileOf(name) {
    return this.#use((raw) => raw.profile(name));
  }

  /** After close() nothing more is said, not even what was on its way. */
  #tell(type, detail) {
    if (this.#raw !== undefined) this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Awaits what `begin` has sent, and goes on by the engine's slow half where that is not the end of it. What waits is one
   *  object, and no closures: there may be thousands. */
  #run(raw, sent, { resolve, reject, signal, once, sees, guess, explains }) {
    if (this.#raw !== raw) {
      // A custom fetch or a listener has closed us while the call was begun.
      sent?.catch(() => {});
      throw closed();
    }
    const call = { raw, ticket: raw.ticket(), resolve, reject, signal, onAbort: undefined, once, sees, guess, explains, given: false };
    this.#pending.set(call.ticket, call);
    busy.add(this);
    if (signal) {
      call.onAbort = () => this.#abort(call);
      signal.addEventListener('abort', call.onAbort, { once: true });
    }
    if (sent === undefined) this.#goOn(call);
    else sent.then((response) => this.#answered(call, response), (cause) => this.#unreached(call, cause ?? new TypeError('fetch failed')));
  }

  /** The engine has something to say about a call that waits, or has given up its attempt. */
  #told(ticket) {
    const call = this.#pending.get(ticket);
    if (call !== undefined) this.#goOn(call);
  }

  #answered(call, response) {
    if (call.given || !this.#pending.has(call.ticket)) return;
    if (typeof response?.status !== 'number') {
      this.#goOn(call, undefined, new TypeError('fetch resolved to something that is no Response'));
      return;
    }
    const ok = response.status >= 200 && response.status < 300;
    try {
      if (ok && call.raw.served(call.ticket, response)) this.#done(call, response);
      else this.#goOn(call, response);
    } catch (error) {
      this.#end(call, thrown(error));
    }
  }

  #unreached(call, cause) {
    if (!call.given && this.#pending.has(call.ticket)) this.#goOn(call, undefined, cause);
  }

  #goOn(call, response, cause) {
    call.given = true;
    // Nothing, now or later: it waits, and the engine will tell us to go on.
    call.raw.resume(call.ticket, response, cause)?.then(
      (last) => {
        if (last === undefined) return;
        if (!call.sees && isRedirect(last)) this.#end(call, redirected(last));
        else this.#done(call, last);
      },
      (account) => this.#failed(call, account),
    );
  }

  #done(call, response) {
    const { raw, ticket, guess } = call;
    this.#leave(call);
    if (call.explains) explain(response, traceOf(raw, ticket));
    call.resolve(watchUsage(response, (input, output, model) => {
      guess?.guesses.learn(guess, input, output);
      this.#raw?.used(ticket, input, output, model);
    }));
  }

  #failed(call, account) {
    const told = call.explains && isAccount(account) ? { ...account, trace: traceOf(call.raw, call.ticket) } : account;
    this.#end(call, thrown(call.once === undefined ? told : notReplayable(told, call.once)));
  }

  #abort(call) {
    // Ended first: what the engine says of it now is for nobody.
    this.#end(call, call.signal.reason);
    try { call.raw.abort(call.ticket); } catch { /* closed: the place is free already */ }
  }

  #end(call, error) {
    this.#leave(call);
    call.reject(error);
  }

  #leave(call) {
    this.#pending.delete(call.ticket);
    if (this.#pending.size === 0) busy.delete(this);
    if (call.onAbort !== undefined) call.signal.removeEventListener('abort', call.onAbort);
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
    if (healthCheck !== undefined) this.#healthTimer = QuotaAwareAPI.#checkingHealth(new WeakRef(this), healthCheck);
  }

  /** Keeps neither a process nor the instance alive: static, since a closure beside others of `this` would hold it too. */
  static #checkingHealth(self, every) {
    const timer = setInterval(() => {
      const api = self.deref();
      // An instance that a fault has stopped tells whoever calls it, not the timer.
      if (api !== undefined) api.#checkHealth().catch(() => {});
      else clearInterval(timer);
    }, Math.min(every, LONGEST_TIMER));
    timer.unref?.();
    return timer;
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

/** Instances with calls under way. A `fetch` that nobody will ever settle refers to nobody: without this, the call that
 *  waits for its time-out would be collected together with the instance. */
const busy = new Set();

/** The options that are functions are looked at here; the rest is data, and the engine's to judge. */
function checked(options) {
  if (options === null || typeof options !== 'object') throw mistake('options', `expected an object, got ${options === null ? 'null' : typeof options}`);
  for (const name of ['fetch', 'now', 'random']) {
    if (options[name] !== undefined && options[name] !== null && typeof options[name] !== 'function') {
      throw mistake(`options.${name}`, `expected a function, got ${typeof options[name]}`);
    }
  }
  return options;
}

/** Empty keys are dropped by the engine, which counts them: a mistake is told by its place in the caller's own array. */
function listed(keys) {
  if (keys === null || typeof keys !== 'object') throw mistake('keys', `expected an array of keys or a keys file, got ${keys === null ? 'null' : typeof keys}`);
  return keys;
}

/** The glue takes whatever it gets for a string, and what is none for memory. */
function text(path, value) {
  if (typeof value !== 'string') throw mistake(path, `expected a string, got ${described(value)}`);
  return value;
}

function optional(path, value) {
  return value === undefined || value === null ? undefined : text(path, value);
}

function described(value) {
  return typeof value === 'number' ? String(value) : value === null ? 'null' : typeof value;
}

/** Whatever the engine did not say itself may have left it in the middle of something. */
function isFault(error) {
  return !(error instanceof QuotaAwareError) || error.code === 'CLOSED';
}

/** What the engine tells of a call that is over; null after close(), or where a hundred others have ended since. */
function traceOf(raw, ticket) {
  try {
    return raw.explain(1, ticket)[0] ?? null;
  } catch {
    return null;
  }
}

/** What is the body's fault: that a call was not sent again which would have been. Where nothing was sent, where no key is
 *  left, or where the call was not to be sent twice, the body is not at fault. */
function notReplayable(account, { idempotent }) {
  if (!isAccount(account) || account.attempts.length === 0 || !WOULD_GO_ON.has(account.code)) return account;
  const acted = ['transient', 'network', 'timeout'].includes(account.attempts.at(-1).verdict);
  return acted && !idempotent ? account : { ...account, code: 'BODY_NOT_REPLAYABLE' };
}

const WOULD_GO_ON = new Set(['EXHAUSTED', 'PARTIAL_QUOTA', 'TIMEOUT']);
