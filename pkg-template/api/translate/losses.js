// What a translation can't carry. Every field of a request is either read or named here, so that none vanishes unseen.
import { Fields } from './fields.js';
import { NotTranslatable } from './not-translatable.js';
import { below, isRecord } from './records.js';

/** Reads objects of a request, and keeps the books on what is not carried. Values are never repeated. */
export class Losses {
  /** What must go, and can't. @type {{ path: string, why: string }[]} */
  lost = [];
  /** What can stay behind: it means nothing elsewhere, or the caller has allowed it. @type {{ path: string, why: string }[]} */
  left = [];
  #allowed;
  #camel;

  /** @param {{ allow?: string[], camel?: boolean }} manner allow: paths without numbers, with all beneath them;
   *  camel: names may be written with underscores too, as Google's JSON allows */
  constructor({ allow = [], camel }) {
    this.#allowed = allow;
    this.#camel = camel;
  }

  lose(path, why = NO_COUNTERPART) {
    const place = path.replace(/\[\d+\]/g, '');
    if (this.#allowed.some((allow) => place === allow || place.startsWith(`${allow}.`))) this.leave(path, why);
    else this.lost.push({ path, why });
  }

  leave(path, why = NO_COUNTERPART) {
    if (this.left.length < MOST_LEFT && !this.left.some((other) => other.path === path)) this.left.push({ path, why });
  }

  /** The known fields of an object; each other one is lost. Null and empty lists say nothing, in both dialects.
   *  @param {Set<string>} known @param {Record<string, string>} [why] words for some that are not
   *  @param {Record<string, string>} [idle] fields that may stay behind, and why */
  read(object, path, known, why = {}, idle = {}) {
    const found = {};
    if (object !== undefined && !isRecord(object)) this.lose(path || 'body', 'expected an object');
    for (const [written, value] of isRecord(object) ? Object.entries(object) : []) {
      if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) continue;
      const name = this.#camel ? written.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()) : written;
      const at = below(path, written.slice(0, MOST_NAME));
      if (known.has(name)) found[name] = value;
      else if (Object.hasOwn(idle, name)) this.leave(at, idle[name]);
      else this.lose(at, Object.hasOwn(why, name) ? why[name] : undefined);
    }
    return new Fields(this, path, found);
  }

  check() {
    if (this.lost.length > 0) throw new NotTranslatable(this.lost);
  }
}

const NO_COUNTERPART = 'it has no counterpart';
const MOST_LEFT = 100;
const MOST_NAME = 60;
