// Calls and waits over time, one above the other, on one time axis. Colours are those of the legend, which CSS has.
import uPlot from 'uplot';

const HEIGHT = { calls: 240, waits: 170 };
/** A limit so far above what is asked would make everything else a line at the bottom. */
const FAR = 6;

export class Charts {
  #root;
  #plots = [];
  #shown = null;

  /** @param {HTMLElement} root has `[data-chart=calls]`, `[data-chart=waits]` and swatches `[data-colour]` */
  constructor(root) {
    this.#root = root;
    new ResizeObserver(() => this.#fit()).observe(root);
    // Colours are read when it is drawn.
    window.addEventListener('themechange', () => requestAnimationFrame(() => this.#shown && this.show(this.#shown)));
  }

  show(report) {
    this.#shown = report;
    for (const plot of this.#plots) plot.destroy();
    const { calls, waits } = dataOf(report);
    const width = this.#width();
    const colour = (name) => getComputedStyle(this.#root.querySelector(`[data-colour="${name}"]`)).color;
    this.#plots = [
      new uPlot(this.#callsOptions(report, colour, width), calls, this.#place('calls')),
      new uPlot(this.#waitsOptions(report, colour, width), waits, this.#place('waits')),
    ];
  }

  #place(name) {
    return this.#root.querySelector(`[data-chart="${name}"]`);
  }

  #width() {
    return Math.max(240, Math.floor(this.#place('calls').clientWidth));
  }

  #fit() {
    for (const plot of this.#plots) if (plot.width !== this.#width()) plot.setSize({ width: this.#width(), height: plot.height });
  }

  #callsOptions(report, colour, width) {
    const day = dayEnds(report);
    const limit = limitOf(report);
    const top = Math.max(1, ...report.slices.map(({ asked }) => rate(report, asked)), limit ?? 0) * 1.12;
    return {
      ...this.#common(report, colour, width, 'calls'), scales: { x: { time: false }, y: { range: [0, top] } },
      series: [
        {},
        { label: 'asked for', stroke: colour('asked'), width: 2, paths: STEPS, points: NONE },
        { label: 'served', stroke: colour('served'), fill: faint(colour('served'), 0.28), width: 0, paths: STEPS, points: NONE },
        { label: 'limit', stroke: colour('limit'), width: 1.5, dash: [7, 5], points: NONE },
      ],
      bands: [{ series: [1, 2], fill: faint(colour('lost'), 0.45) }],
      hooks: { draw: [(plot) => day === null || upright(plot, day / 60_000, colour('day'))] },
    };
  }

  #waitsOptions(report, colour, width) {
    const top = Math.max(report.patience, ...report.slices.map(({ max }) => max)) * 1.15 / 1000;
    return {
      ...this.#common(report, colour, width, 'waits'), scales: { x: { time: false }, y: { range: [0, top] } },
      series: [
        {},
        { label: 'longest', stroke: faint(colour('wait'), 0.55), width: 1, paths: STEPS, points: NONE },
        { label: '95 of 100', stroke: colour('wait'), fill: faint(colour('wait'), 0.3), width: 2, paths: STEPS, points: NONE },
        { label: 'patience', stroke: colour('limit'), width: 1.5, dash: [3, 4], points: NONE },
      ],
    };
  }

  #common(report, colour, width, name) {
    const axis = { stroke: colour('axis'), grid: { stroke: faint(colour('axis'), 0.18), width: 1 }, ticks: { show: false }, font: `12px ${FONT}` };
    return {
      width, height: HEIGHT[name], legend: { show: false }, padding: [8, 20, 0, 0],
      cursor: { sync: { key: 'plan' }, drag: { x: false, y: false }, points: NONE, y: false },
      axes: [
        { ...axis, incrs: [1, 5, 10, 15, 30, 60, 120, 180, 240], values: (_, minutes) => minutes.map(clock), space: 60, size: 32 },
        { ...axis, size: 54, values: (_, values) => values.map((value) => (name === 'waits' ? `${value} s` : String(value))) },
      ],
    };
  }
}

const STEPS = uPlot.paths.stepped({ align: 1 });
const NONE = { show: false };
const FONT = 'system-ui, sans-serif';

/** Both charts' columns. The last slice is repeated at its end, since a step needs one. */
function dataOf(report) {
  const { slices, slice, patience } = report;
  const ends = [...slices, { ...slices.at(-1), at: slices.at(-1).at + slice }];
  const at = ends.map((each) => each.at / 60_000);
  const limit = limitOf(report);
  return {
    calls: [at, ends.map(({ asked }) => rate(report, asked)), ends.map(({ served }) => rate(report, served)), at.map(() => limit)],
    waits: [at, ends.map(({ served, max }) => (served === 0 ? null : max / 1000)), ends.map(({ served, p95 }) => (served === 0 ? null : p95 / 1000)), at.map(() => patience / 1000)],
  };
}

function rate({ minute, slice }, calls) {
  return (calls * minute) / slice;
}

/** Requests a minute of all projects and models together; null where there is no such limit, or it is far away. */
export function limitOf(report) {
  if (report.supply.some(({ perMinute }) => perMinute === null)) return null;
  const all = report.supply.reduce((sum, { perMinute }) => sum + perMinute, 0);
  const most = Math.max(1, ...report.slices.map(({ asked }) => rate(report, asked)));
  return all > most * FAR ? null : all;
}

/** When the day's quota of the last model is gone. */
export function dayEnds({ supply }) {
  return supply.every(({ dayUsedUpAt }) => dayUsedUpAt !== null) ? Math.max(...supply.map(({ dayUsedUpAt }) => dayUsedUpAt)) : null;
}

function upright(plot, at, stroke) {
  const { ctx, bbox: { top, height } } = plot;
  const x = Math.round(plot.valToPos(at, 'x', true));
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.moveTo(x, top);
  ctx.lineTo(x, top + height);
  ctx.stroke();
  ctx.restore();
}

/** Hours and minutes since the beginning. */
export function clock(minutes) {
  return `${Math.floor(minutes / 60)}:${String(Math.round(minutes % 60)).padStart(2, '0')}`;
}

function faint(colour, share) {
  const [r, g, b] = colour.match(/[\d.]+/g);
  return `rgba(${r}, ${g}, ${b}, ${share})`;
}
