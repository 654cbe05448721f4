// Endpoints that keys may be sent to. Parsing a URL costs more than a call's whole decision, so each is looked at once.
import { guarded, mistake } from './errors.js';
import { handlesOf } from './handles.js';
import { Guesses } from './tokens.js';

/** Distinct URLs that are remembered. A program that makes up a new one for each call starts anew now and then. */
const MOST = 500;

export class Routes {
  #raw;
  #texts;
  #base;
  #allowed;
  #known = new Map();
  /** Where the last calls went, by kind: `own` (an origin that the options name), or a provider. */
  #places = new Map();
  #lastPlace;

  constructor(raw, { baseURL, allowedOrigins }, texts) {
    this.#raw = raw;
    this.#texts = texts;
    this.#base = baseURL === undefined ? undefined : parse(baseURL, undefined, 'options.baseURL');
    this.#allowed = new Set(allowedOrigins.map((origin, at) => parse(origin, undefined, `options.allowedOrigins[${at}]`).origin));
    // Naming a base URL is asking for it.
    if (this.#base !== undefined) this.#allowed.add(this.#base.origin);
  }

  /** `{ route, href, namesModel, provider, place, guesses, kept }` of an endpoint. Throws where it is no URL, or its origin is not allowed. */
  of(endpoint) {
    const text = typeof endpoint === 'string' ? endpoint : endpoint?.href;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (typeof text !== 'string') throw mistake('endpoint', `expected a URL, got ${endpoint === null ? 'null' : typeof endpoint}`);
    const url = parse(text, this.#base, 'endpoint');
    if (url.username !== '' || url.password !== '') throw mistake('endpoint', 'expected a URL without a user name or password');
    const allowed = this.#allowed.has(url.origin);
    takeKeysOut(url, allowed ? KEY : ANY_CREDENTIAL);
    const raw = this.#raw;
    const route = guarded(() => raw.route(url.href, url.hostname, url.pathname, isStandard(url), allowed), this.#texts);
    if (this.#known.size >= MOST) {
      this.#known.clear();
      guarded(() => raw.forgetRoutes(), this.#texts);
      return this.of(endpoint);
    }
    const [namesModel, provider] = guarded(() => [raw.routeNamesModel(route), raw.routeProvider(route)], this.#texts);
    const place = this.#placeAt(url, allowed, provider);
    const found = { route, href: url.href, namesModel, provider, place, guesses: new Guesses(provider), kept: handlesOf(url, provider) };
    this.#known.set(text, found);
    return found;
  }

  /** Whether an endpoint (a URL) is one that keys may be sent to, and there are keys for it. Remembers nothing: most that is
   *  asked about is none. */
  serves(url) {
    if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return false;
    return guarded(() => this.#raw.serves(url.hostname, url.pathname, isStandard(url), this.#allowed.has(url.origin)), this.#texts);
  }

  /** A call has gone there, for this model if its body names one. */
  went({ place }, model) {
    if (model !== undefined) place.model = model;
    if (this.#lastPlace === place) return;
    this.#lastPlace = place;
    this.#places.set(place.kind, place);
  }

  /** Where a key of this provider can be tested, as the calls so far tell: at an origin of the user's own, or where such
   *  keys go anyway. Never at another provider's: a key that is sent there is given away. */
  placeOf(provider) {
    return this.#places.get('own') ?? (provider === null ? this.#lastPlace : this.#places.get(provider));
  }

  /** Scheme, host and what comes before the version; kept together with the model that is asked for there. */
  #placeAt(url, allowed, provider) {
    const base = url.origin + (/^(.*?)\/v1(?:beta)?(?:\/|$)/.exec(url.pathname)?.[1] ?? '');
    const model = /\/models\/([^/:]+)/.exec(url.pathname)?.[1];
    return { kind: allowed ? 'own' : provider, provider, base, model: model && decodeURIComponent(model) };
  }
}

/** A key in a URL shows up in logs and in Referer headers; ours goes into a header. What else is in the query stays as it was
 *  written: `searchParams` would write it anew, in another spelling. */
function takeKeysOut(url, names) {
  if (url.search === '') return;
  const pieces = url.search.slice(1).split('&');
  // Names may be written in any way: %6bey is a key too.
  const kept = pieces.filter((piece) => !names.test([...new URLSearchParams(piece).keys()][0] ?? ''));
  if (kept.length < pieces.length) url.search = kept.join('&');
}

/** Google's name for it, which those before their door use too. */
const KEY = /^key$/i;
/** At providers' own hosts. Elsewhere the others may be what a gateway wants besides. */
const ANY_CREDENTIAL = /^(?:key|api[-_]?key|access_token|oauth_token)$/i;

/** Providers' hosts count by name only as providers serve them. */
function isStandard({ protocol, port }) {
  return protocol === 'https:' && port === '';
}

function parse(text, base, path) {
  let url;
  try {
    url = new URL(text, base);
  } catch {
    throw mistake(path, `expected an absolute http or https URL${base === undefined ? '; a path alone needs options.baseURL' : ''}`);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw mistake(path, `expected an http or https URL, got ${url.protocol}`);
  return url;
}
