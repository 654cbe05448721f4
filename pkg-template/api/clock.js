// A clock of the user's own, made safe to be asked anywhere. The engine asks it at every step of a call: one that failed
// half way would leave the call's place taken.
import { mistake } from './errors.js';

/** The same clock. Where it is wrong from the start it throws; where it fails later, its last reading stands, with a warning. */
export function steady(now) {
  let last;
  let warned = false;
  return () => {
    try {
      return last = reading(now());
    } catch (error) {
      if (last === undefined) throw error;
      if (!warned) console.warn(`quota-aware-api: options.now has failed (${error?.message ?? error}); its last reading stands`);
      warned = true;
      return last;
    }
  };
}

function reading(at) {
  if (typeof at === 'number' && at >= 0 && at <= LATEST) return at;
  throw mistake('options.now', `expected milliseconds since the epoch, got ${typeof at === 'number' ? at : typeof at}`);
}

/** What a Date can hold. */
const LATEST = 8.64e15;
