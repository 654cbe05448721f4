// Plays days beside the page. Only the newest scenario counts: each is played without advice first, which is fast; advice is
// looked for where the day does not hold and nothing newer has come.
import { plan, printPlan } from 'quota-aware-api';
import { MODELS } from './settings.js';

let wanted = null;
let playing = false;

self.onmessage = ({ data }) => {
  wanted = data;
  if (!playing) play();
};

self.postMessage({ known: MODELS.flatMap(known) });

async function play() {
  playing = true;
  while (wanted !== null) {
    const { id, scenario } = wanted;
    wanted = null;
    const held = tell(id, scenario, 'day');
    if (held === false) {
      await breath();
      if (wanted === null) tell(id, scenario, 'advice');
    }
    await breath();
  }
  playing = false;
}

/** Whether it holds; undefined where the scenario is refused. */
function tell(id, scenario, stage) {
  const began = performance.now();
  try {
    const report = plan({ ...scenario, advice: stage === 'advice' });
    const lines = [];
    const took = performance.now() - began;
    printPlan(report, (line) => lines.push(line));
    self.postMessage({ id, report, lines, took, done: report.holds || stage === 'advice' });
    return report.holds;
  } catch (error) {
    self.postMessage({ id, mistake: error.message, done: true });
    return undefined;
  }
}

/** Lets messages in: they are not heard while a day is played. */
function breath() {
  return new Promise((resolve) => { setTimeout(resolve, 0); });
}

/** What the package knows of a model's limits, and since when. None where it has forgotten the model. */
function known(model) {
  try {
    return plan({ people: 1, hours: 0.001, callsPerHour: 0, models: model, advice: false }).assumed;
  } catch {
    return [];
  }
}
