// All parts together, in the order in which one reads them.
import { h } from './dom.js';
import { Alerts } from './alerts.js';
import { Chart } from './chart.js';
import { Errors } from './errors.js';
import { Figures } from './figures.js';
import { Header } from './header.js';
import { History } from './history.js';
import { Keys } from './keys.js';
import { Pattern } from './pattern.js';
import { Queue } from './queue.js';
import { Sentence } from './sentence.js';

/** Lists are read slower than figures. Milliseconds. */
const SLOW = 500;

export class View {
  #sentence = new Sentence();
  #header;
  #keys;
  #chart;
  /** Parts that are drawn together: the first with every look, the second in the frame after it, the others seldomer, a frame each. */
  #quick;
  #slow;
  #named = new Map();
  #slowAt = -Infinity;
  /** What is drawn at present, and the parts that are still to be. */
  #shown = null;
  #due = [];

  node;

  /** `does`: `{ order, print, changed }`. */
  constructor(does) {
    this.#header = new Header({ print: does.print, resetAll: () => does.order({ action: 'reset', key: null }) });
    this.#keys = new Keys(does.order);
    this.#chart = new Chart(does.changed);
    const parts = { alerts: new Alerts(), figures: new Figures(), queue: new Queue(), history: new History(), pattern: new Pattern(does.changed), errors: new Errors() };
    this.#quick = [this.#header, this.#sentence, parts.figures, parts.alerts];
    this.#slow = [this.#chart, parts.queue, parts.history, parts.pattern, parts.errors];
    this.node = h('div', { class: 'dashboard', part: 'dashboard' },
      this.#header.node, this.#header.strip, this.#sentence.node, parts.figures.node, parts.alerts.node, this.#keys.node,
      h('div', { class: 'pair' }, this.#chart.node, parts.queue.node),
      h('div', { class: 'pair' }, parts.history.node, h('div', { class: 'stack' }, parts.pattern.node, parts.errors.node)));
  }

  connect() {
    this.#chart.connect();
  }

  disconnect() {
    this.#chart.disconnect();
  }

  repaint() {
    this.#chart.repaint();
  }

  /** What came of a button. */
  tell(text) {
    this.#keys.tell(text);
  }

  /** Makes all ready for paper, which is white and has no closed parts; returns what undoes that. */
  unfold() {
    const was = this.#chart.open;
    const paper = (on, open) => {
      this.node.classList.toggle('paper', on);
      this.#chart.open = open;
      this.#chart.repaint();
    };
    paper(true, true);
    return () => paper(false, was);
  }

  /**
   * Another `view`: `{ status, stats, closed, at, connection, memory, orders, now, texts, format }`; without a source, no status.
   * Draws what is quick, and leaves the rest to `next`. False: not all of the rest, since some of it was drawn a moment ago; `all`
   * draws everything, at once.
   */
  render(view, all) {
    this.#shown = view;
    this.#quick.forEach((part) => this.#draw(part));
    this.#due = [this.#keys];
    const now = performance.now();
    const done = all || now - this.#slowAt >= SLOW;
    if (done) {
      this.#slowAt = now;
      this.#due.push(...this.#slow);
    }
    if (all) while (this.next());
    return done;
  }

  /** Draws one part more, or some of it; returns whether anything is left. It may be all there by now: what is drawn at once is. */
  next() {
    const [part] = this.#due;
    if (part !== undefined && this.#draw(part) !== true) this.#due.shift();
    return this.#due.length > 0;
  }

  #draw(part) {
    const { texts } = this.#shown;
    if (this.#named.get(part) !== texts) part.name?.(texts);
    this.#named.set(part, texts);
    return part.render(this.#shown);
  }
}
