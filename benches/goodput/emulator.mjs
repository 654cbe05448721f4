// The provider: a process of its own, which counts each request at the moment of its arrival. Written apart from the
// package's own mock, so that a misconception there is not repeated here.

import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

import { answer, invalidKey, notFound, overQuota, overloaded } from './gemini.mjs';
import { LATENCY, MINUTE, MODEL, offsetOf } from './profiles.mjs';
import { FixedMinute, RollingMinute } from './quota.mjs';
import { lognormal, stream } from './random.mjs';

/** Refusals come from the front end, before any model. */
const REFUSAL = { median: 60, p95: 150 };
/** Left of the day as the run begins. No run is as long. */
const DAY_LEFT = (9 * 60 + 54) * MINUTE;
const PATH = `/v1beta/models/${MODEL}:generateContent`;

class Emulator {
  #server;
  #began = performance.now();
  #projects = new Map();
  #latency;
  #refusal;
  #transit;
  #dice;
  #seed;
  /**
   * One entry for each arrival: `[at, key, status, endedAt, counted]`. Status 0 is a reset, 499 a caller who did not wait for
   * the end; endedAt is null while under way.
   */
  log = [];

  constructor({ projects, server, seed }) {
    this.#server = server;
    this.#seed = seed;
    this.#latency = lognormal(stream(seed, 'latency'), LATENCY);
    this.#refusal = lognormal(stream(seed, 'refusal'), REFUSAL);
    this.#transit = server.transit ? lognormal(stream(seed, 'transit'), server.transit) : null;
    this.#dice = stream(seed, 'faults');
    for (const { rpm, day, keys } of projects) {
      const minute = server.window === 'fixed' ? new FixedMinute(rpm, offsetOf(seed)) : new RollingMinute(rpm);
      const project = { rpm, day: day && { ...day }, minute };
      for (const { key, invalid } of keys) this.#projects.set(key, invalid ? null : project);
    }
  }

  start() {
    this.#began = performance.now();
  }

  now() {
    return performance.now() - this.#began;
  }

  async serve(request, response) {
    request.resume();
    // Whatever lies before the server's counter; nothing, unless the profile wants it.
    if (this.#transit) await sleep(this.#transit());
    const at = this.now();
    const key = String(request.headers['x-goog-api-key'] ?? '');
    const { outcome, after, counted = false } = this.#judge(at, key, request);
    const entry = [at, key, outcome === null ? 0 : outcome[0], null, counted];
    this.log.push(entry);
    await sleep(after);
    entry[3] = this.now();
    if (response.destroyed) entry[2] = 499;
    if (outcome === null || response.destroyed) {
      response.socket?.destroy();
      return;
    }
    const text = JSON.stringify(outcome[1], null, 2);
    response.writeHead(outcome[0], {
      'content-type': 'application/json; charset=UTF-8',
      'content-length': Buffer.byteLength(text),
      // As the real one says how long it took.
      'server-timing': `gfet4t7; dur=${Math.round(entry[3] - at)}`,
    }).end(text);
  }

  /** What comes of a request (null: a connection reset), after how long, and whether it was counted. */
  #judge(now, key, { method, url }) {
    if (method !== 'POST' || url !== PATH) return { outcome: notFound(), after: this.#refusal() };
    const project = this.#projects.get(key);
    if (!project) return { outcome: invalidKey(), after: this.#refusal() };

    const reset = this.#dice() < (this.#server.resets ?? 0);
    if (reset && this.#dice() < 0.5) return { outcome: null, after: 0 };

    const { minute, day, rpm } = project;
    if (day && day.used >= day.limit) return { outcome: overQuota('Day', day.limit, DAY_LEFT - now), after: this.#refusal() };
    if (!minute.hasRoom(now)) {
      if (this.#server.refusedCount) minute.count(now);
      return { outcome: overQuota('Minute', rpm, minute.roomAt() - now), after: this.#refusal() };
    }
    minute.count(now);
    if (day) day.used += 1;
    const took = this.#latency();
    if (reset) return { outcome: null, after: took, counted: true };
    if (this.#dice() < (this.#server.overloaded ?? 0)) return { outcome: overloaded(), after: took / 3, counted: true };
    return { outcome: answer(), after: took, counted: true };
  }
}

if (process.send) {
  process.once('message', ({ profile }) => {
    const emulator = new Emulator(profile);
    const server = createServer((request, response) => void emulator.serve(request, response));
    // A connection that the server gives up while the client takes it up again would be a reset that no profile asked for.
    server.keepAliveTimeout = 3_600_000;
    server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}`, path: PATH }));
    const delay = monitorEventLoopDelay({ resolution: 10 });
    process.on('message', (message) => {
      if (message === 'start') {
        delay.enable();
        emulator.start();
      }
      if (message === 'finish') process.send({ log: emulator.log, lagMs: delay.max / 1e6 });
    });
  });
  process.on('disconnect', () => process.exit());
}
