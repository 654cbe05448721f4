// Answers that are kept, so that the same question costs no second request; and questions asked by many at once, which are
// sent once. Off, unless the options or a call say otherwise.
import { core } from '../core.js';
import { guarded, mistake } from '../errors.js';
import { Flight } from './flight.js';
import { isKeepable, responseOf } from './print.js';
import { asksForStream, isQuestion, keyOf } from './request-key.js';
import { Shelf, bytesOf } from './shelf.js';

export class Cache {
  #always;
  #ttl;
  #shelf;
  #flights = new Map();
  #newFlight;
  #counts = { hits: 0, misses: 0, merged: 0 };

  /** @param newFlight where flights are not those of `flight.js` */
  constructor({ always, ttl, ...most }, now, newFlight = () => new Flight()) {
    this.#newFlight = newFlight;
    this.#always = always;
    this.#ttl = ttl;
    this.#shelf = new Shelf(most, now);
  }

  /** Under which key a call's answer is kept, and how old it may be; undefined where it is not for us. */
  placeOf(href, init, quota) {
    const wish = quota?.cache ?? undefined;
    if (wish === undefined && !this.#always) return undefined;
    const ttl = wish === undefined ? this.#ttl : wished(wish, this.#ttl);
    if (ttl === undefined || (wish === undefined && !isQuestion(href, init)) || asksForStream(href, init.body)) return undefined;
    const key = keyOf(href, init);
    return key === undefined || bytesOf(key) > this.#shelf.largest ? undefined : { key, ttl };
  }

  /** Answers a call: with what is kept, with what an equal call that is under way is about to get, or by sending it.
   *
   * @param send `(init) => Promise<Response>` */
  answer(place, init, quota, send) {
    const { key, ttl } = place;
    const give = (print) => marked(responseOf(print), print, quota);
    const kept = this.#shelf.get(key, ttl);
    const name = `${wishesIn(quota)}\n${key}`;
    const known = this.#flights.get(name);
    // Where nothing is sent, nobody else looks at what is asked for.
    if ((kept ?? known) !== undefined && quota !== undefined) guarded(() => core().checkQuotaRaw(quota));
    if (kept !== undefined) {
      this.#counts.hits += 1;
      return Promise.resolve(give(kept));
    }
    const flight = known === undefined || known.isGivenUp ? this.#newFlight() : known;
    const joined = flight.join(init.signal, give, () => this.answer(place, init, quota, send), () => send(init));
    if (flight === known) {
      this.#counts.merged += 1;
      return joined;
    }
    this.#counts.misses += 1;
    this.#flights.set(name, flight);
    flight.land(send({ ...init, signal: flight.signal }), this.#shelf.largest, (print) => {
      // Cleared meanwhile: what was asked before is not for those who ask now.
      if (this.#flights.get(name) !== flight) return;
      this.#flights.delete(name);
      if (print !== undefined && isKeepable(print)) this.#shelf.put(key, print, print.size, ttl);
    });
    return joined;
  }

  clear() {
    this.#shelf.clear();
    this.#flights.clear();
  }

  resetStats() {
    this.#counts = { hits: 0, misses: 0, merged: 0 };
  }

  stats() {
    return { ...this.#counts, ...this.#shelf.size() };
  }
}

/** For how long a call wants its answer kept; undefined where it wants none. */
function wished(wish, usual) {
  if (wish === false) return undefined;
  if (wish === true) return usual;
  if (typeof wish !== 'object' || Array.isArray(wish)) throw mistake('quota.cache', `expected true, false or { ttl }, got ${Array.isArray(wish) ? 'an array' : typeof wish}`);
  const stranger = Object.keys(wish).find((name) => name !== 'ttl');
  if (stranger !== undefined) throw mistake(`quota.cache.${stranger}`, 'unknown option; known is ttl');
  const ttl = wish.ttl ?? usual;
  if (!Number.isInteger(ttl) || ttl < 1 || ttl > LONGEST) throw mistake('quota.cache.ttl', `expected a whole number of milliseconds from 1 to ${LONGEST}, got ${typeof ttl === 'number' ? ttl : typeof ttl}`);
  return ttl;
}

const LONGEST = 2 ** 31 - 1;

/** What else a call asks of the scheduler: who wants less than another can't wait for the other's call. Who they are does
 *  not matter, nor how long they want the answer kept. */
function wishesIn({ cache: _, session: __, ...wishes } = {}) {
  return JSON.stringify(Object.entries(wishes).filter(([, value]) => value !== undefined && value !== null).sort());
}

/** The account of the call that brought the answer, for whoever asks for one. */
function marked(response, { report }, quota) {
  if (quota?.explain !== true) return response;
  return Object.defineProperty(response, 'quota', { value: report && { ...report, cached: true }, configurable: true });
}
