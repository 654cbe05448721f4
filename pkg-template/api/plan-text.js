// A plan in words and a chart: the answer first, what it rests on after it. Eighty columns, no colours.

/** The lines of `printPlan`. */
export function planLines(report) {
  return [
    ...answer(report), '',
    ...sum(report), '',
    ...chart(report), '',
    ...breaks(report),
    ...advice(report),
    ...caveats(report),
  ];
}

function answer({ holds, people, span, calls, waits, patience, cut, slices }) {
  const event = `${count(people, 'person', 'people')} for ${duration(span)}, ${count(calls.asked, 'call')}`;
  const { served, unserved, failed } = calls;
  const others = [unserved > 0 && `${n(unserved)} not for want of quota`, failed > 0 && `${n(failed)} failed otherwise`].filter(Boolean);
  const ends = others.length > 0 ? [`${n(served)} served`, ...others].join(', ') : holds ? 'all served' : 'all served, but too many too late';
  const waited = `half ${upTo(waits.p50)}, 95 of 100 ${upTo(waits.p95)}, the longest ${duration(waits.max)}`;
  const lines = [
    `${holds ? 'It holds' : 'It does not hold'}: ${event}; ${ends}.`,
    served === 0 ? '  nobody is served' : waits.max === 0 ? '  nobody of the served waits' : `  waits: ${waited}`,
  ];
  const late = slices.reduce((a, b) => (b.slow > a.slow ? b : a));
  if (late.slow > 0) {
    const all = slices.reduce((sum, { slow }) => sum + slow, 0);
    const when = late.at === 0 ? 'at the beginning' : `after ${duration(late.at)}`;
    lines.push(`  longer than ${duration(patience)}: ${count(all, 'call')}, most of them ${when} (${n(late.slow)} of ${n(late.asked)})`);
  }
  if (cut) lines.push('  ended early: more than a million calls are not played');
  return lines;
}

/** The sum that people do on paper, for each model. */
function sum({ supply, busiestMinute, span }) {
  const lines = [];
  for (const model of supply) {
    const { projects, keys, perMinute, perHour, perDay, tokensPerMinute, tokensPerDay, asked, askedPerHour } = model;
    const owners = `${count(keys, 'key')} of ${count(projects, 'project')}`;
    lines.push(`${model.model === '*' ? 'Quota' : model.model}: ${owners}`);
    if (keys > projects) lines.push('  keys of one project share its quota: more of them add nothing');
    if (perMinute !== null) lines.push(`  a minute  ${bar(askedPerHour, perHour)}  ${n(perMinute)} requests, that is ${n(perHour)} an hour; asked for ${n(askedPerHour)} an hour`);
    if (perDay !== null) lines.push(`  a day     ${bar(asked, perDay)}  ${n(perDay)} requests; asked for ${n(asked)} in ${duration(span)}`);
    if (tokensPerMinute !== null) lines.push(`  tokens    ${n(tokensPerMinute)} a minute`);
    if (tokensPerDay !== null) lines.push(`  tokens    ${n(tokensPerDay)} a day`);
    if (perMinute === null && perDay === null && tokensPerMinute === null && tokensPerDay === null) lines.push('  no limits');
    if (model.dayUsedUpAt !== null) lines.push(`  The day's quota${perDay === null ? '' : `, ${count(perDay, 'call')},`} is used up after ${duration(model.dayUsedUpAt)}.`);
  }
  lines.push(`Busiest minute: ${count(busiestMinute, 'call')}`);
  return lines;
}

/** Rows over the hours: calls against the quota, how long 95 of 100 waited, who was not served, and what is left of the day. */
function chart({ slices, slice, span, minute, supply }) {
  const most = Math.max(...slices.map(({ p95 }) => p95));
  const waits = slices.map(({ p95, served }) => (served === 0 ? ' ' : LEVELS[level(p95, most)])).join('');
  const lost = slices.map(({ asked, unserved, failed }) => (asked === 0 ? ' ' : LEVELS[level(unserved + failed, asked)])).join('');
  const perMinute = total(supply, 'perMinute');
  const perDay = total(supply, 'perDay');
  const rates = slices.map(({ asked }) => (asked * minute) / slice);
  const busiest = Math.max(...rates);
  const full = perMinute ?? Math.max(busiest, 1);
  const calls = rates.map((rate) => (rate > full ? OVER : LEVELS[level(rate, full)])).join('');
  const quota = perMinute === null ? `up to ${n(Math.ceil(busiest))} a minute` : `█ is the quota of ${n(perMinute)} a minute, ${OVER} above it`;
  const lines = [
    `Every ${duration(slice)}, over ${duration(span)}:`,
    `  calls asked for     │${calls}│ ${quota}`,
    `  wait of 95 in 100   │${waits}│ ${most === 0 ? 'nobody waits' : `up to ${duration(most)}`}`,
  ];
  if (slices.some(({ unserved, failed }) => unserved + failed > 0)) lines.push(`  share not served    │${lost}│ up to all`);
  // Where a day of the provider's ends in the middle, there is more than one day's quota to draw.
  if (perDay !== null && supply.every(({ served }) => served > 0) && total(supply, 'served') <= perDay) {
    let left = perDay;
    const rest = slices.map(({ served }) => LEVELS[level(left -= served, perDay)]).join('');
    lines.push(`  left of the day     │${rest}│ of ${count(perDay, 'call')}`);
  }
  lines.push(`  ${' '.repeat(20)}└${axis(slices.length, slice)}┘`);
  return lines;
}

