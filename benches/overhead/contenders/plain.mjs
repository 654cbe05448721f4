// What most people write first: keys in turn, the next one on a 429, and a count of what happened. It holds nothing back.
/** @param copied `(headers, name, value) => headers`, with the key in */
export function rotating(copied) {
  return class {
    #keys;
    #fetch;
    #turn = 0;
    #usage = new Map();
    #stats = { requests: 0, successes: 0, failures: 0, rotations: 0 };

    constructor(keys, fetch) {
      this.#keys = keys;
      this.#fetch = fetch;
      for (const key of keys) this.#usage.set(key, { requests: 0, failures: 0, isUsedUp: false });
    }

    async call(url, init = {}) {
      let last;
      for (let attempt = 0; attempt < this.#keys.length; attempt += 1) {
        const key = this.#next();
        const usage = this.#usage.get(key);
        usage.requests += 1;
        this.#stats.requests += 1;
        try {
          const response = await this.#fetch(url, { ...init, headers: copied(init.headers, 'x-goog-api-key', key) });
          if (response.status !== 429) {
            this.#stats.successes += 1;
            return response;
          }
          usage.isUsedUp = true;
          last = new Error('429');
        } catch (error) {
          last = error;
        }
        usage.failures += 1;
        this.#stats.failures += 1;
        this.#stats.rotations += 1;
        await new Promise((resolve) => { setTimeout(resolve, Math.min(100 * 2 ** attempt, 2_000)); });
      }
      throw last;
    }

    getStats() {
      return { ...this.#stats, keys: [...this.#usage.values()] };
    }

    #next() {
      for (let step = 0; step < this.#keys.length; step += 1) {
        const key = this.#keys[this.#turn % this.#keys.length];
        this.#turn += 1;
        if (!this.#usage.get(key).isUsedUp) return key;
      }
      return this.#keys[this.#turn % this.#keys.length];
    }
  };
}

const Spreading = rotating((headers, name, value) => ({ ...headers, [name]: value }));

export default function create({ keys, stub }) {
  const api = new Spreading(keys, stub);
  return { call: (url, init) => api.call(url, init) };
}
