// The engine behind one instance: there until the instance is closed, or a fault has stopped it.
import { QuotaAwareError, closed, guarded, thrown } from './errors.js';
import { core } from './core.js';

export class Engine {
  #raw;
  #texts;
  #end;

  /** @param given the module that the caller has already, if any
   *  @param make makes one of the exports
   *  @param end ends the instance: nobody shall wait for an engine that a fault has stopped */
  constructor(given, make, texts, end) {
    const exports = started(given, texts);
    this.#raw = guarded(() => make(exports.RawQuotaAware));
    this.#texts = texts;
    this.#end = end;
  }

  get isOpen() {
    return this.#raw !== undefined;
  }

  open() {
    if (this.#raw === undefined) throw closed(this.#texts);
    return this.#raw;
  }

  /** Does something with it. What it throws becomes an error of ours. */
  use(work) {
    const raw = this.open();
    try {
      return guarded(() => work(raw), this.#texts);
    } catch (error) {
      // From an empty stack, since a full one may be what went wrong.
      if (isFault(error)) queueMicrotask(() => this.#feelPulse());
      throw error;
    }
  }

  /** From now on it is closed. Returns what is left to end; undefined where it was closed before. */
  shut() {
    const raw = this.#raw;
    this.#raw = undefined;
    return raw;
  }

  /** One that was lucky goes on. */
  #feelPulse() {
    try {
      this.#raw?.keyAt(0);
    } catch {
      this.#end();
    }
  }
}

/** The exports, or why there are none, in the instance's own words. */
function started(given, texts) {
  try {
    return core(given);
  } catch (error) {
    throw thrown(error, texts);
  }
}

/** Whatever the engine did not say itself may have left it in the middle of something. */
function isFault(error) {
  return !(error instanceof QuotaAwareError) || error.code === 'CLOSED';
}
