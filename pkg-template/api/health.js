// Health checks: now and then a request for whatever is down, and one for what is up, so that a silent loss is noticed.
import { mistake } from './errors.js';
import { described } from './given.js';

/** Timers of instances that are no more. */
const forgotten = typeof FinalizationRegistry === 'function' ? new FinalizationRegistry((timer) => clearInterval(timer)) : undefined;

/** Keeps neither a process nor the instance alive: `self` is a WeakRef of it. */
export class HealthChecks {
  #self;
  #timer;

  constructor(self) {
    this.#self = self;
  }

  /** From now on, every so many milliseconds. What was started before ends. */
  start(every, model) {
    this.stop();
    const self = this.#self;
    let isBusy = false;
    const timer = setInterval(() => {
      const api = self.deref();
      if (api === undefined) return clearInterval(timer);
      // One that takes longer than the interval is not joined by a second: each costs requests.
      if (isBusy) return undefined;
      isBusy = true;
      // An instance that a fault has stopped tells whoever calls it, not the timer.
      return void checkHealth(api, model).catch(() => {}).finally(() => { isBusy = false; });
    }, every);
    timer.unref?.();
    forgotten?.register(self.deref(), timer, this);
    this.#timer = timer;
  }

  stop() {
    clearInterval(this.#timer);
    forgotten?.unregister(this);
    this.#timer = undefined;
  }
}

/** Of `startHealthChecks`. */
export function intervalOf(given, usual) {
  const every = given ?? usual ?? USUAL;
  if (!Number.isInteger(every) || every < 1000 || every > LONGEST_TIMER) throw mistake('interval', `expected a whole number of milliseconds from 1000 to ${LONGEST_TIMER}, got ${described(every)}`);
  return every;
}

/** One request for each key that is down and may be repaired by nobody but its owner or its provider, and one for the first
 *  that is up. What returns by the clock is left to the clock, what a person took out to that person, and a leaked key (which
 *  has no time of return) to whoever revokes it. */
async function checkHealth(api, model) {
  const { keys } = api.getStatus();
  const up = keys.find(({ health }) => health === 'available');
  const isDown = ({ health, availableAt }) => health === 'cooling-down' || health === 'probing' || (health === 'invalid' && availableAt !== null);
  for (const key of keys.filter((each) => each === up || isDown(each))) {
    // Throws once the instance is closed, which ends it.
    api.getStatus();
    // What it finds reaches the engine; an error here would only be about the test itself.
    await api.testKey(key.id, { model }).catch(() => {});
  }
}

/** 48 times a day. */
const USUAL = 1_800_000;
const LONGEST_TIMER = 2 ** 31 - 1;
