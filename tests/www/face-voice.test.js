// The face page's voice against the mock provider: what it asks, and what it keeps to itself. Without a browser.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { MOCK_KEYS, QuotaAwareAPI, createMockProvider } from '../built.js';
import { CANNED, LANGUAGES, SIGNS, signTime } from '../../www/face/voice/canned.js';
import { pretendAnswers } from '../../www/face/voice/pretend.js';
import { promptFor } from '../../www/face/voice/prompt.js';
import { Voice } from '../../www/face/voice/voice.js';

/** A minute of the mock, and so of the engine: the tests wait for it. */
const MINUTE = 1200;

describe('the voice', () => {
  let scene;
  beforeEach(() => { scene = open(); });
  afterEach(() => scene.close());

  test('answers at once in its own words, then in Gemini\'s, piece by piece', async () => {
    const { voice, lines, provider } = scene;
    voice.feel('happy');
    assert.deepEqual(lines.map(({ by, done }) => [by, done]), [['pip', true]]);
    await until(() => lines.at(-1).by === 'gemini' && lines.at(-1).done);
    assert.ok(lines.filter(({ by, done }) => by === 'gemini' && !done).length > 1, 'it came in pieces');
    assert.match(lines.at(-1).text, /^If I could bottle that smile/);
    assert.equal(provider.log.length, 1);
  });

  test('of many moods only the newest is asked for, and none is refused', async () => {
    const { voice, lines, provider, states } = scene;
    voice.feel('happy');
    await until(() => lines.at(-1).done && lines.at(-1).by === 'gemini');
    voice.feel('sad');
    await until(() => lines.at(-1).done && lines.at(-1).by === 'gemini');
    // Both requests of the minute are used: from here on it waits, and the moods go by.
    const most = [];
    for (let i = 0; i < 40; i += 1) {
      voice.feel(['angry', 'calm', 'surprised', 'several'][i % 4]);
      await sleep(5);
      most.push(scene.api.getStatus().queue.waiting);
    }
    assert.equal(Math.max(...most), 1, 'never more than one waits');
    assert.equal(provider.log.length, 2);
    voice.feel('away');
    await until(() => lines.at(-1).by === 'gemini' && lines.at(-1).mood === 'away' && lines.at(-1).done, 3 * MINUTE);
    assert.equal(provider.log.length, 3, 'of 41 moods, one request');
    assert.ok(provider.log.every(({ status }) => status === 200));
    assert.ok(states.some(({ name, until: at }) => name === 'waiting' && at > 0), 'the wait has a promised end');
  });

  test('a mood that changes while words come is spoken of afterwards', async () => {
    const { voice, lines, provider } = scene;
    voice.feel('happy');
    await until(() => voice.state.name === 'speaking');
    voice.feel('sad');
    voice.feel('angry');
    await until(() => lines.at(-1).mood === 'angry' && lines.at(-1).by === 'gemini' && lines.at(-1).done);
    assert.deepEqual(lines.filter(({ by, done }) => by === 'gemini' && done).map(({ mood }) => mood), ['happy', 'angry']);
    assert.equal(provider.log.length, 2);
  });

  test('speaks no more often than it was told to', async () => {
    const { voice, lines, provider } = scene;
    voice.set({ perMinute: 60 }); // one a second
    voice.feel('happy');
    await until(() => lines.at(-1).by === 'gemini' && lines.at(-1).done);
    voice.feel('sad');
    assert.equal(voice.state.name, 'pacing');
    assert.equal(provider.log.length, 1);
    await until(() => provider.log.length === 2);
    assert.ok(provider.log[1].at - provider.log[0].at >= 990);
  });

  test('calm is asked about once it lasts, and does not take away what was said', async () => {
    const { voice, lines, provider, clock } = scene;
    voice.feel('happy');
    await until(() => lines.at(-1).by === 'gemini' && lines.at(-1).done);
    const line = lines.at(-1);
    voice.feel('calm');
    assert.equal(lines.at(-1), line);
    assert.equal(voice.state.name, 'pacing');
    assert.ok(voice.state.until - clock.now() > 5_000);
    assert.equal(provider.log.length, 1);
  });

  test('asks nothing while nobody is there, or the page is hidden', async () => {
    const { voice, provider } = scene;
    voice.pause(true);
    voice.feel('happy');
    await sleep(30);
    voice.feel('nobody');
    voice.pause(false);
    await sleep(30);
    assert.equal(provider.log.length, 0);
    assert.equal(voice.state.name, 'quiet');
  });

  test('when the day\'s quota is gone it says until when, and comes back by itself', async () => {
    const { voice, lines, provider, clock } = scene;
    provider.exhaust('one', 'day');
    voice.feel('happy');
    await until(() => voice.state.name === 'resting');
    assert.equal(voice.state.why, 'day');
    assert.ok(voice.state.until > clock.now(), 'with an instant');
    assert.ok(CANNED.en.day.includes(lines.at(-1).text));
    const asked = provider.log.length;
    voice.feel('sad');
    assert.ok(CANNED.en.sad.includes(lines.at(-1).text), 'it still answers faces');
    clock.offset += 25 * 3_600_000;
    voice.feel('angry'); // any look will do; without one it looks every few seconds
    await until(() => lines.at(-1).by === 'gemini' && lines.at(-1).done);
    assert.equal(provider.log.length, asked + 1);
  });

  test('a key that is not accepted ends the asking until there is another', async () => {
    const { voice, lines, provider } = scene;
    provider.breakKey(MOCK_KEYS[0]);
    voice.feel('happy');
    await until(() => voice.state.name === 'resting');
    assert.deepEqual([voice.state.why, voice.state.until], ['keys', null]);
    const asked = provider.log.length;
    voice.feel('sad');
    await sleep(20);
    assert.equal(provider.log.length, asked);
    scene.renew();
    await until(() => lines.at(-1).by === 'gemini' && lines.at(-1).done);
  });

  test('a lost connection is tried again by itself', async () => {
    const { voice, provider } = scene;
    provider.script(Array(20).fill({ connection: true }));
    voice.feel('happy');
    await until(() => voice.state.name === 'resting', 20_000);
    assert.equal(voice.state.why, 'trouble');
    assert.ok(voice.state.until > Date.now());
  });
});

