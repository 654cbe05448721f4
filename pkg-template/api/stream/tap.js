// A stream between the host's response and whoever reads it. It is held back until its answer has begun, so that whatever
// fails before that can be tried elsewhere, unseen; from then on every piece is passed on as it came, and looked at in
// passing. Nothing is copied or read ahead: a reader that is slow slows the provider down, one that leaves ends the request.
import { core } from '../core.js';
import { Answer } from './answer.js';
import { weakly } from '../weakly.js';

const taps = new WeakMap();

/** Whether a response is to be read as a stream: by its type, or because one was asked for. */
export function isStream(response, url, body) {
  if (!(response.status >= 200 && response.status < 300) || typeof response.body?.getReader !== 'function' || response.body.locked) return false;
  const type = response.headers?.get?.('content-type');
  return (typeof type === 'string' && type.startsWith('text/event-stream')) || asksForStream(url, body);
}

function asksForStream(url, body) {
  // In strings of a JSON document quotes are escaped, so a match is a name.
  return (typeof url === 'string' && url.includes(':streamGenerateContent')) || (typeof body === 'string' && /"stream"\s*:\s*true/.test(body));
}

/** What was made of a response by `begun`; undefined of any other. */
export function tapOf(response) {
  return taps.get(response);
}

/** The response once its answer has begun: one with the same status, headers and bytes. Where an error comes instead, a response
 *  that has failed with it. Rejects where the connection breaks, or ends, before there is anything to read. `counts`: what is said is counted, too. */
export async function begun(response, signal, counts) {
  const reader = response.body.getReader();
  const answer = new Answer(counts);
  const leave = () => { reader.cancel(signal.reason).catch(() => {}); };
  if (signal?.aborted) leave();
  signal?.addEventListener('abort', leave, { once: true });
  try {
    const head = [];
    let over = false;
    for (let size = 0; !answer.begun && answer.error === undefined && !over && size < MOST_HEAD;) {
      const { done, value } = await reader.read();
      if (signal?.aborted) throw signal.reason;
      over = done;
      if (done) {
        answer.end();
      } else {
        head.push(value);
        size += value?.byteLength ?? 0;
        look(answer, value);
      }
    }
    if (answer.error !== undefined && !answer.begun) {
      reader.cancel().catch(() => {});
      return failed(response, answer.error);
    }
    if (over && !answer.begun && !answer.isWhole) throw new TypeError('the stream ended before its answer had begun');
    const tap = new Tap(reader, answer, head, over);
    const passed = inPlaceOf(response, tap.stream);
    taps.set(passed, tap);
    return passed;
  } finally {
    signal?.removeEventListener('abort', leave);
  }
}

class Tap {
  stream;
  #reader;
  #answer;
  #head;
  #over;
  #controller;
  #owner;
  #signal;
  #onAbort;
  /** What the stream will end with, though bytes are still coming. */
  #broken;
  #settled = false;
  #timer;
  /** Since when the reader has been waiting for a piece. */
  #since;
  #patience;

