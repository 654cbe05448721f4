// A webhook: notices as JSON to a URL, one after the other, by the host's `fetch` and never through an instance. Whatever
// becomes of them is nobody's trouble but theirs: no error leaves this file, and no timer keeps a process alive.
import { Outlet } from '../install.js';

export class Webhook {
  #url;
  #headers;
  #format;
  #timeout;
  /** Without a `fetch` of its own, and marked as sent: an instance that is installed in the place of the host's lets it pass. */
  #outlet = new Outlet();
  #waiting = [];
  #isBusy = false;
  #isClosed = false;
  /** Ends what is awaited now: a request or a pause. */
  #interrupt;
  #counts = { sent: 0, failed: 0, dropped: 0 };

  constructor({ url, headers, format, timeout }) {
    this.#url = url;
    this.#headers = headers;
    this.#format = format;
    this.#timeout = timeout;
  }

  tell(notice) {
    if (this.#isClosed) return;
    if (this.#waiting.length === MOST) {
      this.#waiting.shift();
      this.#counts.dropped += 1;
    }
    this.#waiting.push(JSON.stringify(FORMATS[this.#format](notice)));
    if (!this.#isBusy) void this.#drain();
  }

  /** The URL's path may be a secret; its origin is none. */
  stats() {
    return { to: this.#url.origin, ...this.#counts, waiting: this.#waiting.length + Number(this.#isBusy) };
  }

  close() {
    this.#isClosed = true;
    this.#waiting = [];
    this.#interrupt?.();
  }

  async #drain() {
    this.#isBusy = true;
    // Not within the event that brought it.
    await undefined;
    while (this.#waiting.length > 0) await this.#deliver(this.#waiting.shift());
    this.#isBusy = false;
  }

  async #deliver(body) {
    let outcome = await this.#post(body);
    if (outcome === 'again' && !this.#isClosed) {
      await this.#within(BACK_OFF, undefined, () => {});
      if (!this.#isClosed) outcome = await this.#post(body);
    }
    this.#counts[outcome === 'sent' ? 'sent' : 'failed'] += 1;
  }

  /** `sent`; `again` where a second attempt may help; `refused`. */
  #post(body) {
    const leash = new AbortController();
    const sent = this.#send(body, leash.signal).catch(() => 'again');
    // The host's fetch may be anybody's, and need not honour signals.
    return this.#within(this.#timeout, sent, () => leash.abort());
  }

  async #send(body, signal) {
    const headers = new Headers(this.#headers);
    const response = await this.#outlet.fetch(this.#url.href, { method: 'POST', headers, body, signal, redirect: 'error', credentials: 'omit', referrerPolicy: 'no-referrer' });
    // Nobody reads it, and unread it would hold its connection.
    response.body?.cancel().catch(() => {});
    if (response.ok) return 'sent';
    return response.status >= 500 || response.status === 429 || response.status === 408 ? 'again' : 'refused';
  }

  /** What a promise comes to within a time, else `again`; and at the end of either, or of everything, what has to be done. */
  #within(ms, promise, late) {
    return new Promise((resolve) => {
      const end = (outcome) => {
        clearTimeout(timer);
        this.#interrupt = undefined;
        resolve(outcome);
      };
      const interrupt = () => {
        late();
        end('again');
      };
      const timer = setTimeout(interrupt, ms);
      timer.unref?.();
      this.#interrupt = interrupt;
      promise?.then(end);
    });
  }
}

const FORMATS = {
  json: (notice) => notice,
  // Slack's and its like's: what could be taken for markup is no part of our words.
  slack: ({ message }) => ({ text: `quota-aware-api: ${message.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign])}` }),
};

/** Notices that may wait for a webhook that is slow; the oldest go first, since the latest tells how things are. */
const MOST = 100;
const BACK_OFF = 1000;
