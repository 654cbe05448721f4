// People in front of one class: they think, ask, and after an error press the button again. Two crowds with the same seed think the
// same thoughts, so what differs between two lanes is the class alone.
import { drawing } from '../live/load.js';

/** How long people look at an error before they press again, in milliseconds of a real minute. */
const AGAIN = { min: 6000, max: 14_000 };
/** "Everybody now" is never the same instant for all. */
const RUSH = 3000;

export class Crowd {
  #people = [];
  #world;
  #call;
  #tell;

  /**
   * @param {{ think: number, pace: number, paused: boolean, seed: number }} world looked at whenever somebody begins to think; `pace`: real
   *   milliseconds of one of a real minute
   * @param {(person: number, signal: AbortSignal) => Promise<{ ok: boolean, sign?: string }>} call rejects once its signal is aborted
   * @param {(event: object) => void} tell
   */
  constructor(world, call, tell) {
    this.#world = world;
    this.#call = call;
    this.#tell = tell;
  }

  /** So many people from now on. */
  seat(count) {
    for (const person of this.#people.splice(count)) person.stop.abort();
    while (this.#people.length < count) {
      const person = { stop: new AbortController(), wake: null, draw: drawing(this.#world.seed * 1000 + this.#people.length) };
      this.#people.push(person);
      this.#live(person, this.#people.length - 1);
    }
  }

  /** Whoever is thinking asks within a moment. */
  everybody() {
    for (const { wake, draw } of this.#people) if (wake !== null) wake(draw() * RUSH * this.#world.pace);
  }

  stop() {
    this.seat(0);
  }

  async #live(person, at) {
    const { stop: { signal } } = person;
    const { draw } = person;
    try {
      for (;;) {
        await this.#think(person);
        this.#tell({ person: at, kind: 'ask' });
        while (!await this.#asked(at, signal)) {
          await sleep((AGAIN.min + draw() * (AGAIN.max - AGAIN.min)) * this.#world.pace, signal);
          this.#tell({ person: at, kind: 'again' });
        }
        this.#tell({ person: at, kind: 'answer' });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #asked(at, signal) {
    const { ok, sign } = await this.#call(at, signal);
    signal.throwIfAborted();
    if (!ok) this.#tell({ person: at, kind: 'error', sign });
    return ok;
  }

  /** As long as drawn, unless everybody is called. In a pause nobody has done thinking. */
  async #think(person) {
    const { signal } = person.stop;
    const span = -Math.log(1 - person.draw()) * this.#world.think * 1000 * this.#world.pace;
    const called = new Promise((resolve) => { person.wake = resolve; });
    const rush = await Promise.race([sleep(span, signal), called]);
    if (rush === undefined && this.#world.paused) await sleep(await called, signal);
    else if (rush !== undefined) await sleep(rush, signal);
    person.wake = null;
  }
}

function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', leave);
      resolve();
    }, ms);
    const leave = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    return signal.addEventListener('abort', leave, { once: true });
  });
}
