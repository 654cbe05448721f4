// One call under way, and all who wait for its answer, where each of them belongs to a request that must not touch another's:
// the one that sends has the response itself, the others look whether it has landed, and make theirs of its print.
import { printOf } from '../cache/print.js';

export class EdgeFlight {
  #vigils;
  #controller = new AbortController();
  /** `{ print }` or `{ error }` once it has landed, `{}` where the request that sent it is gone. */
  #outcome;
  /** The one that sends. */
  #first;

  constructor(vigils) {
    this.#vigils = vigils;
  }

  get signal() {
    return this.#controller.signal;
  }

  get isGivenUp() {
    return this.#outcome !== undefined;
  }

  /** As of `cache/flight.js`; whoever joins first is the one that sends. */
  join(signal, give, again, alone) {
    return new Promise((resolve, reject) => {
      const isFirst = this.#first === undefined;
      const onAbort = () => {
        end();
        reject(signal.reason);
        // Its request may end with it: the others ask anew.
        if (isFirst) this.#lose(signal.reason);
      };
      const end = () => {
        leave();
        signal?.removeEventListener('abort', onAbort);
      };
      if (isFirst) this.#first = { resolve, reject, end };
      const look = isFirst ? () => IS_SENT : () => {
        if (this.#outcome === undefined) return WAITS;
        signal?.removeEventListener('abort', onAbort);
        settle(this.#outcome, { resolve, reject, give, again, alone });
        return undefined;
      };
      const leave = this.#vigils.keep(look, isFirst ? () => { this.#outcome ??= {}; } : () => {});
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  async land(sent, most, landed) {
    let response;
    try {
      response = await sent;
    } catch (error) {
      this.#outcome ??= { error };
      landed(undefined);
      this.#first.end();
      this.#first.reject(error);
      return;
    }
    this.#first.resolve(response);
    const print = await printOf(response, most);
    this.#outcome ??= { print, hasLanded: true };
    landed(print);
    if (print !== undefined) this.#first.end();
  }

  #lose(reason) {
    this.#outcome ??= {};
    this.#controller.abort(reason);
  }
}

function settle({ print, error, hasLanded }, { resolve, reject, give, again, alone }) {
  // These are about who asked, not about what: another may be luckier.
  const isPersonal = error?.code === 'SESSION_LIMIT' || error?.code === 'QUEUE_FULL';
  if (print !== undefined) resolve(give(print));
  else if (hasLanded) resolve(alone());
  else if (error === undefined || isPersonal) resolve(again());
  else reject(error);
}

const WAITS = 50;
const IS_SENT = 1000;
