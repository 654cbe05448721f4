// Records of attempts: made of what the engine tells at the end of each, of what its call said about itself, and of the tokens
// that its answer tells later.
import { spoken } from './estimate.js';
import { Tickets } from '../tickets.js';

/** What one instance, or one fallback's, has to do with records. */
export class Records {
  feed;
  #fallback;
  /** Calls under way, and those whose records are held, by ticket. */
  #notes = new Tickets();

  /** @param fallback the number of the fallback whose keys these are */
  constructor(feed, fallback) {
    this.feed = feed;
    this.#fallback = fallback;
  }

  /** What is to be known of a call that is about to begin; undefined where nobody wants to know.
   *  @param about `{ url, provider, model, body, quota, fallback? }` */
  opens(about) {
    return this.feed.isWanted ? new Note(this, about, this.#fallback ?? about.fallback) : undefined;
  }

  keep(note) {
    this.#notes.set(note.ticket, note);
  }

  forget(note) {
    this.#notes.delete(note.ticket);
  }

  /** An attempt has come to its end. */
  settled(detail) {
    const note = this.#notes.get(detail.call);
    if (note !== undefined) note.settled(detail);
    else if (this.feed.isWanted) this.feed.give(recordOf(detail, undefined, this.#fallback), undefined);
  }
}

/** What is known of one call. */
class Note {
  ticket = 0;
  about;
  /** Neighbours among those that are held. */
  before;
  after;
  row;
  #records;
  #fallback;
  #held;
  #usage;
  #said = 0;
  #over = false;
  #ended = false;
  #seen = 0;
  #flows = false;
  /** `{ pieces }`: how many pieces of its answer have come, where that is a stream. */
  #progress = { pieces: 0 };
  #counted = 0;

  constructor(records, about, fallback) {
    this.#records = records;
    this.about = about;
    this.#fallback = fallback;
  }

  /** Does the work that begins the call. */
  around(work) {
    return this.#records.feed.around(this, work);
  }

  runs(ticket) {
    this.ticket = ticket;
    this.#records.keep(this);
  }

  settled(detail) {
    this.#held = recordOf(detail, this.about.quota, this.#fallback);
    // The attempt of a stream that broke later: what it came to is told a second time.
    if (!this.#held.success || this.#over || this.#usage !== undefined) this.release();
    else this.#records.feed.hold(this);
  }

  used(usage) {
    this.#usage = usage;
    // A stream that has told its tokens may break yet.
    if (this.#flows) return;
    this.release();
  }

  flows(progress) {
    this.#flows = true;
    this.#progress = progress;
  }

  /** Its answer was read, or nobody will: nothing more will be known. `said`: tokens in what was read, about. */
  over(said = 0) {
    this.#said = said;
    this.#over = true;
    this.release();
  }

  look() {
    const { pieces } = this.#progress;
    this.#seen = pieces === this.#counted ? this.#seen + 1 : 0;
    this.#counted = pieces;
    if (this.#seen >= 2) this.release();
  }

  release() {
    const record = this.#held;
    if (record === undefined) return;
    this.#held = undefined;
    this.#records.feed.let(this);
    if (this.#ended) this.#records.forget(this);
    this.#records.feed.give(this.#counts(record), this);
  }

  /** Whether its last record is still to come. */
  get isHeld() {
    return this.#held !== undefined;
  }

  /** The call's promise is settled. */
  ended(response, error) {
    if (this.#ended) return;
    this.#ended = true;
    this.#records.feed.ended(this, response, error);
    if (response === undefined) this.release();
    if (this.#held === undefined) this.#records.forget(this);
  }

  #counts(record) {
    if (!record.success && !this.#flows) return Object.freeze(record);
    if (this.#usage !== undefined) {
      record.tokens = Object.freeze(this.#usage);
    } else if (record.success && typeof this.about.body === 'string') {
      record.tokens = Object.freeze({ input: spoken(this.about.body), output: this.#said, cached: 0, thoughts: 0 });
      record.tokensEstimated = true;
    }
    return Object.freeze(record);
  }
}

function recordOf(detail, quota, fallback) {
  const { at, call, attempt, key, position, provider, project, model, session, operation, verdict, category, status, latencyMs, waitedMs } = detail;
  return {
    at, call, attempt, key, keyNumber: position, provider, project, model, session, operation,
    userId: quota?.userId ?? null, userAgent: quota?.userAgent ?? AGENT,
    verdict, category, success: verdict === 'ok', status, latencyMs, waitedMs, tokens: null, tokensEstimated: false,
    ...(fallback !== undefined && { fallback }),
  };
}

/** Asked for once: where a host has no navigator, to ask is slow. */
const AGENT = globalThis.navigator?.userAgent ?? null;
