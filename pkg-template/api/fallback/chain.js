// What happens when no key can serve: the fallbacks, one after the other, within one deadline and one number of attempts.
import { QuotaAwareError, closed, mistake, noSnapshot, thrown } from '../errors.js';
import { described } from '../given.js';
import { steady } from '../clock.js';
import { Course } from './course.js';
import { failed } from './failures.js';
import { HandlerStep } from './handler-step.js';
import { ModelStep } from './model-step.js';
import { ProviderStep } from './provider-step.js';
import { Story } from './story.js';

/** About quota, keys or the provider, so that another may serve. Not here: what the caller did, and a body that is gone. */
const LEADS_ON = new Set(['QUOTA_EXCEEDED', 'PARTIAL_QUOTA', 'INVALID_KEYS', 'EXHAUSTED', 'NEVER_FITS', 'QUEUE_FULL', 'DEADLINE', 'TIMEOUT']);
/** After these the provider may have acted on the request. */
const ACTED = new Set(['transient', 'network', 'timeout']);
/** What an instance of a fallback's own has in common with the main one. Not limits: they are another provider's. */
const SHARED = ['strategy', 'preset', 'backoff', 'cooldown', 'retryBudget', 'timeout', 'queue', 'resetInterval', 'pacing', 'minute', 'reserve', 'shadow', 'warnAt', 'alerts', 'enableRotation', 'onBadConfig', 'healthCheck', 'messages', 'now', 'random'];
/** About the service as a whole, which is not down while the main keys serve. */
const NOT_PASSED_ON = new Set(['state', 'all-keys-down', 'service-restored', 'fallback']);

export class Chain {
  #steps;
  #limits;
  #wall;
  #ports;
  #interrupts = new Set();
  #heard = new Set();
  #counts;
  #traces = new WeakMap();
  /** Accounts of whole calls by the number of their first part, and the numbers of the others' parts. */
  #accounts = new Map();
  #parts = new Set();

