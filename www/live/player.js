// Shows a recorded story on two lanes, at any instant of it. Time goes forward event by event; backward is from the start again.
import { element } from '../common/dom.js';
import { duration, n } from '../common/words.js';

const LANES = ['blind', 'ours'];
const IDLE = { state: 'idle', since: 0, until: null, sign: '' };
/** More of them say no more, and the page would grow for ever. */
const MOST_PILED = 300;

export class Player {
  #lanes;
  #story;
  #next = 0;
  #at = 0;

  /** @param {HTMLElement} root has `[data-lane]` for each lane */
  constructor(root, people) {
    this.#lanes = Object.fromEntries(LANES.map((name) => [name, new Lane(root.querySelector(`[data-lane="${name}"]`), people)]));
  }

  load(story) {
    this.#story = story;
  }

  /** Shows the story as it stands at an instant, in milliseconds of it. */
  show(at) {
    if (at < this.#at) this.#rewind();
    this.#at = at;
    const { events } = this.#story;
    while (this.#next < events.length && events[this.#next].at <= at) {
      const event = events[this.#next++];
      this.#lanes[event.lane].hear(event);
    }
    for (const name of LANES) this.#lanes[name].draw(at);
  }

  #rewind() {
    this.#next = 0;
    for (const name of LANES) this.#lanes[name].reset();
  }
}

/** One crowd: a sign for each person, what they say as a whole, and their figures. */
export class Lane {
  #people;
  #dots;
  #pile;
  #said;
  #figures;
  #sums;

  constructor(root, people) {
    // Those that stand in the page already, so that it is as high before its script runs as afterwards.
    const place = root.querySelector('.people');
    this.#dots = Array.from({ length: people }, (_, at) => place.children[at] ?? element('i'));
    place.replaceChildren(...this.#dots);
    this.#pile = root.querySelector('.pile');
    this.#said = root.querySelector('.said');
    this.#figures = Object.fromEntries([...root.querySelectorAll('[data-figure]')].map((each) => [each.dataset.figure, each]));
    this.reset();
  }

  /** Other people, with nothing said of them yet. */
  seat(people) {
    const root = this.#pile.parentElement.querySelector('.people');
    this.#dots = Array.from({ length: people }, (_, at) => this.#dots[at] ?? element('i'));
    root.replaceChildren(...this.#dots);
    this.#people = this.#dots.map((_, at) => this.#people[at] ?? { ...IDLE });
  }

  reset() {
    this.#people = this.#dots.map(() => ({ ...IDLE }));
    this.#sums = { answers: 0, errors: 0, requests: 0, longest: 0 };
    this.#pile.replaceChildren();
  }

  hear({ kind, person, at, until, sign = '429' }) {
    const one = this.#people[person];
    if (one === undefined) return;
    switch (kind) {
      case 'ask': Object.assign(one, { state: 'asking', since: at, until: null }); break;
      case 'again': one.state = 'asking'; break;
      case 'promise': Object.assign(one, { state: 'waiting', until }); break;
      case 'sent': this.#sums.requests += 1; break;
      case 'error':
        Object.assign(one, { state: 'error', sign });
        this.#sums.errors += 1;
        if (this.#pile.childElementCount < MOST_PILED) this.#pile.append(element('i'));
        break;
      default:
        // Exactly, whenever it is drawn: else a slow screen would tell another story.
        this.#sums.longest = Math.max(this.#sums.longest, at - one.since);
        one.state = 'answered';
        this.#sums.answers += 1;
    }
  }

  draw(at) {
    let waiting = 0;
    let soonest = Infinity;
    let longest = this.#sums.longest;
    this.#people.forEach((one, person) => {
      // What was promised has come: the call is on its way.
      const state = one.state === 'waiting' && one.until !== null && one.until <= at ? 'asking' : one.state;
      const left = state === 'waiting' && one.until !== null ? Math.ceil((one.until - at) / 1000) : null;
      if (state === 'waiting') {
        waiting += 1;
        soonest = Math.min(soonest, left ?? Infinity);
      }
      if (state !== 'answered' && state !== 'idle') longest = Math.max(longest, at - one.since);
      put(this.#dots[person], state, state === 'error' ? one.sign : left === null ? '' : String(left));
    });
    const errors = this.#people.filter(({ state }) => state === 'error').length;
    const asking = this.#people.filter(({ state }) => state === 'asking').length;
    this.#say(errors > 0 ? 'bad' : waiting > 0 ? 'wait' : 'none', errors > 0
      ? `${errors} of ${this.#people.length} look at an error right now`
      : waiting > 0 ? `${waiting} wait; the next goes in ${soonest} s` : asking > 0 ? `${asking} ask` : '');
    const { answers, errors: seen, requests } = this.#sums;
    this.#figure('answers', n(answers));
    this.#figure('errors', n(seen));
    this.#figures.errors.parentElement.dataset.tone = seen > 0 ? 'bad' : 'good';
    this.#figure('requests', n(requests));
    this.#figure('longest', duration(Math.round(longest / 1000) * 1000).replace(/^0 ms$/, '0 s'));
  }

  #say(tone, text) {
    if (this.#said.textContent === text) return;
    this.#said.dataset.tone = tone;
    this.#said.textContent = text;
  }

  #figure(name, text) {
    if (this.#figures[name].textContent !== text) this.#figures[name].textContent = text;
  }
}

/** Only what has changed: there are eighty of them, sixty times a second. */
function put(dot, state, text) {
  if (dot.dataset.state !== state) dot.dataset.state = state;
  if (dot.textContent !== text) dot.textContent = text;
}
