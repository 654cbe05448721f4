// One client with three keys, and what happens to them in the course of a day.
import { QuotaAwareError, MOCK_KEYS } from '../package.mjs';
import { verify } from '../verify.mjs';
import { check, cyan, dim, green, pause, quote, red, say, yellow } from './screen.mjs';
import { MODEL, PATH, clientOf, clock, question, startProvider, timeOfDay } from './world.mjs';

export class Day {
  #provider;
  #server;
  #api;

  static async begin() {
    const day = new Day();
    day.#server = await startProvider();
    day.#provider = day.#server.provider;
    day.#api = clientOf(day.#server, MOCK_KEYS);
    return day;
  }

  async end() {
    this.#api.close();
    await this.#server.close();
  }

  async everyKeyIsTried() {
    const { ok, of } = await verify(this.#api, { log: say, mark: (good) => (good ? green('✓') : red('✗')), model: MODEL });
    check('one call per key, and each was answered', ok === of && of === 3);
  }

  async aKeyIsInvalid() {
    this.#provider.breakKey('key-2', 'invalid');
    say(dim('Somebody deletes key 2 in the console. Four people ask:'));
    const people = await this.#people(4);
    check('everybody got an answer', people.every(({ ok }) => ok));
    const { health, reason } = this.#key('key-2');
    check(`key 2 has left the rotation: ${health}, ${reason}`, health === 'invalid');
    check('it was tried once, not once a person', this.#provider.state().keys[1].refused === 1);

    this.#provider.repairKey('key-2');
    const { ok } = await this.#api.testKey('key-2', { model: MODEL });
    check('the key is mended and tested: back in the rotation', ok && this.#key('key-2').health === 'available');
    await this.#people(3);
  }

  async aDayIsUsedUp() {
    this.#provider.exhaust('project-1', 'day');
    say(dim('The project of key 1 has used up its day. What the provider says about that:'));
    const refused = await fetch(this.#server.url + PATH, { ...question('hello'), headers: { 'x-goog-api-key': MOCK_KEYS[0] } });
    const { error } = await refused.json();
    const violation = error.details.find((detail) => 'violations' in detail).violations[0];
    quote(`${refused.status} ${error.status}: "… ${/Please retry.*$/.exec(error.message)}"\nquotaId: ${violation.quotaId}`, 2);
    say(dim('Seconds of waiting for a quota per day? The hint is wrong: whoever believes it'));
    say(dim('asks in vain until midnight.'));
    say();
    const people = await this.#people(4);
    check('everybody got an answer from the other projects', people.every(({ ok }) => ok));
    const { health, availableAt } = this.#key('key-1');
    check(`key 1 rests until ${timeOfDay(availableAt)}, whatever the hint says`, health === 'quota-exhausted' && availableAt >= clock.midnight());
  }

  async everythingIsUsedUp() {
    this.#provider.exhaust('project-2', 'day');
    this.#provider.exhaust('project-3', 'day');
    say(dim('The other two follow. The next call finds it out, and says so:'));
    const error = await this.#api.call(PATH, question('Is anybody there?')).catch((reason) => reason);
    check(`the call rejects with QuotaAwareError ${error.code}`, error instanceof QuotaAwareError && error.code === 'QUOTA_EXCEEDED');
    say(dim('error.toReport():'));
    quote(error.toReport(), 11);
    const { requests } = this.#provider.state().totals;
    const next = await this.#api.call(PATH, question('Still nobody?')).catch((reason) => reason);
    check('the call after it is refused without a request: the answer is known', next.code === 'QUOTA_EXCEEDED' && this.#provider.state().totals.requests === requests);
  }

  async midnightPasses() {
    clock.jumpTo(clock.midnight() + 2000);
    say(dim(`The clock jumps to ${timeOfDay(clock.now())}. Nobody resets anything. Three people ask:`));
    const people = await this.#people(3);
    check('the keys are back by themselves', people.every(({ ok }) => ok));
  }

  books() {
    this.#api.printStats(say);
    say();
    say(dim('getRotationHistory(), newest first:'));
    for (const { at, from, to, reason } of this.#api.getRotationHistory(4)) say(`${timeOfDay(at)}  ${from} → ${to ?? 'nobody'}: ${reason}`);
  }

  /** People one after the other, each with the way that the call went. */
  async #people(count) {
    const way = [];
    const follow = ({ detail: { key, status, verdict } }) => way.push(`${cyan(key)} ${verdict === 'ok' ? green(status) : red(`${status} ${verdict}`)}`);
    this.#api.addEventListener('settled', follow);
    const people = [];
    for (let person = 1; person <= count; person += 1) {
      way.length = 0;
      const ok = await this.#api.call(PATH, question(`I am person ${person}`)).then((response) => response.ok, () => false);
      people.push({ ok });
      say(`person ${person}   ${way.join(dim('  →  '))}`);
      await pause(150);
    }
    this.#api.removeEventListener('settled', follow);
    return people;
  }

  #key(id) {
    return this.#api.getStatus().keys.find((key) => key.id === id);
  }
}