describe('its words', () => {
  test('every language has every line and every word of the sign', () => {
    for (const language of Object.keys(LANGUAGES)) {
      assert.deepEqual(Object.keys(CANNED[language]), Object.keys(CANNED.en), language);
      assert.deepEqual(Object.keys(SIGNS[language]), Object.keys(SIGNS.en), language);
    }
  });

  test('the pretend Gemini answers the mood in the language that it is asked in', () => {
    const answer = pretendAnswers();
    assert.match(answer(promptFor({ mood: 'happy', before: null, seconds: 0, language: 'de' })), /Lächeln/);
    assert.match(answer(promptFor({ mood: 'sad', before: 'happy', seconds: 40, language: 'en' })), /hug/);
  });

  test('the prompt has the mood, for how long, and what was before', () => {
    assert.equal(promptFor({ mood: 'sad', before: 'happy', seconds: 41, language: 'fr' }), 'Mood: sad (sad, for 40 seconds already). Before: happy, smiling. Language: Français.');
  });

  test('the sign counts seconds, then minutes, then names the time', () => {
    assert.equal(signTime('en', 12_000, 0), 'in 12 s');
    assert.equal(signTime('de', 600_000, 0), 'in 10 min');
    assert.match(signTime('en', Date.UTC(2026, 10, 30), Date.UTC(2026, 10, 29)), /^back at \d\d:\d\d/);
    assert.equal(signTime('en', null, 0), 'any moment');
  });
});

/** A voice, a Gemini with two requests a minute, and all that was said. */
function open() {
  const clock = { offset: 0, now: () => Date.now() + clock.offset };
  const lines = [];
  const states = [];
  const provider = createMockProvider({
    projects: [{ id: 'one', keys: [MOCK_KEYS[0]] }], models: { '*': { rpm: 2, rpd: 100 } }, minute: MINUTE, latency: 5, chunkDelay: 2,
    answer: pretendAnswers(), now: clock.now, sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }),
  });
  const make = (keys) => new QuotaAwareAPI(keys, { provider: 'gemini', fetch: provider.fetch, now: clock.now, resetInterval: MINUTE, limits: { rpm: 2, rpd: 100 } });
  const scene = { clock, lines, states, provider, api: make([MOCK_KEYS[0]]) };
  scene.voice = new Voice({ say: (line) => lines.push(line), change: (state) => states.push(state), session: 'test' });
  scene.voice.set({ perMinute: 6000 });
  scene.voice.use(scene.api, clock.now);
  scene.renew = () => {
    scene.api.close();
    provider.repairKey(MOCK_KEYS[0]);
    scene.api = make([MOCK_KEYS[0]]);
    scene.voice.use(scene.api, clock.now);
  };
  scene.close = () => {
    scene.voice.use(null);
    scene.api.close();
  };
  return scene;
}

async function until(holds, within = 3000) {
  for (const end = Date.now() + within; !holds(); await sleep(5)) if (Date.now() > end) assert.fail(`not within ${within} ms: ${holds}`);
}