/** A figure of all models together; null where one has none. */
function total(supply, name) {
  return supply.reduce((sum, model) => (sum === null || model[name] === null ? null : sum + model[name]), 0);
}

function axis(columns, slice) {
  const marks = Array(columns).fill('─');
  const hour = Math.round(3_600_000 / slice);
  if (hour > 1) for (let at = hour; at < columns; at += hour) marks[at] = '┴';
  return marks.join('');
}

function breaks({ firstBreak, refusals, sends }) {
  const refused = refusals === 0 ? 'Nothing was refused by the provider.' : `The provider refused ${refusals} of ${sends} requests.`;
  if (firstBreak === null) return ['No limit is ever felt.', refused];
  const { at, how, limit, project, model } = firstBreak;
  const where = [model === '*' ? '' : ` for ${model}`, project === null ? '' : ` in ${project.trim()}`].join('');
  const what = limit === null ? 'A limit' : `The limit of ${n(limit.limit)} ${METRICS[limit.metric]} a ${limit.window}`;
  return [`${what} is felt first, after ${duration(at)}${where}: ${HOW[how]}.`, refused];
}

function advice({ holds, advised, advice: fixes, supply, calls }) {
  if (holds || !advised || calls.asked === 0) return [];
  if (fixes.length === 0) {
    return ['', 'None of the changes that were tried helps by itself: projects, limits, fewer calls. Try two at once.'];
  }
  const [first, ...others] = fixes;
  return [
    '', `What would do: ${fixWords(first, supply)}`,
    ...(others.length > 0 ? ['Or:', ...others.map((fix) => `  ${fixWords(fix, supply)}`)] : []),
  ];
}

function fixWords({ kind, projects, newProjects, model, callsPercent, burstWithin, rpm, rpd, p95 }, supply) {
  const then = p95 === 0 ? '(then hardly anybody waits)' : `(then 95 of 100 wait up to ${duration(p95)})`;
  const all = supply.map(({ askedPerHour }) => askedPerHour).reduce((a, b) => a + b, 0);
  switch (kind) {
    case 'spread-bursts': return `spread each rush over ${duration(burstWithin)} ${then}`;
    case 'more-projects': return `${projects} projects, one key each: ${newProjects} more than now ${then}`;
    case 'other-model': return `${model}${newProjects > 0 ? ` with ${projects} projects, ${newProjects} more than now` : ' with the same projects'}: ${each(rpm, rpd)} each ${then}`;
    case 'fewer-calls': return `fewer calls: ${n(Math.floor((all * callsPercent) / 100))} an hour instead of ${n(all)} ${then}`;
    default: return `a paid tier that gives each project ${each(rpm, rpd)} ${then}`;
  }
}

function each(rpm, rpd) {
  return [rpm !== null && `${n(rpm)} requests a minute`, rpd !== null && `${n(rpd)} a day`].filter(Boolean).join(' and ') || 'no limit';
}

function upTo(ms) {
  return ms === 0 ? 'at once' : `up to ${duration(ms)}`;
}

function caveats({ assumed }) {
  if (assumed.length === 0) return [];
  const one = ({ model, rpm, rpd, seen, recorded }) => `  ${model}: ${rpm} a minute, ${rpd} a day (${recorded ? 'stated by refusals' : 'unverified'}, ${seen})`;
  return ['', 'Limits were not given and are assumed; AI Studio shows those of your project:', ...assumed.map(one)];
}

/** Need against supply, in ten places; an arrow where it does not fit. */
function bar(need, supply) {
  const filled = Math.min(10, Math.ceil((need / supply) * 10));
  return `${'█'.repeat(filled)}${'░'.repeat(10 - filled)}${need > supply ? '▶' : ' '}`;
}

function level(value, most) {
  return value <= 0 ? 0 : Math.max(1, Math.ceil((value / most) * (LEVELS.length - 1)));
}

function count(number, one, many = `${one}s`) {
  return `${n(number)} ${number === 1 ? one : many}`;
}

/** Thousands with commas, in every locale. */
function n(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

function duration(ms) {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(1))} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const LEVELS = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const OVER = '▲';
const METRICS = { requests: 'requests', 'input-tokens': 'input tokens', tokens: 'tokens' };
const HOW = {
  waited: 'somebody waits for longer than two seconds',
  refused: 'the provider refuses a request',
  unserved: 'somebody gets no answer',
};
