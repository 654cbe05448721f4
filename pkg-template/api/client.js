// The class. What is decided, counted and classified happens in the engine; here are JavaScript's types and promises.
import { Cache } from './cache/cache.js';
import { core, edge } from './core.js';
import { Affinity } from './affinity.js';
import { keysFromEnv, hostEnv } from './env.js';
import { Calls } from './calls.js';
import { drained, draining } from './drain.js';
import { QuotaAwareError, closed, guarded, mistake, thrown } from './errors.js';
import { steady } from './clock.js';
import { Events } from './events.js';
import { Chain, asData } from './fallback/chain.js';
import { emptyHanded } from './fallthrough.js';
import { apart, checked, count, described, listed, optional, text } from './given.js';
import { HealthChecks, intervalOf } from './health.js';
import { Outlet, install } from './install.js';
import { generate } from './generate/generate.js';
import { Leash, leashed } from './leash.js';
import { checkForm } from './module.js';
import { notifierOf } from './notify/notifier.js';
import { likelyMidnight, pacificMidnight } from './pacific.js';
import { attemptLine, printing, statsLines } from './print.js';
import { profiled } from './profiles.js';
import { exposition } from './prometheus.js';
import { Feed, sinksOf } from './records/feed.js';
import { Records } from './records/records.js';
import { isReplayable, modelOf, prepare, seesRedirects, unpack } from './request.js';
import { Routes } from './routes.js';
import { summary } from './summary.js';
import { checkNames, textsOf } from './texts/given.js';
import { testRequest } from './probe.js';
import { classify } from './classify.js';
import { checkedQuery, isPart, usageReport } from './usage-report.js';
import { weakly } from './weakly.js';

/** Of the registry, since a subpath is a bundle of its own. */
const OBSERVE = Symbol.for('quota-aware-api.observe');
const NO_INIT = Object.freeze({});

export class QuotaAwareAPI extends EventTarget {
  // What a console shows; the published files are minified.
  static name = 'QuotaAwareAPI';

  #raw;
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
  /** What is told of attempts to sinks and observers; undefined where there are none. */
  #records;
  /** The number of the fallback that this is an instance of, once that matters. */
  #owned;
  /** Handles of `install`, while they hold. */
  #installed = new Set();
  #isDraining = false;
  /** Whatever is under way besides single calls of the engine: what is asked of the cache, of fallbacks, of `generate`. */
  #busy = 0;

