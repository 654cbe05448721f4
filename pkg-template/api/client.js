// The class. What is decided, counted and classified happens in the engine; here are JavaScript's types and promises.
import { Cache } from './cache/cache.js';
import { edge } from './core.js';
import { Affinity } from './affinity.js';
import { keysFromEnv, hostEnv } from './env.js';
import { Calls } from './calls.js';
import { drained } from './drain.js';
import { Engine } from './engine.js';
import { mistake } from './errors.js';
import { steady } from './clock.js';
import { Events } from './events.js';
import { Chain, asData } from './fallback/chain.js';
import { emptyHanded } from './fallthrough.js';
import { checked, count, described, listed, optional, text } from './given.js';
import { HealthChecks, intervalOf } from './health.js';
import { hooksOf } from './hooks.js';
import { Outlet, install } from './install.js';
import { generate } from './generate/generate.js';
import { restoring, snapshotOf } from './lasting.js';
import { checkForm } from './module.js';
import { notifierOf } from './notify/notifier.js';
import { attemptLine, everyNth, printing, statsLines } from './print.js';
import { exposition } from './prometheus.js';
import { Feed, sinksOf } from './records/feed.js';
import { Records } from './records/records.js';
import { Routes } from './routes.js';
import { Sender } from './sender.js';
import { summary } from './summary.js';
import { checkNames, textsOf } from './texts/given.js';
import { probe } from './probe.js';
import { checkedQuery, isPart, usageReport } from './usage-report.js';
import { weakly } from './weakly.js';

/** Of the registry, since a subpath is a bundle of its own. */
const OBSERVE = Symbol.for('quota-aware-api.observe');
const NO_INIT = Object.freeze({});

export class QuotaAwareAPI extends EventTarget {
  // What a console shows; the published files are minified.
  static name = 'QuotaAwareAPI';

  #engine;
  #settings;
  #events;
  #routes;
  /** Ours, or those of `options.messages`. */
  #texts;
  #cache;
  #affinity;
  /** What is tried where no key can serve; undefined where nothing is. */
  #chain;
  #log;
  /** Those under way. */
  #calls;
  /** What is under way, where each request of a worker has to look after its own; undefined elsewhere. */
  #vigils;
  #healthChecks = new HealthChecks(weakly(this));
  /** Who is told what somebody should know; undefined where nobody is. */
  #notifier;
  #outlet;
  /** The clock that was given, if any. */
  #now;
  /** The number of the fallback that this is an instance of, once that matters. */
  #owned;
  /** Handles of `install`, while they hold. */
  #installed = new Set();
  #sender;
  /** What the engine's hooks see of all this. They hold it weakly, so it is held here. */
  #parts;

