// The answer in words. They are the package's own, as `printPlan` has them: what a page says and what a terminal says is the same.

/** @param {object} report of `plan()` @param {string[]} lines of `printPlan()` */
export function verdictOf({ holds, calls, supply }, lines) {
  const [answer, ...rest] = lines.slice(0, lines.indexOf('')).map((line) => line.trim());
  const day = lines.filter((line) => / is used up after /.test(line)).map((line) => line.trim());
  return {
    tone: holds ? 'good' : 'bad',
    headline: headline(holds, calls, supply),
    sentence: answer,
    details: [...(supply.length === 1 ? day : []), ...rest.map(sentence), felt(lines)].filter(Boolean),
  };
}

function headline(holds, { asked, served, unserved, failed }, supply) {
  if (asked === 0) return 'Nobody asks.';
  if (holds) return 'It holds.';
  if (unserved > 0 && supply.some(({ dayUsedUpAt }) => dayUsedUpAt !== null)) return 'The day’s quota ends before the day does.';
  if (unserved + failed > 0) return `${Math.max(1, Math.round(((asked - served) / asked) * 100))} of 100 calls get no answer.`;
  return 'Everybody is served, but too many too late.';
}

/** Which limit is felt first: the paragraph that says so, or that none is. */
function felt(lines) {
  return lines.find((line) => / is felt first, after |^No limit is ever felt/.test(line));
}

function sentence(text) {
  return `${capital(text)}.`;
}

function capital(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** For each advised change: a short name, and the package's words for it. */
export function cardsOf({ advice }, lines) {
  const from = lines.findIndex((line) => line.startsWith(FIRST));
  if (from === -1) return [];
  const words = [lines[from].slice(FIRST.length)];
  for (const line of lines.slice(from + 2)) {
    if (!line.startsWith('  ')) break;
    words.push(line.trim());
  }
  return advice.map((fix, at) => ({ fix, title: TITLES[fix.kind](fix), words: capital(words[at] ?? '') }));
}

/** Why there are no cards, in the package's words; undefined where there is no reason to say anything. */
export function helpless(lines) {
  return lines.find((line) => line.startsWith('None of the changes'));
}

const FIRST = 'What would do: ';
const TITLES = {
  'spread-bursts': ({ burstWithin }) => `Rushes over ${burstWithin / 60_000} min`,
  'more-projects': ({ projects }) => `${projects} projects`,
  'other-model': ({ model }) => model,
  'fewer-calls': ({ callsPercent }) => `${callsPercent} of 100 calls`,
  'higher-limits': () => 'A paid tier',
};
