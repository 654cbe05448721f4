// The class that most people write first, for comparison: next key every time, next key again on a 429, a short wait in
// between, as many attempts as keys. It counts nothing, so it can't know when there is quota again.

export class BlindRotation {
  #keys;
  #fetch;
  #pause;
  #turn = 0;

  /** @param {number} [pause] the first wait between attempts, in milliseconds; each next one is twice as long */
  constructor(keys, fetch, pause = 100) {
    this.#keys = keys;
    this.#fetch = fetch;
    this.#pause = pause;
  }

  async call(endpoint, init) {
    let response;
    for (let attempt = 0; attempt < this.#keys.length; attempt += 1) {
      const key = this.#keys[this.#turn % this.#keys.length];
      this.#turn += 1;
      response = await this.#fetch(endpoint, { ...init, headers: { ...init.headers, 'x-goog-api-key': key } });
      if (response.status !== 429) return response;
      await new Promise((resolve) => { setTimeout(resolve, Math.min(this.#pause * 2 ** attempt, 20 * this.#pause)); });
    }
    return response;
  }
}
