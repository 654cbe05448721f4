// Who waits, for what, and until when that is promised.
import { h, mark, panel, row, Rows, table, write } from './dom.js';

const COLUMNS = ['place', 'who', 'priority', 'reason', 'starts'];

export class Queue {
  #table = table((texts) => texts.queueCaption, COLUMNS, { class: 'rows queue' });
  #empty = h('p', { class: 'empty' });
  #more = h('p', { class: 'sub' });
  #count = h('span', { class: 'chip' });
  #scroll = h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-labelledby': 'title-queue' }, this.#table.node, this.#more);
  #panel = panel('queue', this.#empty, this.#scroll);
  #rows = new Rows(this.#table.body, makeCall);

  node = this.#panel.node;

  constructor() {
    this.#panel.head.append(this.#count);
  }

  name(texts) {
    write(this.#panel.title, texts.queue);
    write(this.#empty, texts.queueEmpty);
    this.#table.name(texts);
  }

  render({ status, texts, format, now }) {
    const { calls, waiting } = status?.queue ?? { calls: [], waiting: 0 };
    mark(this.#empty, 'hidden', waiting > 0);
    mark(this.#scroll, 'hidden', waiting === 0);
    mark(this.#count, 'hidden', waiting === 0);
    write(this.#count, format.count(waiting));
    const beyond = waiting - calls.length;
    mark(this.#more, 'hidden', beyond <= 0);
    write(this.#more, texts.queueMore(format.count(beyond)));
    this.#rows.update(calls, ({ call }) => call, { texts, format, now });
  }
}

function makeCall() {
  const who = h('span', { class: 'id' });
  const [place, priority, reason, starts] = ['main', 'main', 'why', 'main'].map((name) => h('span', { class: name }));
  const { node, label } = row(COLUMNS, { place: [place], who: [who], priority: [priority], reason: [reason], starts: [starts] });
  let named = null;
  return {
    node,
    update(call, { texts, format, now }) {
      if (named !== texts) label(named = texts);
      write(place, format.count(call.ahead + 1));
      const name = call.session ?? texts.anonymous(call.call);
      write(who, name);
      mark(who, 'title', name);
      write(priority, String(call.priority));
      write(reason, call.reason);
      mark(reason, 'title', call.reason);
      const left = call.startsAt === null ? null : call.startsAt - now;
      write(starts, left === null ? texts.startsUnknown : left <= 0 ? texts.startsNow : texts.startsIn(left));
    },
  };
}
