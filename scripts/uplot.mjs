// The chart library as the dashboard uses it: uPlot's own module, without the functions that our options never reach. That is a
// fifth of it, and the difference between a dashboard of less than 40 KB and one of more. Everything else is as it was published.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../node_modules/uplot');

/** Scales that are logarithms. Ours count from 0. */
const LOGARITHMS = ['rangeLog', 'rangeAsinh', 'logAxisSplits', 'asinhAxisSplits', 'log10AxisValsFilt', 'log2AxisValsFilt'];
/** Times in words. We write them in the page's language, by the host's own calendar. */
const CALENDAR = ['timeAxisStamps', 'timeAxisVals', 'timeAxisVal', 'timeSeriesStamp', 'timeSeriesVal', 'fmtDate'];
/** The legend. Ours is HTML that is there before the first chart. */
const LEGEND = ['initLegendRow', 'setLegend'];
/** Areas between series, marks on points and under the pointer, lines that are no steps or have gaps. */
const DRAWING = ['clipBandLine', 'addBand', 'setBand', 'delBand', 'points', 'seriesPointsShow', 'initCursorPt', 'cursorPointShow', 'linear', 'clipGaps'];
/** Zooming with the pointer, and series that come and go or are looked at. */
const HANDLING = ['mouseDown', 'mouseUp', 'dblClick', 'setSelect', 'addSeries', 'delSeries', 'setSeries', 'toggleDOM', 'setFocus'];
/** The same within functions that are used. */
const PARTS = [
  /\n\t\tflags != 0 && bands\.forEach\([^]*?\n\t\t\}\);\n/,
  /\n\t\tif \(bandClip\) \{\n[^]*?\n\t\t\}\n\t\telse(?= \{\n)/,
  /\n\t\t\tif \(cursorFocus\) \{\n\t\t\t\tlet [^]*?\n\t\t\t\}\n/,
  /\n\t*gaps\.push\(\.\.\.findGaps\(.*\n/g,
];

/** Its source. Throws where a release has something else in the place of what is left out. */
export function chartLibrary() {
  let source = readFileSync(join(FOLDER, 'dist/uPlot.esm.js'), 'utf8');
  // What is offered beside the class: of ways to draw, two are used.
  source = cut(source, /\nuPlot\.assign = assign;[^]*?\n(?=export \{ uPlot as default \};)/, '\nuPlot.paths = { stepped, bars };\n');
  source = cut(source, /\nfunction genTimeStuffs\(ms\) \{\n[^]*?\n\}\n/, '\nfunction genTimeStuffs() { return [[], [], () => {}]; }\n');
  for (const name of [...LOGARITHMS, ...CALENDAR, ...LEGEND, ...DRAWING, ...HANDLING]) {
    source = cut(source, new RegExp(`\\n(\\t?)function ${name}\\(.*\\) \\{\\n[^]*?\\n\\1\\}\\n`), `\nfunction ${name}() {}\n`);
  }
  for (const part of PARTS) source = cut(source, part, '\n');
  // A browser may be in no language that Intl knows ("C"), and this would throw as it loads. Numbers are written by us.
  source = cut(source, /(?<=new Intl\.NumberFormat\()domEnv \? nav\.language : 'en-US'(?=\))/, '');
  return source;
}

/** Its style, without that of what is left out. */
export function chartStyle() {
  const style = readFileSync(join(FOLDER, 'dist/uPlot.min.css'), 'utf8');
  return cut(style, /\.u-title \{.*?\}/, '').replace(/\.u-(?:legend|inline|series)[^{}]*\{[^{}]*\}/g, '');
}

/** What its licence wants to go along with it. */
export function chartLicence() {
  return readFileSync(join(FOLDER, 'LICENSE'), 'utf8').trim();
}

function cut(source, pattern, instead) {
  if (!pattern.test(source)) throw new Error(`uPlot has nothing like ${pattern}: look at scripts/uplot.mjs before taking this release`);
  return source.replace(pattern, () => instead);
}
