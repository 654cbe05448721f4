// One call under way, and all who wait for its answer.
import { printOf } from './print.js';

export class Flight {
  #callers = new Set();
  #controller = new AbortController();

  /** Ends the call that was sent, once nobody waits for it any more. */
  get signal() {
    return this.#controller.signal;
  }

  get isGivenUp() {
    return this.#controller.signal.aborted;
  }

  /** @param give `(print) => response`, for whoever does not get the original
   *  @param again `() => Promise<response>`, for whoever has to ask anew
   *  @param alone the same, where asking together would come to nothing again */
  join(signal, give, again, alone) {
    return new Promise((resolve, reject) => {
      const caller = { resolve, reject, give, again, alone, leave: () => signal?.removeEventListener('abort', onAbort) };
      const onAbort = () => {
        this.#callers.delete(caller);
        reject(signal.reason);
        if (this.#callers.size === 0) this.#controller.abort(signal.reason);
      };
      this.#callers.add(caller);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Lets everybody have their part of what was sent. `landed` is called before, with a print of the answer if there is one:
   *  whoever asks from then on comes too late for this one. */
  async land(sent, most, landed) {
    let response;
    try {
      response = await sent;
    } catch (error) {
      landed(undefined);
      this.#fail(error);
      return;
    }
    // The original for the first who is still there, whose abort still counts: the body is on its way.
    const [first] = this.#callers;
    first?.resolve(response);
    const print = await printOf(response, most);
    landed(print);
    // A stream goes on for as long as it likes, and so does the caller's right to end it.
    if (print !== undefined) first?.leave();
    this.#callers.delete(first);
    for (const { resolve, give, alone } of this.#taken()) resolve(print === undefined ? alone() : give(print));
  }

  #fail(error) {
    const [first, ...others] = this.#taken();
    first?.reject(error);
    // These are about who asked, not about what: another may be luckier.
    const personal = error?.code === 'SESSION_LIMIT' || error?.code === 'QUEUE_FULL';
    for (const { resolve, reject, again } of others) {
      if (personal) resolve(again());
      else reject(error);
    }
  }

  #taken() {
    const callers = [...this.#callers];
    this.#callers.clear();
    for (const caller of callers) caller.leave();
    return callers;
  }
}
