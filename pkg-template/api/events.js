// Events as listeners get them. What nobody listens to is never made: that of each attempt would cost as much as the attempt.
import { core } from './core.js';

/** Names of verdicts, their categories and those of providers, by the engine's numbers: the same for all instances. */
let words;

export class Events {
  #target;
  #engine;
  /** Types that somebody listens to. */
  #heard = new Set();
  /** Names by the engine's numbers, which never change their meaning: each is asked for once. */
  #keys = [];
  #models = [];
  #projects = [];
  /** What is told of attempts that have ended, besides listeners; undefined where there is nobody. */
  records;

  constructor(target, engine) {
    this.#target = target;
    this.#engine = engine;
  }

  /** From now on, events of this type are told. */
  listen(type) {
    this.#heard.add(type);
    this.#engine.use((raw) => raw.listen(type));
  }

  /** After close() nothing more is said, not even what was on its way. */
  tell(type, detail) {
    if (this.#heard.has(type) && this.#engine.isOpen) this.#target.dispatchEvent(eventOf(type, detail));
  }

  /** One was sent. */
  attempt(at, call, key, position, of, model, attempt) {
    if (this.#engine.isOpen) this.tell('attempt', { at, call, key: this.#key(key), position, of, model: this.#model(model), attempt });
  }

  /** One has come to its end. */
  settled(at, call, attempt, key, position, of, provider, project, model, session = null, operation = null, verdict = 0, status = null, latencyMs = 0, waitedMs = 0) {
    if (!this.#engine.isOpen) return;
    words ??= core().eventWords();
    const [name, category] = words.verdicts[verdict];
    const detail = {
      at, call, key: this.#key(key), position, of, provider: words.providers[provider], project: this.#project(project), model: this.#model(model),
      session, operation, attempt, verdict: name, category, status, latencyMs, waitedMs,
    };
    this.records?.settled(detail);
    this.tell('settled', detail);
  }

  #key(number) {
    return (this.#keys[number] ??= this.#engine.open().keyNamed(number) ?? '');
  }

  #model(number) {
    return (this.#models[number] ??= this.#engine.open().modelNamed(number));
  }

  #project(number) {
    return (this.#projects[number] ??= this.#engine.open().projectNamed(number) ?? '');
  }
}

/** Next's edge runtime has events, but none that carry a detail. */
function eventOf(type, detail) {
  if (typeof CustomEvent === 'function') return new CustomEvent(type, { detail });
  return Object.defineProperty(new Event(type), 'detail', { value: detail, enumerable: true });
}
