// The compiled engine, started at its first use. How the module is found is the entry's business.
import { initSync, RawQuotaAware, checkQuestionRaw, checkQuotaRaw, classifyRaw, planRaw, statusOfError } from '#core';
import { startWith } from './module.js';

let findModule;
let started = false;

export function bootWith(find) {
  findModule = find;
}

/** The engine's exports. Starts it if need be, with the module that a caller has already, if one is given; idempotent. */
export function core(given) {
  if (!started) {
    startWith(given, findModule, (module) => initSync({ module }));
    started = true;
  }
  return { RawQuotaAware, checkQuestionRaw, checkQuotaRaw, classifyRaw, planRaw, statusOfError };
}
