// One table for each profile.

const COLUMNS = [
  ['goodput', 8, ({ goodput }) => percent(goodput)],
  ['answers', 8, ({ answers, capacity, asked }) => [answers, capacity ?? asked].filter((n) => n !== undefined).join('/')],
  ['429/answer', 11, ({ refusalsPerAnswer }) => fixed(refusalsPerAnswer, 3)],
  ['400', 5, ({ invalid }) => invalid],
  ['shown', 7, ({ failures }) => Object.values(failures).reduce((a, b) => a + b, 0)],
  ['open', 6, ({ unanswered }) => unanswered],
  ['p50', 8, ({ wait }) => seconds(wait?.p50)],
  ['p95', 8, ({ wait }) => seconds(wait?.p95)],
  ['p99', 8, ({ wait }) => seconds(wait?.p99)],
  ['rush p50', 9, ({ rush }) => seconds(rush?.p50), 'open'],
  ['p95', 8, ({ rush }) => seconds(rush?.p95), 'open'],
  ['makespan', 9, ({ makespan }) => seconds(makespan), 'batch'],
  ['ratio', 7, ({ makespanRatio }) => fixed(makespanRatio, 3), 'batch'],
  ['jain', 7, ({ jain }) => fixed(jain, 4), 'closed'],
];

/** @param {any} profile @param {{ contender: string, row: any }[]} results @param {any} ideal */
export function table(profile, results, ideal) {
  const columns = COLUMNS.filter(([, , , kind]) => kind === undefined || kind === profile.workload.kind);
  const line = (name, cells) => name.padEnd(18) + cells.map((cell, at) => String(cell).padStart(columns[at][1] + 1)).join('');
  const lines = [`${profile.name}: ${inWords(profile)}`, line('', columns.map(([title]) => title))];
  for (const { contender, row } of results) {
    lines.push(line(contender, columns.map(([, , cell]) => cell(row) ?? '—')));
    if (Object.keys(row.failures).length > 0) lines.push(`${''.padEnd(18)}  shown: ${Object.entries(row.failures).map(([what, n]) => `${n}× ${what}`).join(', ')}`);
  }
  if (ideal) {
    const row = { ...ideal, failures: {}, makespanRatio: 1 };
    lines.push(line('(ideal)', columns.map(([title, , cell]) => (title.includes('p') || title === 'makespan' || title === 'ratio' ? cell(row) ?? '' : ''))));
  }
  return `${lines.join('\n')}\n`;
}

/** @param {any} profile */
export function inWords({ workload, projects, server, told }) {
  const who = {
    closed: () => `${workload.people} people always asking for ${workload.seconds} s`,
    open: () => `arrivals at ${workload.load} of capacity for ${workload.seconds} s, ${workload.people} more at ${workload.rush.at / 1000} s`,
    batch: () => `${workload.calls} calls at once`,
  }[workload.kind]();
  const limits = projects.map(({ rpm }) => rpm);
  const keys = projects.reduce((sum, project) => sum + project.keys.length, 0);
  return [
    who,
    `${keys} keys in ${projects.length} projects of ${[...new Set(limits)].join(' and ')} RPM`,
    `${server.window} minutes`,
    server.refusedCount && 'refusals count',
    server.overloaded && `${server.overloaded * 100} % 503, ${server.resets * 100} % resets, a bad key, a short day`,
    server.transit && `${server.transit.median} ms on the way`,
    told[0].rpm === undefined && 'nothing told',
  ].filter(Boolean).join(', ');
}

function percent(share) {
  return share === undefined ? undefined : `${(share * 100).toFixed(1)}%`;
}

function fixed(number, digits) {
  return Number.isFinite(number) ? number.toFixed(digits) : undefined;
}

function seconds(ms) {
  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)}s` : undefined;
}
