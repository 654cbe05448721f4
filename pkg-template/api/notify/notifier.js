// Hooks: functions and webhooks that are told what somebody should know.
import { described } from '../given.js';
import { mistake } from '../errors.js';
import { TYPES, noticeOf } from './words.js';
import { Webhook } from './webhook.js';

/** The hooks of `options.notify`; undefined where there are none. `isApart`: on the edge, where nothing is sent but for a caller. */
export function notifierOf(given, isApart) {
  if (given === undefined || given === null) return undefined;
  const hooks = Array.isArray(given) ? given.map((hook, at) => hookOf(hook, `options.notify[${at}]`, isApart)) : [hookOf(given, 'options.notify', isApart)];
  return hooks.length === 0 ? undefined : new Notifier(hooks);
}

class Notifier {
  #hooks;

  constructor(hooks) {
    this.#hooks = hooks;
  }

  /** From now on, what happens to an instance is told. */
  watch(api) {
    for (const type of TYPES) {
      const concerned = this.#hooks.filter(({ events }) => events.has(type));
      if (concerned.length === 0) continue;
      api.addEventListener(type, ({ detail }) => {
        try {
          const notice = noticeOf(type, detail, api.getStatus());
          for (const { hook } of concerned) hook.tell(notice);
        } catch { /* an event that somebody made up, or an instance that another listener has closed */ }
      });
    }
  }

  stats() {
    return this.#hooks.map(({ hook }) => hook.stats());
  }

  close() {
    for (const { hook } of this.#hooks) hook.close();
  }
}

/** A function of the program's: called soon after, and not waited for. */
class FunctionHook {
  #call;
  #isClosed = false;
  #counts = { sent: 0, failed: 0 };
  #waiting = 0;

  constructor(call) {
    this.#call = call;
  }

  tell(notice) {
    this.#waiting += 1;
    const over = (count) => () => {
      this.#waiting -= 1;
      this.#counts[count] += 1;
    };
    Promise.resolve().then(() => (this.#isClosed ? undefined : this.#call.call(undefined, notice))).then(over('sent'), over('failed'));
  }

  stats() {
    return { to: null, ...this.#counts, dropped: 0, waiting: this.#waiting };
  }

  close() {
    this.#isClosed = true;
  }
}

function hookOf(given, path, isApart) {
  if (typeof given === 'function') return { hook: new FunctionHook(given), events: new Set(TYPES) };
  if (given === null || typeof given !== 'object' || Array.isArray(given)) throw mistake(path, `expected a function or a webhook, got ${described(given)}`);
  const stranger = Object.keys(given).find((name) => !NAMES.includes(name) && given[name] !== undefined && given[name] !== null);
  if (stranger !== undefined) throw mistake(`${path}.${stranger}`, `unknown option; known are ${NAMES.join(', ')}`);
  if (isApart) throw mistake(path, 'expected a function on the edge, where nothing can be sent outside of a request; it may send by itself, within ctx.waitUntil');
  const url = urlOf(given.url, `${path}.url`);
  const headers = headersOf(given.headers, `${path}.headers`);
  const format = given.format ?? 'json';
  if (format !== 'json' && format !== 'slack') throw mistake(`${path}.format`, `expected json or slack, got ${described(format)}`);
  const timeout = given.timeout ?? TIMEOUT;
  if (!Number.isInteger(timeout) || timeout < 1 || timeout > LONGEST_TIMER) throw mistake(`${path}.timeout`, `expected a whole number of milliseconds from 1 to ${LONGEST_TIMER}, got ${described(timeout)}`);
  return { hook: new Webhook({ url, headers, format, timeout }), events: eventsOf(given.events, `${path}.events`) };
}

/** The address may be a secret: what was given is never repeated. */
function urlOf(given, path) {
  if (typeof given !== 'string' && !(given instanceof URL)) throw mistake(path, `expected a URL, got ${described(given)}`);
  const url = parsed(given);
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) throw mistake(path, `expected an absolute http or https URL, got ${url === undefined ? 'none' : url.protocol}`);
  if (url.username !== '' || url.password !== '') throw mistake(path, 'expected a URL without a user name or password; put them into headers');
  return url;
}

function parsed(given) {
  try {
    return new URL(given);
  } catch {
    return undefined;
  }
}

function headersOf(given, path) {
  try {
    const headers = new Headers(given ?? {});
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    return [...headers];
  } catch {
    throw mistake(path, 'expected legal header names and values');
  }
}

function eventsOf(given, path) {
  if (given === undefined || given === null) return new Set(TYPES);
  const wanted = `expected an array of some of ${TYPES.join(', ')}`;
  if (!Array.isArray(given) || given.length === 0) throw mistake(path, `${wanted}, got ${Array.isArray(given) ? 'an empty one' : described(given)}`);
  const wrong = given.findIndex((type) => !TYPES.includes(type));
  if (wrong >= 0) throw mistake(`${path}[${wrong}]`, `expected one of ${TYPES.join(', ')}, got ${described(given[wrong])}`);
  return new Set(given);
}

const NAMES = ['url', 'headers', 'events', 'format', 'timeout'];
const TIMEOUT = 10_000;
const LONGEST_TIMER = 2 ** 31 - 1;
