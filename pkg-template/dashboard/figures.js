// The figures that one looks for first.
import { h, mark, write } from './dom.js';
import { readyKeys } from './quota.js';

const NAMES = ['ready', 'waiting', 'success', 'requests', 'latency', 'quota', 'switches'];

export class Figures {
  #tiles = new Map(NAMES.map((name) => {
    const title = h('dt');
    const value = h('dd', { class: 'value' });
    const more = h('dd', { class: 'more' });
    return [name, { title, value, more, node: h('div', { class: `figure figure-${name}` }, title, value, more) }];
  }));

  node = h('dl', { class: 'figures', part: 'figures' }, ...[...this.#tiles.values()].map(({ node }) => node));

  name({ figures }) {
    for (const [name, { title }] of this.#tiles) write(title, figures[name]);
  }

  render({ status, stats, texts, format }) {
    const words = texts.figures;
    const shown = status ? this.#shown(status, stats, texts, words, format) : {};
    for (const [name, { value, more, node }] of this.#tiles) {
      const [main, rest = '', tone = null] = shown[name] ?? [words.none];
      write(value, main);
      write(more, rest);
      mark(node, 'data-tone', tone);
    }
  }

  #shown(status, stats, texts, words, { count, percent }) {
    const { keys, queue } = status;
    const ready = readyKeys(status);
    const { p50, p95 } = stats.latency;
    return {
      ready: [words.readyOf(count(ready), count(keys.length)), '', ready === 0 ? 'wait' : ready < keys.length ? 'busy' : null],
      waiting: [count(queue.waiting), queue.waiting > 0 ? words.oldest(queue.oldestMs) : ''],
      success: [stats.efficiency === null ? words.none : percent(stats.efficiency), words.failed(count(stats.totalErrors))],
      requests: [count(stats.totalRequests), `${words.inFlight}: ${count(queue.inFlight)}`],
      latency: p50 > 0 ? [texts.latency(p50), words.slowest(texts.latency(p95))] : [words.none],
      quota: [stats.utilisation === null ? words.none : percent(stats.utilisation)],
      switches: [count(stats.rotations)],
    };
  }
}
