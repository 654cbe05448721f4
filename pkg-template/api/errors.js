// The one error class. What the engine says crosses as data and becomes words here.
import { advice, details, message, report } from './messages.js';

/** What an error was made of. */
export let accountOf;

export class QuotaAwareError extends Error {
  // What a console shows; the published files are minified.
  static name = 'QuotaAwareError';

  #account;

  static {
    accountOf = (error) => error.#account;
  }

  /** @param account what the engine says of a failure, or `{ code, detail }` where a person made a mistake */
  constructor(account) {
    super(message(account), account.cause === undefined ? undefined : { cause: account.cause });
    this.#account = account;
    this.code = account.code;
    this.retryAfter = account.retryAfter ?? null;
    this.attempts = Object.freeze((account.attempts ?? []).map((attempt) => Object.freeze(attempt)));
    this.advice = advice(account);
    const { project, kind } = account.only ?? {};
    this.owner = kind ? Object.freeze({ project, kind }) : null;
    // Not enumerable: a logged error should not drag a Response along, nor pages of steps.
    Object.defineProperty(this, 'response', { value: account.response ?? null });
    Object.defineProperty(this, 'trace', { value: account.trace ?? null });
    Object.defineProperty(this, 'fallbacks', { value: Object.freeze([...(account.fallbacks ?? [])]) });
    Object.defineProperty(this, 'lost', { value: Object.freeze([...(account.lost ?? [])]) });
    Object.defineProperty(this, 'answer', { value: account.answer ?? null });
  }

  toJSON() {
    return { success: false, message: this.message, error: this.code, details: details(this.#account), data: null };
  }

  toReport() {
    return report(this.#account);
  }
}
// On the prototype, as on every built-in error, and safe from minifiers.
Object.defineProperty(QuotaAwareError.prototype, 'name', { value: 'QuotaAwareError', writable: true, configurable: true });

/** A mistake in what the caller gave us. */
export function mistake(path, detail) {
  return new QuotaAwareError({ code: 'CONFIG_INVALID', path, detail: `${path}: ${detail}` });
}

export function closed() {
  return new QuotaAwareError({ code: 'CLOSED', detail: 'this instance was closed; make a new one' });
}

/** An endpoint that sends its callers elsewhere: no other key would change that. Where to is in the response, and not in
 *  our words: it may repeat the key. */
export function redirected(response) {
  return new QuotaAwareError({ code: 'REDIRECTED', status: response.status, response });
}

/** Whether this is what the engine says of a failure, not an error of somebody's. */
export function isAccount(error) {
  return error !== null && typeof error === 'object' && typeof error.code === 'string' && !(error instanceof Error);
}

/** What the engine threw, as an error of ours. Anything else passes as it is. */
export function thrown(error) {
  return isAccount(error) ? new QuotaAwareError(error) : error;
}

/** Calls the engine, and turns what it throws into the error class. */
export function guarded(work) {
  try {
    return work();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) {
      const detail = `this instance stopped after an internal fault (${error.message}); make a new one`;
      throw new QuotaAwareError({ code: 'CLOSED', detail, cause: error });
    }
    throw thrown(error);
  }
}
