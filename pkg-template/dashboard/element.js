// The element: where its figures come from, when it draws, and what it listens to while it is in a page.
import { Beat } from './beat.js';
import { formatOf } from './format.js';
import { Memory } from './memory.js';
import { ApiSource } from './source-api.js';
import { UrlSource } from './source-url.js';
import { dress } from './style.js';
import { MESSAGES, mergedTexts } from './texts.js';
import { View } from './view.js';

/** Where there is no page, the class can be imported and named, and not made. */
const Element = globalThis.HTMLElement ?? class {};

/** Properties that may have been set before the page knew the element. */
const EARLY = ['api', 'url', 'token', 'actions', 'messages', 'theme', 'projector'];
const NO_ORDERS = { reset: false, test: false, disable: false, enable: false };

export class QuotaDashboard extends Element {
  // Its own name, which a minified file would have no more.
  static name = 'QuotaDashboard';
  static observedAttributes = ['url', 'actions', 'theme', 'projector', 'lang'];

  #view;
  #api = null;
  #token = null;
  #messages = null;
  #texts = MESSAGES;
  #source = null;
  #nothing = new Memory();
  #beat = new Beat((fresh) => (fresh ? this.#draw() : this.#view.next()));
  #seen = false;
  /** Ends everything that was begun with the element's entry into a page. */
  #leaving = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    dress(root);
    this.#view = new View({ order: (order) => this.#perform(order), print: () => globalThis.print(), changed: () => this.#draw(true) });
    root.append(this.#view.node);
  }

  get api() {
    return this.#api;
  }

  set api(api) {
    if (api === this.#api) return;
    if (api && typeof api.getStatus !== 'function') throw new TypeError('api: expected a QuotaAwareAPI, or null');
    this.#api = api ?? null;
    this.#listen();
  }

  get url() {
    return this.getAttribute('url');
  }

  set url(url) {
    this.#reflect('url', url);
  }

  get actions() {
    return this.getAttribute('actions');
  }

  set actions(url) {
    this.#reflect('actions', url);
  }

  /** Never an attribute: those can be read by every style sheet. */
  get token() {
    return this.#token;
  }

  set token(token) {
    if ((token ?? null) === this.#token) return;
    this.#token = token ?? null;
    this.#listen();
  }

  get theme() {
    return this.getAttribute('theme');
  }

  set theme(theme) {
    this.#reflect('theme', theme);
  }

  get projector() {
    return this.hasAttribute('projector');
  }

  set projector(on) {
    this.toggleAttribute('projector', Boolean(on));
  }

  get messages() {
    return this.#messages;
  }

  set messages(messages) {
    this.#messages = messages ?? null;
    this.#texts = mergedTexts(messages);
    this.#beat.ask();
  }

  connectedCallback() {
    for (const name of EARLY) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    this.#view.connect();
    document.addEventListener('visibilitychange', () => this.#look(), { signal });
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', () => this.#view.repaint(), { signal });
    this.#watchPrinting(signal);
    const sight = new IntersectionObserver((entries) => {
      this.#seen = entries.at(-1).isIntersecting;
      this.#look();
    });
    sight.observe(this);
    signal.addEventListener('abort', () => sight.disconnect());
    // With a first picture, so that there is something of the right size before anybody has looked.
    this.#listen();
  }

  disconnectedCallback() {
    this.#leaving?.abort();
    this.#leaving = null;
    this.#seen = false;
    this.#beat.run(false);
    this.#source?.close();
    this.#source = null;
    this.#view.disconnect();
  }

  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    if (name === 'url' || name === 'actions') this.#listen();
    if (name === 'theme' || name === 'projector') this.#view.repaint();
    this.#beat.ask();
  }

  #reflect(name, value) {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, value);
  }

  /** Another source. An instance goes before an address. */
  #listen() {
    if (this.#leaving === null) return;
    this.#source?.close();
    const changed = () => this.#beat.ask();
    if (this.#api !== null) this.#source = new ApiSource(this.#api, changed);
    else if (this.url) this.#source = new UrlSource({ url: this.url, token: this.#token, actions: this.actions }, changed);
    else this.#source = null;
    // At once, though nobody may see it yet: whoever comes by, or prints it, shall not find the picture of before.
    this.#draw(true);
  }

  /** Draws while somebody can see it. */
  #look() {
    this.#beat.run(this.#seen && document.visibilityState === 'visible' && this.#leaving !== null);
  }

  /** @param all everything at once; else whether parts are left is returned */
  #draw(all = false) {
    const source = this.#source;
    const state = source?.read() ?? {};
    const done = this.#view.render({
      closed: false, at: null, ...state,
      connection: source?.connection ?? null, memory: source?.memory ?? this.#nothing, orders: source?.orders ?? NO_ORDERS,
      now: source?.now() ?? Date.now(), texts: this.#texts, format: formatOf(this.lang || document.documentElement.lang),
    }, all);
    if (!done) this.#beat.ask();
    return !all;
  }

  async #perform(order) {
    const source = this.#source;
    if (source === null) return;
    const words = this.#texts.actions;
    const name = words[order.action === 'reset' && order.key === null ? 'resetAll' : order.action];
    if (order.action === 'test') this.#view.tell(words.testing(order.key));
    try {
      const result = await source.perform(order);
      if (order.action !== 'test') this.#view.tell(words.done(name, order.key ?? ''));
      else if (result?.ok) this.#view.tell(words.testOk(order.key, this.#texts.latency(result.latencyMs)));
      else this.#view.tell(words.testFailed(order.key, result?.message ?? this.#texts.verdicts[result?.verdict] ?? ''));
    } catch (error) {
      this.#view.tell(words.failed(name, error.message));
    }
    this.#beat.ask();
  }

  /** Paper is white, and has no closed parts; nobody waits for a frame of it. */
  #watchPrinting(signal) {
    let fold = null;
    addEventListener('beforeprint', () => {
      if (fold !== null) return;
      this.#draw(true);
      fold = this.#view.unfold();
    }, { signal });
    addEventListener('afterprint', () => {
      fold?.();
      fold = null;
    }, { signal });
  }
}
