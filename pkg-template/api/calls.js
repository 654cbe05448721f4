// Calls under way: what becomes of each after it was begun. One object a call and no closures, there may be thousands.
import { closed, isAccount, redirected, thrown } from './errors.js';
import { explain } from './explain.js';
import { isRedirect } from './request.js';
import { Row } from './row.js';
import { Tickets } from './tickets.js';
import { begun, isStream, tapOf } from './stream/tap.js';
import { watchUsage } from './usage.js';

/** Calls of instances that have some under way. A `fetch` that nobody will ever settle refers to nobody: without this, the call that
 *  waits for its time-out would be collected together with the instance. */
const busy = new Row();

export class Calls {
  #owner;
  /** The engine; undefined after close(). */
  #raw;
  #patience;
  #failing;
  #texts;
  /** By ticket. */
  #pending = new Tickets();
  #vigils;
  /** Streams that are still coming. */
  #streams = 0;
  /** What is left to do after close(), once the last call is over. */
  #closing;
  /** Neighbours among those that are busy. */
  before;
  after;
  row;

  /** @param patience how long the reader of a stream waits for its next piece, in milliseconds
   *  @param vigils where each request has to look after its own calls
   *  @param failing `(error, trace)`, if anybody wants to know of calls that fail
   *  @param texts in which errors are told */
  constructor(owner, raw, { patience, vigils, failing, texts }) {
    this.#owner = owner;
    this.#raw = raw;
    this.#patience = patience;
    this.#vigils = vigils;
    this.#failing = failing;
    this.#texts = texts;
  }

