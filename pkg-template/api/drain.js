// The end of an instance's service: nothing new comes in, and whoever waits for it learns when nothing is left.
import { QuotaAwareError, mistake } from './errors.js';
import { described } from './given.js';

export function draining(texts) {
  return new QuotaAwareError({ code: 'DRAINING' }, texts);
}

/** Looks now and then, instead of being told by whatever ends: it may be a call, a stream, a fallback's, and on the edge
 *  another request's, which can tell nobody.
 *
 *  @param look `() => { done, … }`, what is left
 *  @param vigils where each request has to look after its own
 *  @returns a promise of the first look that finds nothing, or of the last one once the time is up */
export function drained(look, timeout = USUAL, vigils = undefined) {
  if (!Number.isInteger(timeout) || timeout < 0 || timeout > LONGEST) throw mistake('timeout', `expected a whole number of milliseconds from 0 to ${LONGEST}, got ${described(timeout)}`);
  const until = performance.now() + timeout;
  return new Promise((resolve) => {
    /** How long until the next look; undefined where there is none. */
    const step = () => {
      const left = look();
      const wait = Math.min(BETWEEN_LOOKS, until - performance.now());
      if (!left.done && !left.closed && wait > 0) return wait;
      const { closed, ...drained } = left;
      resolve(drained);
      return undefined;
    };
    // A turn later, so that what has just been begun is seen.
    if (vigils === undefined) {
      const again = () => {
        const wait = step();
        if (wait !== undefined) setTimeout(again, wait);
      };
      setTimeout(again, 0);
    } else {
      let first = true;
      vigils.keep(() => {
        const isFirst = first;
        first = false;
        return isFirst ? 1 : step();
      }, () => {});
    }
  });
}

const USUAL = 30_000;
const LONGEST = 2 ** 31 - 1;
const BETWEEN_LOOKS = 10;
