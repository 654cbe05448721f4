// What ends an attempt: the caller's own signal, or the engine (a time-out, close()).
//
// A signal of our own is made once somebody looks for it. Every host's `fetch` does, and with Node's the two objects cost
// 4 us; a `fetch` of the user's own may not, and neither does a call that waits for its turn.

export class Leash {
  #own;
  #controller;
  #signal;
  #reason;
  #isCut = false;

  /** @param own the caller's own signal, if there is one */
  constructor(own) {
    this.#own = own ?? undefined;
  }

  get signal() {
    if (this.#signal === undefined) {
      this.#controller = new AbortController();
      this.#signal = either(this.#own, this.#controller.signal);
      if (this.#isCut) this.#controller.abort(this.#reason);
    }
    return this.#signal;
  }

  /** Gives up on the attempt under way, whether or not anybody has looked. */
  cut(reason) {
    this.#isCut = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  /** The signal of the next attempt. */
  renew() {
    this.#controller = undefined;
    this.#signal = undefined;
    this.#isCut = false;
    return this.signal;
  }
}

/** The caller's signal must go on working for the body after the call is over, and ours must not outlive it: `AbortSignal.any`
 *  does both without a listener on a signal that may serve thousands of calls. */
function either(own, ours) {
  if (own === undefined) return ours;
  // Without `any` (before 2023) the caller's signal is the more important one.
  if (typeof AbortSignal.any !== 'function') return own;
  try {
    return AbortSignal.any([own, ours]);
  } catch {
    return own; // a polyfill's, or another realm's
  }
}

/** A copy of an init, with the leash's signal. A property of its own, not a class's: a `fetch` of the user's may copy the init. */
export function leashed(init, leash) {
  const copy = { get signal() { return leash.signal; } };
  for (const name in init) if (name !== 'signal' && name !== '__proto__') copy[name] = init[name];
  return copy;
}
