// What somebody should look at. Takes no place while there is nothing.
import { h, mark, panel, Rows, write } from './dom.js';
import { icon, setIcon } from './icons.js';

export class Alerts {
  #list = h('ul', { class: 'alerts', role: 'list' });
  #panel = panel('alerts', this.#list);
  #rows = new Rows(this.#list, makeAlert);

  node = this.#panel.node;

  name({ alerts }) {
    write(this.#panel.title, alerts);
  }

  render({ status, texts }) {
    const alerts = status?.alerts ?? [];
    mark(this.node, 'hidden', alerts.length === 0);
    const critical = ({ severity }) => (severity === 'critical' ? 0 : 1);
    const sorted = [...alerts].sort((one, other) => critical(one) - critical(other));
    // Two may be of one code and key: pairs of projects. Their place among these tells them apart.
    const seen = new Map();
    this.#rows.update(sorted, ({ code, key }) => {
      const name = `${code} ${key ?? ''}`;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      return `${name} ${seen.get(name)}`;
    }, texts);
  }
}

function makeAlert() {
  const shape = icon('warn');
  const word = h('strong');
  const key = h('span', { class: 'chip' });
  const message = h('span', { class: 'message' });
  const node = h('li', {}, shape, word, key, message);
  return {
    node,
    update(alert, texts) {
      mark(node, 'data-tone', alert.severity === 'critical' ? 'bad' : 'busy');
      setIcon(shape, alert.severity === 'critical' ? 'cross' : 'warn');
      write(word, texts.severities[alert.severity] ?? alert.severity);
      mark(key, 'hidden', alert.key === undefined);
      write(key, alert.key ?? '');
      write(message, alert.message);
    },
  };
}
