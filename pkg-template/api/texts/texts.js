// Texts by name: ours, or what somebody has put in their place.
import { ENGLISH } from './english.js';

export class Texts {
  #own;

  /** @param own texts instead of ours: strings with `{placeholders}`, or functions of the same facts */
  constructor(own = {}) {
    this.#own = own;
  }

  /** The text of this name, with these facts in it. Blanks where a fact is missing are closed up. */
  say(name, facts = {}) {
    return this.#otherwise(name, facts) ?? said(ENGLISH[name] ?? '', facts);
  }

  /** A span as people say it: "3.2 s", "4 min 10 s", "5 h 20 min". */
  span(ms) {
    const exact = ms / 1000;
    if (exact < 10) return this.say('span.seconds', { seconds: Math.ceil(exact * 10) / 10 });
    const whole = Math.ceil(exact);
    if (exact < 90) return this.say('span.seconds', { seconds: whole });
    const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
    return hours > 0 ? this.say('span.hours', { hours, minutes }) : this.say('span.minutes', { minutes, seconds });
  }

  /** Somebody else's text; undefined where there is none, or it is no text: an error must not fail for its words. */
  #otherwise(name, facts) {
    const own = this.#own[name];
    if (own === undefined) return undefined;
    try {
      const text = said(own, facts);
      if (typeof text === 'string') return text;
      // A promise that nobody waits for must not end a process.
      text?.then?.(undefined, () => {});
    } catch { /* ours, then */ }
    return undefined;
  }
}

/** What is said where nobody has put anything in its place. */
export const OURS = new Texts();

function said(text, facts) {
  if (typeof text === 'function') return text({ ...facts });
  // What is in braces and no fact stays, so that the slip is seen.
  const filled = text.replace(/\{(\w+)\}/g, (all, name) => (Object.hasOwn(facts, name) ? facts[name] ?? '' : all));
  return filled.replace(/ {2,}/g, ' ').trim();
}
