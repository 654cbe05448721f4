// Who a key belongs to and what is wrong with it. A key itself never leaves this file except in the body of the one
// answer in which the real provider repeats it (a suspended key).

/**
 * What can be wrong with a key. All but `no-credit` and `spend-cap` are refused before any quota is looked at.
 *
 * - `ok`
 * - `invalid`: not a key; `expired`: was one; `leaked`: reported as leaked and dead for good
 * - `restricted`: limited to other APIs; `referrer`, `ip`: limited to other pages or addresses
 * - `wrong-type`: a kind of credential this endpoint does not take
 * - `suspended`, `disabled`, `denied`: the project is suspended, has not enabled the API, or was denied access
 * - `location`: the caller's country is not served
 * - `no-credit`, `spend-cap`: no money left, or the monthly cap reached
 */
export const KEY_STATES = /** @type {const} */ ([
  'ok', 'invalid', 'expired', 'leaked', 'restricted', 'referrer', 'ip', 'wrong-type',
  'suspended', 'disabled', 'denied', 'location', 'no-credit', 'spend-cap',
]);

/** @typedef {typeof KEY_STATES[number]} KeyState */

/**
 * @typedef {object} Holder
 * @property {string} id `key-1`, `key-2`, … in the order of declaration
 * @property {string} secret
 * @property {import('./project.js').Project | null} project null: a key that was only declared broken
 * @property {KeyState} state
 * @property {number} requests
 * @property {number} served
 * @property {number} refused
 */

export class KeyRing {
  /** @type {Map<string, Holder>} */
  #bySecret = new Map();
  /** @type {Map<string, Holder>} */
  #byId = new Map();

  /** @param {string} secret @param {import('./project.js').Project | null} project @param {KeyState} state */
  add(secret, project, state) {
    const holder = { id: `key-${this.#byId.size + 1}`, secret, project, state, requests: 0, served: 0, refused: 0 };
    this.#bySecret.set(secret, holder);
    this.#byId.set(holder.id, holder);
  }

  /** @param {string} secret */
  find(secret) {
    return this.#bySecret.get(secret) ?? null;
  }

  /** By the key itself or by its id. @param {string} key */
  named(key) {
    return this.#bySecret.get(key) ?? this.#byId.get(key) ?? null;
  }

  /** For `state()`: no secrets. */
  list() {
    return [...this.#byId.values()].map(({ id, project, state, requests, served, refused }) => ({
      id, project: project?.id ?? null, provider: project?.provider ?? null, state, requests, served, refused,
    }));
  }
}
