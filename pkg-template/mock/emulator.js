// What a provider decides about a request, in the order in which the real ones do: path, key, body, model, quota, capacity.
// Decisions are made at the instant of arrival and nothing here waits; sending the answer is the business of provider.js.

import { anthropic } from './anthropic.js';
import { Faults } from './faults.js';
import { gemini } from './gemini.js';
import { groq } from './groq.js';
import { Log } from './log.js';
import { openai } from './openai.js';
import { between, createRandom, hash } from './random.js';
import { Reply } from './reply.js';
import { providerOf } from './router.js';
import { countTokens, cutToTokens } from './tokens.js';
import { World } from './world.js';

/** @type {Record<import('./defaults.js').ProviderName, import('./dialect.js').Dialect>} */
const DIALECTS = { gemini, groq, openai, anthropic };

/**
 * @typedef {object} Decision
 * @property {number} took milliseconds until the first byte
 * @property {boolean} dropped the connection fails and there is no answer
 * @property {{ prompt: string, request: import('./echo.js').AnswerRequest } | null} question what to ask `answer`; null: the answer is not a text
 * @property {(text: string, now: number) => Reply} reply
 * @property {() => void} sent to be called when the answer is through, or broken off: what was used is then known
 */

export class Emulator {
  /** Both may be changed from outside, between two requests. */
  faults;
  world;
  #config;
  #log;
  #latency;
  #ids;
  #totals = { requests: 0, served: 0, refused: 0, failed: 0 };

  /** @param {import('./options.js').Config} config */
  constructor(config) {
    this.#config = config;
    this.faults = new Faults(config);
    this.world = new World(config);
    this.#log = new Log(config.logSize);
    this.#latency = createRandom(config.seed, 'latency');
    this.#ids = createRandom(config.seed, 'ids');
  }

  /** @param {URL} url @param {Headers} headers */
  providerOf(url, headers) {
    return providerOf(url, headers, this.world.projects.map(({ provider }) => provider));
  }