  /** Awaits what `begin` has just sent, and goes on by the engine's slow half where that is not the end of it. `call` becomes what
   *  is kept of it: `{ resolve, reject }`, and whatever else the fields below mean. */
  run(sent, call) {
    const raw = this.#raw;
    if (raw === undefined || this.#closing !== undefined) {
      // A custom fetch or a listener has closed us while the call was begun.
      sent?.catch(() => {});
      throw closed(this.#texts);
    }
    call.ticket = raw.ticket();
    call.note?.runs(call.ticket);
    this.#pending.set(call.ticket, call);
    busy.add(this);
    if (call.signal) {
      call.onAbort = () => this.#abort(call);
      call.signal.addEventListener('abort', call.onAbort, { once: true });
    }
    if (sent === undefined) this.#goOn(call);
    else sent.then((response) => this.#came(call, response), (cause) => this.#unreached(call, cause ?? new TypeError('fetch failed')));
    if (this.#vigils !== undefined) call.leave = this.#vigils.keep(() => this.#look(call), () => this.#abandon(call), () => call.reject(abandoned()));
  }

  get size() {
    return this.#pending.size;
  }

  get streams() {
    return this.#streams;
  }

  /** The engine has something to say about a call that waits, or has given up its attempt. */
  told(ticket) {
    const call = this.#pending.get(ticket);
    if (call !== undefined) this.#goOn(call);
  }

  /** @param done what to do once the engine is of no more use to any call */
  close(done) {
    const finish = () => {
      this.#raw = undefined;
      done();
    };
    if (this.#vigils === undefined) for (const call of this.#pending.values()) this.#end(call, closed(this.#texts));
    if (this.#pending.size === 0) finish();
    // Each is ended by its own request.
    else this.#closing = finish;
  }

  /** How a call stands, for its own request to see. */
  #look(call) {
    try {
      for (;;) {
        const ms = this.#raw.look(call.ticket);
        if (ms > 0) return ms;
        if (ms < 0) break;
        this.#goOn(call);
      }
      if (this.#closing !== undefined) this.#end(call, closed(this.#texts));
    } catch (error) {
      this.#end(call, thrown(error, this.#texts));
    }
    return undefined;
  }

  /** Its request is gone, and nothing of it can be touched any more. */
  #abandon(call) {
    this.#quietly((raw) => raw.abandon(call.ticket));
    call.note?.ended(undefined, abandoned());
    this.#forget(call);
  }

  #came(call, response) {
    if (call.given || !this.#pending.has(call.ticket)) return;
    if (typeof response?.status !== 'number') {
      this.#goOn(call, undefined, new TypeError('fetch resolved to something that is no Response'));
    } else if (isStream(response, call.url, call.init?.body)) {
      // Until it has begun nothing is decided: its time runs on.
      begun(response, call.init?.signal, call.note !== undefined).then((passed) => this.#answered(call, passed), (cause) => this.#unreached(call, cause ?? new TypeError('terminated')));
    } else {
      this.#answered(call, response);
    }
  }

  #answered(call, response) {
    if (call.given || !this.#pending.has(call.ticket)) {
      tapOf(response)?.cancel().catch(() => {});
      return;
    }
    const ok = response.status >= 200 && response.status < 300;
    try {
      if (ok && this.#raw.served(call.ticket, response.status, response)) this.#done(call, response);
      else this.#goOn(call, response);
    } catch (error) {
      this.#end(call, thrown(error, this.#texts));
    }
  }

  #unreached(call, cause) {
    if (!call.given && this.#pending.has(call.ticket)) this.#goOn(call, undefined, cause);
  }

  #goOn(call, response, cause) {
    call.given = true;
    // Nothing, now or later: it waits, and the engine will tell us to go on.
    this.#raw.resume(call.ticket, response, cause)?.then(
      (last) => {
        if (last === undefined) return;
        if (!call.sees && isRedirect(last)) this.#end(call, redirected(last, this.#texts));
        else this.#done(call, last);
      },
      (account) => this.#failed(call, account),
    );
  }

  #done(call, response) {
    const { ticket, guess, explains, note } = call;
    this.#leave(call);
    if (explains) explain(response, this.#traceOf(ticket));
    const used = (usage, model) => {
      guess?.guesses.learn(guess, usage);
      note?.used(usage);
      this.#raw?.used(ticket, usage.input, usage.output, usage.cached, usage.thoughts, model);
    };
    const tap = tapOf(response);
    if (tap === undefined) watchUsage(response, used, note);
    else this.#flows(tap, call, used);
    note?.ended(response);
    call.resolve(response);
  }

  /** To the engine the call is over, to its reader it has begun. What is left: its tokens, its place among those under way,
   *  and whom to charge if it breaks. */
  #flows(tap, { ticket, provider, signal, patience, explains, note }, used) {
    this.#quietly((raw) => raw.streams(ticket));
    note?.flows(tap.progress);
    this.#streams += 1;
    let isOver = false;
    const over = () => {
      this.#streams -= isOver ? 0 : 1;
      isOver = true;
    };
    // Nothing in here may lead to the tap: that would keep a stream which everybody has forgotten.
    const ended = () => {
      over();
      this.#quietly((raw) => raw.streamEnded(ticket));
    };
    const leave = this.#vigils?.keep(() => BETWEEN_LOOKS, ended);
    tap.attach({
      used: (usage, model) => this.#quietly(() => used(usage, model)),
      ended: (said) => {
        leave?.();
        ended();
        note?.over(said);
      },
      broke: (error, isLate, cause, said) => {
        leave?.();
        over();
        const account = this.#quietly((raw) => raw.streamBroke(ticket, error, isLate)) ?? { code: 'STREAM_BROKEN' };
        note?.over(said);
        return thrown({ ...account, provider, cause: cause ?? toldBy(account), trace: explains ? this.#traceOf(ticket) : undefined }, this.#texts);
      },
    }, signal, patience ?? this.#patience);
  }

  /** After close() there is nobody to tell: the stream itself goes on. */
  #quietly(work) {
    try {
      return this.#raw === undefined ? undefined : work(this.#raw);
    } catch {
      return undefined;
    }
  }

  #failed(call, account) {
    const told = isAccount(account) ? { ...account, provider: call.provider, ...(call.explains && { trace: this.#traceOf(call.ticket) }) } : account;
    const error = thrown(call.once === undefined ? told : notReplayable(told, call.once), this.#texts);
    this.#failing?.(error, this.#traceOf(call.ticket));
    this.#end(call, error);
  }

  #abort(call) {
    // Ended first: what the engine says of it now is for nobody.
    this.#end(call, call.signal.reason);
    this.#quietly((raw) => raw.abort(call.ticket));
  }

  #end(call, error) {
    this.#leave(call);
    call.note?.ended(undefined, error);
    call.reject(error);
  }

  #leave(call) {
    call.leave?.();
    if (call.onAbort !== undefined) call.signal.removeEventListener('abort', call.onAbort);
    this.#forget(call);
  }

  #forget(call) {
    this.#pending.delete(call.ticket);
    if (this.#pending.size > 0) return;
    busy.delete(this);
    this.#closing?.();
  }

  /** What the engine tells of a call that is over; null after close(), or where a hundred others have ended since. */
  #traceOf(ticket) {
    return this.#quietly((raw) => raw.explain(1, ticket)[0]) ?? null;
  }
}

/** Whose request seemed to have ended, and goes on. */
function abandoned() {
  return new DOMException('nothing had run in the request of this call for so long that its place was given to another', 'AbortError');
}

/** Until a stream's own request is looked for again. */
const BETWEEN_LOOKS = 1000;

/** What a provider wrote into its stream, as an error. The words are without secrets. */
function toldBy({ words, meaning }) {
  return Object.assign(new Error(words ?? 'the provider reported an error in the stream'), { verdict: meaning?.verdict });
}

/** What is the body's fault: that a call was not sent again which would have been. Where nothing was sent, where no key is
 *  left, or where the call was not to be sent twice, the body is not at fault. */
function notReplayable(account, { idempotent }) {
  if (!isAccount(account) || account.attempts.length === 0 || !WOULD_GO_ON.has(account.code)) return account;
  const acted = ['transient', 'network', 'timeout'].includes(account.attempts.at(-1).verdict);
  return acted && !idempotent ? account : { ...account, code: 'BODY_NOT_REPLAYABLE' };
}

const WOULD_GO_ON = new Set(['EXHAUSTED', 'PARTIAL_QUOTA', 'TIMEOUT']);