  constructor(reader, answer, head, over) {
    this.#reader = reader;
    this.#answer = answer;
    this.#head = head;
    this.#over = over;
    this.stream = new ReadableStream({
      start: (controller) => { this.#controller = controller; },
      pull: () => this.#pull(),
      cancel: (reason) => this.cancel(reason),
    }, { highWaterMark: 0 });
  }

  /** How many pieces were passed on. */
  progress = { pieces: 0 };

  /** The document by which OpenAI has said under which id it keeps the answer, if it has. */
  get kept() {
    return this.#answer.kept;
  }

  /** From now on there is somebody to tell. `owner`: `{ used(usage, model), ended(said), broke(error, isLate, cause, said) }`, the last of
   *  which returns the error for whoever reads. */
  attach(owner, signal, patience) {
    this.#owner = owner;
    this.#patience = patience;
    if (signal) {
      // Weakly: a signal may outlive thousands of streams that nobody reads.
      const self = weakly(this);
      this.#signal = signal;
      this.#onAbort = () => self.deref()?.#abort();
      signal.addEventListener('abort', this.#onAbort, { once: true });
      if (signal.aborted) this.#abort();
    }
    forgotten?.register(this.stream, { reader: this.#reader, owner }, this);
    // The controller keeps the stream, and must not keep it from being forgotten.
    this.stream = undefined;
  }

  /** Nobody wants the rest. */
  cancel(reason) {
    this.#settle();
    return this.#reader.cancel(reason);
  }

  async #pull() {
    this.progress.pieces += 1;
    if (this.#head.length > 0) {
      this.#controller.enqueue(this.#head.shift());
      this.#heed();
      return;
    }
    try {
      const { done, value } = this.#over ? OVER : await this.#next();
      if (this.#settled) return;
      if (done) {
        if (!this.#over) this.#answer.end();
        this.#end();
        return;
      }
      this.#controller.enqueue(value);
      look(this.#answer, value);
      this.#heed();
    } catch (cause) {
      if (!this.#settled) this.#fail(cause);
    }
  }

  async #next() {
    this.#since = performance.now();
    this.#timer ??= this.#wait(this.#patience);
    try {
      return await this.#reader.read();
    } finally {
      this.#since = undefined;
    }
  }

  /** One timer at a time, whatever the number of pieces: it looks how long the reader has waited, and goes on. */
  #wait(ms) {
    const timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#since === undefined || this.#settled) return;
      const left = this.#patience - (performance.now() - this.#since);
      if (left > 0) this.#timer = this.#wait(left);
      else this.#stall();
    }, Math.ceil(ms));
    timer.unref?.();
    return timer;
  }

  /** An error in the stream has its bytes passed on like any others; then comes its end. */
  #heed() {
    if (this.#answer.error === undefined || this.#broken !== undefined) return;
    this.#broken = this.#breaks(this.#answer.error, false, undefined);
    // It was the last thing to come, only its line's end may be missing.
    this.#patience = Math.min(this.#patience, LAST_PIECES);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #end() {
    this.#heed();
    if (this.#broken !== undefined) return this.#error(this.#broken);
    if (!this.#answer.isWhole && !this.#answer.isEnded) return this.#cut(new TypeError('the stream ended in the middle of its answer'));
    this.#settle();
    this.#controller.close();
  }

  #fail(cause) {
    if (this.#signal?.aborted) this.#error(this.#signal.reason);
    else if (this.#broken !== undefined) this.#error(this.#broken);
    else if (this.#answer.isEnded) this.#end();
    else this.#cut(cause);
  }

  #cut(cause) {
    this.#error(this.#breaks(undefined, false, cause));
  }

  #stall() {
    const cause = new DOMException(`no further piece of the stream in ${this.#patience} ms`, 'TimeoutError');
    this.#error(this.#broken ?? this.#breaks(undefined, true, cause));
    this.#reader.cancel(cause).catch(() => {});
  }

  #abort() {
    if (this.#settled) return;
    this.#error(this.#signal.reason);
    this.#reader.cancel(this.#signal.reason).catch(() => {});
  }

  #breaks(error, isLate, cause) {
    this.#tellUsage();
    return this.#owner?.broke(error, isLate, cause, this.#answer.said) ?? cause ?? new TypeError('the stream broke');
  }

  #error(error) {
    this.#settle();
    this.#controller.error(error);
  }

  #tellUsage() {
    const { usage, model } = this.#answer;
    if (usage !== undefined) this.#owner?.used(usage, model);
    this.#answer.usage = undefined;
  }

  #settle() {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    forgotten?.unregister(this);
    this.#tellUsage();
    if (this.#broken === undefined) this.#owner?.ended(this.#answer.said);
    this.#owner = undefined;
  }
}

const OVER = { done: true, value: undefined };
/** An answer has begun long before. */
const MOST_HEAD = 1024 * 1024;
const LAST_PIECES = 1000;

/** Streams that nobody can read any more: their requests are ended, and their places free. In Node alone, whose streams are
 *  JavaScript: a browser lets go of the object in front of its own stream while that is still being read, and to end the
 *  request then broke streams in pages (one run in some ten of a page with many SDKs). */
const forgotten = typeof FinalizationRegistry === 'function' && globalThis.process?.versions?.node !== undefined && globalThis.process.versions.bun === undefined
  ? new FinalizationRegistry(({ reader, owner }) => {
    reader.cancel().catch(() => {});
    owner.ended();
  })
  : undefined;

function look(answer, piece) {
  if (piece instanceof Uint8Array) answer.push(piece);
  else answer.begun = true;
}

/** The response in all but its body. */
function inPlaceOf(response, body) {
  const { status, statusText, headers, url, redirected, type } = response;
  return dressed(new Response(body, { status, statusText, headers }), { url, redirected, type });
}

function dressed(response, own) {
  for (const [name, value] of Object.entries(own)) Object.defineProperty(response, name, { value, configurable: true });
  const clone = () => dressed(Response.prototype.clone.call(response), own);
  return Object.defineProperty(response, 'clone', { value: clone, configurable: true, writable: true });
}

/** The error that stood in a stream, as it would have come without one. */
function failed(response, error) {
  const bytes = new TextEncoder().encode(error);
  const headers = new Headers({ 'content-type': 'application/json' });
  // What the headers said of limits and waits belongs to the success that they promised.
  for (const name of ['request-id', 'x-request-id']) if (response.headers?.has?.(name)) headers.set(name, response.headers.get(name));
  const { url, redirected, type } = response;
  return dressed(new Response(bytes, { status: core().statusOfError(bytes), headers }), { url, redirected, type });
}
