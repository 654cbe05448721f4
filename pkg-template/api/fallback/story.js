// What is told of a call that went on to fallbacks: one account, one error, and a note on the answer.
import { QuotaAwareError, accountOf, textsOf } from '../errors.js';
import { reportOf } from '../explain.js';

export class Story {
  #first;
  #steps = [];
  #waited = 0;
  #leftOut = 0;
  #attempts;
  /** What each fallback so far came to. */
  fallbacks = [];

  /** @param cause the error of the instance's own keys @param trace the account of that */
  constructor(cause, trace) {
    this.cause = cause;
    this.#first = trace;
    this.#attempts = [...cause.attempts];
    if (trace) this.#add(trace);
  }

  get call() {
    return this.#first?.call ?? null;
  }

  get attempts() {
    return this.#attempts;
  }

  fallsBack(at, about, reason) {
    this.#steps.push({ step: 'falls-back', at, fallback: about.step, kind: about.kind, provider: about.provider, model: about.model, reason });
  }

  served(trace) {
    if (trace) this.#add(trace);
  }

  failed(at, about, error) {
    if (error.trace) this.#add(error.trace);
    this.#steps.push({ step: 'fallback-failed', at, fallback: about.step, code: error.code, reason: error.message });
    this.#attempts.push(...error.attempts.map((attempt) => ({ ...attempt, fallback: about.step })));
    this.fallbacks.push(Object.freeze({ ...about, error }));
  }

  /** The account of the whole call; null where that of its beginning is gone. */
  get trace() {
    return this.#first && { ...this.#first, waitedMs: this.#waited, leftOut: this.#leftOut, steps: this.#steps };
  }

  get report() {
    const { trace } = this;
    return trace && { ...reportOf(trace), attempts: trace.steps.filter(({ step }) => step === 'sent').length };
  }

  /** The error of all of them: what is wrong with the instance's own keys, with what came of the others. */
  error(explains) {
    const { cause, fallbacks } = this;
    if (fallbacks.length === 0) return cause;
    const waits = [cause, ...fallbacks.map(({ error }) => error)].map(({ retryAfter }) => retryAfter).filter((wait) => wait !== null);
    return new QuotaAwareError({
      ...accountOf(cause), attempts: this.#attempts, fallbacks, trace: explains ? this.trace : null,
      retryAfter: waits.length === 0 ? null : Math.min(...waits),
    }, textsOf(cause));
  }

  #add(trace) {
    this.#steps.push(...trace.steps);
    this.#waited += trace.waitedMs;
    this.#leftOut += trace.leftOut;
  }
}
