// What went wrong, by kind, and with which keys.
import { fill, h, mark, panel, row, Rows, table, write } from './dom.js';

const COLUMNS = ['kind', 'count', 'keysHit'];

export class Errors {
  #table = table((texts) => texts.errorsCaption, COLUMNS, { class: 'errors' });
  #empty = h('p', { class: 'empty' });
  #panel = panel('errors', this.#empty, this.#table.node);
  #rows = new Rows(this.#table.body, makeError);

  node = this.#panel.node;

  name(texts) {
    write(this.#panel.title, texts.errors);
    this.#table.name(texts);
  }

  render({ memory, texts, format }) {
    const { errors } = memory;
    const none = errors === null || errors.length === 0;
    mark(this.#empty, 'hidden', !none);
    mark(this.#table.node, 'hidden', none);
    write(this.#empty, errors === null ? texts.errorsUnknown : texts.errorsEmpty);
    const most = Math.max(0, ...(errors ?? []).map(({ count }) => count));
    this.#rows.update(errors ?? [], ({ verdict }) => verdict, { texts, format, most });
  }
}

function makeError() {
  const kind = h('span', { class: 'main' });
  const bar = h('span', { class: 'bar', 'aria-hidden': 'true' });
  const [count, keys] = ['main', 'why'].map((name) => h('span', { class: name }));
  const { node, label } = row(COLUMNS, { kind: [kind], count: [count, bar], keysHit: [keys] });
  let named = null;
  return {
    node,
    update(error, { texts, format, most }) {
      if (named !== texts) label(named = texts);
      write(kind, texts.verdicts[error.verdict] ?? error.verdict);
      write(count, format.count(error.count));
      fill(bar, error.count / most);
      const hit = Object.entries(error.keys).filter(([, times]) => times > 0).sort(([, one], [, other]) => other - one).map(([key, times]) => `${key} ${format.count(times)}×`).join(', ');
      write(keys, hit);
      mark(keys, 'title', hit);
    },
  };
}
