// Every key.
import { h, mark, panel, Rows, table, write } from './dom.js';
import { KEY_COLUMNS, makeKeyRow } from './key-row.js';
import { quotaByProject } from './quota.js';

/** From so many keys on a hall sees smaller cards. */
const MANY = 12;
/** So many of them are drawn in a frame. Each second all of them may count down, and all rows are laid out and painted anew. */
const SHARE = 20;

export class Keys {
  #table = table((texts) => texts.keysCaption, KEY_COLUMNS, { class: 'rows keys' });
  #result = h('p', { class: 'result', role: 'status' });
  #empty = h('p', { class: 'empty' });
  #panel = panel('keys', this.#empty, h('div', { class: 'scroll' }, this.#table.node));
  #rows;
  /** What is drawn at present, and how far it is. */
  #view = null;
  #drawn = 0;

  node = this.#panel.node;

  constructor(order) {
    this.#panel.head.append(this.#result);
    this.#rows = new Rows(this.#table.body, (key) => makeKeyRow(key, order));
  }

  name(texts) {
    write(this.#panel.title, texts.keys);
    write(this.#empty, texts.keysEmpty);
    this.#table.name(texts);
  }

  /** What came of a button. */
  tell(text) {
    write(this.#result, text);
  }

  /** True: there are more to draw. */
  render(view) {
    if (view !== this.#view) this.#drawn = 0;
    this.#view = view;
    const keys = view.status?.keys ?? [];
    const { texts, format, now, orders, memory, closed } = view;
    mark(this.node, 'data-many', keys.length > MANY);
    mark(this.#table.node, 'data-actions', orders.test || orders.reset);
    mark(this.#empty, 'hidden', keys.length > 0);
    mark(this.#table.node, 'hidden', keys.length === 0);
    const current = keys[(view.stats?.currentKey ?? 0) - 1]?.id ?? null;
    const quotas = quotaByProject(view.status?.pools ?? []);
    const from = this.#drawn;
    this.#drawn += SHARE;
    this.#rows.update(keys, ({ id }) => id, { texts, format, now, quotas, moves: memory.moves, orders, current, closed }, from, this.#drawn);
    return this.#drawn < keys.length;
  }
}
