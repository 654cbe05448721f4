// The workshop: two providers, two classes, the same people before both. A minute of quota may last less than one; then people
// think and answers come as much faster.
import { QuotaAwareAPI } from 'quota-aware-api';
import { MOCK_KEYS, createMockProvider } from 'quota-aware-api/mock';
import { BlindRotation } from '../live/blind.js';
import { drawing } from '../live/load.js';
import { Crowd } from './crowd.js';

const MODEL = 'gemini-3.5-flash-lite';
const ADDRESS = `https://generativelanguage.googleapis.com/v1beta/models/${MODEL}:generateContent`;
/** What each of the three projects has. */
const LIMITS = { rpm: 15, rpd: 500 };
const SEED = 7;

export class World {
  #given;
  #state;
  #began = performance.now();
  #epoch = Date.now();
  #mocks;
  #lanes;
  #crowds;
  #promised = new Map();
  api;

  /**
   * @param {{ people: number, think: number, minute: number, strategy: string, paused: boolean }} given
   * @param {{ blind: import('../live/player.js').Lane, ours: import('../live/player.js').Lane }} lanes
   */
  constructor(given, lanes) {
    this.#given = given;
    this.#lanes = lanes;
    this.#state = { think: given.think, paused: given.paused, pace: given.minute / 60_000, seed: SEED };
    this.#mocks = { blind: this.#provider(), ours: this.#provider() };
    this.api = this.#client(given.strategy);
    const blind = new BlindRotation(MOCK_KEYS, this.#counted('blind'), 100 * this.#state.pace);
    this.#crowds = {
      blind: new Crowd(this.#state, (person) => blind.call(ADDRESS, question()).then(({ ok }) => ({ ok, sign: '429' }), () => ({ ok: false, sign: '✕' })), (event) => this.#tell('blind', event)),
      ours: new Crowd(this.#state, (person, signal) => this.#ask(person, signal), (event) => this.#tell('ours', event)),
    };
    this.seat(given.people);
  }

  seat(people) {
    for (const name of Object.keys(this.#crowds)) {
      this.#lanes[name].seat(people);
      this.#crowds[name].seat(people);
    }
  }

  think(seconds) {
    this.#state.think = seconds;
  }

  pause(paused) {
    this.#state.paused = paused;
  }

  everybody() {
    for (const crowd of Object.values(this.#crowds)) crowd.everybody();
  }

  /** Another instance takes over where the last one was: the provider's counts go on. */
  swap(strategy) {
    const before = this.api;
    this.api = this.#client(strategy);
    before.close();
  }

  /** @param {number} number of the key, from 1 */
  break(number, broken) {
    const key = `key-${number}`;
    for (const mock of Object.values(this.#mocks)) broken ? mock.breakKey(key) : mock.repairKey(key);
    // Nobody waits an hour for the next look at a mended key: whoever mends one tests it.
    if (!broken) this.api.testKey(key, { model: MODEL }).catch(() => {});
  }

  exhaust(number) {
    for (const mock of Object.values(this.#mocks)) mock.exhaust(`project-${number}`, 'day');
  }

  draw() {
    const at = this.#now();
    const told = new Set();
    for (const { session, startsAt } of this.api.getStatus().queue.calls) {
      const person = Number(session);
      const until = startsAt === null ? null : startsAt - this.#epoch;
      told.add(person);
      if (this.#promised.get(person) !== until) this.#lanes.ours.hear({ kind: 'promise', person, at, until });
      this.#promised.set(person, until);
    }
    for (const person of this.#promised.keys()) if (!told.has(person)) this.#promised.delete(person);
    for (const lane of Object.values(this.#lanes)) lane.draw(at);
  }

  close() {
    for (const crowd of Object.values(this.#crowds)) crowd.stop();
    this.api.close();
  }

  #now() {
    return performance.now() - this.#began;
  }

  #tell(lane, event) {
    this.#lanes[lane].hear({ ...event, at: this.#now() });
  }

  #counted(lane) {
    return (...request) => {
      this.#tell(lane, { person: 0, kind: 'sent' });
      return this.#mocks[lane].fetch(...request);
    };
  }

  #provider() {
    const { pace } = this.#state;
    return createMockProvider({
      models: { [MODEL]: LIMITS }, minute: this.#given.minute, countRefused: false, seed: SEED,
      latency: { min: Math.round(600 * pace), max: Math.round(2400 * pace) }, answer: () => 'Because short waves scatter most.',
    });
  }

  #client(strategy) {
    const { minute } = this.#given;
    return new QuotaAwareAPI(MOCK_KEYS.map((key, at) => ({ key, limits: LIMITS, weight: 3 - at, priority: at + 1 })), {
      fetch: this.#counted('ours'), strategy, resetInterval: minute, queue: { maxWait: minute * 2 }, deadline: minute * 3, random: drawing(SEED),
    });
  }

  async #ask(person, signal) {
    const { api } = this;
    try {
      const { ok } = await api.call(ADDRESS, { ...question(), quota: { session: String(person) }, signal });
      return { ok, sign: '✕' };
    } catch (error) {
      // The instance was swapped, not the person: asked again, of the next one.
      if (error.code === 'CLOSED' && api !== this.api) return this.#ask(person, signal);
      return { ok: false, sign: '✕' };
    }
  }
}

function question() {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ contents: [{ parts: [{ text: 'Why is the sky blue?' }] }] }) };
}
