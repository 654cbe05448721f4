// The planner: settings in, a verdict out. Each change is planned at once, in a worker; the newest wins.
import '../common/page.js';
import { copied } from '../common/copy.js';
import { element } from '../common/dom.js';
import { Charts } from './chart.js';
import { Controls } from './controls.js';
import { Planner } from './planner.js';
import { showAdvice, showChartTexts, showMistake, showPrinted, showSum, showVerdict } from './results.js';
import { PRESETS, applied, hashOf, scenarioOf, settingsOf, settingsOfHash } from './settings.js';

/** Less than this is no waiting, and a sign of it would only flicker. */
const BUSY_AFTER = 150;

const find = (selector) => document.querySelector(selector);
const charts = new Charts(find('[data-charts]'));
const controls = new Controls(find('.settings'), (given) => change(settingsOf(given)));
let settings = settingsOfHash(location.hash);
let planner;
let busy = 0;
let linking = 0;

presets();
controls.show(settings);
markPreset();
find('main').removeAttribute('data-building');
window.addEventListener('hashchange', () => { if (location.hash !== hashOf(settings)) change(settingsOfHash(location.hash)); });
find('[data-share]').addEventListener('click', ({ target }) => {
  link();
  copied(target, location.href);
});
// What is drawn comes first: the engine is larger than all of the page.
requestAnimationFrame(() => setTimeout(() => {
  planner = new Planner(hear);
  plan();
}));

/** Whoever changes something else takes the offer to undo away. */
function change(next, undo = null) {
  settings = next;
  controls.show(settings);
  markPreset();
  offerUndo(undo);
  plan();
  clearTimeout(linking);
  linking = setTimeout(link, 300);
}

function plan() {
  if (planner === undefined) return;
  planner.plan(scenarioOf(settings));
  if (busy === 0) busy = setTimeout(() => { find('[data-busy]').hidden = false; }, BUSY_AFTER);
}

function hear({ known, report, lines, took, mistake, done }) {
  if (known !== undefined) return controls.showKnown(known);
  if (done) {
    clearTimeout(busy);
    busy = 0;
    find('[data-busy]').hidden = true;
  }
  if (done || mistake !== undefined) find('main').removeAttribute('data-waiting');
  if (mistake !== undefined) return showMistake(mistake);
  showVerdict(report, lines, took);
  showAdvice(report, lines, done, apply);
  showChartTexts(report);
  charts.show(report);
  showSum(report);
  return showPrinted(lines);
}

/** Takes advice, and leads whoever took it to what comes of it: the card that was clicked is gone. */
function apply(fix, title) {
  change(applied(settings, fix), { before: settings, title });
  find('#headline').focus({ preventScroll: true });
  find('.verdict').scrollIntoView({ block: 'nearest' });
}

function offerUndo(undo) {
  find('.undo').hidden = undo === null;
  if (undo === null) return;
  find('[data-applied]').textContent = `Applied: ${undo.title}.`;
  find('[data-undo]').onclick = () => {
    change(undo.before);
    find('#headline').focus({ preventScroll: true });
  };
}

/** The address holds the settings. Replaced, so that one step back leaves the page. */
function link() {
  clearTimeout(linking);
  history.replaceState(null, '', hashOf(settings) || location.pathname + location.search);
}

function presets() {
  for (const [id, { name, aside, settings: given }] of Object.entries(PRESETS)) {
    const button = element('button', { type: 'button' }, element('strong', { textContent: name }), element('span', { textContent: aside }));
    button.dataset.preset = id;
    button.addEventListener('click', () => change(settingsOf(given)));
    find('.presets').append(button);
  }
}

function markPreset() {
  const hash = hashOf(settings);
  for (const button of document.querySelectorAll('[data-preset]')) {
    button.setAttribute('aria-pressed', String(hashOf(settingsOf(PRESETS[button.dataset.preset].settings)) === hash));
  }
}
