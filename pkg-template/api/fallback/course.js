// One call on its way through the fallbacks: what it may spend, on whom, and how to read its body once more.
import { closed } from '../errors.js';
import { isReplayable } from '../request.js';
import { failed } from './failures.js';

export class Course {
  #steps;
  #now;
  #ends;
  #attempts;
  /** Whether the number of attempts was asked for: then every step may use what is left of it. */
  #isAsked;
  #text;
  #vigils;
  #isOpen;
  /** What the call itself was, which no step changes: sending puts a key into the headers of an init. */
  init;
  quota;
  href;
  provider;

  /** @param chain `{ steps, now, vigils, isOpen, usual, deadline, maxRetries }`: of the instance, where the call says nothing */
  constructor({ target, init, quota }, { steps, now, vigils, isOpen, usual, deadline, maxRetries }) {
    this.#vigils = vigils;
    this.#isOpen = isOpen;
    this.init = Object.freeze({ ...init, headers: Object.freeze({ ...init.headers }) });
    this.quota = quota;
    this.href = target.href;
    this.provider = target.place.provider;
    this.#steps = [{ sends: true, usual }, ...steps];
    this.#now = now;
    this.#ends = now() + (isSpan(quota?.deadline) ? quota.deadline : deadline);
    const asked = isCount(quota?.maxRetries) ? quota.maxRetries : maxRetries;
    this.#isAsked = asked !== undefined;
    const all = () => this.#steps.reduce((sum, step) => sum + (step.sends ? step.usual() : 0), 0);
    this.#attempts = Math.max(1, this.#isAsked ? asked : Math.min(all(), MOST_ATTEMPTS));
  }

  /** Milliseconds until the whole call has to be over. */
  get left() {
    return this.#ends - this.#now();
  }

  get attempts() {
    return this.#attempts;
  }

  get signal() {
    return this.init.signal ?? undefined;
  }

  spend(attempts) {
    this.#attempts -= attempts;
  }

  /** The call's wishes for a step, 0 being the instance itself: its share of attempts and time. Every later one is left an
   *  attempt and some time, so that a provider that hangs does not use up those of the next. */
  wishes(at) {
    const later = this.#steps.slice(at + 1);
    const left = this.left;
    const kept = later.reduce((sum, { sends }) => sum + Math.min(sends ? KEPT : KEPT_FOR_HANDLER, left / (2 * later.length + 2)), 0);
    const most = Math.max(1, this.#attempts - later.filter(({ sends }) => sends).length);
    const wishes = { ...this.quota };
    // A wrong wish stays as it is: the engine says what is wrong with it.
    if (isSpan(wishes.deadline ?? 1)) wishes.deadline = Math.max(1, Math.floor(left - kept));
    if (isCount(wishes.maxRetries ?? 1)) wishes.maxRetries = this.#isAsked ? most : Math.min(most, this.#steps[at].usual());
    return wishes;
  }

  /** The body as text, for whoever says it anew. */
  async text() {
    const { body } = this.init;
    this.#text ??= typeof body === 'string' ? body : await textOf(body);
    return this.#text;
  }

  /** Awaits something that knows nothing of our time: the caller's signal, the deadline and `close()` end it.
   *  @param interrupts where to be found by `close()` */
  within(interrupts, work) {
    return new Promise((resolve, reject) => {
      const { signal } = this;
      const end = (settle, value) => {
        clearTimeout(timer);
        leave();
        signal?.removeEventListener('abort', onAbort);
        settle(value);
      };
      const onAbort = () => end(reject, signal.reason);
      const onClose = () => end(reject, closed());
      const timer = setTimeout(() => end(reject, failed('late')), Math.max(1, this.left));
      signal?.addEventListener('abort', onAbort, { once: true });
      const leave = this.#hearsOfClosing(interrupts, onClose);
      work().then((value) => end(resolve, value), (error) => end(reject, error));
    });
  }

  /** Until the function that is returned is called. Where requests must not touch each other, each looks by itself. */
  #hearsOfClosing(interrupts, onClose) {
    if (this.#vigils !== undefined) return this.#vigils.keep(() => (this.#isOpen() ? BETWEEN_LOOKS : void onClose()), () => {});
    interrupts.add(onClose);
    return () => interrupts.delete(onClose);
  }
}

async function textOf(body) {
  if (body === undefined || body === null) return undefined;
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return new TextDecoder().decode(body);
  if (typeof Blob === 'function' && body instanceof Blob) return body.text();
  throw failed(isReplayable(body) ? 'no-json' : 'stream');
}

function isSpan(value) {
  return Number.isInteger(value) && value >= 1 && value < 2 ** 31;
}

function isCount(value) {
  return Number.isInteger(value) && value >= 0 && value <= 100;
}

/** As many as a call without fallbacks has at most. */
const MOST_ATTEMPTS = 10;
/** What each later step is left, as long as that is less than half of the time for all of them: an answer takes seconds. */
const KEPT = 15_000;
const KEPT_FOR_HANDLER = 1000;
const BETWEEN_LOOKS = 250;
