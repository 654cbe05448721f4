// The page around the workshop: controls, two lanes, and the element. The engine comes after what is drawn.
import '../common/page.js';
import { Lane } from '../live/player.js';

/** Often enough for seconds that count down. */
const REDRAW = 150;

const find = (selector) => document.querySelector(selector);
const form = find('.controls');
const lanes = Object.fromEntries(['blind', 'ours'].map((name) => [name, new Lane(find(`[data-lane=${name}]`), Number(form.elements.people.value))]));
const board = find('quota-dashboard');
let World;
let world;

theme();
window.addEventListener('themechange', theme);
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('input', ({ target }) => changed(target.name));
find('[data-now]').addEventListener('click', () => world?.everybody());
find('[data-again]').addEventListener('click', () => begin('Everything is new: no quota is used.'));
find('[data-pause]').addEventListener('click', ({ currentTarget }) => {
  world?.pause(toggled(currentTarget));
});
for (const button of document.querySelectorAll('[data-break]')) {
  button.addEventListener('click', () => {
    const number = Number(button.dataset.break);
    const broken = toggled(button);
    world?.break(number, broken);
    note(broken ? `Key ${number} is refused as invalid from now on.` : `Key ${number} is mended, and tested.`);
  });
}
for (const button of document.querySelectorAll('[data-exhaust]')) {
  button.addEventListener('click', () => {
    const number = Number(button.dataset.exhaust);
    if (button.getAttribute('aria-pressed') === 'true') return note('A day comes back at midnight; “Start over” is sooner.');
    toggled(button);
    world?.exhaust(number);
    return note(`The project of key ${number} has used its day up, until midnight.`);
  });
}
requestAnimationFrame(() => setTimeout(load));

async function load() {
  const [{ defineDashboard }, loaded] = await Promise.all([import('quota-aware-api/dashboard'), import('./world.js')]);
  defineDashboard();
  ({ World } = loaded);
  begin('Three projects, 15 requests a minute and 500 a day each, on either side.');
  setInterval(() => { if (!document.hidden) world.draw(); }, REDRAW);
}

function begin(words) {
  if (World === undefined) return;
  world?.close();
  for (const lane of Object.values(lanes)) lane.reset();
  for (const button of document.querySelectorAll('[data-break], [data-exhaust]')) button.setAttribute('aria-pressed', 'false');
  world = new World(settings(), lanes);
  board.api = world.api;
  world.draw();
  note(words);
}

function settings() {
  const { people, think, minute, strategy } = form.elements;
  return { people: Number(people.value), think: Number(think.value), minute: Number(minute.value), strategy: strategy.value, paused: find('[data-pause]').getAttribute('aria-pressed') === 'true' };
}

function changed(name) {
  const { people, think, minute, strategy } = settings();
  for (const output of form.querySelectorAll('[data-shown]')) output.value = form.elements[output.dataset.shown].value;
  if (world === undefined) return;
  if (name === 'people') world.seat(people);
  if (name === 'think') world.think(think);
  if (name === 'minute') begin(`A minute of quota lasts ${minute / 1000} s, and people are ${60_000 / minute} times as fast. Everything is new.`);
  if (name === 'strategy') {
    world.swap(strategy);
    board.api = world.api;
    note(`Another instance, with strategy ${strategy}. It begins without knowing what was used.`);
  }
}

function toggled(button) {
  const now = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', String(now));
  return now;
}

function note(text) {
  find('[data-note]').textContent = text;
}

/** The element follows the page's switch. */
function theme() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === undefined) board.removeAttribute('theme');
  else board.setAttribute('theme', chosen);
}
