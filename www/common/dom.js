// Elements without markup in strings: what comes from a link or a provider is text, whatever it contains.

/** An element with properties and children. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** A row of a table; the first cell is its heading. */
export function row(first, ...cells) {
  return element('tr', {}, element('th', { scope: 'row', textContent: first }), ...cells.map((text) => element('td', { textContent: text })));
}
