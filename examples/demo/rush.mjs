// Fifty people ask at once, over two keys with 15 requests a minute each: once through blind rotation, once through
// the package as it comes, once with the limits told and that the minute rolls. Three providers, so that nobody takes
// another's quota.
import { MOCK_KEYS, QuotaAwareAPI } from '../package.mjs';
import { BlindRotation } from './blind.mjs';
import { bold, check, cyan, dim, green, red, say, watch, yellow } from './screen.mjs';
import { LIMITS, PATH, clientOf, clock, question, seconds, startProvider } from './world.mjs';

const PEOPLE = 50;
const KEYS = MOCK_KEYS.slice(0, 2);
/** Five of our minutes: then people leave, and the demo has failed. */
const PATIENCE = 30_000;

export async function rush() {
  const providers = await Promise.all([startProvider(), startProvider(), startProvider()]);
  const clients = [clientOf(providers[1], KEYS), clientOf(providers[2], KEYS, { limits: { rpm: LIMITS.rpm }, minute: 'rolling' })];
  const crowds = [
    new Crowd('blind rotation', new BlindRotation(KEYS), providers[0]),
    new Crowd('quota-aware', clients[0], providers[1]),
    new Crowd('quota-aware, told "15 a minute"', clients[1], providers[2]),
  ];
  say(dim('Three crowds, each with a provider of its own. One sign per person:'));
  say(`${green('█')} answered with key 1   ${cyan('█')} key 2   █ either   ${red('✗')} turned away (429)   · waits`);
  say();
  const stop = watch({
    picture: () => crowds.flatMap((crowd) => crowd.picture()),
    news: () => crowds.filter((crowd) => crowd.open > 0).map((crowd) => crowd.news()),
  });
  await Promise.all(crowds.map((crowd) => crowd.ask()));
  stop();
  table(crowds);
  const [, plain, told] = crowds;
  say();
  check('all fifty were answered: nobody saw a 429', plain.answered === PEOPLE && told.answered === PEOPLE);
  check('both keys worked', [plain, told].every((crowd) => KEYS.every((_, at) => crowd.servedBy(at + 1) > 0)));
  // A try that comes a little early, to find out how soon there is quota again: see README.md, "Limits".
  check(`with the limits told, one request was refused at the most, for coming early: ${told.refusals()}`, told.refusals() <= 1);
  for (const client of clients) client.close();
  await Promise.all(providers.map((provider) => provider.close()));
}

/** Fifty people in front of one client. */
class Crowd {
  #signs = Array(PEOPLE).fill('·');
  #served = [0, 0, 0];
  #began = clock.now();
  #took = 0;
  #client;
  #provider;
  answered = 0;
  turnedAway = 0;

  constructor(name, client, provider) {
    this.name = name;
    this.#client = client;
    this.#provider = provider;
    // An instance counts its calls from 1, so here the number of a call is that of a person.
    if (client instanceof QuotaAwareAPI) {
      client.addEventListener('settled', ({ detail: { call, position, verdict } }) => {
        if (verdict === 'ok') this.#answeredBy(call - 1, position);
      });
    }
  }

  get open() {
    return PEOPLE - this.answered - this.turnedAway;
  }

  async ask() {
    this.#began = clock.now();
    await Promise.all(Array.from({ length: PEOPLE }, (_, person) => this.#askOne(person)));
  }

  async #askOne(person) {
    const asked = { ...question(`I am person ${person + 1}`), signal: AbortSignal.timeout(PATIENCE) };
    const served = await this.#client.call(this.#provider.url + PATH, asked).then((response) => response.ok, () => false);
    if (served) {
      this.answered += 1;
      if (this.#signs[person] === '·') this.#signs[person] = '█';
    } else {
      this.turnedAway += 1;
      this.#signs[person] = red('✗');
    }
    this.#took = clock.now() - this.#began;
  }

  #answeredBy(person, position) {
    this.#served[position] += 1;
    this.#signs[person] = position === 1 ? green('█') : cyan('█');
  }

  servedBy(position) {
    return this.#served[position];
  }

  refusals() {
    return this.#provider.provider.state().totals.refused;
  }

  took() {
    return this.#took;
  }

  picture() {
    return [bold(this.name), this.#signs.join(''), this.#state(), ''];
  }

  news() {
    return `${seconds(clock.now() - this.#began).padStart(6)}  ${this.name}: ${this.#state()}`;
  }

  #state() {
    const words = [`${this.answered} answered`];
    if (this.turnedAway > 0) words.push(red(`${this.turnedAway} turned away`));
    if (this.#client instanceof QuotaAwareAPI && this.open > 0) words.push(...this.#waiting(this.#client.getStatus()));
    return words.join(', ');
  }

  #waiting({ queue, pools, nextAvailableAt }) {
    const words = [];
    if (queue.waiting > 0) {
      const until = queue.calls[0]?.startsAt ?? nextAvailableAt ?? Math.min(...pools.map(({ resetsAt }) => resetsAt.minute));
      words.push(yellow(`${queue.waiting} wait, the next goes in ${seconds(Math.max(0, until - clock.now()))}`));
    }
    const left = pools.filter(({ remaining }) => remaining.rpm !== null).map(({ remaining, limits }) => `${remaining.rpm} of ${limits.rpm}`);
    if (left.length > 0) words.push(dim(`left: ${left.join(' and ')}`));
    return words;
  }
}

function table(crowds) {
  say(dim(`${''.padEnd(32)} answered  turned away  refused*  last answer`));
  for (const crowd of crowds) {
    const away = String(crowd.turnedAway).padStart(13);
    say([
      crowd.name.padEnd(32),
      String(crowd.answered).padStart(9),
      crowd.turnedAway > 0 ? red(away) : green(away),
      String(crowd.refusals()).padStart(10),
      seconds(crowd.took()).padStart(13),
    ].join(''));
  }
  say(dim('* by the provider; whoever asked need not have noticed'));
}
