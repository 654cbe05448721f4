// Where records of attempts go: sinks, which get records and nothing else, and observers, which also hear of calls. One for an
// instance and its fallbacks.
import { mistake } from '../errors.js';
import { described } from '../given.js';
import { Outbox } from './outbox.js';
import { Row } from '../row.js';

export class Feed {
  #outboxes;
  #observers = new Set();
  /** Served attempts whose answers may tell yet what they have used. In order. */
  #held = new Row();
  #timed;
  #timer;

  /** @param timed false where no timer outlives a request */
  constructor(sinks, timed) {
    this.#outboxes = sinks.map((sink) => new Outbox(sink, timed));
    this.#timed = timed;
  }

  /** Whether anybody wants to know. */
  get isWanted() {
    return this.#outboxes.length > 0 || this.#observers.size > 0;
  }

  /** @param observer `{ begun(call, work), ended(call, response, error), record(record, call) }`. `begun` returns what `work` does.
   *  @returns a function that ends it */
  observe(observer) {
    this.#observers.add(observer);
    return () => { this.#observers.delete(observer); };
  }

  /** Does the work that begins a call, inside of whatever observers put around it. */
  around(call, work) {
    let inner = work;
    for (const observer of this.#observers) {
      const own = inner;
      inner = () => within(observer, call, own);
    }
    return inner();
  }

  ended(call, response, error) {
    for (const observer of this.#observers) quietly(() => observer.ended(call, response, error));
  }

  give(record, call) {
    for (const outbox of this.#outboxes) outbox.push(record);
    for (const observer of this.#observers) quietly(() => observer.record(record, call));
  }

  /** Until `release`, or until two looks have found nothing new about it: 5 to 10 seconds. */
  hold(note) {
    this.#held.add(note);
    if (this.#held.size > MOST_HELD) this.#held.first.release();
    this.#look();
  }

  let(note) {
    this.#held.delete(note);
  }

  stats() {
    const sum = (name) => this.#outboxes.reduce((count, outbox) => count + outbox[name], 0);
    return { written: sum('written'), dropped: sum('dropped'), failed: sum('failed') };
  }

  resetStats() {
    for (const outbox of this.#outboxes) outbox.written = outbox.dropped = outbox.failed = 0;
  }

  /** Gives out what is held and waits until all is written. False where that takes longer. */
  async flush(timeout) {
    this.#releaseAll();
    let timer;
    const late = new Promise((resolve) => { timer = setTimeout(() => resolve(false), timeout); });
    const written = Promise.all(this.#outboxes.map((outbox) => outbox.flush())).then(() => true);
    try {
      return await Promise.race([written, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  close() {
    this.#releaseAll();
    clearTimeout(this.#timer);
    for (const outbox of this.#outboxes) outbox.close();
  }

  #releaseAll() {
    for (const note of this.#held.all()) note.release();
  }

  #look() {
    if (!this.#timed || this.#timer !== undefined || this.#held.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      for (const note of this.#held.all()) note.look();
      this.#look();
    }, BETWEEN_LOOKS);
    this.#timer.unref?.();
  }
}

/** An observer that fails before it has done the work has failed alone; the work is done once. */
function within(observer, call, work) {
  let begun = false;
  let result;
  const once = () => {
    begun = true;
    result = { value: work() };
    return result.value;
  };
  try {
    return observer.begun(call, once);
  } catch (error) {
    if (result !== undefined) return result.value;
    if (begun) throw error;
    return work();
  }
}

/** What an observer throws is for no call to hear of. */
function quietly(tell) {
  try {
    tell();
  } catch { /* its own affair */ }
}

/** What `options.sink` says. */
export function sinksOf(sink) {
  if (sink === undefined || sink === null) return [];
  const several = Array.isArray(sink);
  return (several ? sink : [sink]).map((each, at) => {
    if (typeof each === 'function' || typeof each?.write === 'function') return each;
    throw mistake(several ? `options.sink[${at}]` : 'options.sink', `expected a function or an object with a function write, got ${described(each)}`);
  });
}

const BETWEEN_LOOKS = 5_000;
const MOST_HELD = 1_000;
