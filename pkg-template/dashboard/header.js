// The title, the state in a word, what stands between us and the server, and what concerns everything.
import { h, mark, write } from './dom.js';
import { icon, setIcon } from './icons.js';

const STATES = { ok: ['good', 'check'], degraded: ['busy', 'warn'], exhausted: ['wait', 'clock'], 'invalid-keys': ['bad', 'cross'], closed: ['bad', 'off'], unknown: ['none', 'look'] };

export class Header {
  #title = h('h1', { part: 'title' });
  #icon = icon('look');
  #word = h('span');
  #state = h('p', { class: 'state', part: 'state' }, this.#icon, this.#word);
  #connection = h('p', { class: 'connection', part: 'connection', hidden: true });
  #reset = h('button', { type: 'button', class: 'button' });
  #print = h('button', { type: 'button', class: 'button' });
  #words = h('span');
  #tell = h('p', { class: 'unseen', role: 'status' });

  node = h('header', { part: 'header' }, h('div', { class: 'name' }, this.#title, this.#state), h('div', { class: 'tools' }, this.#reset, this.#print));
  /** A strip of its own: there only while something is wrong with the line. */
  strip = h('div', { class: 'strip' }, this.#connection, this.#tell);

  constructor({ print, resetAll }) {
    this.#connection.append(icon('gone'), this.#words);
    this.#print.addEventListener('click', print);
    this.#reset.addEventListener('click', resetAll);
  }

  name({ title, actions }) {
    write(this.#title, title);
    write(this.#print, actions.print);
    write(this.#reset, actions.resetAll);
    mark(this.#reset, 'title', actions.resetTitle);
  }

  render({ status, closed, connection, texts, format, orders, at }) {
    const state = closed ? 'closed' : status?.state ?? 'unknown';
    const [tone, shape] = STATES[state];
    mark(this.#state, 'data-tone', tone);
    setIcon(this.#icon, shape);
    write(this.#word, texts.states[state]);
    mark(this.#reset, 'hidden', !orders.reset);
    mark(this.#reset, 'disabled', closed || !status);
    const lost = connection !== null && connection.state !== 'open' && (connection.state !== 'connecting' || connection.tries > 0);
    mark(this.#connection, 'hidden', !lost);
    if (!lost) {
      write(this.#tell, '');
      return;
    }
    const words = this.#wordsOf(connection, texts.connection);
    const asOf = at === null ? '' : ` · ${texts.connection.asOf(format.second(at))}`;
    write(this.#words, words + asOf);
    // Said once, not each second.
    if (this.#tell.textContent === '') write(this.#tell, words);
  }

  #wordsOf({ state, until, status }, words) {
    if (state === 'refused') return words.refused(status);
    if (state === 'lost' && until > performance.now()) return words.lost(until - performance.now());
    return words.again;
  }
}
