// What the planner is asked: its values, its presets, its link, and the package's scenario that comes of it. Pure.

/** Models whose limits the package knows; it tells numbers and dates itself. */
export const MODELS = ['gemini-3.5-flash-lite', 'gemini-3.5-flash', 'gemini-3.6-flash', 'gemini-3.8-flash', 'gemini-2.5-flash', 'gemini-2.5-flash-lite'];
export const WINDOWS = ['rolling', 'fixed', 'refill'];
export const MOST_BURSTS = 6;

/** Every number: its least, its most, and what it is when nobody says anything. Within what the package allows, and below a million calls. */
export const RANGES = {
  people: { min: 1, max: 1000, usual: 40 },
  hours: { min: 0.25, max: 24, usual: 3.5, parts: true },
  calls: { min: 1, max: 120, usual: 16 },
  think: { min: 0, max: 3600, usual: 120 },
  keys: { min: 1, max: 100, usual: 3 },
  projects: { min: 1, max: 100, usual: 3 },
  tokens: { min: 1, max: 100_000, usual: 500 },
  patience: { min: 1, max: 600, usual: 10 },
  seed: { min: 0, max: 9999, usual: 1 },
};
const LIMIT = { min: 1, max: 10_000_000 };
const BURST = { at: { min: 0, max: 1440 }, people: { min: 1, max: 1000 }, within: { min: 1, max: 3600 } };

const USUAL = {
  ...Object.fromEntries(Object.entries(RANGES).map(([name, { usual }]) => [name, usual])),
  pace: 'calls', bursts: [], models: [MODELS[0]], rpm: null, rpd: null, tpm: null, window: 'rolling',
};

export const PRESETS = {
  workshop: { name: 'A workshop', aside: '40 people, 3½ hours, 3 keys', settings: {} },
  quest: {
    name: 'A quest app', aside: '24 players, a chapter each half hour, 4 keys of 2 projects',
    settings: { people: 24, hours: 2, pace: 'think', think: 180, keys: 4, projects: 2, bursts: [0, 30, 60, 90].map((at) => ({ at, people: null, within: 20 })) },
  },
  backend: {
    name: 'A back end', aside: '300 users, ten hours, 8 keys with limits of their own',
    settings: { people: 300, hours: 10, calls: 5, keys: 8, projects: 8, rpm: 30, rpd: 2000 },
  },
};

/** Settings that are whole and allowed, whatever comes in. No key of more projects than there are keys. */
export function settingsOf(given = {}) {
  const settings = { ...USUAL };
  for (const [name, range] of Object.entries(RANGES)) settings[name] = within(given[name], range) ?? USUAL[name];
  for (const name of ['rpm', 'rpd', 'tpm']) settings[name] = within(given[name], LIMIT);
  settings.pace = given.pace === 'think' ? 'think' : 'calls';
  settings.window = WINDOWS.includes(given.window) ? given.window : USUAL.window;
  const models = Array.isArray(given.models) ? MODELS.filter((name) => given.models.includes(name)) : [];
  settings.models = models.length > 0 ? models : USUAL.models;
  settings.bursts = Array.isArray(given.bursts) ? given.bursts.slice(0, MOST_BURSTS).flatMap((burst) => burstOf(burst) ?? []) : [];
  settings.projects = Math.min(settings.projects, settings.keys);
  return settings;
}

function burstOf(given) {
  const at = within(given?.at, BURST.at);
  if (at === null) return undefined;
  return { at, people: within(given.people, BURST.people), within: within(given.within, BURST.within) ?? 10 };
}

/** The nearest allowed number; null for what is none. */
function within(value, { min, max, parts = false }) {
  if (value === null || value === undefined || value === '') return null;
  const number = Number(value);
  if (!Number.isFinite(number)) return null;
  return Math.min(max, Math.max(min, parts ? Math.round(number * 4) / 4 : Math.round(number)));
}

/** What `plan()` takes. */
export function scenarioOf(settings) {
  const { people, hours, pace, calls, think, keys, projects, models, tokens, window, patience, seed, bursts, rpm, rpd, tpm } = settings;
  const limits = Object.fromEntries(Object.entries({ rpm, rpd, tpm }).filter(([, value]) => value !== null));
  const last = hours * 60;
  return {
    people, hours, keys, projects, window, seed, patience: patience * 1000,
    ...(pace === 'think' ? { thinkTime: think * 1000 } : { callsPerHour: calls }),
    models: models.map((model) => ({ model, tokens })),
    // A rush after the end, or of more people than there are, is one that the slider has overtaken: it is left out or cut.
    bursts: bursts.filter(({ at }) => at < last).map((burst) => ({ at: burst.at * 60_000, within: burst.within * 1000, people: Math.min(burst.people ?? people, people) })),
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
  };
}

/** The settings after a change that was advised. */
export function applied(settings, fix) {
  const { kind, projects, newProjects, model, callsPercent, burstWithin, rpm, rpd } = fix;
  switch (kind) {
    case 'spread-bursts': return settingsOf({ ...settings, bursts: settings.bursts.map((burst) => ({ ...burst, within: Math.max(burst.within, burstWithin / 1000) })) });
    case 'more-projects': return settingsOf({ ...settings, keys: projects, projects });
    case 'other-model': return settingsOf({ ...settings, models: [model], rpm: null, rpd: null, tpm: null, ...(newProjects > 0 ? { keys: projects, projects } : {}) });
    case 'fewer-calls': return settingsOf({ ...settings, calls: Math.max(1, Math.floor((settings.calls * callsPercent) / 100)) });
    default: return settingsOf({ ...settings, rpm, rpd });
  }
}

/** As the part of a link behind the #: only what differs from the usual. Empty where nothing does. */
export function hashOf(settings) {
  const parts = new URLSearchParams();
  for (const [name, usual] of Object.entries(USUAL)) {
    const value = settings[name];
    if (name === 'bursts') {
      if (value.length > 0) parts.set(name, value.map(({ at, people, within: span }) => [at, people ?? 'all', span].join('-')).join('_'));
    } else if (name === 'models') {
      if (value.join() !== usual.join()) parts.set(name, value.join('_'));
    } else if (value !== usual) parts.set(name, String(value));
  }
  const text = parts.toString();
  return text === '' ? '' : `#${text}`;
}

/** Settings out of a link, which anybody may have written: what is unknown is ignored, what is wrong is usual. */
export function settingsOfHash(hash) {
  if (typeof hash !== 'string' || hash.length > 2000) return settingsOf();
  const given = Object.fromEntries(new URLSearchParams(hash.replace(/^#/, '')));
  const bursts = (given.bursts ?? '').split('_').map((text) => {
    const [at, people, span] = text.split('-');
    return { at, people: people === 'all' ? null : people, within: span };
  });
  return settingsOf({ ...given, bursts, models: (given.models ?? '').split('_') });
}
