// The face page's pure parts: from what a recogniser tells to a mood that does not flap, and the springs that move Pip.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Rig } from '../../www/face/character/rig.js';
import { POSES, blend } from '../../www/face/character/poses.js';
import { Spring } from '../../www/face/character/spring.js';
import { MOODS, MoodHistory, MoodSense } from '../../www/face/mood.js';
import { NOBODY, poseOf, readingOf } from '../../www/face/reading.js';

const SIZE = { width: 400, height: 300 };
const EMPTY = { happy: 0, surprised: 0, sad: 0, angry: 0, calm: 0 };
const seen = (weights, more = {}) => ({ people: 1, weights: { ...EMPTY, ...weights }, away: 0, x: 0, y: 0, roll: 0, size: 0.4, ...more });

describe('a reading', () => {
  test('fear counts as surprise and disgust as anger; the nearest face is the one', () => {
    const far = { box: { x: 0, y: 0, width: 20, height: 20 }, expressions: { sad: 1 } };
    const near = { box: { x: 250, y: 100, width: 100, height: 100 }, expressions: { fearful: 0.5, surprised: 0.4, disgusted: 0.1, neutral: 0 } };
    const reading = readingOf([far, near], SIZE);
    assert.equal(reading.people, 2);
    assert.deepEqual(reading.weights, { happy: 0, surprised: 0.9, sad: 0, angry: 0.1, calm: 0 });
    assert.deepEqual([reading.x, reading.y], [0.5, 0]);
    assert.equal(readingOf([far, near], SIZE, true).x, -0.5, 'in a mirror it is on the other side');
    assert.equal(readingOf([], SIZE), NOBODY);
  });

  test('a head that is turned is away, whichever way it is tilted', () => {
    for (const tilt of [0, 0.3, -0.4]) {
      assert.ok(Math.abs(poseOf(head(0, tilt)).yaw) < 1e-9);
      assert.ok(Math.abs(poseOf(head(0.6, tilt)).yaw - 0.6) < 1e-9);
      assert.ok(Math.abs(poseOf(head(0.6, tilt)).roll - tilt) < 1e-9);
    }
    const box = { x: 100, y: 100, width: 100, height: 100 };
    assert.equal(readingOf([{ box, expressions: {}, points: head(0.1, 0) }], SIZE).away, 0);
    assert.equal(readingOf([{ box, expressions: {}, points: head(-0.7, 0) }], SIZE).away, 1);
    assert.deepEqual(poseOf([]), { yaw: 0, roll: 0 });
  });
});

describe('a mood', () => {
  test('comes when a face has been so for a moment, not with the first look', () => {
    const { sense, feel } = watching();
    feel(seen({ calm: 1 }), 1000);
    assert.equal(sense.mood, 'calm');
    feel(seen({ happy: 1 }), 130);
    assert.equal(sense.mood, 'calm');
    feel(seen({ happy: 1 }), 700);
    assert.equal(sense.mood, 'happy');
  });

  test('does not flap: a face that trembles about the threshold changes it once', () => {
    const { sense, feel, changes } = watching();
    feel(seen({ calm: 1 }), 1000);
    for (let i = 0; i < 60; i += 1) feel(seen({ happy: i % 2 ? 0.75 : 0.3, calm: i % 2 ? 0.25 : 0.7 }), 66);
    assert.ok(changes.filter((mood) => mood === 'happy').length <= 1, changes.join());
    feel(seen({ happy: 0.9, calm: 0.1 }), 1000);
    assert.equal(sense.mood, 'happy');
    const before = changes.length;
    for (let i = 0; i < 60; i += 1) feel(seen({ happy: i % 2 ? 0.7 : 0.25, calm: i % 2 ? 0.3 : 0.75 }), 66);
    assert.deepEqual(changes.slice(before), [], 'what holds stays');
  });

  test('a face that is lost looks away first, and only then nobody is there', () => {
    const { sense, feel, changes } = watching();
    feel(seen({ happy: 1 }), 1000);
    feel(NOBODY, 300);
    assert.equal(sense.mood, 'happy', 'a few missed looks are nothing');
    feel(NOBODY, 1000);
    assert.equal(sense.mood, 'away');
    feel(NOBODY, 2000);
    assert.equal(sense.mood, 'nobody');
    feel(seen({ sad: 1 }), 600);
    assert.equal(sense.mood, 'sad', 'who comes is taken at their word');
    assert.deepEqual(changes, ['happy', 'away', 'nobody', 'sad']);
  });

  test('several people are several, and one is one again', () => {
    const { sense, feel } = watching();
    feel(seen({ happy: 1 }, { people: 2 }), 800);
    assert.equal(sense.mood, 'several');
    feel(seen({ calm: 1 }), 1000);
    assert.equal(sense.mood, 'calm');
  });

  test('its history is cut to the time that is asked for', () => {
    const history = new MoodHistory(3);
    [['calm', 0], ['happy', 10], ['happy', 15], ['sad', 20], ['calm', 30], ['angry', 40]].forEach(([mood, at]) => history.add(mood, at));
    assert.deepEqual(history.between(25, 50), [{ mood: 'sad', from: 25, to: 30 }, { mood: 'calm', from: 30, to: 40 }, { mood: 'angry', from: 40, to: 50 }]);
    assert.equal(history.between(0, 50).length, 3, 'the oldest are gone');
    assert.equal(history.count, 5);
  });
});

