// The compiled engine, started at its first use. How the module is found is the entry's business.
import { initSync, RawQuotaAware, checkQuestionRaw, checkQuotaRaw, classifyRaw, planRaw } from '#core';

let findModule;
let started = false;

export function bootWith(find) {
  findModule = find;
}

/** The engine's exports. Starts it if need be; idempotent. */
export function core() {
  if (!started) {
    initSync({ module: findModule() });
    started = true;
  }
  return { RawQuotaAware, checkQuestionRaw, checkQuotaRaw, classifyRaw, planRaw };
}
