// Requests and waits over time. Drawn by uPlot; told as a table to those who can't see it.
import { h, mark, panel, write } from './dom.js';
import { RANGES } from './series.js';

/** Not an import: it looks for a window as soon as it runs, and servers and tests have none, or half of one. */
const library = () => require('#uplot').default;

/** Steps of the axis of time, in seconds. */
const TIMES = [60, 120, 300, 600, 1200, 1800, 3600, 7200, 10800, 14400, 21600];
const COUNTS = [1, 2, 5].flatMap((digit) => [1, 10, 100, 1e3, 1e4, 1e5].map((unit) => digit * unit)).sort((one, other) => one - other);
/** Rows of the table: as many as one may listen to. */
const TOLD = 12;
const LINES = ['served', 'failed', 'waited'];

export class Chart {
  #holder = h('div', { class: 'plot', 'aria-hidden': 'true' });
  #keys = Object.fromEntries(LINES.map((name) => [name, { word: h('span'), swatch: h('i', { class: `swatch swatch-${name}` }) }]));
  /** Says the values under the pointer; else what a bar stands for. */
  #reading = h('span', { class: 'reading' });
  #ranges = Object.keys(RANGES).map((range) => {
    const input = h('input', { type: 'radio', name: 'range', value: range });
    const word = h('span');
    input.addEventListener('change', () => this.#choose(range));
    return { range, input, word, node: h('label', {}, input, word) };
  });
  #legend = h('legend', { class: 'unseen' });
  #summary = h('summary');
  #heads = ['time', ...LINES].map(() => h('th', { scope: 'col' }));
  #body = h('tbody');
  #caption = h('caption', { class: 'unseen' });
  #table = h('details', { class: 'told' }, this.#summary, h('table', {}, this.#caption, h('thead', {}, h('tr', {}, ...this.#heads)), this.#body));
  #panel = panel('chart',
    h('p', { class: 'legend' }, ...LINES.map((name) => h('span', {}, this.#keys[name].swatch, this.#keys[name].word)), this.#reading),
    this.#holder, this.#table);

  #range = 'ten';
  #plot = null;
  #points = null;
  #drawn = '';
  #second = '';
  #palette = null;
  #view = null;
  #changed;
  #sizes = null;

  node = this.#panel.node;

  /** `changed` is called when it wants to be rendered. */
  constructor(changed) {
    this.#changed = changed;
    this.#panel.head.append(h('fieldset', { class: 'ranges' }, this.#legend, ...this.#ranges.map(({ node }) => node)));
    this.#ranges[0].input.checked = true;
    this.#table.addEventListener('toggle', () => {
      this.#second = '';
      changed();
    });
  }

  name(texts) {
    write(this.#panel.title, texts.chart);
    write(this.#legend, texts.chartRange);
    write(this.#summary, texts.chartTable);
    write(this.#caption, texts.chartCaption);
    for (const { range, word } of this.#ranges) write(word, texts.ranges[range]);
    for (const name of LINES) write(this.#keys[name].word, texts[name]);
    ['time', ...LINES].forEach((name, at) => write(this.#heads[at], texts.columns[name]));
  }

  /** From here on it is in a page, and has a size. */
  connect() {
    this.#sizes = new ResizeObserver(() => this.#fit());
    this.#sizes.observe(this.#holder);
  }

  disconnect() {
    this.#sizes?.disconnect();
    this.#plot?.destroy();
    this.#plot = this.#sizes = this.#palette = null;
    this.#drawn = this.#second = '';
  }

  /** Other colours: they are read again, and all is drawn with them at once, since paper does not wait. */
  repaint() {
    this.#palette = null;
    this.#plot?.batch(() => this.#plot.redraw(false, true));
  }

  render(view) {
    this.#view = view;
    // Its smallest slot is ten seconds; writing on a canvas ten times in one of them took more time than all else together.
    const second = `${this.#range} ${Math.floor(view.now / 1000)}`;
    if (second === this.#second) return;
    this.#second = second;
    const points = view.memory.series.points(this.#range, view.now);
    // Many seconds bring nothing new.
    const drawn = `${this.#range} ${points}`;
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      this.#points = points;
      this.#draw();
      if (this.#table.open) this.#tell();
    } else if (this.#table.open && this.#body.childElementCount === 0) this.#tell();
    this.#read(this.#plot?.cursor.idx ?? null);
  }

  #choose(range) {
    this.#range = range;
    this.#body.replaceChildren();
    this.#changed();
  }

  #draw() {
    // A page may have other colours by now, and tells nobody.
    this.#palette = null;
    if (this.#plot !== null) {
      this.#plot.setData(this.#points);
      return;
    }
    const size = this.#size();
    if (size !== null) this.#plot = new (library())(this.#options(size), this.#points, this.#holder);
  }

  #fit() {
    const size = this.#size();
    if (size === null || this.#points === null) return;
    if (this.#plot === null) this.#draw();
    else if (this.#plot.width !== size.width || this.#plot.height !== size.height) this.#plot.setSize(size);
  }

  /** Null while it is not shown. */
  #size() {
    const { clientWidth: width, clientHeight: height } = this.#holder;
    return width > 0 && height > 0 ? { width, height } : null;
  }

  #options(size) {
    const colour = (name) => () => this.#colours()[name];
    const font = `12px ${getComputedStyle(this.#holder).fontFamily}`;
    const axis = { stroke: colour('muted'), font, ticks: { show: false } };
    const { paths } = library();
    const bars = paths.bars({ size: [0.82, 28], align: 1 });
    return {
      ...size, padding: [8, 20, 0, 0], legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      // Times are written by the page's language, so to the library they are numbers. The last slot has a width, too.
      scales: { x: { time: false, range: (_, first, last) => [first, last + RANGES[this.#range].step / 1000] }, y: { range: (_, __, most) => [0, Math.max(4, Math.ceil((most ?? 0) * 1.15))] } },
      axes: [
        { ...axis, grid: { show: false }, size: 28, space: 70, incrs: TIMES, values: (_, splits) => splits.map((second) => this.#view.format.minute(second * 1000)) },
        { ...axis, grid: { stroke: colour('line'), width: 1 }, size: 44, space: 44, incrs: COUNTS, values: (_, splits) => splits.map((count) => this.#view.format.short(count)) },
      ],
      // All requests in the colour of the failed, and the served before them: what shows of the former are the failed.
      series: [
        {},
        { paths: bars, points: { show: false }, width: 0, fill: colour('failed') },
        { paths: bars, points: { show: false }, width: 0, fill: colour('served') },
        { paths: paths.stepped({ align: 1 }), points: { show: false }, width: 2, stroke: colour('waited'), dash: [5, 3] },
      ],
      hooks: { setCursor: [({ cursor }) => this.#read(cursor.idx)] },
    };
  }

  #read(at) {
    if (this.#view === null || this.#points === null) return;
    const { texts, format } = this.#view;
    const [seconds, requests, served, waits] = this.#points;
    if (at === null || at === undefined || at >= seconds.length) {
      write(this.#reading, texts.steps[this.#range]);
      return;
    }
    const time = format[this.#range === 'ten' ? 'second' : 'minute'](seconds[at] * 1000);
    const counts = [[texts.served, served[at]], [texts.failed, requests[at] - served[at]], [texts.waited, waits[at]]];
    write(this.#reading, [time, ...counts.map(([word, count]) => `${word} ${format.count(count)}`)].join(' · '));
  }

  /** Sums of equal parts of the span, newest first. */
  #tell() {
    const { format } = this.#view;
    const [seconds, requests, served, waits] = this.#points;
    const length = Math.ceil(seconds.length / TOLD);
    const rows = [];
    for (let begin = 0; begin < seconds.length; begin += length) {
      const sum = (list) => format.count(list.slice(begin, begin + length).reduce((all, count) => all + count, 0));
      const failed = requests.map((count, at) => count - served[at]);
      rows.unshift(h('tr', {}, h('th', { scope: 'row' }, format.minute(seconds[begin] * 1000)), ...[served, failed, waits].map((list) => h('td', {}, sum(list)))));
    }
    this.#body.replaceChildren(...rows);
  }

  /** As style has them now: those of the legend, so that both are the same. */
  #colours() {
    if (this.#palette !== null) return this.#palette;
    const of = (node, property) => getComputedStyle(node)[property];
    this.#palette = {
      served: of(this.#keys.served.swatch, 'backgroundColor'), failed: of(this.#keys.failed.swatch, 'backgroundColor'), waited: of(this.#keys.waited.swatch, 'borderTopColor'),
      muted: of(this.#reading, 'color'), line: of(this.#holder, 'borderTopColor'),
    };
    return this.#palette;
  }

  /** On paper everything is open. */
  set open(open) {
    mark(this.#table, 'open', open);
    if (open && this.#points !== null) this.#tell();
  }

  get open() {
    return this.#table.open;
  }
}
