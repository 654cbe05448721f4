// The comparison on the page: starts by itself once it is seen, stands still for people who want no motion, plays again.
import { element } from '../common/dom.js';
import { n } from '../common/words.js';
import { Player } from './player.js';

/** So many times faster than the clock on the wall: the whole story takes ten seconds. */
const SPEED = 8;
const PEOPLE = 40;
/** What is going on, from an instant on. */
const CAPTIONS = [
  [0, 'Forty people ask at once. Either class has three keys, with 15 requests a minute each: room for 45.'],
  [9000, 'Everybody has an answer. Five places are left in this minute.'],
  [17_000, 'Now everybody asks once more: thirty-five too many for this minute.'],
  [33_000, 'Left: 429, press again, 429. Right: each knows when, and nothing is sent in vain.'],
  [60_500, 'A new minute: quota is there again.'],
];
/** Where the still stands: the second rush is on. */
const STILL = 0.42;

export class Stage {
  #root;
  #player;
  #button;
  #story = null;
  #frame = 0;
  #at = 0;

  constructor(root) {
    this.#root = root;
    this.#player = new Player(root, PEOPLE);
    this.#button = root.querySelector('[data-play]');
    this.#button.disabled = true;
    this.#button.addEventListener('click', () => (this.#frame === 0 ? this.#play() : this.#pause()));
  }

  /** Loads the engine and plays the load, once. */
  open() {
    const worker = new Worker(new URL('live.worker.js', document.baseURI), { type: 'module' });
    worker.onmessage = ({ data }) => {
      worker.terminate();
      if (data.mistake === undefined) this.#ready(data);
      else this.#fail(data.mistake);
    };
    worker.onerror = () => this.#fail('the engine could not be started here');
  }

  #ready(story) {
    this.#story = story;
    this.#player.load(story);
    this.#button.disabled = false;
    this.#root.dataset.ready = '';
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) this.#stand();
    else {
      this.#caption(CAPTIONS[0][1]);
      this.#whenSeen(() => this.#play());
    }
  }

  #stand() {
    const at = this.#story.day.span * STILL;
    this.#show(at);
    const errors = this.#story.events.filter((event) => event.at <= at && event.kind === 'error').length;
    this.#say(`A still, ${Math.floor(at / 1000)} seconds in: ${n(errors)} errors shown by blind rotation, none by quota-aware-api. Play shows how it goes on.`);
  }

  #whenSeen(work) {
    const watcher = new IntersectionObserver((seen) => {
      if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
      watcher.disconnect();
      if (this.#frame === 0) work();
    }, { threshold: 0.2 });
    watcher.observe(this.#root.querySelector('.lanes'));
  }

  #play() {
    const { span } = this.#story.day;
    const from = this.#at >= span ? 0 : this.#at;
    let began;
    this.#say('');
    this.#button.textContent = 'Pause';
    const step = (now) => {
      began ??= now;
      this.#show(Math.min(span, from + (now - began) * SPEED));
      if (this.#at < span) this.#frame = requestAnimationFrame(step);
      else this.#end();
    };
    this.#frame = requestAnimationFrame(step);
  }

  #pause() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#button.textContent = 'Go on';
  }

  #end() {
    this.#frame = 0;
    this.#button.textContent = 'Play again';
    const { blind, ours } = this.#story.totals;
    this.#say(`${n(ours.answers)} answers on either side. Blind rotation showed people ${n(blind.errors)} errors on the way and sent ${n(blind.requests)} requests; quota-aware-api showed ${ours.errors === 0 ? 'none' : n(ours.errors)} and sent ${n(ours.requests)}.`, `The longest wait: ${seconds(blind.longest)} of pressing again there, ${seconds(ours.longest)} with a promise here.`);
  }

  #show(at) {
    this.#at = at;
    this.#player.show(at);
    const { span } = this.#story.day;
    this.#caption(CAPTIONS.findLast(([from]) => from <= at)[1]);
    this.#root.querySelector('[data-clock]').textContent = `${Math.floor(at / 60_000)}:${String(Math.floor((at % 60_000) / 1000)).padStart(2, '0')}`;
    this.#root.querySelector('.progress > div').style.transform = `scaleX(${at / span})`;
  }

  #fail(why) {
    this.#say(`The comparison can’t be played: ${why}.`);
  }

  /** Beside the verdict, in its place; only people who see the rest need it. */
  #caption(text) {
    const place = this.#root.querySelector('[data-caption]');
    if (place.textContent !== text) place.textContent = text;
  }

  /** @param more what small screens leave out */
  #say(text, more) {
    this.#root.querySelector('[data-caption]').hidden = text !== '';
    this.#root.querySelector('[data-verdict]').replaceChildren(text, more === undefined ? '' : element('span', { className: 'more', textContent: ` ${more}` }));
  }
}

function seconds(ms) {
  return `${Math.round(ms / 1000)} s`;
}