  constructor(keys, options = {}) {
    super();
    const { fetch, now, random, verbose, fallback, wasm, notify, sink, messages, ...rest } = checked(options);
    const plain = { ...rest, fallback: asData(fallback) };
    checkForm(wasm);
    this.#texts = textsOf(messages);
    this.#notifier = notifierOf(notify, edge !== undefined);
    const sinks = sinksOf(sink);
    this.#outlet = new Outlet(fetch);
    this.#now = now && steady(now);
    const parts = this.#parts = { outlet: this.#outlet, now: this.#now, events: undefined, calls: undefined, sender: undefined };
    const hooks = hooksOf(weakly(parts), now !== undefined && now !== null, random);
    const written = typeof verbose === 'function' ? { ...plain, verbose: true } : { ...plain, verbose };
    this.#engine = new Engine(wasm, (Raw) => {
      checkNames(messages);
      return new Raw(listed(keys), written, hooks);
    }, this.#texts, () => this.close());
    const raw = this.#engine.open();
    this.#settings = raw.settings();
    this.#events = parts.events = new Events(this, this.#engine);
    this.#routes = new Routes(raw, this.#settings, this.#texts);
    this.#vigils = edge && new edge.Vigils();
    this.#cache = new Cache(this.#settings.cache, this.#now ?? (() => Date.now()), edge && (() => new edge.EdgeFlight(this.#vigils)));
    this.#affinity = new Affinity(raw, this.#settings, this.#texts);
    if (this.#settings.fallbacks > 0) this.#chain = new Chain(options, this.#ports());
    this.#calls = parts.calls = new Calls(this, raw, { patience: this.#settings.chunkTimeout, vigils: this.#vigils, texts: this.#texts, failing: this.#chain && ((error, trace) => this.#chain.noteTrace(error, trace)) });
    this.#sender = parts.sender = new Sender({ engine: this.#engine, settings: this.#settings, texts: this.#texts, routes: this.#routes, cache: this.#cache, affinity: this.#affinity, calls: this.#calls, chain: this.#chain });
    if (sinks.length > 0) this.#record(new Feed(sinks, edge === undefined));
    this.#log = typeof verbose === 'function' ? verbose : console.log;
    this.fetch = (input, init) => this.#fetch(input, init);
    for (const warning of this.#settings.warnings) console.warn(`quota-aware-api: ${warning}`);
    this.#watch();
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
    const { refusal } = this.#sender;
    return refusal === undefined ? this.#sender.call(endpoint, init) : Promise.reject(refusal);
  }

  install() {
    this.#engine.open();
    const takes = (url) => this.#routes.serves(url);
    return install({ outlet: this.#outlet, installed: this.#installed, takes, serve: this.fetch });
  }

  generate(prompt, options) {
    return generate({
      settings: this.#settings,
      texts: this.#texts,
      call: (endpoint, init) => this.#sender.call(endpoint, init),
      during: (work) => (this.#sender.refusal === undefined ? this.#sender.during(work) : Promise.reject(this.#sender.refusal)),
      providers: () => this.#engine.use((raw) => raw.providers()),
      profileOf: (name) => this.#engine.use((raw) => raw.profile(name)),
      redact: (words) => this.#engine.use((raw) => raw.redact(words)),
    }, prompt, options);
  }

  // ---------------------------------------------------------------- the workshop's surface

  rotateKey(session) {
    this.#engine.use((raw) => raw.rotate(optional('session', session)));
  }

  async backoff(attempt) {
    if (!Number.isInteger(attempt) || attempt < 0) throw mistake('attempt', `expected a whole number from 0, got ${attempt}`);
    const wait = this.#engine.use((raw) => raw.backoff(Math.min(attempt, 2 ** 31)));
    await new Promise((resolve) => { setTimeout(resolve, Math.min(wait, LONGEST_TIMER)); });
  }

  getStats() {
    return {
      ...this.#engine.use((raw) => raw.stats()),
      cache: this.#cache.stats(),
      fallbacks: this.#chain?.stats() ?? [],
      notifications: this.#notifier?.stats() ?? [],
      records: this.#sender.records?.feed.stats() ?? { written: 0, dropped: 0, failed: 0 },
    };
  }

  resetStats() {
    this.#engine.use((raw) => raw.resetStats());
    this.#cache.resetStats();
    this.#chain?.resetStats();
    this.#sender.records?.feed.resetStats();
  }

  printStats(log = console.log, options = undefined) {
    const how = printing(log, options);
    for (const line of statsLines(this.getStats(), this.getStatus(), { ...how, now: (this.#now ?? Date.now)() })) log(line);
  }

  // ---------------------------------------------------------------- keys

  hasAvailableKeys(model) {
    return this.getNextAvailableKey(model) !== null;
  }

  getNextAvailableKey(model) {
    return this.#engine.use((raw) => raw.nextKey(optional('model', model))) ?? null;
  }

  getKeyForSession(session) {
    return this.#engine.use((raw) => raw.sessionKey(text('session', session))) ?? null;
  }

  switchToKey(id) {
    this.#engine.use((raw) => raw.switchTo(this.#idOf(raw, id)));
  }

  resetQuotaFlags(id) {
    const owner = this.#chain?.ownerOf(id);
    if (owner !== undefined) return owner.resetQuotaFlags(id);
    this.#engine.use((raw) => raw.reset(optional('id', id)));
    return id === undefined || id === null ? this.#chain?.resetAll() : undefined;
  }

  async testKey(id, { model } = {}) {
    const owner = this.#chain?.ownerOf(id);
    if (owner !== undefined) return owner.testKey(id, { model });
    if (this.#sender.refusal !== undefined) throw this.#sender.refusal;
    const key = this.getStatus().keys.find((known) => known.id === text('id', id));
    if (key === undefined) throw mistake('id', 'expected the id of a key, got one that no key has');
    const of = { engine: this.#engine, routes: this.#routes, calls: this.#calls, records: this.#sender.records, texts: this.#texts, baseURL: this.#settings.baseURL };
    return probe(of, key, optional('model', model));
  }

  async testAllKeys(options) {
    const results = [];
    // One after the other: a burst of tests is how keys get refused.
    const { keys, fallbacks } = this.getStatus();
    for (const { id } of [...keys, ...fallbacks.flatMap((each) => each.keys)]) results.push(await this.testKey(id, options));
    return results;
  }

  addKey(key) {
    return this.#engine.use((raw) => raw.addKey(key));
  }

  removeKey(id) {
    const owner = this.#chain?.ownerOf(id);
    return owner === undefined ? this.#engine.use((raw) => raw.removeKey(text('id', id))) : owner.removeKey(id);
  }

  disableKey(id) {
    const owner = this.#chain?.ownerOf(id);
    return owner === undefined ? this.#engine.use((raw) => raw.setDisabled(text('id', id), true)) : owner.disableKey(id);
  }

  enableKey(id) {
    const owner = this.#chain?.ownerOf(id);
    return owner === undefined ? this.#engine.use((raw) => raw.setDisabled(text('id', id), false)) : owner.enableKey(id);
  }

  startHealthChecks({ interval, model } = {}) {
    this.#engine.open();
    if (edge !== undefined) throw mistake('startHealthChecks', NO_TIMER);
    const every = intervalOf(interval, this.#settings.healthCheck);
    this.#healthChecks.start(every, optional('model', model));
    // Another provider's models have other names.
    this.#chain?.each((api) => api.startHealthChecks({ interval: every }));
  }

  stopHealthChecks() {
    this.#engine.open();
    this.#healthChecks.stop();
    this.#chain?.each((api) => api.stopHealthChecks());
  }

  setLimits(id, limits) {
    const owner = this.#chain?.ownerOf(id);
    if (owner === undefined) this.#engine.use((raw) => raw.setLimits(text('id', id), limits));
    else owner.setLimits(id, limits);
  }

  // ---------------------------------------------------------------- seeing

  getStatus() {
    const status = this.#engine.use((raw) => raw.status());
    for (const key of status.keys) key.availableIn = key.availableInMs === null ? null : this.#texts.span(key.availableInMs);
    status.fallbacks = this.#chain?.status() ?? [];
    status.summary = summary(status, this.#texts);
    return status;
  }

  getUsage(query = {}) {
    const asked = checkedQuery(query);
    const sums = this.#engine.use((raw) => raw.usage(asked));
    if (sums === undefined) throw mistake('options.usage', 'expected something to be counted, got false');
    const { keys } = this.getStatus();
    const healthyKeys = keys.filter(({ health }) => health === 'available' || health === 'probing').length;
    const activeKey = keys[this.getStats().currentKey - 1].id;
    return { ...usageReport(sums, isPart(asked)), summary: { totalKeys: keys.length, healthyKeys, activeKey } };
  }

  toPrometheus() {
    return exposition({ metrics: this.#engine.use((raw) => raw.metrics()), status: this.getStatus(), stats: this.getStats() });
  }

  getRotationHistory(limit = 100) {
    return this.#engine.use((raw) => raw.history(count('limit', limit)));
  }

  explain(limit = 1) {
    const most = count('limit', limit);
    if (this.#chain === undefined) return this.#engine.use((raw) => raw.explain(most, undefined));
    return this.#chain.accounts(this.#engine.use((raw) => raw.explain(1000, undefined))).slice(0, most);
  }

  addEventListener(type, callback, options) {
    super.addEventListener(type, callback, options);
    // What nobody listens to is never built. An event of ours is always a word; anything else can't be one.
    if (!this.#engine.isOpen || typeof type !== 'string') return;
    this.#events.listen(type);
    this.#chain?.listen(type);
  }

  clearCache() {
    this.#engine.open();
    this.#cache.clear();
  }

  // ---------------------------------------------------------------- lasting

  async flush(timeout = USUAL_FLUSH) {
    if (!Number.isInteger(timeout) || timeout < 0 || timeout > LONGEST_TIMER) throw mistake('timeout', `expected a whole number of milliseconds from 0 to ${LONGEST_TIMER}, got ${described(timeout)}`);
    return this.#sender.records === undefined ? true : this.#sender.records.feed.flush(timeout);
  }

  snapshot() {
    return snapshotOf(this.#engine, this.#chain);
  }

  restore(snapshot) {
    return restoring(this.#engine, this.#chain, snapshot)();
  }

  async drain(timeout = undefined) {
    this.#engine.open();
    const drain = drained(() => this.#sender.left(), timeout ?? undefined, this.#vigils);
    this.#sender.drain();
    this.#healthChecks.stop();
    return drain;
  }

  close() {
    const raw = this.#engine.shut();
    if (raw === undefined) return;
    this.#healthChecks.stop();
    this.#notifier?.close();
    for (const { restore } of this.#installed) restore();
    raw.close();
    // Not at once: a hook of the engine's own (a listener, a custom fetch) may be what closes. After a fault never: the
    // memory stays borrowed.
    this.#calls.close(() => queueMicrotask(() => { try { raw.free(); } catch { /* left to the collector */ } }));
    this.#chain?.close();
    this.#cache.clear();
    if (this.#owned === undefined) this.#sender.records?.feed.close();
  }

  /** For `quota-aware-api/otel`: hears of calls and attempts from now on, until the function that is returned is called. */
  [OBSERVE](observer) {
    this.#engine.open();
    if (this.#sender.records === undefined) this.#record(new Feed([], edge === undefined));
    return this.#sender.records.feed.observe(observer);
  }

  // ---------------------------------------------------------------- inside

  #idOf(raw, id) {
    if (typeof id === 'string') return id;
    const found = Number.isInteger(id) && id >= 1 && id <= 2 ** 32 ? raw.keyAt(id - 1) : undefined;
    if (found === undefined) throw mistake('id', `expected a key's id or its number from 1 to ${raw.stats().totalKeys}, got ${described(id)}`);
    return found;
  }

  /** What fallbacks need of this instance. */
  #ports() {
    return {
      launch: (target, init, quota, fallback) => this.#sender.launch(target, init, quota, fallback),
      spawn: (keys, options, url) => {
        const api = new QuotaAwareAPI(keys, options);
        return api.#routes.serves(url) ? { api, usual: () => api.#engine.use((raw) => raw.usualAttempts()), left: () => api.#sender.left() } : void api.close();
      },
      usual: () => this.#engine.use((raw) => raw.usualAttempts()),
      ids: () => this.#engine.use((raw) => raw.status()).keys.map(({ id }) => id),
      restoring: (api, snapshot) => restoring(api.#engine, api.#chain, snapshot),
      tell: (type, detail) => this.#events.tell(type, detail),
      isOpen: () => this.#engine.isOpen,
      deadline: this.#settings.deadline,
      outlet: this.#outlet.fetch,
      texts: this.#texts,
      vigils: this.#vigils,
    };
  }

  /** From now on attempts are told to this feed: as the fallback's of this number, if it is one's. */
  #record(feed, fallback) {
    this.#owned = fallback;
    this.#sender.records = this.#events.records = new Records(feed, fallback);
    this.#engine.use((raw) => raw.listen('settled'));
    this.#chain?.each((api, number) => api.#record(feed, number));
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
    if (printStatsEvery !== undefined) this.addEventListener('settled', everyNth(printStatsEvery, () => this.printStats(this.#log)));
    if (healthCheck !== undefined && edge !== undefined) {
      this.close();
      throw mistake('options.healthCheck', NO_TIMER);
    }
    if (healthCheck !== undefined) this.#healthChecks.start(healthCheck);
    this.#notifier?.watch(this);
  }
}

if (typeof Symbol.dispose === 'symbol') {
  Object.defineProperty(QuotaAwareAPI.prototype, Symbol.dispose, { value: QuotaAwareAPI.prototype.close, configurable: true, writable: true });
}

const LONGEST_TIMER = 2 ** 31 - 1;
const NO_TIMER = 'expected none on the edge, where no timer outlives a request; call testAllKeys() in a scheduled handler instead';
const USUAL_FLUSH = 10_000;
