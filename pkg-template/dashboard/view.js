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

/** Lists are read slower than figures, and cost the most: a change of rows lays a table out again. Milliseconds. */
const SLOW = 500;

export class View {
  #sentence = new Sentence();
  #header;
  #keys;
  #chart;
  #quick;
  #slow;
  #named = null;
  #slowAt = -Infinity;

  node;

  /** `does`: `{ order, print, changed }`. */
  constructor(does) {
    this.#header = new Header({ print: does.print, resetAll: () => does.order({ action: 'reset', key: null }) });
    this.#keys = new Keys(does.order);
    this.#chart = new Chart(does.changed);
    const parts = { alerts: new Alerts(), figures: new Figures(), queue: new Queue(), history: new History(), pattern: new Pattern(does.changed), errors: new Errors() };
    this.#quick = [this.#header, this.#sentence, parts.figures, parts.alerts, this.#keys];
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
   * `view`: `{ status, stats, closed, at, connection, memory, orders, now, texts, format }`; without a source, no status. False:
   * some parts are still to be drawn, since they were a moment ago; `all` draws them nonetheless.
   */
  render(view, all) {
    const renamed = this.#named !== view.texts;
    this.#named = view.texts;
    const draw = (part) => {
      if (renamed) part.name?.(view.texts);
      part.render(view);
    };
    this.#quick.forEach(draw);
    const now = performance.now();
    if (!all && !renamed && now - this.#slowAt < SLOW) return false;
    this.#slowAt = now;
    this.#slow.forEach(draw);
    return true;
  }
}
