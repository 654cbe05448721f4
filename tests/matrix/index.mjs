// Plays the scenario everywhere and prints the table that the README shows: `npm run test:matrix`. Exits with 1 where a row fails.
//
//   --only NAME   rows whose name contains this, whatever the case (repeatable)
//   --quick       those of `npm test`         --rest   the others
//   --markdown    the table as the README has it
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROWS } from './rows/index.js';
import { Stage } from './stage.js';

const { values: given } = parseArgs({
  options: { only: { type: 'string', multiple: true }, quick: { type: 'boolean', default: false }, rest: { type: 'boolean', default: false }, markdown: { type: 'boolean', default: false } },
});
const chosen = ROWS.filter(({ name, quick }) => (!given.quick || quick) && (!given.rest || !quick) && (given.only ?? ['']).some((part) => name.toLowerCase().includes(part.toLowerCase())));
if (chosen.length === 0) throw new Error(`no such row; there are: ${ROWS.map(({ name }) => name).join(', ')}`);

const quick = new Stage(import.meta.dirname);
const all = new Stage(join(import.meta.dirname, 'all'));
const results = [];
try {
  for (const stage of [quick, all]) if (chosen.some((row) => stageOf(row) === stage)) await stage.set();
  for (const row of chosen) results.push(await played(row));
} finally {
  await Promise.all([quick.strike(), all.strike()]);
}
if (given.markdown) markdown(results);
const failed = results.filter(({ error }) => error);
console.error(`\n${results.length - failed.length} of ${results.length} work, in ${Math.round(results.reduce((sum, { seconds }) => sum + seconds, 0))} s`);
process.exitCode = failed.length > 0 ? 1 : 0;

function stageOf(row) {
  return row.quick ? quick : all;
}

async function played(row) {
  const began = performance.now();
  const result = { ...row, version: '?' };
  try {
    result.version = await row.version(stageOf(row));
    await row.play(stageOf(row));
  } catch (error) {
    result.error = error;
  }
  result.seconds = (performance.now() - began) / 1000;
  const line = [result.error ? 'FAILS' : 'works', row.name.padEnd(14), result.version.padEnd(16), `${result.seconds.toFixed(1)} s`.padStart(7), row.how].join('  ');
  (given.markdown ? console.error : console.log)(line);
  if (result.error) console.error(result.error);
  return result;
}

function markdown(rows) {
  console.log('| Runs in | Version tried | How |\n|---|---|---|');
  for (const { name, version, how, error } of rows) console.log(`| ${name} | ${version} | ${error ? '**fails**' : how} |`);
}