  constructor(keys, options = {}) {
    super();
    const { fetch, now, random, verbose, fallback, wasm, notify, sink, messages, ...rest } = checked(options);
    const plain = { ...rest, fallback: asData(fallback) };
    checkForm(wasm);
    this.#texts = textsOf(messages);
    this.#notifier = notifierOf(notify, edge !== undefined);
    const sinks = sinksOf(sink);
    const { RawQuotaAware } = engine(wasm, this.#texts);
    checkNames(messages);
    this.#outlet = new Outlet(fetch);
    this.#now = now && steady(now);
    const hooks = QuotaAwareAPI.#hooks(weakly(this), now !== undefined && now !== null, random);
    const written = typeof verbose === 'function' ? { ...plain, verbose: true } : { ...plain, verbose };
    this.#raw = guarded(() => new RawQuotaAware(listed(keys), written, hooks));
    this.#settings = this.#raw.settings();
    this.#events = new Events(this, this.#raw);
    this.#routes = new Routes(this.#raw, this.#settings, this.#texts);
    this.#vigils = edge && new edge.Vigils();
    this.#cache = new Cache(this.#settings.cache, this.#now ?? (() => Date.now()), edge && (() => new edge.EdgeFlight(this.#vigils)));
    this.#affinity = new Affinity(this.#raw, this.#settings, this.#texts);
    if (this.#settings.fallbacks > 0) this.#chain = new Chain(options, this.#ports());
    this.#calls = new Calls(this, this.#raw, { patience: this.#settings.chunkTimeout, vigils: this.#vigils, texts: this.#texts, failing: this.#chain && ((error, trace) => this.#chain.noteTrace(error, trace)) });
    if (sinks.length > 0) this.#record(new Feed(sinks, edge === undefined));
    this.#log = typeof verbose === 'function' ? verbose : console.log;
    this.fetch = (input, init) => this.#fetch(input, init);
    for (const warning of this.#settings.warnings) console.warn(`quota-aware-api: ${warning}`);
    this.#watch();
  }

  /** What the engine may call. Its table of JavaScript values is a root of the collector's, so nothing in here may lead to
   *  the instance; and closures made in one function share all its variables, `this` included: hence a function apart. The
   *  same holds for functions that we were given: they may have been made beside a listener that knows the instance. */
  static #hooks(self, hasClock, random = Math.random) {
    return {
      fetch: (url, init) => self.deref().#outlet.fetch(url, init),
      refetch: (url, init) => { const own = self.deref(); return own.#outlet.refetch(url, init, own.#records !== undefined); },
      now: hasClock ? () => self.deref()?.#now() : undefined,
      pacificMidnight, likelyMidnight, apart: edge !== undefined,
      env: (name) => hostEnv()[name],
      // These three are called from within the engine's own call, which nothing may leave by throwing. Each number by its name:
      // a list of them is what took the time.
      notify: (type, detail) => {
        try {
          self.deref()?.#tell(type, detail);
        } catch { /* of an instance that a fault has stopped */ }
      },
      attempt: (at, call, key, position, of, model, attempt) => {
        try {
          self.deref()?.#told?.attempt(at, call, key, position, of, model, attempt);
        } catch { /* of an instance that a fault has stopped */ }
      },
      settled: (at, call, attempt, key, position, of, provider, project, model, session, operation, verdict, status, latency, waited) => {
        try {
          self.deref()?.#told?.settled(at, call, attempt, key, position, of, provider, project, model, session, operation, verdict, status, latency, waited);
        } catch { /* the same */ }
      },
      goOn: (ticket) => self.deref()?.#calls.told(ticket),
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
    return this.#isDraining && this.#raw !== undefined ? Promise.reject(draining(this.#texts)) : this.#call(endpoint, init);
  }

  #call(endpoint, init) {
    return new Promise((resolve, reject) => {
      if (typeof Request === 'function' && endpoint instanceof Request) {
        // Before its body is read: one that may not be sent stays as it was.
        this.#routes.of(endpoint.url);
        this.#during(() => unpack(endpoint, init)).then((unpacked) => this.#send(endpoint.url, unpacked, resolve, reject)).catch(reject);
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
      texts: this.#texts,
      call: (endpoint, init) => this.#call(endpoint, init),
      during: (work) => (this.#isDraining && this.#raw !== undefined ? Promise.reject(draining(this.#texts)) : this.#during(work)),
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
    return {
      ...this.#use((raw) => raw.stats()),
      cache: this.#cache.stats(),
      fallbacks: this.#chain?.stats() ?? [],
      notifications: this.#notifier?.stats() ?? [],
      records: this.#records?.feed.stats() ?? { written: 0, dropped: 0, failed: 0 },
    };
  }

  resetStats() {
    this.#use((raw) => raw.resetStats());
    this.#cache.resetStats();
    this.#chain?.resetStats();
    this.#records?.feed.resetStats();
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
    return this.#use((raw) => raw.nextKey(optional('model', model))) ?? null;
  }

  getKeyForSession(session) {
    return this.#use((raw) => raw.sessionKey(text('session', session))) ?? null;
  }

  switchToKey(id) {
    this.#use((raw) => raw.switchTo(this.#idOf(raw, id)));
  }

  resetQuotaFlags(id) {
    const owner = this.#chain?.ownerOf(id);
    if (owner !== undefined) return owner.resetQuotaFlags(id);
    this.#use((raw) => raw.reset(optional('id', id)));
    return id === undefined || id === null ? this.#chain?.resetAll() : undefined;
  }

  async testKey(id, { model } = {}) {
    const owner = this.#chain?.ownerOf(id);
    if (owner !== undefined) return owner.testKey(id, { model });
    if (this.#isDraining && this.#raw !== undefined) throw draining(this.#texts);
    const key = this.getStatus().keys.find((known) => known.id === text('id', id));
    if (key === undefined) throw mistake('id', 'expected the id of a key, got one that no key has');
    const place = this.#routes.placeOf(key.provider);
    const { endpoint, init } = testRequest(key.provider ?? place?.provider, this.#settings.baseURL ?? place?.base, optional('model', model) ?? place?.model);
    const began = Date.now();
    try {
      const { route } = this.#routes.of(endpoint);
      const leash = new Leash();
      const own = leashed(prepare(init).init, leash);
      const note = this.#records?.opens({ url: endpoint, provider: key.provider ?? place?.provider, body: own.body });
      const response = await new Promise((resolve, reject) => {
        const begin = () => this.#use((raw) => raw.beginTest(route, own, leash, id));
        this.#calls.run(note === undefined ? begin() : note.around(begin), { resolve, reject, sees: true, note });
      }).catch((error) => {
        note?.ended(undefined, error);
        throw error;
      });
      const body = await response.text();
      const meaning = classify({ provider: key.provider ?? undefined, status: response.status, headers: response.headers, body });
      const ok = meaning.verdict === 'ok';
      return { id, ok, status: response.status, latencyMs: Date.now() - began, verdict: meaning.verdict, message: ok ? null : this.#texts.say(`advice.${meaning.cause}`) };
    } catch (error) {
      if (!(error instanceof QuotaAwareError) || error.attempts.length === 0) throw error;
      const { status, verdict } = error.attempts.at(-1);
      return { id, ok: false, status, latencyMs: Date.now() - began, verdict, message: this.#use((own) => own.redact(String(error.cause?.message ?? error.message))) };
    }
  }

  async testAllKeys(options) {
    const results = [];
    // One after the other: a burst of tests is how keys get refused.
    const { keys, fallbacks } = this.getStatus();
    for (const { id } of [...keys, ...fallbacks.flatMap((each) => each.keys)]) results.push(await this.testKey(id, options));
    return results;
  }

  addKey(key) {
    return this.#use((raw) => raw.addKey(key));
  }

  removeKey(id) {
    const owner = this.#chain?.ownerOf(id);
    return owner === undefined ? this.#use((raw) => raw.removeKey(text('id', id))) : owner.removeKey(id);
  }

  disableKey(id) {
    const owner = this.#chain?.ownerOf(id);
    return owner === undefined ? this.#use((raw) => raw.setDisabled(text('id', id), true)) : owner.disableKey(id);
  }

  enableKey(id) {
    const owner = this.#chain?.ownerOf(id);
    return owner === undefined ? this.#use((raw) => raw.setDisabled(text('id', id), false)) : owner.enableKey(id);
  }

  startHealthChecks({ interval, model } = {}) {
    this.#open();
    if (edge !== undefined) throw mistake('startHealthChecks', NO_TIMER);
    const every = intervalOf(interval, this.#settings.healthCheck);
    this.#healthChecks.start(every, optional('model', model));
    // Another provider's models have other names.
    this.#chain?.each((api) => api.startHealthChecks({ interval: every }));
  }

  stopHealthChecks() {
    this.#open();
    this.#healthChecks.stop();
    this.#chain?.each((api) => api.stopHealthChecks());
  }

  setLimits(id, limits) {
    const owner = this.#chain?.ownerOf(id);
    if (owner === undefined) this.#use((raw) => raw.setLimits(text('id', id), limits));
    else owner.setLimits(id, limits);
  }

  // ---------------------------------------------------------------- seeing

  getStatus() {
    const status = this.#use((raw) => raw.status());
    for (const key of status.keys) key.availableIn = key.availableInMs === null ? null : this.#texts.span(key.availableInMs);
    status.fallbacks = this.#chain?.status() ?? [];
    status.summary = summary(status, this.#texts);
    return status;
  }

  getUsage(query = {}) {
    const asked = checkedQuery(query);
    const sums = this.#use((raw) => raw.usage(asked));
    if (sums === undefined) throw mistake('options.usage', 'expected something to be counted, got false');
    const { keys } = this.getStatus();
    const healthyKeys = keys.filter(({ health }) => health === 'available' || health === 'probing').length;
    const activeKey = keys[this.getStats().currentKey - 1].id;
    return { ...usageReport(sums, isPart(asked)), summary: { totalKeys: keys.length, healthyKeys, activeKey } };
  }

  toPrometheus() {
    return exposition({ metrics: this.#use((raw) => raw.metrics()), status: this.getStatus(), stats: this.getStats() });
  }

  getRotationHistory(limit = 100) {
    return this.#use((raw) => raw.history(count('limit', limit)));
  }

  explain(limit = 1) {
    const most = count('limit', limit);
    if (this.#chain === undefined) return this.#use((raw) => raw.explain(most, undefined));
    return this.#chain.accounts(this.#use((raw) => raw.explain(1000, undefined))).slice(0, most);
  }

  addEventListener(type, callback, options) {
    super.addEventListener(type, callback, options);
    // What nobody listens to is never built. An event of ours is always a word; anything else can't be one.
    if (this.#raw === undefined || typeof type !== 'string') return;
    this.#use(() => this.#events.listen(type));
    this.#chain?.listen(type);
  }

  clearCache() {
    this.#open();
    this.#cache.clear();
  }

  // ---------------------------------------------------------------- lasting

  async flush(timeout = USUAL_FLUSH) {
    if (!Number.isInteger(timeout) || timeout < 0 || timeout > LONGEST_TIMER) throw mistake('timeout', `expected a whole number of milliseconds from 0 to ${LONGEST_TIMER}, got ${described(timeout)}`);
    return this.#records === undefined ? true : this.#records.feed.flush(timeout);
  }

  snapshot() {
    const own = this.#use((raw) => raw.snapshot());
    return this.#chain === undefined ? own : { ...own, fallbacks: this.#chain.snapshots() };
  }

  restore(snapshot) {
    return this.#restoring(snapshot)();
  }

  /** Looks at all of it before any of it counts. */
  #restoring(snapshot) {
    const { own, fallbacks } = apart(snapshot);
    this.#use((raw) => raw.checkSnapshot(own));
    const others = this.#chain?.restoring(fallbacks);
    return () => {
      const restored = this.#use((raw) => raw.restore(own));
      for (const of of others?.() ?? []) for (const name of Object.keys(restored)) restored[name] += of[name];
      return restored;
    };
  }

  async drain(timeout = undefined) {
    this.#open();
    const drain = drained(() => this.#left(), timeout ?? undefined, this.#vigils);
    this.#isDraining = true;
    this.#healthChecks.stop();
    return drain;
  }

  /** What is left of what was begun. */
  #left() {
    const fallbacks = this.#chain?.left() ?? [];
    const { waiting, inFlight } = this.#raw === undefined ? NOBODY : this.#use((raw) => raw.status()).queue;
    const own = { waiting, inFlight, streams: this.#calls.streams };
    const all = fallbacks.reduce((sum, of) => ({ waiting: sum.waiting + of.waiting, inFlight: sum.inFlight + of.inFlight, streams: sum.streams + of.streams }), own);
    const done = this.#busy + this.#calls.size + all.streams === 0 && fallbacks.every((of) => of.done);
    return { done, ...all, closed: this.#raw === undefined };
  }

  close() {
    const raw = this.#raw;
    if (raw === undefined) return;
    this.#raw = undefined;
    this.#healthChecks.stop();
    this.#notifier?.close();
    for (const { restore } of this.#installed) restore();
    raw.close();
    // Not at once: a hook of the engine's own (a listener, a custom fetch) may be what closes. After a fault never: the
    // memory stays borrowed.
    this.#calls.close(() => queueMicrotask(() => { try { raw.free(); } catch { /* left to the collector */ } }));
    this.#chain?.close();
    this.#cache.clear();
    if (this.#owned === undefined) this.#records?.feed.close();
  }

  /** For `quota-aware-api/otel`: hears of calls and attempts from now on, until the function that is returned is called. */
  [OBSERVE](observer) {
    this.#open();
    if (this.#records === undefined) this.#record(new Feed([], edge === undefined));
    return this.#records.feed.observe(observer);
  }

  // ---------------------------------------------------------------- inside

  async #during(work) {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
    }
  }

  #open() {
    if (this.#raw === undefined) throw closed(this.#texts);
    return this.#raw;
  }

  #use(work) {
    const raw = this.#open();
    try {
      return guarded(() => work(raw), this.#texts);
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
        this.#serve(target, init, quota, resolve, reject);
        return;
      }
      if (init.signal?.aborted) throw init.signal.reason;
      const send = (own) => new Promise((answer, fail) => { this.#serve(target, own, quota, answer, fail); });
      this.#during(() => this.#cache.answer(place, init, quota, send)).then(resolve, reject);
    } catch (error) {
      reject(error);
    }
  }

  /** By the keys of this instance, and where none can serve, by the fallbacks. */
  #serve(target, init, quota, resolve, reject) {
    if (this.#chain === undefined) this.#launch(target, init, quota, resolve, reject);
    else this.#during(() => this.#chain.serve(target, init, quota)).then(resolve, reject);
  }

  /** What fallbacks need of this instance. */
  #ports() {
    return {
      launch: (target, init, quota, fallback) => new Promise((resolve, reject) => {
        this.#launch(typeof target === 'string' ? this.#routes.of(target) : target, init, quota, resolve, reject, undefined, fallback);
      }),
      spawn: (keys, options, url) => {
        const api = new QuotaAwareAPI(keys, options);
        return api.#routes.serves(url) ? { api, usual: () => api.#use((raw) => raw.usualAttempts()), left: () => api.#left() } : void api.close();
      },
      usual: () => this.#use((raw) => raw.usualAttempts()),
      ids: () => this.#use((raw) => raw.status()).keys.map(({ id }) => id),
      restoring: (api, snapshot) => api.#restoring(snapshot),
      tell: (type, detail) => this.#tell(type, detail),
      isOpen: () => this.#raw !== undefined,
      deadline: this.#settings.deadline,
      outlet: this.#outlet.fetch,
      texts: this.#texts,
      vigils: this.#vigils,
    };
  }

  /** `search`: made again for the next project, to find who owns what it names. `fallback`: the number of the one that it is for. */
  #launch(target, init, quota, resolve, reject, search, fallback) {
    let note;
    try {
      const raw = this.#open();
      const { signal, body } = init;
      if (signal?.aborted) throw signal.reason;
      const most = quota?.maxRetries ?? this.#settings.maxRetries ?? Infinity;
      const once = typeof most === 'number' && most > 1 && !isReplayable(body) ? { idempotent: quota?.idempotent !== false } : undefined;
      const single = once === undefined ? quota : { ...quota, maxRetries: 1 };
      const bond = this.#affinity.bond(target, init, single, search);
      const asked = bond?.deadline ? { ...single, deadline: bond.deadline } : single;
      const model = target.namesModel ? undefined : modelOf(body);
      this.#routes.went(target, model);
      const guess = target.guesses.of(body, quota?.model ?? model);
      const pristine = bond === undefined ? undefined : { ...init, headers: { ...init.headers } };
      const leash = new Leash(signal);
      const own = leashed(init, leash);
      const begin = () => this.#use(() => raw.begin(target.route, own, model, guess.tokens, asked, leash, bond?.project, bond?.tie));
      note = this.#records?.opens({ url: target.href, provider: target.provider, model: quota?.model ?? model, body, quota, fallback });
      const sent = note === undefined ? begin() : note.around(begin);
      const ends = bond === undefined ? { resolve, reject } : this.#bonded(bond, raw.ticket(), { target, pristine, quota, resolve, reject, fallback });
      const patience = quota?.chunkTimeout === undefined ? undefined : Number(quota.chunkTimeout);
      // One literal with everything in it: to spread another object into it cost 3 us.
      this.#calls.run(sent, {
        ticket: 0, resolve: ends.resolve, reject: ends.reject, signal, onAbort: undefined, leave: undefined, url: target.href, provider: target.provider, init: own, once,
        sees: seesRedirects(init), guess, patience, explains: quota?.explain === true, given: false, note,
      });
    } catch (error) {
      note?.ended(undefined, error);
      reject(error);
    }
  }

  #profileOf(name) {
    return this.#use((raw) => raw.profile(name));
  }

  /** Apart from `#launch`, so that calls that name nothing need no closures. `pristine`: the init as it was before it was sent. */
  #bonded(bond, ticket, { target, pristine, quota, resolve, reject, fallback }) {
    return this.#affinity.ends(bond, ticket, { resolve, reject, again: (search) => this.#launch(target, pristine, quota, resolve, reject, search, fallback) });
  }

  /** After close() nothing more is said, not even what was on its way. */
  get #told() {
    return this.#raw === undefined ? undefined : this.#events;
  }

  #tell(type, detail) {
    this.#told?.tell(type, detail);
  }

  /** From now on attempts are told to this feed: as the fallback's of this number, if it is one's. */
  #record(feed, fallback) {
    this.#owned = fallback;
    this.#records = new Records(feed, fallback);
    this.#events.records = this.#records;
    this.#use((raw) => raw.listen('settled'));
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
    if (printStatsEvery !== undefined) {
      let attempts = 0;
      this.addEventListener('settled', () => {
        attempts += 1;
        if (attempts % printStatsEvery === 0) this.printStats(this.#log);
      });
    }
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

/** The engine, or why there is none, in the instance's own words. */
function engine(wasm, texts) {
  try {
    return core(wasm);
  } catch (error) {
    throw thrown(error, texts);
  }
}

const NOBODY = Object.freeze({ waiting: 0, inFlight: 0 });

/** Whatever the engine did not say itself may have left it in the middle of something. */
function isFault(error) {
  return !(error instanceof QuotaAwareError) || error.code === 'CLOSED';
}
