// The one error class. What the engine says crosses as data and becomes words here.
import { advice, details, message } from './messages.js';
import { report } from './report.js';
import { OURS } from './texts/texts.js';

/** What an error was made of, and in whose words it says so. */
export let accountOf;
export let textsOf;

export class QuotaAwareError extends Error {
  // What a console shows; the published files are minified.
  static name = 'QuotaAwareError';

  #account;
  #texts;

  static {
    accountOf = (error) => error.#account;
    textsOf = (error) => error.#texts;
  }

  /** @param account what the engine says of a failure, or `{ code, detail }` where a person made a mistake
   *  @param texts of the instance whose error it is */
  constructor(account, texts = OURS) {
    super(message(account, texts), account.cause === undefined ? undefined : { cause: account.cause });
    this.#account = account;
    this.#texts = texts;
    this.code = account.code;
    this.retryAfter = account.retryAfter ?? null;
    this.attempts = Object.freeze((account.attempts ?? []).map((attempt) => Object.freeze(attempt)));
    this.advice = advice(account, texts);
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
    return { success: false, message: this.message, error: this.code, details: details(this.#account, this.#texts), data: null };
  }

  toReport() {
    return report(this.#account, this.#texts);
  }
}
// On the prototype, as on every built-in error, and safe from minifiers.
Object.defineProperty(QuotaAwareError.prototype, 'name', { value: 'QuotaAwareError', writable: true, configurable: true });

/** A mistake in what the caller gave us. */
export function mistake(path, detail) {
  return new QuotaAwareError({ code: 'CONFIG_INVALID', path, detail: `${path}: ${detail}` });
}

export function noSnapshot(detail) {
  return new QuotaAwareError({ code: 'SNAPSHOT_INVALID', detail });
}

export function closed(texts) {
  return new QuotaAwareError({ code: 'CLOSED' }, texts);
}

/** An endpoint that sends its callers elsewhere: no other key would change that. Where to is in the response, and not in
 *  our words: it may repeat the key. */
export function redirected(response, texts) {
  return new QuotaAwareError({ code: 'REDIRECTED', status: response.status, response }, texts);
}

/** Whether this is what the engine says of a failure, not an error of somebody's. */
export function isAccount(error) {
  return error !== null && typeof error === 'object' && typeof error.code === 'string' && !(error instanceof Error);
}

/** What the engine threw, as an error of ours, and what was said in our words, in the instance's. Anything else passes as it is. */
export function thrown(error, texts = OURS) {
  if (isAccount(error)) return new QuotaAwareError(error, texts);
  // What names the path of an option is for whoever writes the program, and so in one language.
  const isOfOthers = error instanceof QuotaAwareError && textsOf(error) !== texts && texts !== OURS && error.code !== 'CONFIG_INVALID';
  return isOfOthers ? new QuotaAwareError(accountOf(error), texts) : error;
}

/** Calls the engine, and turns what it throws into the error class. */
export function guarded(work, texts) {
  try {
    return work();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) {
      throw new QuotaAwareError({ code: 'CLOSED', detail: error.message, cause: error }, texts);
    }
    throw thrown(error, texts);
  }
}