  /** @param options the instance's own, as they were given
   *  @param ports of the instance: `{ launch, spawn, restoring, usual, tell, isOpen, ids, deadline, outlet, texts }` */
  constructor(options, ports) {
    this.#ports = ports;
    const shared = Object.fromEntries(SHARED.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]));
    const inside = { ...ports, interrupts: this.#interrupts };
    this.#steps = [];
    try {
      for (const [at, entry] of options.fallback.entries()) this.#steps.push(stepOf(entry, at, { ...shared, fetch: ports.outlet }, inside));
      this.#checkIds();
    } catch (error) {
      this.close();
      throw error;
    }
    this.#counts = this.#steps.map(() => ({ tried: 0, served: 0 }));
    const now = typeof options.now === 'function' ? steady(options.now) : undefined;
    this.#wall = now ?? (() => Date.now());
    const maxRetries = options.maxRetries ?? undefined;
    this.#limits = { steps: this.#steps, now: now ?? (() => performance.now()), vigils: ports.vigils, isOpen: ports.isOpen, usual: ports.usual, deadline: ports.deadline, maxRetries };
  }

  /** A call: by the instance's own keys, else by the first fallback that can. */
  async serve(target, init, quota) {
    const course = new Course({ target, init, quota }, this.#limits);
    const explains = quota?.explain === true;
    let story;
    try {
      return await this.#ports.launch(target, { ...course.init, headers: { ...course.init.headers } }, course.wishes(0));
    } catch (error) {
      if (!(error instanceof QuotaAwareError) || !LEADS_ON.has(error.code) || course.left <= 0) throw error;
      story = new Story(error, this.#traces.get(error) ?? error.trace);
    }
    const isOnce = quota?.idempotent === false;
    course.spend(story.attempts.length);
    for (const [index, step] of this.#steps.entries()) {
      if (course.left <= 0) break;
      const about = Object.freeze({ step: index + 1, kind: step.kind, provider: step.provider(course), model: step.model });
      try {
        const response = await this.#try(step, index, about, course, story, isOnce);
        this.#keep(story);
        return noted(response, about, story, explains);
      } catch (error) {
        if (course.signal?.aborted) throw course.signal.reason;
        if (!this.#ports.isOpen()) throw closed(this.#ports.texts);
        const own = thrown(error instanceof QuotaAwareError ? error : failed('unforeseen', error), this.#ports.texts);
        story.failed(this.#wall(), about, own);
        if (step.kind === 'model' && own.trace) this.#parts.add(own.trace.call);
        course.spend(own.attempts.length);
      }
    }
    this.#keep(story);
    throw story.error(explains);
  }

  async #try(step, index, about, course, story, isOnce) {
    if (step.sends && course.attempts < 1) throw failed('no-attempt');
    if (step.sends && isOnce && story.attempts.some(({ verdict }) => ACTED.has(verdict))) throw failed('twice');
    const send = await step.ready(course);
    if (course.signal?.aborted) throw course.signal.reason;
    const at = this.#wall();
    const reason = (story.fallbacks.at(-1)?.error ?? story.cause).code;
    story.fallsBack(at, about, reason);
    this.#counts[index].tried += 1;
    this.#ports.tell('fallback', { at, call: story.call, ...about, reason });
    const { response, left, report = response.quota } = await send({ ...course.wishes(index + 1), explain: true, cache: undefined }, story.error(true));
    story.served(report?.trace);
    if (step.kind === 'model' && report) this.#parts.add(report.call);
    this.#counts[index].served += 1;
    return { response, left };
  }

  /** The account of a call of the instance's own that failed, asked for or not. */
  noteTrace(error, trace) {
    this.#traces.set(error, trace);
  }

  /** Accounts of the instance, with those of calls that went on in one piece. */
  accounts(list) {
    return list.filter(({ call }) => !this.#parts.has(call)).map((trace) => this.#accounts.get(trace.call) ?? trace);
  }

  /** Events of fallbacks' own keys are told as the instance's, with the number of the fallback. */
  listen(type) {
    if (this.#heard.has(type) || NOT_PASSED_ON.has(type)) return;
    this.#heard.add(type);
    for (const [index, { api }] of this.#steps.entries()) {
      api?.addEventListener(type, ({ detail }) => this.#ports.tell(type, { ...detail, fallback: index + 1 }));
    }
  }

  /** The instance that a key of a fallback's belongs to. */
  ownerOf(id) {
    return this.#steps.find(({ api }) => api?.getStatus().keys.some((key) => key.id === id))?.api;
  }

  /** Does something with each instance of a fallback's own, and its number. */
  each(work) {
    for (const [index, { api }] of this.#steps.entries()) if (api !== undefined) work(api, index + 1);
  }

  resetAll() {
    for (const { api } of this.#steps) api?.resetQuotaFlags();
  }

  resetStats() {
    for (const [index, { api }] of this.#steps.entries()) {
      this.#counts[index] = { tried: 0, served: 0 };
      api?.resetStats();
    }
  }

  stats() {
    return this.#steps.map((step, index) => ({ ...aboutOf(step, index), ...this.#counts[index] }));
  }

  status() {
    return this.#steps.flatMap((step, index) => {
      if (step.api === undefined) return [];
      const { state, keys, pools, queue, alerts, nextAvailableAt } = step.api.getStatus();
      return [{ ...aboutOf(step, index), state, keys, pools, queue, alerts, nextAvailableAt }];
    });
  }

  /** Of fallbacks with keys of their own; null for the others. */
  snapshots() {
    return this.#steps.map(({ api }) => api?.snapshot() ?? null);
  }

  /** Looks at the snapshots of all, and returns what restores them: `() => [restored]`. */
  restoring(snapshots = []) {
    if (!Array.isArray(snapshots)) throw noSnapshot(`snapshot.fallbacks: expected an array, got ${described(snapshots)}`);
    const pairs = this.#steps.flatMap(({ api }, at) => (api === undefined || !snapshots[at] ? [] : [{ api, at, snapshot: snapshots[at] }]));
    const work = pairs.map(({ api, at, snapshot }) => {
      try {
        return this.#ports.restoring(api, snapshot);
      } catch (error) {
        throw error.code === 'SNAPSHOT_INVALID' ? noSnapshot(error.message.replace(/^snapshot/, `snapshot.fallbacks[${at}]`)) : error;
      }
    });
    return () => work.map((restore) => restore());
  }

  /** What is left of each fallback with keys of its own. */
  left() {
    return this.#steps.flatMap((step) => (step.api === undefined ? [] : [step.left()]));
  }

  close() {
    for (const step of this.#steps) step.close();
    for (const interrupt of [...this.#interrupts]) interrupt();
  }

  #keep(story) {
    if (story.trace === null) return;
    this.#accounts.set(story.call, story.trace);
    for (const known of [this.#accounts, this.#parts]) {
      // The instance keeps a hundred; a call may have ten parts.
      while (known.size > MOST_KEPT) known.delete(known.keys().next().value);
    }
  }

  #checkIds() {
    const taken = new Set(this.#ports.ids());
    for (const [index, { api }] of this.#steps.entries()) {
      for (const { id } of api?.getStatus().keys ?? []) {
        if (taken.has(id)) throw mistake(`options.fallback[${index}].keys`, `expected ids of their own, got one that another key has: ${JSON.stringify(id)}`);
        taken.add(id);
      }
    }
  }
}

/** Options as the engine can read them: it is told that there is a function, and no more. */
export function asData(fallback) {
  if (!Array.isArray(fallback)) return fallback;
  return fallback.map((entry, at) => {
    if (entry === null || typeof entry !== 'object' || entry.handler === undefined || entry.handler === null) return entry;
    if (typeof entry.handler !== 'function') throw mistake(`options.fallback[${at}].handler`, `expected a function, got ${typeof entry.handler}`);
    return { ...entry, handler: true };
  });
}

function stepOf(entry, at, options, ports) {
  if (typeof entry.handler === 'function') return new HandlerStep(entry, ports);
  return entry.provider === undefined || entry.provider === null ? new ModelStep(entry, at, ports) : new ProviderStep(entry, at, options, ports);
}

function aboutOf(step, index) {
  return { step: index + 1, kind: step.kind, provider: step.kind === 'provider' ? step.provider() : null, model: step.model };
}

/** Tells on the response who gave it. Not enumerable, and nothing else of it is touched. */
function noted({ response, left }, about, { cause, report }, explains) {
  const define = (name, value) => {
    try {
      Object.defineProperty(response, name, { value, configurable: true });
    } catch { /* a frozen stub: the event has told */ }
  };
  define('fallback', Object.freeze({ ...about, reason: cause.code, cause, left }));
  if (explains) define('quota', report);
  else if (response.quota !== undefined) define('quota', undefined);
  return response;
}

const MOST_KEPT = 1000;
