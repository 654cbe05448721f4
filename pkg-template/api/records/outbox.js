// One sink, and what waits for it. Nothing of it is on any call's path: records are put down here, and written in batches some
// time later, one write at a time. A sink that fails, or never comes back, loses records, which are counted; nothing else.

export class Outbox {
  #sink;
  #waiting = [];
  #timer;
  /** The writing that is under way, and settles without ever rejecting. */
  #writing;
  #timed;
  #ending;
  #warned = false;
  written = 0;
  dropped = 0;
  failed = 0;

  /** @param sink a function, or `{ write, close? }` @param timed false where no timer outlives a request: then only `flush` writes */
  constructor(sink, timed) {
    this.#sink = sink;
    this.#timed = timed;
  }

  push(record) {
    if (this.#ending !== undefined) return;
    if (this.#waiting.length >= MOST_WAITING) {
      // Many at once: to take one off the front of so many is slow.
      this.dropped += this.#waiting.splice(0, DROPPED_AT_ONCE).length;
    }
    this.#waiting.push(record);
    // It keeps a program alive that has come to its end, for so long.
    if (this.#timed) this.#timer ??= setTimeout(() => this.#start(), GATHERING);
  }

  /** Resolves once all that was put down so far is written, or lost. */
  async flush() {
    await this.#drained();
    await this.#ending;
  }

  /** Takes nothing more; writes what is left, and closes the sink. */
  close() {
    if (this.#ending !== undefined) return;
    this.#ending = this.#drained().then(() => this.#sink.close?.()).catch((error) => this.#warn(error));
  }

  async #drained() {
    // There, nobody may wait for what another request has under way: it may be gone. Each writes what it finds.
    if (!this.#timed) return this.#write();
    while (this.#waiting.length > 0 || this.#writing !== undefined) await (this.#writing ?? this.#start());
  }

  #start() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#write().finally(() => { this.#writing = undefined; });
    return this.#writing;
  }

  async #write() {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MOST_AT_ONCE);
      if (typeof this.#sink !== 'function') {
        await this.#give(batch.length, () => this.#sink.write(batch));
        continue;
      }
      for (const record of batch) {
        const writing = this.#give(1, () => this.#sink(record));
        // Most functions are done when they return, and a turn of waiting for each record is a fifth of what records cost.
        if (writing !== undefined) await writing;
      }
    }
  }

  /** A promise that never rejects, or undefined where it is done. */
  #give(count, write) {
    const lost = (error) => {
      this.failed += count;
      this.#warn(error);
    };
    const written = () => { this.written += count; };
    try {
      const writing = write();
      if (typeof writing?.then === 'function') return Promise.resolve(writing).then(written).catch(lost);
      written();
    } catch (error) {
      lost(error);
    }
    return undefined;
  }

  /** Once: a full disk fails at every batch. */
  #warn(error) {
    if (this.#warned) return;
    this.#warned = true;
    try {
      console.warn(`quota-aware-api: a sink has failed, and its records are lost; getStats().records counts them. ${error?.name ?? 'Error'}: ${String(error?.message ?? error).slice(0, MOST_WORDS)}`);
    } catch { /* an error that can't be told */ }
  }
}

/** Some MB. Whoever writes slower than calls end, and for so long, is broken. */
const MOST_WAITING = 10_000;
const DROPPED_AT_ONCE = 100;
const MOST_AT_ONCE = 500;
/** A batch for some calls, and not much to lose. */
const GATHERING = 100;
const MOST_WORDS = 300;
