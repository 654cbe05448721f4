// The compiled engine, started at its first use. How the module is found is the entry's business.
import { initSync, RawQuotaAware, checkQuestionRaw, checkQuotaRaw, classifyRaw, eventWords, nearestRaw, planRaw, statusOfError } from '#core';
import { startWith } from './module.js';

let findModule;
let started = false;

/** What hosts need where requests must not touch each other: `{ Vigils, EdgeFlight }`. Undefined everywhere else. */
export let edge;

export function bootWith(find, own) {
  findModule = find;
  edge = own;
}

/** The engine's exports. Starts it if need be, with the module that a caller has already, if one is given; idempotent. */
export function core(given) {
  if (!started) {
    startWith(given, findModule, (module) => initSync({ module }));
    started = true;
  }
  return { RawQuotaAware, checkQuestionRaw, checkQuotaRaw, classifyRaw, eventWords, nearestRaw, planRaw, statusOfError };
}
