// Another provider, by keys of its own. They are those of an instance of its own: so no key of one provider can reach the
// origin of another, limits and strategy are counted apart, and what is asked of the keys of the main instance (whose turn
// it is, whether all are down) means what it meant.
import { QuotaAwareError, mistake } from '../errors.js';
import { dialectOf, renamed, translation } from '../translate/index.js';
import { broken, translating, untranslatable } from './failures.js';

export class ProviderStep {
  kind = 'provider';
  sends = true;
  #name;
  #root;
  #isOwnRoot;
  #leaveOut;
  #child;
  #interrupts;

  /** @param at its place, from 0 @param options what the instance says for all @param ports `{ spawn, interrupts }` */
  constructor({ provider, model, keys, baseURL, leaveOut }, at, options, { spawn, interrupts }) {
    const path = `options.fallback[${at}]`;
    this.model = model;
    this.#name = provider;
    this.#isOwnRoot = baseURL !== undefined && baseURL !== null;
    this.#root = this.#isOwnRoot ? rootOf(baseURL, `${path}.baseURL`) : ROOTS[provider];
    this.#leaveOut = leaveOut ?? [];
    this.#interrupts = interrupts;
    // Where Google's native calls would go is no place for tests of keys that go elsewhere.
    const where = !this.#isOwnRoot ? {} : provider === 'gemini' ? { allowedOrigins: [new URL(this.#root).origin] } : { baseURL: this.#root };
    this.#child = spawn(named(keys, at), { ...options, provider, ...where }, new URL(`${this.#root}/chat/completions`));
    if (this.#child === undefined) throw mistake(`${path}.provider`, `expected the provider whose host ${new URL(this.#root).hostname} is, got ${provider}`);
  }

  get api() {
    return this.#child.api;
  }

  provider() {
    return this.#name;
  }

  usual() {
    return this.#child.usual();
  }

  left() {
    return this.#child.left();
  }

  async ready(course) {
    const from = dialectOf(course.href);
    if (from === undefined) throw untranslatable([{ path: 'url', why: 'only chat calls can be put to another provider' }]);
    const body = await course.text();
    const { url, body: said, headers, translated } = translating(() => this.#said(from, course, body ?? ''));
    return async (wishes) => {
      // Ends the request when nobody waits for its answer any more.
      const stop = new AbortController();
      const signal = eitherOf(course.signal, stop.signal);
      const own = { ...wishes, ...(wishes.model !== undefined && { model: this.model }) };
      const response = await this.#child.api.call(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: said, signal, quota: own });
      if (translated === undefined) return { response, left: [] };
      const answer = await course.within(this.#interrupts, () => translated.answer(response)).catch((error) => {
        stop.abort();
        if (course.signal?.aborted) throw error;
        throw broken(error instanceof QuotaAwareError ? { detail: error.message } : { reason: 'broke-off' }, response.quota, error);
      });
      if (response.ok && !answer.ok) throw broken({ reason: 'unreadable' }, response.quota);
      return { response: answer, left: translated.left, report: response.quota };
    };
  }

  close() {
    this.#child.api.close();
  }

  /** The request in the words of this provider. */
  #said(from, { href, init }, body) {
    const { model } = this;
    const provider = this.#name;
    if (provider === 'anthropic' || from === 'anthropic') {
      if (from !== provider) throw untranslatable([{ path: 'url', why: 'Anthropic\'s messages are not translated' }]);
      return { ...renamed({ url: `${this.#root}/messages`, body, model }), headers: picked(init.headers, /^anthropic-(?:version|beta)$/i) };
    }
    if (from === 'gemini' && provider === 'gemini' && !this.#isOwnRoot) {
      const [path] = /\/models\/[^/:]+:\w+$/.exec(/^[^?#]*/.exec(href)[0]);
      return renamed({ url: `${NATIVE}${path}${/[?&]alt=sse(?:[&#]|$)/.test(href) ? '?alt=sse' : ''}`, body, model });
    }
    if (from === 'openai') return renamed({ url: `${this.#root}/chat/completions`, body, model, provider });
    const translated = translation({ from, to: 'openai', url: href, body, model, provider, allow: this.#leaveOut });
    return { url: `${this.#root}/${translated.path}`, body: translated.body, translated };
  }
}

const NATIVE = 'https://generativelanguage.googleapis.com/v1beta';
/** Where each speaks OpenAI's chat; Anthropic its own. */
const ROOTS = {
  gemini: `${NATIVE}/openai`,
  groq: 'https://api.groq.com/openai/v1',
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com/v1',
};

function rootOf(text, path) {
  const expected = 'expected an absolute http or https URL without a user name, password or query';
  let url;
  try {
    url = new URL(text);
  } catch {
    throw mistake(path, expected);
  }
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || url.search !== '') throw mistake(path, expected);
  return url.href.replace(/[#/]+$/, '');
}

/** Keys that name no id get one that no other fallback's has. */
function named(keys, at) {
  const given = keys.filter((key) => key && (typeof key !== 'string' || key.trim() !== ''));
  return given.map((key, index) => {
    const own = typeof key === 'string' ? { key } : key;
    return { ...own, id: own.id ?? `fallback-${at + 1}-key-${index + 1}` };
  });
}

function picked(headers, names) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.test(name)));
}

/** Browsers before 2023 have no `any`: there the caller's signal is the more important one. */
function eitherOf(own, stop) {
  if (own === undefined) return stop;
  return typeof AbortSignal.any === 'function' ? AbortSignal.any([own, stop]) : own;
}
