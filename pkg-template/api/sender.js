// How a call gets under way: past what is remembered, with a key of this instance, else with a fallback.
import { profiled } from './profiles.js';
import { draining } from './drain.js';
import { Leash, leashed } from './leash.js';
import { isReplayable, modelOf, prepare, seesRedirects, unpack } from './request.js';

export class Sender {
  #engine;
  #settings;
  #texts;
  #routes;
  #cache;
  #affinity;
  #calls;
  #chain;
  #isDraining = false;
  /** Whatever is under way besides single calls of the engine: what is asked of the cache, of fallbacks, of `generate`. */
  #busy = 0;
  /** What is told of attempts to sinks and observers; undefined where there are none. */
  records;

  /** @param chain what is tried where no key can serve; undefined where nothing is */
  constructor({ engine, settings, texts, routes, cache, affinity, calls, chain }) {
    this.#engine = engine;
    this.#settings = settings;
    this.#texts = texts;
    this.#routes = routes;
    this.#cache = cache;
    this.#affinity = affinity;
    this.#calls = calls;
    this.#chain = chain;
  }

  call(endpoint, init) {
    return new Promise((resolve, reject) => {
      if (typeof Request === 'function' && endpoint instanceof Request) {
        // Before its body is read: one that may not be sent stays as it was.
        this.#routes.of(endpoint.url);
        this.during(() => unpack(endpoint, init)).then((unpacked) => this.#send(endpoint.url, unpacked, resolve, reject)).catch(reject);
      } else {
        this.#send(endpoint, init, resolve, reject);
      }
    });
  }

  /** Why nothing new is taken; undefined where it is. */
  get refusal() {
    return this.#isDraining && this.#engine.isOpen ? draining(this.#texts) : undefined;
  }

  /** From now on nothing new is taken. */
  drain() {
    this.#isDraining = true;
  }

  /** What is left of what was begun. */
  left() {
    const fallbacks = this.#chain?.left() ?? [];
    const { waiting, inFlight } = this.#engine.isOpen ? this.#engine.use((raw) => raw.status()).queue : NOBODY;
    const own = { waiting, inFlight, streams: this.#calls.streams };
    const all = fallbacks.reduce((sum, of) => ({ waiting: sum.waiting + of.waiting, inFlight: sum.inFlight + of.inFlight, streams: sum.streams + of.streams }), own);
    const done = this.#busy + this.#calls.size + all.streams === 0 && fallbacks.every((of) => of.done);
    return { done, ...all, closed: !this.#engine.isOpen };
  }

  /** Does something that `left` is to know of. */
  async during(work) {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
    }
  }

  #send(endpoint, given, resolve, reject) {
    try {
      this.#engine.open();
      const { target, init, quota } = profiled(endpoint, prepare(given), this.#routes, (name) => this.#engine.use((raw) => raw.profile(name)));
      const place = this.#cache.placeOf(target.href, init, quota);
      if (place === undefined) {
        this.#serve(target, init, quota, resolve, reject);
        return;
      }
      if (init.signal?.aborted) throw init.signal.reason;
      const send = (own) => new Promise((answer, fail) => { this.#serve(target, own, quota, answer, fail); });
      this.during(() => this.#cache.answer(place, init, quota, send)).then(resolve, reject);
    } catch (error) {
      reject(error);
    }
  }

  /** By the keys of this instance, and where none can serve, by the fallbacks. */
  #serve(target, init, quota, resolve, reject) {
    if (this.#chain === undefined) this.#launch(target, init, quota, resolve, reject);
    else this.during(() => this.#chain.serve(target, init, quota)).then(resolve, reject);
  }

  /** By the keys of this instance. `fallback`: the number of the one that it is for. */
  launch(target, init, quota, fallback) {
    return new Promise((resolve, reject) => {
      this.#launch(typeof target === 'string' ? this.#routes.of(target) : target, init, quota, resolve, reject, undefined, fallback);
    });
  }

  /** `search`: made again for the next project, to find who owns what it names. */
  #launch(target, init, quota, resolve, reject, search, fallback) {
    let note;
    try {
      const raw = this.#engine.open();
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
      const begin = () => this.#engine.use(() => raw.begin(target.route, own, model, guess.tokens, asked, leash, bond?.project, bond?.tie));
      note = this.records?.opens({ url: target.href, provider: target.provider, model: quota?.model ?? model, body, quota, fallback });
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

  /** Apart from `#launch`, so that calls that name nothing need no closures. `pristine`: the init as it was before it was sent. */
  #bonded(bond, ticket, { target, pristine, quota, resolve, reject, fallback }) {
    return this.#affinity.ends(bond, ticket, { resolve, reject, again: (search) => this.#launch(target, pristine, quota, resolve, reject, search, fallback) });
  }
}

const NOBODY = Object.freeze({ waiting: 0, inFlight: 0 });
