// The day that is rehearsed, in its own time: who asks when, whose keys there are, and what becomes of them. The one
// description from which both the plan and the reality are made.

export const MODEL = 'gemini-3.5-flash-lite';
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const HOURS = 3.5;
export const PEOPLE = 40;
/** How many calls one of them makes in an hour, as they come to mind. */
const CALLS_PER_HOUR = 16;
/** "Now everybody try it", once an exercise: in the end only one key is left. */
const BURSTS = [30, 60, 90, 115, 150, 195].map((minute) => ({ at: minute * MINUTE, within: 20_000 }));
/** What a small model takes. */
export const LATENCY = { min: 600, max: 2400 };
/** Whoever waits longer begins to complain. */
export const PATIENCE = 10_000;

/**
 * Three projects, a key each. The first is paid for. The second dies in the middle of the day, as a key does that somebody has
 * shown on a screen; where it will be by then is known from the traffic, so a plan can say it as a quota. The third has the free
 * tier's day, which ends before the workshop does.
 */
export const PROJECTS = [
  { id: 'sponsored', key: 'fake-rehearsal-1', rpm: 30, rpd: 2000, last: null },
  { id: 'shown', key: 'fake-rehearsal-2', rpm: 15, rpd: null, last: 400 },
  { id: 'free', key: 'fake-rehearsal-3', rpm: 15, rpd: 500, last: null },
];

/** How patient the client is with a call, in the day's time: longer than as it comes, since a rush meets one key alone in the end. */
const PATIENT = { maxWait: 2 * MINUTE, deadline: 3 * MINUTE };

/** Every call of the day: `{ at, person }`, in order. One person after the other, as a plan takes a trace. */
export function callsOf(seed) {
  const random = dice(seed);
  const quiet = Array.from({ length: PEOPLE * CALLS_PER_HOUR * HOURS }, () => random() * HOURS * HOUR);
  const rushes = BURSTS.flatMap(({ at, within }) => Array.from({ length: PEOPLE }, () => at + random() * within));
  return [...quiet, ...rushes].sort((a, b) => a - b).map((at, number) => ({ at, person: number % PEOPLE }));
}

/** The same day for `plan()`, `speed` times as fast. */
export function scenarioOf(calls, speed, more = {}) {
  const quick = ({ min, max }) => ({ min: Math.round(min / speed), max: Math.round(max / speed) });
  return {
    people: PEOPLE, hours: HOURS / speed, minute: MINUTE / speed, models: MODEL,
    trace: calls.map(({ at }) => Math.floor(at / speed)),
    keys: PROJECTS.map(({ rpm, rpd, last }) => ({ limits: { rpm, rpd: rpd ?? last } })),
    latency: quick(LATENCY), patience: Math.round(PATIENCE / speed), advice: false, options: optionsOf(speed), ...more,
  };
}

/** What the client is told, besides its keys. */
export function optionsOf(speed) {
  const { maxWait, deadline } = PATIENT;
  return { queue: { maxWait: Math.round(maxWait / speed) }, deadline: Math.round(deadline / speed) };
}

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
function dice(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}
