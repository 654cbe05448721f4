// A clock that needs no waiting, in the place of this thread's own: whoever sleeps is woken as soon as nobody else has anything
// to do. For workers that do nothing else; the engine and the mock in them can't tell the difference.

/** How often nothing may have happened before time goes on: what is under way inside the host ends in tasks, not in microtasks. */
const QUIET = 2;
/** A read that waits for time to pass would hold time up for ever. */
const LONGEST = 50;

export class VirtualTime {
  #now = 0;
  #count = 0;
  #timers = [];
  #reads = 0;
  #tick = ticker();

  /** Takes the clocks and timers of `scope` over. @param {number} epoch what `Date.now()` begins at */
  constructor(epoch, scope = globalThis) {
    Object.defineProperty(scope.performance, 'now', { value: () => this.#now, configurable: true });
    scope.Date.now = () => epoch + this.#now;
    scope.setTimeout = (work, ms = 0) => this.#add(work, ms);
    scope.clearTimeout = (id) => { this.#timers = this.#timers.filter((each) => each.id !== id); };
    for (const name of ['text', 'json', 'arrayBuffer']) this.#watch(scope.Response.prototype, name);
    this.#watch(scope.ReadableStreamDefaultReader.prototype, 'read');
  }

  get now() {
    return this.#now;
  }

  sleep(ms) {
    return new Promise((resolve) => { this.#add(resolve, ms); });
  }

  /** Lets time pass until nobody waits for it any more, or until an instant. */
  async run(until) {
    for (;;) {
      await this.#quiet();
      const next = this.#timers[0];
      if (next === undefined || next.due > until) break;
      this.#timers.shift();
      this.#now = Math.max(this.#now, next.due);
      next.work();
    }
    this.#now = until;
  }

  /** Sorted by time; of equals the first to be set comes first. */
  #add(work, ms) {
    const timer = { id: ++this.#count, due: this.#now + Math.max(0, Number(ms) || 0), work };
    const at = this.#timers.findIndex(({ due }) => due > timer.due);
    this.#timers.splice(at === -1 ? this.#timers.length : at, 0, timer);
    return timer.id;
  }

  /** Counts what the host is reading. */
  #watch(prototype, name) {
    const own = prototype[name];
    const time = this;
    prototype[name] = function watched(...given) {
      time.#reads += 1;
      return own.apply(this, given).finally(() => { time.#reads -= 1; });
    };
  }

  async #quiet() {
    for (let still = 0, tries = 0; still < QUIET && tries < LONGEST; tries += 1) {
      await this.#tick();
      still = this.#reads === 0 ? still + 1 : 0;
    }
  }
}

/** A task of its own, sooner than timers allow. */
function ticker() {
  const { port1, port2 } = new MessageChannel();
  const waiting = [];
  port1.onmessage = () => waiting.shift()();
  port1.unref?.();
  return () => new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(null);
  });
}
