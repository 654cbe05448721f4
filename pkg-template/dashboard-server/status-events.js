// What a server sends to dashboards: a stream of states, as server-sent events. Every state is whole, so whoever is slow may miss
// some, and whoever comes again has missed nothing.
import { CHANGES, USAGE_EVERY, isClosed, stateOf, usageOf } from '../dashboard/state.js';
import { Tally } from '../dashboard/tally.js';

/** So that time shows, and changes that no event tells: a minute that is over. Milliseconds. */
const ANYWAY = 2_000;
/** A comment, so that proxies and readers know the line is alive where a slow reader takes no states. Milliseconds. */
const ALIVE = 15_000;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // nginx would keep events until its buffer is full.
  'x-accel-buffering': 'no',
};

/**
 * A `Response` whose body is a stream of states, until the reader leaves, `signal` aborts, or the instance is closed. Whom it is
 * sent to is the server's to decide: nothing here looks at a token.
 */
export function statusEvents(api, { interval = 250, signal } = {}) {
  if (!(Number.isFinite(interval) && interval >= 50)) throw new TypeError('interval: expected milliseconds from 50');
  const encoder = new TextEncoder();
  let end;
  const body = new ReadableStream({
    start(controller) {
      const say = (text) => controller.enqueue(encoder.encode(text));
      const feed = new Feed(api, (text) => {
        // A reader that takes nothing gets the next state, not all of those before.
        if (!(controller.desiredSize > 0)) return false;
        say(text);
        return true;
      });
      const timer = setInterval(() => feed.look(), interval);
      // A program ends when it has nothing else to do.
      timer.unref?.();
      end = (close) => {
        clearInterval(timer);
        signal?.removeEventListener('abort', aborted);
        feed.end();
        if (close) controller.close();
      };
      const aborted = () => end(true);
      feed.onclosed = () => {
        say('event: closed\ndata: {}\n\n');
        end(true);
      };
      if (signal?.aborted) return end(true);
      signal?.addEventListener('abort', aborted);
      return feed.look();
    },
    cancel() {
      end(false);
    },
    // Bytes of two or three states: what a reader may be behind.
  }, new ByteLengthQueuingStrategy({ highWaterMark: 1 << 18 }));
  return new Response(body, { headers: HEADERS });
}

/** Decides what is said when. */
class Feed {
  onclosed = () => {};
  #api;
  #say;
  #changed = true;
  #sentAt = -Infinity;
  #saidAt = -Infinity;
  #usageAt = -Infinity;
  /** A report of use that is still to be sent. */
  #usage = null;
  /** What went wrong, on top of the last report of use; without any, nobody knows what was before us, and it is not told. */
  #tally = new Tally();
  #isReported = false;
  /** Something went wrong that has not been told. */
  #failed = false;
  #id = 0;
  #hear = () => { this.#changed = true; };
  #count = ({ detail }) => {
    // A fallback's keys are not among those that are shown.
    if (detail.fallback !== undefined) return;
    this.#tally.settled(detail);
    this.#failed ||= detail.verdict !== 'ok';
  };

  constructor(api, say) {
    this.#api = api;
    this.#say = say;
    // One by one, not by a signal: Node takes eleven listeners of one signal for a leak, and says so.
    for (const type of CHANGES) api.addEventListener(type, this.#hear);
    api.addEventListener('settled', this.#count);
  }

  look() {
    const now = performance.now();
    if (now - this.#usageAt > USAGE_EVERY) this.#askUsage(now);
    if (this.#changed || this.#usage !== null || now - this.#sentAt > ANYWAY) this.#send(now);
    else if (now - this.#saidAt > ALIVE && this.#say(': alive\n\n')) this.#saidAt = now;
  }

  end() {
    for (const type of CHANGES) this.#api.removeEventListener(type, this.#hear);
    this.#api.removeEventListener('settled', this.#count);
  }

  #send(now) {
    let state;
    try {
      state = stateOf(this.#api);
    } catch (error) {
      if (!isClosed(error)) throw error;
      this.onclosed();
      return;
    }
    if (this.#usage !== null) state.usage = this.#usage;
    if (this.#failed && this.#isReported) state.errors = this.#tally.errors;
    this.#id += 1;
    if (!this.#say(`event: state\nid: ${this.#id}\ndata: ${JSON.stringify(state)}\n\n`)) return;
    [this.#changed, this.#failed, this.#usage, this.#sentAt, this.#saidAt] = [false, false, null, now, now];
  }

  #askUsage(now) {
    this.#usageAt = now;
    // A report that can't be made is no reason to end the stream.
    this.#tally.ask();
    usageOf(this.#api).then((report) => {
      if (report === null) return;
      this.#tally.use(report);
      this.#usage = report;
      this.#isReported = this.#failed = true;
    }, () => {});
  }
}
