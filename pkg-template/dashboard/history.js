// The moves from one key to another, with their reasons.
import { h, mark, panel, row, Rows, table, write } from './dom.js';

const COLUMNS = ['time', 'from', 'to', 'why'];
const SHOWN = 50;

export class History {
  #table = table((texts) => texts.historyCaption, COLUMNS, { class: 'rows history' });
  #empty = h('p', { class: 'empty' });
  #scroll = h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-labelledby': 'title-history' }, this.#table.node);
  #panel = panel('history', this.#empty, this.#scroll);
  #rows = new Rows(this.#table.body, makeMove);

  node = this.#panel.node;

  name(texts) {
    write(this.#panel.title, texts.history);
    write(this.#empty, texts.historyEmpty);
    this.#table.name(texts);
  }

  render({ memory: { moves }, texts, format }) {
    mark(this.#empty, 'hidden', moves.total > 0);
    mark(this.#scroll, 'hidden', moves.total === 0);
    this.#rows.update(moves.latest(SHOWN), ({ number }) => number, { texts, format });
  }
}

function makeMove() {
  const [time, from, to, why] = ['time', 'id', 'id', 'why'].map((name) => h('span', { class: name }));
  const { node, label } = row(COLUMNS, { time: [time], from: [from], to: [to], why: [why] });
  let shown = null;
  return {
    node,
    // A move never becomes another one.
    update(move, { texts, format }) {
      if (shown === texts) return;
      shown = texts;
      label(texts);
      write(time, format.second(move.at));
      for (const [cell, key] of [[from, move.from], [to, move.to]]) {
        write(cell, key ?? texts.nobody);
        mark(cell, 'title', key);
        mark(cell, 'data-none', key === null);
      }
      write(why, move.reason || (texts.verdicts[move.verdict] ?? move.verdict));
      mark(why, 'title', move.reason);
    },
  };
}
