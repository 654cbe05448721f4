// The package at work, without a key and without a network: a provider on this machine, real HTTP, and the troubles
// of a workshop in half a minute. Exits with 1 where something that is promised does not happen.
import { parseArgs } from 'node:util';

import { rush } from './demo/rush.mjs';
import { bold, dim, failures, green, heading, pause, red, say } from './demo/screen.mjs';
import { Day } from './demo/trouble.mjs';
import { LIMITS, MINUTE, MODEL } from './demo/world.mjs';
import { verifyEnvironment } from './verify.mjs';

const USAGE = `Usage: npm run demo                    the show: no key, no network, about 20 seconds
       npm run demo -- --live          one real call with each key of the environment (GEMINI_KEY_1, …)
       npm run demo -- --help          this text

Colours on a terminal, unless NO_COLOR is set; plain lines elsewhere.`;

const SCENES = [
  ['Verify: one call per key', '', (day) => day.everyKeyIsTried()],
  ['Fifty people at once, two keys', `${LIMITS.rpm} requests a minute each`, () => rush()],
  ['A key is invalid', '', (day) => day.aKeyIsInvalid()],
  ['A key is exhausted for the day', '', (day) => day.aDayIsUsedUp()],
  ['All keys are exhausted', '', (day) => day.everythingIsUsedUp()],
  ['The books', 'api.printStats()', (day) => day.books()],
  ['Midnight', '', (day) => day.midnightPasses()],
];

process.exitCode = await main();

async function main() {
  let options;
  try {
    options = parseArgs({ options: { live: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  return options.live ? verifyEnvironment() : show();
}

async function show() {
  const began = Date.now();
  say();
  say(`${bold('quota-aware-api')}: LLM calls over several keys, so that nobody meets a 429`);
  say();
  say(dim('A stand-in for the Gemini API runs on this machine, behind real HTTP: three'));
  say(dim(`projects, one key each, with ${LIMITS.rpm} requests a minute and ${LIMITS.rpd} a day of`));
  say(dim(`${MODEL}. No key of yours is read, nothing leaves this machine.`));
  say(`To spare you the waiting, ${bold(`a minute of quota lasts ${MINUTE / 1000} s in here`)}. Nothing else`);
  say('is sped up, but the clock starts at 12:00 UTC, far from the end of a day.');
  const day = await Day.begin();
  for (const [at, [title, aside, play]] of SCENES.entries()) {
    heading(at + 1, title, aside);
    await play(day);
    await pause(1200);
  }
  await day.end();
  say();
  const broken = failures();
  const took = `${Math.round((Date.now() - began) / 1000)} s`;
  say(broken === 0 ? green(`Everything went as promised, in ${took}.`) : red(`${broken} of the promises above ${broken === 1 ? 'was' : 'were'} not kept.`));
  say();
  return broken === 0 ? 0 : 1;
}
