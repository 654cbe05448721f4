// The class that most people write first, for comparison: next key every time, next key again on a 429, a short wait
// in between, as many attempts as keys. It counts nothing, so it can't know when there is quota again.
import { setTimeout as sleep } from 'node:timers/promises';

export class BlindRotation {
  #keys;
  #turn = 0;

  constructor(keys) {
    this.#keys = keys;
  }

  async call(endpoint, init) {
    let response;
    for (let attempt = 0; attempt < this.#keys.length; attempt += 1) {
      const key = this.#keys[this.#turn % this.#keys.length];
      this.#turn += 1;
      response = await fetch(endpoint, { ...init, headers: { ...init.headers, 'x-goog-api-key': key } });
      if (response.status !== 429) return response;
      await sleep(Math.min(100 * 2 ** attempt, 2000));
    }
    return response;
  }
}
