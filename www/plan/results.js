// What is shown of a plan: the verdict, advice that can be taken, the chart with its table, the sum, and the printed lines.
import { element, row } from '../common/dom.js';
import { count, duration, n } from '../common/words.js';
import { clock, dayEnds, limitOf } from './chart.js';
import { cardsOf, helpless, verdictOf } from './verdict.js';

const find = (selector) => document.querySelector(selector);
/** A screen reader hears the verdict once nothing has moved for so long. */
const QUIET = 600;

let speaking = 0;

export function showVerdict(report, lines, took) {
  const { tone, headline, sentence, details } = verdictOf(report, lines);
  find('.verdict').dataset.tone = tone;
  find('#headline').textContent = headline;
  find('.verdict .words').replaceChildren(element('p', { className: 'first', textContent: sentence }), ...details.map((textContent) => element('p', { textContent })));
  find('[data-took]').textContent = `${count(report.sends, 'request')} played in ${duration(Math.max(1, took))}.`;
  speak(`${headline} ${sentence}`);
}

/** What the package would not plan, in its words. */
export function showMistake(text) {
  find('.verdict').dataset.tone = 'wait';
  find('#headline').textContent = 'That can’t be planned.';
  find('.verdict .words').replaceChildren(element('p', { textContent: text }));
  find('[data-took]').textContent = '';
  find('.advice').hidden = true;
  speak(text);
}

function speak(text) {
  clearTimeout(speaking);
  speaking = setTimeout(() => { find('[data-spoken]').textContent = text; }, QUIET);
}

/** @param {(fix: object, title: string) => void} apply */
export function showAdvice(report, lines, done, apply) {
  const place = find('.advice');
  place.hidden = report.holds;
  if (report.holds) return;
  const cards = cardsOf(report, lines).map(({ fix, title, words }) => {
    const button = element('button', { type: 'button', className: 'main', textContent: 'Apply' });
    button.setAttribute('aria-label', `Apply: ${title}`);
    button.addEventListener('click', () => apply(fix, title));
    return element('li', { className: 'card' }, element('h3', { textContent: title }), element('p', { textContent: words }), button);
  });
  find('.advice .cards').replaceChildren(...cards);
  const none = done ? helpless(lines) ?? '' : 'Looking for what would help…';
  find('[data-helpless]').textContent = cards.length > 0 ? '' : none;
}

export function showChartTexts(report) {
  const limit = limitOf(report);
  const day = dayEnds(report);
  find('[data-about-chart]').textContent = `Every ${duration(report.slice)}, over ${duration(report.span)}. The busiest minute has ${count(report.busiestMinute, 'call')}.`;
  find('[data-limit]').hidden = limit === null;
  find('[data-limit] span').textContent = limit === null ? '' : `the quota: ${n(limit)} a minute`;
  find('[data-day]').hidden = day === null;
  find('[data-day] span').textContent = day === null ? '' : `the day’s quota ends, after ${duration(day)}`;
  find('[data-patience]').textContent = `patience: ${duration(report.patience)}`;
  const wait = (ms, served) => (served === 0 ? '–' : ms === 0 ? 'no' : duration(ms));
  find('.slices tbody').replaceChildren(...report.slices.map(({ at, asked, served, unserved, failed, p95, max }) => row(clock(at / 60_000), n(asked), n(served), n(unserved + failed), wait(p95, served), wait(max, served))));
}

export function showSum({ supply, assumed }) {
  const or = (value) => (value === null ? 'no limit' : n(value));
  find('.sum tbody').replaceChildren(...supply.map(({ model, perMinute, perHour, perDay, asked, askedPerHour }) => {
    const made = row(model === '*' ? 'all' : model, or(perMinute), or(perHour), n(askedPerHour), or(perDay), n(asked));
    if (perHour !== null && askedPerHour > perHour) made.cells[3].dataset.tone = 'bad';
    if (perDay !== null && asked > perDay) made.cells[5].dataset.tone = 'bad';
    return made;
  }));
  const [{ keys, projects }] = supply;
  const seen = assumed.map(({ model, rpm, rpd, seen: when, recorded }) => `${model}: ${n(rpm)} a minute and ${n(rpd)} a day, ${recorded ? 'as recorded refusals state' : 'by users’ reports, unverified'}, last seen ${when}`);
  find('[data-sum-note]').textContent = `${count(keys, 'key')} of ${count(projects, 'project')}. ${seen.length > 0 ? `Assumed limits: ${seen.join('; ')}.` : 'The limits are those that you gave.'}`;
}

export function showPrinted(lines) {
  find('#printed').textContent = lines.join('\n');
}
