// The drop-in `fetch` in the place of the global one, for programs and SDKs that can't be handed one; and the way back.
//
// Each installation is a function of its own over whatever was there before, as everybody's patches are. Nobody's is ever
// torn out of the middle of a chain: one that is done with passes everything on, and goes when it comes to lie on top.
import { mistake } from './errors.js';
import { begun, isStream } from './stream/tap.js';

/** Stands on the inits that an engine sends: a request that has its key already is for no patch to take. A property, since
 *  wrappers of others copy inits and copies keep it; of the registry, since two copies of this package may be loaded. */
const SENT = Symbol.for('quota-aware-api.sent');

/** How many engines are calling a `fetch` right now: what that calls before it returns is theirs, marked or not (a wrapper
 *  that makes a `Request` of an init loses the mark). */
let sending = 0;

/** Patches of ours that may still lie somewhere: `{ before, serve }`, and no `serve` once they are done with. */
const patches = new WeakMap();

/** What an engine calls to send: the `fetch` of the options, else the host's, as it is at that moment. While its instance is
 *  installed, the host's is the one from before: an engine never meets itself. Holds nothing that leads to the instance. */
export class Outlet {
  #given;
  #before = [];

  constructor(given) {
    this.#given = given ?? undefined;
  }

  fetch = (url, init) => {
    // A variable, so that it is called without a `this`: browsers refuse any but theirs.
    const send = this.#given ?? this.#before[0]?.fetch ?? globalThis.fetch;
    init[SENT] = true;
    sending += 1;
    try {
      return send(url, init);
    } finally {
      sending -= 1;
    }
  };

  /** The same, for attempts that nobody in here awaits: where the answer is a stream, it resolves once that has begun. */
  refetch = async (url, init, counts) => {
    const response = await this.fetch(url, init);
    return isStream(response, url, init.body) ? begun(response, init.signal, counts) : response;
  };

  /** From now on, until the function that is returned is called. */
  goBeneath(fetch) {
    const place = { fetch };
    this.#before.push(place);
    return () => { this.#before = this.#before.filter((other) => other !== place); };
  }
}

/** Puts `serve` in the place of the global `fetch`, for the URLs that it `takes`. Returns the handle that undoes it, which is
 *  kept among `installed` for as long. */
export function install({ outlet, installed, takes, serve }) {
  const before = globalThis.fetch;
  if (typeof before !== 'function') throw mistake('globalThis.fetch', `expected a function to stand in for, got ${typeof before}`);
  const state = { before, serve };
  const { fetch: patch } = {
    // Name and length of the host's own, and no constructor either.
    fetch(input, init = undefined) {
      const url = state.serve === undefined || sending > 0 || init?.[SENT] === true ? undefined : urlOf(input);
      if (url === undefined || !takes(url)) return Reflect.apply(before, this, arguments);
      return state.serve(isRequest(input) ? input : url, init);
    },
  };
  // Whatever others have hung on the one before is found on this one too.
  put(Object.setPrototypeOf(patch, before));
  patches.set(patch, state);
  const surface = outlet.goBeneath(before);
  const restore = () => {
    if (installed.delete(handle)) {
      state.serve = undefined;
      surface();
    }
    // A second time too: what lay on top then may be gone by now.
    for (let top = patches.get(globalThis.fetch); top !== undefined && top.serve === undefined; top = patches.get(globalThis.fetch)) put(top.before);
  };
  const handle = Object.freeze({ restore, ...(typeof Symbol.dispose === 'symbol' && { [Symbol.dispose]: restore }) });
  installed.add(handle);
  return handle;
}

function put(fetch) {
  try {
    globalThis.fetch = fetch;
  } catch {
    throw mistake('globalThis.fetch', 'expected a property that can be set; hand api.fetch over where it is needed instead');
  }
}

/** Where a request goes, as `fetch` itself would read it; undefined where it is no URL, which is for `fetch` to say. */
function urlOf(input) {
  try {
    return new URL(isRequest(input) ? input.url : input, globalThis.document?.baseURI ?? globalThis.location?.href);
  } catch {
    return undefined;
  }
}

function isRequest(input) {
  return typeof Request === 'function' && input instanceof Request;
}
