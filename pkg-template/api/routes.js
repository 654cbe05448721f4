// Endpoints that keys may be sent to. Parsing a URL costs more than a call's whole decision, so each is looked at once.
import { guarded, mistake } from './errors.js';

/** Distinct URLs that are remembered. A program that makes up a new one for each call starts anew now and then. */
const MOST = 500;

export class Routes {
  #raw;
  #base;
  #allowed;
  #known = new Map();
  /** Scheme, host and version path of the last endpoint: where a test of a key goes when nothing else says. */
  lastBase;

  constructor(raw, { baseURL, allowedOrigins }) {
    this.#raw = raw;
    this.#base = baseURL === undefined ? undefined : parse(baseURL, undefined, 'options.baseURL');
    this.#allowed = new Set(allowedOrigins.map((origin, at) => parse(origin, undefined, `options.allowedOrigins[${at}]`).origin));
    // Naming a base URL is asking for it.
    if (this.#base !== undefined) this.#allowed.add(this.#base.origin);
  }

  /** `{ route, namesModel }` of an endpoint. Throws where it is no URL, or its origin is not allowed. */
  of(endpoint) {
    const text = typeof endpoint === 'string' ? endpoint : endpoint?.href;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (typeof text !== 'string') throw mistake('endpoint', `expected a URL, got ${endpoint === null ? 'null' : typeof endpoint}`);
    const url = parse(text, this.#base, 'endpoint');
    if (url.username !== '' || url.password !== '') throw mistake('endpoint', 'expected a URL without a user name or password');
    // A key in a URL shows up in logs and in Referer headers; ours goes into a header.
    url.searchParams.delete('key');
    const allowed = this.#allowed.has(url.origin);
    const standard = url.protocol === 'https:' && url.port === '';
    const route = guarded(() => this.#raw.route(url.href, url.hostname, url.pathname, standard, allowed));
    this.lastBase = url.origin;
    if (this.#known.size >= MOST) {
      this.#known.clear();
      this.#raw.forgetRoutes();
      return this.of(endpoint);
    }
    const found = { route, namesModel: this.#raw.routeNamesModel(route) };
    this.#known.set(text, found);
    return found;
  }
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
