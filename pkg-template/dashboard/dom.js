// Elements, and the least that has to be changed of them. Ids and sessions are other people's words: nothing here ever reads
// a text as HTML.

/** An element with attributes and children; texts among the children are texts. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) mark(node, name, value);
  node.append(...children);
  return node;
}

/** The only text of an element, written where it is another. Its text node stays: what is selected remains selected. */
export function write(node, text) {
  const only = node.firstChild;
  if (only === null) node.textContent = text;
  else if (only.data !== text) only.data = text;
}

/** An attribute, written where it is another; null, undefined and false take it away. */
export function mark(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const text = value === true ? '' : String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

/** How much of a bar is filled, 0 to 1. By a variable: the policy of a page may forbid styles in attributes, never this. */
export function fill(node, share) {
  const text = share.toFixed(3);
  if (node.style.getPropertyValue('--share') !== text) node.style.setProperty('--share', text);
}

/**
 * Children of an element that follow a list. Rows stay where their item stays, so focus and selection do too, and a list of
 * two hundred of which one has left costs one removal.
 */
export class Rows {
  #home;
  #make;
  #rows = new Map();

  /** `make` returns a row: `{ node, update(item, context) }`. */
  constructor(home, make) {
    this.#home = home;
    this.#make = make;
  }

  /** Of the rows that were there only those from one number to another are updated: many are too much for one frame. */
  update(items, keyOf, context, from = 0, to = Infinity) {
    const keys = items.map(keyOf);
    const wanted = new Set(keys);
    // First those that go: otherwise all behind the first of them would be moved.
    for (const [key, { node }] of this.#rows) {
      if (wanted.has(key)) continue;
      node.remove();
      this.#rows.delete(key);
    }
    let next = this.#home.firstElementChild;
    for (const [at, item] of items.entries()) {
      let row = this.#rows.get(keys[at]);
      const isNew = row === undefined;
      if (isNew) this.#rows.set(keys[at], row = this.#make(item));
      if (isNew || (at >= from && at < to)) row.update(item, context);
      if (row.node === next) next = next.nextElementSibling;
      else this.#home.insertBefore(row.node, next);
    }
  }
}

/** A table that stays one for screen readers when style shows it as cards: browsers forget what `display` takes from it. */
export function table(caption, columns, attributes = {}) {
  const titles = columns.map((name) => h('th', { scope: 'col', role: 'columnheader', class: `c-${name}` }));
  const body = h('tbody', { role: 'rowgroup' });
  const said = h('caption', { class: 'unseen' });
  const node = h('table', { role: 'table', ...attributes }, said, h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ...titles)), body);
  const name = (texts) => {
    write(said, caption(texts));
    columns.forEach((column, at) => write(titles[at], texts.columns[column]));
  };
  return { node, body, name };
}

/** A row of such a table: its cells by the names of their columns. The first is its header. */
export function row(columns, contents) {
  const cells = columns.map((name, at) => h(at === 0 ? 'th' : 'td', { class: `c-${name}`, role: at === 0 ? 'rowheader' : 'cell', scope: at === 0 && 'row' }, ...(contents[name] ?? [])));
  const by = Object.fromEntries(columns.map((name, at) => [name, cells[at]]));
  /** What stands before a cell where columns have no heads. */
  const label = (texts) => columns.forEach((name) => mark(by[name], 'data-label', texts.columns[name]));
  return { node: h('tr', { role: 'row' }, ...cells), cells: by, label };
}

/** A part of the page with a heading that it is named by. */
export function panel(name, ...children) {
  const title = h('h2', { id: `title-${name}` });
  const head = h('div', { class: 'panel-head' }, title);
  return { title, head, node: h('section', { class: `panel panel-${name}`, part: `panel ${name}`, 'aria-labelledby': `title-${name}` }, head, ...children) };
}