  /** @param {import('./arrival.js').Arrival} arrival @returns {Decision} */
  decide(arrival) {
    const now = this.#config.now();
    const dialect = DIALECTS[this.providerOf(arrival.url, arrival.headers)];
    const step = this.faults.nextStep();
    const took = between(this.#latency, this.#config.latency.min, this.#config.latency.max) + (step.delay ?? 0);
    const verdict = this.#judge(arrival, dialect, step, now);
    this.#note(verdict, dialect.name, now);
    return {
      took,
      dropped: verdict.reason === 'connection',
      question: verdict.question ?? null,
      reply: (text, at) => {
        const reply = verdict.reply(text);
        dialect.stamp(reply, { now: at, took, random: this.#ids });
        return reply.with(step.headers ?? {});
      },
      sent: verdict.sent ?? (() => {}),
    };
  }

  get log() {
    return this.#log.entries();
  }

  state() {
    const at = this.#config.now();
    return {
      at,
      totals: { ...this.#totals },
      keys: this.world.keys.list(),
      pools: this.world.pools(at),
      overloaded: this.faults.overloadedModels(at),
    };
  }

  /**
   * @typedef {object} Verdict
   * @property {number | null} status null: no answer
   * @property {string} reason
   * @property {import('./keys.js').Holder | null} [holder]
   * @property {string | null} [model]
   * @property {Decision['question']} [question]
   * @property {(text: string) => Reply} reply
   * @property {() => void} [sent]
   */

  /**
   * @param {import('./arrival.js').Arrival} arrival @param {import('./dialect.js').Dialect} dialect
   * @param {import('./faults.js').Step} step @param {number} now @returns {Verdict}
   */
  #judge(arrival, dialect, step, now) {
    const operation = dialect.route(arrival);
    const desk = { arrival, now, random: this.#ids };
    const named = { model: operation?.model ?? null };
    if (step.connection || this.faults.strikes('connection')) return { ...named, status: null, reason: 'connection', reply: () => new Reply(500, {}, '') };
    if (!operation) return step.status ? scripted(step, dialect, null) : refused('no-such-path', dialect.noSuchPath(arrival));

    // The address of an upload is all that its bytes need: whoever knows it may send them.
    const upload = operation.kind === 'upload' ? this.world.projects.find(({ files }) => files.begun(operation.id ?? '') !== null) : undefined;
    if (upload && !step.status) return filed(dialect.file({ ...desk, operation, files: upload.files }), null);

    const credential = dialect.credential(arrival, operation);
    const holder = typeof credential === 'string' ? this.world.keys.find(credential) : null;
    if (step.status) return { ...scripted(step, dialect, operation), ...named, holder };
    if (typeof credential !== 'string') return { ...refused('no-key', credential), ...named };

    const project = holder?.project?.provider === dialect.name ? holder.project : null;
    const keyState = holder && (project || holder.state !== 'ok') ? holder.state : 'invalid'; // another provider's key is no key here
    if (!holder || !project || keyState !== 'ok') {
      return { ...refused(`key-${keyState}`, dialect.badKey(keyState, { operation, key: credential, project })), ...named, holder };
    }

    if (operation.kind === 'file' || operation.kind === 'upload') return filed(dialect.file({ ...desk, operation, files: project.files }), holder);
    const asked = dialect.read(operation, arrival.text);
    if (asked instanceof Reply) return { ...refused('bad-request', asked), ...named, holder };
    if (operation.kind === 'models') return served(dialect.models(project.modelNames, operation), holder);
    const name = (operation.model ?? asked.model ?? '').replace(/^models\//, '');
    const pool = project.pool(this.world.resolve(name), now);
    if (!pool) return { ...refused('no-such-model', dialect.noSuchModel(name, operation)), holder, model: name };
    if (operation.kind === 'model') return served(dialect.models([name], operation), holder, name);
    const missing = asked.files?.find((id) => project.files.get(id) === null);
    if (missing !== undefined) return { ...refused('no-such-file', dialect.noSuchFile(missing, operation)), holder, model: name };
    const scene = { operation, asked, model: pool.model, project, pool, now, random: this.#ids };
    if (operation.kind === 'count') return served(dialect.count(scene), holder, name);
    return this.#admit(dialect, { ...scene, asked: { ...asked, model: name } }, holder, step);
  }

  /**
   * Quota, then capacity: a call that meets an overloaded model has been counted, as the real ones count it.
   *
   * @param {import('./dialect.js').Dialect} dialect @param {import('./dialect.js').Scene} scene
   * @param {import('./keys.js').Holder} holder @param {import('./faults.js').Step} step @returns {Verdict}
   */
  #admit(dialect, scene, holder, step) {
    const { operation, asked, pool, project, now } = scene;
    const model = /** @type {string} */ (asked.model);
    if (this.faults.strikes('capacity')) return { ...refused('capacity', dialect.failure('capacity', operation, model)), holder, model };
    const admission = pool.admit(dialect.cost(asked), now, this.#config.countRefused);
    if ('refusal' in admission) {
      const { refusal } = admission;
      return { ...refused(refusal.none ? 'limit-zero' : refusal.meter, dialect.quota(refusal, scene)), holder, model };
    }
    const limits = dialect.limits(scene);
    const failure = this.#failure([model, pool.model], now);
    if (failure) return { ...refused(failure, dialect.failure(failure, operation, model)), holder, model };
    if (operation.kind === 'embed') return served(dialect.embed(scene).with(limits), holder, model);

    /** @type {import('./dialect.js').Said | undefined} */ let said;
    const breaks = this.#breaks(step);
    return {
      status: 200, reason: breaks.reason, holder, model,
      question: asked.call ? null : {
        prompt: asked.prompt,
        request: { provider: dialect.name, model, project: project.id, json: asked.json ?? false, schema: asked.schema ?? null, body: asked.body },
      },
      reply: (text) => {
        said = say(text, asked, pool.model);
        const reply = dialect.generate(said, scene).with(limits);
        if (breaks.cut !== null) reply.cutAfter(breaks.cut);
        // Only a stream can fail after its status line.
        if (breaks.streamError !== null && reply.streamed) reply.failAfter(breaks.streamError, dialect.streamError(operation));
        return reply;
      },
      sent: () => {
        if (said) admission.settle(dialect.settle(asked, said));
        said = undefined;
      },
    };
  }

  /** @param {string[]} names @param {number} now @returns {'overloaded' | 'internal' | 'timeout' | null} */
  #failure(names, now) {
    if (this.faults.meetsOverload(names, now) || this.faults.strikes('overloaded')) return 'overloaded';
    if (this.faults.strikes('internal')) return 'internal';
    return this.faults.strikes('timeout') ? 'timeout' : null;
  }

  /** Where an answer that has begun breaks off, if it does. @param {import('./faults.js').Step} step */
  #breaks(step) {
    const cut = step.cut ?? (this.faults.strikes('cut') ? 2 : null);
    const streamError = step.streamError ?? (this.faults.strikes('streamError') ? 2 : null);
    return { cut, streamError, reason: cut !== null ? 'cut' : streamError !== null ? 'stream-error' : 'ok' };
  }

  /** @param {Verdict} verdict @param {import('./defaults.js').ProviderName} provider @param {number} at */
  #note({ status, reason, holder, model }, provider, at) {
    const outcome = status === 200 ? 'served' : status === null || status >= 500 ? 'failed' : 'refused';
    this.#totals.requests++;
    this.#totals[outcome]++;
    if (holder) {
      holder.requests++;
      if (outcome === 'served') holder.served++;
      else holder.refused++;
    }
    this.#log.add({ at, key: holder?.id ?? null, provider, project: holder?.project?.id ?? null, model: model ?? null, status, reason });
  }
}

/** @param {Reply} reply @param {import('./keys.js').Holder | null} holder @returns {Verdict} */
function filed(reply, holder) {
  const reason = { 200: 'ok', 400: 'bad-request' }[reply.status] ?? 'no-such-file';
  return { ...refused(reason, reply), holder };
}

/** @param {string} reason @param {Reply} reply @returns {Verdict} */
function refused(reason, reply) {
  return { status: reply.status, reason, reply: () => reply };
}

/** @param {Reply} reply @param {import('./keys.js').Holder | null} holder @param {string | null} [model] @returns {Verdict} */
function served(reply, holder, model = null) {
  return { status: 200, reason: 'ok', holder, model, reply: () => reply };
}

/**
 * @param {import('./faults.js').Step} step @param {import('./dialect.js').Dialect} dialect
 * @param {import('./dialect.js').Operation | null} operation @returns {Verdict}
 */
function scripted(step, dialect, operation) {
  const reply = dialect.status(/** @type {number} */ (step.status), operation, operation?.model ?? null);
  if (step.body !== undefined) reply.pieces = [typeof step.body === 'string' ? step.body : JSON.stringify(step.body)];
  return refused('script', reply);
}

/** @param {string} text @param {import('./dialect.js').Asked} asked @param {string} model @returns {import('./dialect.js').Said} */
function say(text, asked, model) {
  const call = asked.call ?? null;
  const kept = call ? '' : cutToTokens(text, asked.maxOutput ?? Infinity);
  // The small models do not think unless asked to; how long the others do depends on the question alone.
  const thoughts = asked.thinks && !/lite/.test(model) ? 20 + (hash(asked.prompt) % 100) : 0;
  return { text: kept, call, output: countTokens(call ? JSON.stringify(call.args) : kept), thoughts, cut: call === null && kept !== text };
}
