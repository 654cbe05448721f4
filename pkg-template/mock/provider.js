// The mock as a `fetch`: time passes, answers are sent, callers give up.

import { readArrival } from './arrival.js';
import { oneOf } from './check.js';
import { sleepUntilAborted } from './clock.js';
import { Emulator } from './emulator.js';
import { KEY_STATES } from './keys.js';
import { readLimits, readOptions } from './options.js';
import { createRandom, between } from './random.js';
import { STATUS_TEXT } from './reply.js';

/** @param {object} [options] see mock.d.ts */
export function createMockProvider(options) {
  const config = readOptions(options);
  const emulator = new Emulator(config);
  const { faults, world } = emulator;
  const pauses = createRandom(config.seed, 'pauses');

  /** @param {string | URL | Request} input @param {RequestInit} [init] @returns {Promise<Response>} */
  async function fetch(input, init) {
    const reading = readArrival(input, init);
    // No await where none is needed: two calls made one after the other are decided one after the other.
    const arrival = reading instanceof Promise ? await reading : reading;
    arrival.signal?.throwIfAborted();
    const decision = emulator.decide(arrival);
    await sleepUntilAborted(config.sleep, decision.took, arrival.signal);
    if (decision.dropped) throw connectionFailed();
    const { question } = decision;
    const text = question ? String(await config.answer(question.prompt, question.request)) : '';
    // Whoever gives up before there is an answer has nothing settled: what was reserved stays so until it has refilled.
    arrival.signal?.throwIfAborted();
    const reply = decision.reply(text, config.now());
    const body = reply.streamed || reply.cutBefore !== null ? streamOf(reply, arrival.signal, decision.sent) : reply.pieces[0];
    if (typeof body === 'string') decision.sent();
    return new Response(body, { status: reply.status, statusText: STATUS_TEXT[reply.status] ?? '', headers: reply.headers });
  }

  /**
   * A body that comes piece by piece, with pauses, as fast as it is read.
   *
   * @param {import('./reply.js').Reply} reply @param {AbortSignal | null} signal @param {() => void} sent
   */
  function streamOf(reply, signal, sent) {
    const encoder = new TextEncoder();
    const stop = new AbortController();
    let next = 0;
    const giveUp = () => stop.abort(/** @type {AbortSignal} */ (signal).reason);
    const finish = () => {
      signal?.removeEventListener('abort', giveUp);
      sent();
    };
    return new ReadableStream({
      start(controller) {
        stop.signal.addEventListener('abort', () => {
          controller.error(stop.signal.reason);
          finish();
        });
        if (signal?.aborted) giveUp();
        signal?.addEventListener('abort', giveUp);
      },
      async pull(controller) {
        try {
          if (next > 0) await sleepUntilAborted(config.sleep, between(pauses, config.chunkDelay.min, config.chunkDelay.max), stop.signal);
        } catch (error) {
          if (!stop.signal.aborted) throw error; // a `sleep` that fails by itself; after giving up the stream has failed already
          return;
        }
        if (next === reply.cutBefore) {
          controller.error(new TypeError('terminated', { cause: new Error('other side closed') })); // undici's words
          finish();
          return;
        }
        controller.enqueue(encoder.encode(reply.pieces[next++]));
        if (next === reply.pieces.length) {
          controller.close();
          finish();
        }
      },
      cancel(reason) {
        stop.abort(reason);
      },
    }, { highWaterMark: 0 });
  }

  return Object.freeze({
    fetch,

    state: () => emulator.state(),

    get log() {
      return emulator.log;
    },

    /** @param {string} target @param {'minute' | 'day'} window @param {string} [model] */
    exhaust(target, window, model) {
      const project = world.project(target);
      oneOf('window', window, /** @type {const} */ (['minute', 'day']));
      const limited = project.exhaust(window, model === undefined ? null : world.resolve(model), config.now());
      if (!limited) throw new RangeError(`project ${project.id} has no limit per ${window}${model === undefined ? '' : ` for ${model}`} to use up`);
    },

    /** @param {string} key @param {import('./keys.js').KeyState} [how] */
    breakKey(key, how = 'invalid') {
      world.key(key).state = oneOf('how', how, KEY_STATES);
    },

    /** @param {string} key */
    repairKey(key) {
      world.key(key).state = 'ok';
    },

    /** @param {string} model @param {{ count?: number, until?: number }} [limit] */
    overload(model, limit) {
      faults.overload(model, limit);
    },

    /** @param {string} model */
    recover(model) {
      return faults.recover(model);
    },

    /** @param {string} target @param {string} model @param {object} limits */
    setLimits(target, model, limits) {
      const project = world.project(target);
      project.setLimits(world.resolve(model), readLimits('limits', limits, project.provider), config.now());
    },

    /** @param {unknown} steps */
    script(steps) {
      faults.addScript(steps);
    },

    /** For the server: whose manners (CORS) a request meets. @param {URL} url @param {Headers} headers */
    providerOf: (url, headers) => emulator.providerOf(url, headers),
  });
}

function connectionFailed() {
  // As undici rejects; pages only see the TypeError.
  return new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) });
}
