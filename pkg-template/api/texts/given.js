// The option `messages`, looked at.
import { core } from '../core.js';
import { mistake } from '../errors.js';
import { described } from '../given.js';
import { ENGLISH } from './english.js';
import { OURS, Texts } from './texts.js';

/** The texts of `options.messages`. Names are looked at by `checkNames`, once the engine has started. */
export function textsOf(messages) {
  if (messages === undefined || messages === null) return OURS;
  if (typeof messages !== 'object' || Array.isArray(messages)) throw mistake(PATH, `expected an object of texts by their names, got ${Array.isArray(messages) ? 'an array' : described(messages)}`);
  const own = Object.create(null);
  for (const [name, text] of Object.entries(messages)) {
    if (text !== undefined && text !== null) own[name] = text;
  }
  return new Texts(own);
}

/** Throws where a name is none of a text, or its text is none. */
export function checkNames(messages) {
  const names = Object.keys(ENGLISH);
  for (const [name, text] of Object.entries(messages ?? {})) {
    if (!Object.hasOwn(ENGLISH, name)) {
      const meant = core().nearestRaw(name, names);
      // A name that is like none of ours may be anything, and is not repeated.
      throw mistake(meant === undefined ? PATH : `${PATH}["${name}"]`, meant === undefined ? 'unknown text; the type Messages lists all names' : `unknown text; did you mean ${meant}?`);
    }
    if (text !== undefined && text !== null && typeof text !== 'string' && typeof text !== 'function') {
      throw mistake(`${PATH}["${name}"]`, `expected a string or a function that returns one, got ${described(text)}`);
    }
  }
}

const PATH = 'options.messages';