describe('Pip', () => {
  test('has a pose for every mood, of the same numbers', () => {
    for (const mood of MOODS) assert.deepEqual(Object.keys(POSES[mood]).sort(), Object.keys(POSES.calm).sort(), mood);
  });

  test('half a smile is half a smile', () => {
    const half = blend({ happy: 0.5, calm: 0.5 });
    assert.ok(Math.abs(half.mouthCurve - (POSES.happy.mouthCurve + POSES.calm.mouthCurve) / 2) < 1e-9);
  });

  test('moves towards what it sees within a tenth of a second, and is there after a second', () => {
    const rig = new Rig(() => 0.5);
    rig.see(seen({ calm: 1 }), 'calm');
    for (let i = 0; i < 180; i += 1) rig.frame(1 / 60);
    const before = rig.frame(1 / 60);
    rig.see(seen({ happy: 1 }), 'calm'); // the mood has not changed yet: the face has
    let now = before;
    for (let i = 0; i < 6; i += 1) now = rig.frame(1 / 60);
    assert.ok(now.mouthCurve > before.mouthCurve + 0.2, `${before.mouthCurve} -> ${now.mouthCurve}`);
    for (let i = 0; i < 60; i += 1) now = rig.frame(1 / 60);
    assert.ok(Math.abs(now.mouthCurve - POSES.happy.mouthCurve) < 0.1);
  });

  test('laughs with whoever smiles: its eyes are closed by its cheeks, at once and for a while; with nobody else', () => {
    const closedFor = (mood) => {
      const rig = new Rig(() => 0.5);
      rig.see(seen({ calm: 1 }), 'calm');
      for (let i = 0; i < 60; i += 1) rig.frame(1 / 60);
      rig.see(seen({ [mood]: 1 }), mood);
      const frames = Array.from({ length: 105 }, () => rig.frame(1 / 60));
      return { frames: frames.filter(({ open }) => open < 0.2).length, joy: frames.at(-1).joy };
    };
    const { frames, joy } = closedFor('happy');
    assert.ok(frames > 36 && joy > 0.95, `${frames} frames closed, joy ${joy}`);
    for (const mood of ['calm', 'sad', 'angry', 'surprised']) assert.ok(closedFor(mood).frames < 12 && closedFor(mood).joy < 0.05, mood);
  });

  test('holds up a sign while it waits, and sways less where that is asked for', () => {
    const rig = new Rig(() => 0.5);
    rig.still = true;
    rig.see(seen({ calm: 1 }), 'calm');
    rig.hear('waiting', 12_000);
    const frames = Array.from({ length: 60 }, () => rig.frame(1 / 60));
    assert.equal(frames.at(-1).sign, 1);
    assert.deepEqual([...new Set(frames.map(({ breath, swing }) => breath + swing))], [0]);
  });

  test('a frame that comes late does not fling it away', () => {
    const spring = new Spring(0, 9, 0.9);
    spring.target = 1;
    for (const seconds of [0.016, 3, 0.2, 0.25]) assert.ok(Math.abs(spring.step(seconds)) < 1.5);
    assert.ok(Math.abs(spring.value - 1) < 0.01);
  });
});

/** Looks at 15 a second, and the moods that come of them. */
function watching() {
  const sense = new MoodSense();
  const changes = [];
  let now = 10_000;
  const feel = (reading, ms) => {
    for (const end = now + ms; now < end;) {
      now += 66;
      if (sense.feel(reading, now)) changes.push(sense.mood);
    }
  };
  return { sense, feel, changes };
}

/** The landmarks of a head that is turned by `yaw` and tilted by `tilt`. */
function head(yaw, tilt) {
  const points = Array.from({ length: 68 }, () => [0, 0]);
  const turn = (x, y) => [200 + x * Math.cos(tilt) - y * Math.sin(tilt), 150 + x * Math.sin(tilt) + y * Math.cos(tilt)];
  [[0, [-50, 0]], [16, [50, 0]], [30, [50 * yaw, 20]], [36, [-25, -5]], [45, [25, -5]]].forEach(([at, place]) => { points[at] = turn(...place); });
  return points;
}
