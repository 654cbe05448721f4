// When in the day people ask: 24 bars, of all keys or of one; the same as a table for those who can't see bars.
import { fill, h, mark, panel, write } from './dom.js';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export class Pattern {
  #choice = h('select');
  #label = h('label', { class: 'choice' }, h('span', { class: 'unseen' }), this.#choice);
  #bars = HOURS.map(() => h('span', { class: 'column' }));
  #ticks = HOURS.map((hour) => h('span', { class: 'tick' }, hour % 6 === 0 ? String(hour).padStart(2, '0') : ''));
  #peak = h('p', { class: 'sub' });
  #cells = HOURS.map((hour) => {
    const count = h('td');
    return { count, node: h('tr', {}, h('th', { scope: 'row' }, `${String(hour).padStart(2, '0')}:00`), count) };
  });
  #heads = { caption: h('caption'), hour: h('th', { scope: 'col' }), count: h('th', { scope: 'col' }) };
  #options = '';
  #chosen = null;
  #panel = panel('pattern',
    h('div', { class: 'columns', 'aria-hidden': 'true' }, ...this.#bars, ...this.#ticks),
    this.#peak,
    // Around it, since a table is never smaller than what is in it.
    h('div', { class: 'unseen' }, h('table', {}, this.#heads.caption, h('thead', {}, h('tr', {}, this.#heads.hour, this.#heads.count)), h('tbody', {}, ...this.#cells.map(({ node }) => node)))));

  node = this.#panel.node;

  /** `chosen` is called after another key was chosen. */
  constructor(chosen) {
    this.#panel.head.append(this.#label);
    this.#choice.addEventListener('change', () => {
      this.#chosen = this.#choice.value === '' ? null : this.#choice.value.slice(1);
      chosen();
    });
  }

  name(texts) {
    write(this.#panel.title, texts.pattern);
    write(this.#label.firstChild, texts.patternOf);
    write(this.#heads.caption, texts.patternCaption);
    write(this.#heads.hour, texts.columns.hour);
    write(this.#heads.count, texts.figures.requests);
    this.#options = '';
  }

  render({ status, memory, texts, format, now }) {
    this.#offer((status?.keys ?? []).map(({ id }) => id), texts.patternAll);
    const counts = memory.tally.pattern.map(({ requests, keys }) => (this.#chosen === null ? requests : keys[this.#chosen] ?? 0));
    const most = Math.max(...counts);
    const present = new Date(now).getHours();
    for (const hour of HOURS) {
      fill(this.#bars[hour], most === 0 ? 0 : counts[hour] / most);
      mark(this.#bars[hour], 'data-now', hour === present);
      mark(this.#bars[hour], 'data-none', counts[hour] === 0);
      write(this.#cells[hour].count, format.count(counts[hour]));
    }
    const busiest = counts.indexOf(most);
    write(this.#peak, most === 0 ? texts.patternEmpty : texts.patternPeak(`${String(busiest).padStart(2, '0')}:00`, format.count(most)));
  }

  #offer(ids, all) {
    const key = JSON.stringify([all, ids]);
    if (key === this.#options) return;
    this.#options = key;
    if (!ids.includes(this.#chosen)) this.#chosen = null;
    // An id may be empty in no case, but may be any word: a sign before it keeps it apart from "all".
    this.#choice.replaceChildren(h('option', { value: '' }, all), ...ids.map((id) => h('option', { value: `=${id}` }, id)));
    this.#choice.value = this.#chosen === null ? '' : `=${this.#chosen}`;
  }
}
