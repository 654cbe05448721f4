// Every word that people see. In one object, so that it can be another language's.

/** "4 s", "4 min 10 s", "2 h 5 min": two units at most, rounded up, so that nobody comes too early. */
function span(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

const one = (number, single, several) => (number === 1 ? single : several);

export const MESSAGES = {
  title: 'API keys',
  span,
  /** Milliseconds of an answer. */
  latency: (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`),
  states: { ok: 'All working', degraded: 'Partly working', exhausted: 'No key free', 'invalid-keys': 'No valid key', closed: 'Closed', unknown: 'No data' },
  health: {
    available: 'Ready', full: 'No room', 'rate-limited': 'Minute used up', 'quota-exhausted': 'Day used up', 'cooling-down': 'Cooling down', probing: 'On trial',
    invalid: 'Not accepted', disabled: 'Disabled',
  },
  verdicts: {
    ok: 'By hand', 'rate-limited': 'Limit of the minute', 'quota-exhausted': 'Limit of the day', 'out-of-credit': 'Out of credit', 'invalid-key': 'Key not accepted', permission: 'Not allowed',
    overloaded: 'Model overloaded', transient: 'Provider failed', 'bad-request': 'Wrong request', 'not-found': 'No such model', 'too-large': 'Too large', blocked: 'Content refused',
    network: 'No connection', timeout: 'Too late', aborted: 'Caller gave up',
  },
  severities: { critical: 'Critical', medium: 'Warning' },

  // The sentence: what is, in a line; and what belongs to it.
  sentence: {
    nothing: 'Nothing to show yet',
    nothingDetail: 'Give the element an instance (api) or an address (url).',
    asking: 'The server has not told anything so far.',
    closed: 'The service has been closed',
    closedDetail: 'What is shown here was its last state.',
    invalid: 'No key is accepted',
    invalidDetail: 'Check the keys: the provider refuses every one of them.',
    nextPlace: (ms) => `Next free place in ${span(ms)}`,
    nextPlaceNow: 'A place is free now',
    nextPlaceUnknown: 'No place free at present',
    noKey: (ms) => `No key is free for ${span(ms)}`,
    noKeyUnknown: 'No key is free',
    wait: (ms) => `Whoever asks now waits ${span(ms)}`,
    waitUnknown: 'Whoever asks now has to wait',
    slow: (percent) => `Busy: ${percent} of the quota is in use`,
    ready: 'Ready for everybody',
    peopleWait: (count) => `${count} ${one(count, 'person waits', 'people wait')}`,
    callsWait: (count) => `${count} ${one(count, 'call waits', 'calls wait')}`,
    nobodyWaits: 'Nobody waits',
    keysReady: (ready, all) => (ready === 0 ? 'No key has room' : ready === all ? `${one(all, 'The key is ready', `All ${all} keys are ready`)}` : `${ready} of ${all} keys ${one(ready, 'has', 'have')} room`),
  },
  figures: {
    ready: 'Keys ready', waiting: 'Waiting', inFlight: 'Under way', success: 'Answered', requests: 'Requests', latency: 'Answer time', switches: 'Switches', quota: 'Minute’s quota',
    readyOf: (ready, all) => `${ready} / ${all}`,
    oldest: (ms) => `longest ${span(ms)}`,
    failed: (count) => `${count} failed`,
    slowest: (time) => `95 % within ${time}`,
    none: '–',
  },
  connection: {
    lost: (ms) => `Connection lost, trying again in ${span(ms)}`,
    again: 'Connection lost, trying again now',
    refused: (status) => `The server refuses (${status}). Check the token.`,
    asOf: (time) => `Last figures: ${time}`,
  },
  alerts: 'Alerts',
  keys: 'Keys',
  keysCaption: 'Every key: its health, the quota used of its minute and its day, how its requests end, how often work moved away from it',
  keysEmpty: 'No key known so far.',
  queue: 'Queue',
  queueCaption: 'Calls that wait, in the order in which they will go',
  queueEmpty: 'Nobody waits.',
  queueMore: (count) => `and ${count} more`,
  history: 'Moves between keys',
  historyCaption: 'Moves from one key to another, newest first, with their reasons',
  historyEmpty: 'No move from one key to another so far.',
  chart: 'Requests and waits',
  chartCaption: 'Requests and waits over time',
  chartRange: 'Span of the chart',
  chartTable: 'The same as a table',
  ranges: { ten: '10 min', hour: '1 h', day: '24 h' },
  steps: { ten: 'each 10 s', hour: 'each minute', day: 'each 10 min' },
  served: 'Answered',
  failed: 'Failed',
  waited: 'Had to wait',
  pattern: 'Hours of the day',
  patternCaption: 'Requests by hour of the day',
  patternOf: 'Key',
  patternAll: 'All keys',
  patternPeak: (hour, count) => `Busiest: ${hour}, ${count} requests`,
  patternEmpty: 'No request so far.',
  errors: 'What went wrong',
  errorsCaption: 'Failures by kind, most frequent first',
  errorsEmpty: 'No failure so far.',
  errorsUnknown: 'This source does not tell.',
  columns: {
    key: 'Key', health: 'Health', minute: 'Minute', day: 'Day', answered: 'Answered', switches: 'Switches', actions: 'Actions',
    place: 'Place', who: 'Who', priority: 'Priority', reason: 'Waits for', starts: 'Starts',
    time: 'Time', from: 'From', to: 'To', why: 'Why', kind: 'Kind', count: 'Count', keysHit: 'Keys', hour: 'Hour', served: 'Answered', failed: 'Failed', waited: 'Had to wait',
  },
  inTurn: 'in turn',
  back: (ms) => `back in ${span(ms)}`,
  used: (used, limit) => `${used} / ${limit}`,
  usedTokens: (used, limit) => `${used} / ${limit} tokens`,
  noLimit: 'no limit known',
  ofRequests: (count) => `of ${count}`,
  noneYet: 'none yet',
  anonymous: (call) => `call ${call}`,
  startsIn: (ms) => `in ${span(ms)}`,
  startsNow: 'now',
  startsUnknown: 'not known',
  nobody: 'none',
  actions: {
    print: 'Print report', resetAll: 'Reset all', reset: 'Reset', test: 'Test', disable: 'Disable', enable: 'Enable',
    of: (action, key) => `${action} ${key}`,
    resetTitle: 'Forgets refusals and cooldowns',
    testTitle: 'Sends one real request',
    testing: (key) => `${key} is being tested …`,
    testOk: (key, time) => `${key} has answered in ${time}`,
    testFailed: (key, why) => `${key} was not served: ${why}`,
    done: (action, key) => `Done: ${action} ${key}`,
    failed: (action, why) => `${action} did not work: ${why}`,
  },
};

/** Texts with some replaced; groups of texts are replaced one by one. */
export function mergedTexts(own, base = MESSAGES) {
  const merged = { ...base };
  for (const [name, text] of Object.entries(own ?? {})) {
    const group = typeof base[name] === 'object' && typeof text === 'object' && text !== null;
    merged[name] = group ? { ...base[name], ...text } : text;
  }
  return merged;
}
