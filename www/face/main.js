// The face page, put together: what is looked at goes to the mood, the mood to Pip and to its voice, the voice to the bubble.
import '../common/page.js';
import { drawing } from './character/draw.js';
import { Rig } from './character/rig.js';
import { handControls } from './controls.js';
import { costs } from './costs.js';
import { MoodHistory, MoodSense } from './mood.js';
import { Recogniser } from './recogniser/recogniser.js';
import { Frames } from './seen.js';
import { settings } from './settings.js';
import { sights } from './sights.js';
import { strip } from './strip.js';
import { ALTERNATIVES, BY, FAILURE_TEXTS, MOOD_TEXTS, SIGHT_TEXTS, VOICE_TEXTS } from './texts.js';
import { SIGNS, cannedLine, signTime } from './voice/canned.js';
import { Voice } from './voice/voice.js';
import { wordSources } from './words.js';

const find = (id) => document.getElementById(id);
const sense = new MoodSense();
const history = new MoodHistory();
const rig = new Rig();
const draw = drawing(find('pip'));
const frames = new Frames({ boxes: find('boxes'), meters: find('meters'), rates: find('rates') });
const voice = new Voice({ say, change: heard, session: crypto.randomUUID?.() ?? `page-${Math.random()}` });
let source = null; // of words: see voice/sources.js
let language = 'en';
let sign = '';
let drawn; // by the last frame
let before = performance.now();
let tick = 0;

const watch = sights({
  recogniser: new Recogniser(new URL('.', document.baseURI)),
  seen(reading, faces, how) {
    frames.looked(faces, how);
    feel(reading);
  },
  told: tellSight,
  chose: (name) => { if (name !== 'hand') hand.release(); },
});
const hand = handControls({ moods: find('moods'), sliders: find('sliders'), moved: () => watch.choose('hand') });
const showCosts = costs(find);
const showStrip = strip(find('history'));

settings(find, {
  mirror: (on) => { watch.mirror = on; },
  still: (on) => { rig.still = on; },
  perMinute: (perMinute) => voice.set({ perMinute }),
  language(chosen) {
    language = chosen;
    find('line').lang = chosen;
    voice.set({ language });
  },
});
const words = wordSources(find, {
  opened(opened) {
    source = opened;
    voice.use(opened?.api ?? null, opened?.now);
  },
});

/** A look, or what the sliders say. */
function feel(reading) {
  const now = performance.now();
  const changed = sense.feel(reading, now);
  rig.see(reading, sense.mood);
  frames.weigh(sense.weights);
  if (!changed) return;
  history.add(sense.mood, now);
  find('mood').textContent = MOOD_TEXTS[sense.mood][0];
  document.documentElement.dataset.mood = sense.mood;
  voice.feel(sense.mood);
  describe();
}

/** A line of Pip's, or a piece of Gemini's. The region is busy while it grows, so that a screen reader waits for the whole. */
function say({ text, by, done }) {
  const line = find('line');
  line.setAttribute('aria-busy', String(!done));
  line.replaceChildren(document.createTextNode(text));
  line.dataset.by = by;
  find('by').textContent = by === 'gemini' && source?.pretend ? BY.pretend : BY[by];
}

function heard() {
  document.documentElement.dataset.voice = voice.state.name;
  promise();
  describe();
}

/** What the sign says, and for how long Pip still has to wait. */
function promise() {
  const { name, until, why } = voice.state;
  const now = source?.now() ?? 0;
  const waits = name === 'waiting' ? Math.max(1, (until ?? now + 1) - now) : 0;
  rig.hear(name, waits);
  if (name !== 'waiting' && name !== 'resting') return;
  const before = sign;
  const small = name === 'waiting' ? SIGNS[language].words : SIGNS[language][why];
  sign = why === 'keys' ? '' : signTime(language, until, now);
  drawn?.sign.say(small, sign || '✗');
  if (before !== sign) describe();
}

function describe() {
  const said = VOICE_TEXTS[voice.state.name]?.(sign, voice.state.why);
  find('pip').setAttribute('aria-label', [MOOD_TEXTS[sense.mood][1], said].filter(Boolean).join(' '));
}

function tellSight(state, error) {
  if (state === 'failed') watch.choose('hand');
  find('notice').textContent = state === 'loading' ? SIGHT_TEXTS.loading
    : state === 'failed' ? `${error.reason === undefined ? SIGHT_TEXTS.failed : FAILURE_TEXTS[error.reason]} ${ALTERNATIVES}` : '';
}

function frame(now) {
  drawn = draw(rig.frame(Math.min(0.25, Math.max(0, (now - before) / 1000))));
  frames.drawn(now);
  before = now;
  tick += 1;
  // By hand there are no looks: every fourth frame is one.
  if (watch.name === 'hand' && tick % 4 === 0) feel(hand.reading());
  if (tick % 15 === 0) {
    promise();
    frames.tell();
    showStrip(history.between(now - STRIP, now), now - STRIP, STRIP);
  }
  if (tick % 30 === 0) showCosts(source, history.count);
  requestAnimationFrame(frame);
}

/** How much of the past is shown. */
const STRIP = 120_000;

document.addEventListener('visibilitychange', () => voice.pause(document.hidden));
find('projector').addEventListener('click', () => project(!('projector' in document.documentElement.dataset)));
addEventListener('keydown', ({ key }) => { if (key === 'Escape') project(false); });
function project(on) {
  document.documentElement.toggleAttribute('data-projector', on);
  find('projector').setAttribute('aria-pressed', String(on));
}

say({ text: cannedLine(language, 'nobody', 0), by: 'pip', done: true });
requestAnimationFrame((now) => {
  before = now;
  frame(now);
  // The engine comes after the first picture. Until then Pip has its own words.
  setTimeout(() => words.open(), 0);
});
