// What a translation can't carry. Every field of a request is either read or named here, so that none vanishes unseen.

/** A request can't be said in the other dialect: `lost` names each path, and why. */
export class NotTranslatable extends Error {
  /** @param {{ path: string, why: string }[]} lost */
  constructor(lost) {
    const more = lost.length > MOST_SAID ? `; and ${lost.length - MOST_SAID} more` : '';
    super(`The request can't be translated: ${lost.slice(0, MOST_SAID).map(({ path, why }) => `${path} (${why})`).join('; ')}${more}.`);
    this.code = 'NOT_TRANSLATABLE';
    this.lost = lost;
  }
}
// On the prototype, as on every built-in error, and safe from minifiers.
Object.defineProperty(NotTranslatable.prototype, 'name', { value: 'NotTranslatable', writable: true, configurable: true });

/** Reads objects of a request, field by field, and keeps the books on what is not carried. Values are never repeated. */
export class Losses {
  /** What must go, and can't. @type {{ path: string, why: string }[]} */
  lost = [];
  /** What can stay behind: it means nothing elsewhere, or the caller has allowed it. @type {{ path: string, why: string }[]} */
  left = [];
  #allowed;
  #camel;

  /** @param {{ allow?: string[], camel?: boolean }} [manner] allow: paths without numbers, with all beneath them;
   *  camel: names may be written with underscores too, as Google's JSON allows */
  constructor({ allow = [], camel = false } = {}) {
    this.#allowed = allow;
    this.#camel = camel;
  }

  lose(path, why = 'it has no counterpart') {
    const place = path.replace(/\[\d+\]/g, '');
    const allowed = this.#allowed.some((allow) => place === allow || (place.startsWith(allow) && place[allow.length] === '.'));
    if (allowed) this.leave(path, why);
    else this.lost.push({ path, why });
  }

  leave(path, why) {
    if (this.left.length < MOST_LEFT && !this.left.some((other) => other.path === path)) this.left.push({ path, why });
  }

  /** The known fields of an object; each other one is lost. Null and empty lists say nothing, in both dialects.
   *  @param {Set<string>} known @param {Record<string, string>} [why] words for some that are not
   *  @param {Record<string, string>} [idle] fields that may stay behind, and why */
  fields(object, path, known, why = {}, idle = {}) {
    const found = {};
    if (!isRecord(object)) {
      if (object !== undefined) this.lose(path || 'body', 'expected an object');
      return found;
    }
    for (const [written, value] of Object.entries(object)) {
      if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) continue;
      const name = this.#camel ? written.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()) : written;
      const at = below(path, written.slice(0, MOST_NAME));
      if (known.has(name)) found[name] = value;
      else if (Object.hasOwn(idle, name)) this.leave(at, idle[name]);
      else this.lose(at, Object.hasOwn(why, name) ? why[name] : undefined);
    }
    return found;
  }

  list(value, path) {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value;
    this.lose(path, 'expected a list');
    return [];
  }

  text(value, path) {
    if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
    this.lose(path, 'expected text');
    return undefined;
  }

  /** Google's JSON may write numbers as text. */
  number(value, path) {
    if (value === undefined || value === null) return undefined;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (Number.isFinite(number)) return number;
    this.lose(path, 'expected a number');
    return undefined;
  }

  check() {
    if (this.lost.length > 0) throw new NotTranslatable(this.lost);
  }
}

export function isRecord(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

export function below(path, name) {
  return path === '' ? name : `${path}.${name}`;
}

/** @param {string} words names, with spaces between */
export function names(words) {
  return new Set(words.split(' '));
}

/** Without what is undefined. */
export function plain(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

const MOST_SAID = 10;
const MOST_LEFT = 100;
const MOST_NAME = 60;
