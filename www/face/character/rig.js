// Between what is seen and what is drawn: the pose that the face asks for, on springs. No DOM: draw.js takes what `frame` returns.
import { Life } from './life.js';
import { blend, POSES } from './poses.js';
import { Spring } from './spring.js';

export class Rig {
  /** Set where people want little motion: nothing sways or hops, and changes come without swinging over. */
  still = false;
  #springs = {};
  #life;
  #weights = { nobody: 1 };
  #reading = undefined;
  #mood = 'nobody';
  #voice = { state: 'quiet', waits: 0 };
  #presence = {};
  #time = 0;

  constructor(random = Math.random) {
    this.#life = new Life(random);
    for (const [name, value] of Object.entries({ ...POSES.nobody, ...GAZE })) this.#springs[name] = new Spring(value, ...(MANNERS[name] ?? [3.2, 0.72]));
    for (const mood of Object.keys(POSES)) this.#presence[mood] = new Spring(mood === 'nobody' ? 1 : 0, 2, 1);
  }

  /** What the face does now, and the mood that holds. To be called with every look: the pose follows the look, not the mood. */
  see(reading, mood) {
    if (mood !== this.#mood) this.#startle(mood);
    [this.#reading, this.#mood] = [reading, mood];
    this.#weights = weightsFor(reading, mood);
  }

  /** @param state of the voice (see voice.js) @param waits for how long it is still to wait, in milliseconds */
  hear(state, waits) {
    this.#voice = { state, waits };
  }

  /** Goes on by so many seconds, and returns all that is to be drawn. */
  frame(seconds) {
    this.#time += seconds;
    const pose = this.#aim();
    for (const [name, spring] of Object.entries(this.#springs)) {
      spring.target = pose[name];
      if (this.still && SWAYS.has(name)) spring.settle();
      else spring.step(seconds);
    }
    for (const [mood, spring] of Object.entries(this.#presence)) {
      spring.target = mood === this.#mood ? 1 : 0;
      spring.step(seconds);
    }
    return this.#drawn();
  }

  #aim() {
    const pose = blend(this.#weights);
    const sleeps = this.#mood === 'nobody';
    const life = this.#life.at(this.#time * 1000, this.#mood, this.#voice.waits);
    const { x = 0, y = 0, roll = 0 } = this.#reading?.people ? this.#reading : {};
    pose.gazeX = sleeps ? 0 : clamp(x + life.x);
    // A camera sits above the screen: who looks at the screen is seen a little lower than where they are.
    pose.gazeY = sleeps ? 0.3 : clamp(y * 0.8 + life.y);
    pose.roll = sleeps ? 0.06 : clamp(roll, 0.4) * 0.7;
    pose.sign = this.#voice.waits > 0 || this.#voice.state === 'resting' ? 1 : 0;
    pose.dots = this.#voice.state === 'asking' ? 1 : 0;
    if (pose.sign) [pose.rx, pose.ry] = [214, 18];
    if (this.#voice.state === 'resting' && !sleeps) pose.open *= 0.72;
    const laugh = life.laugh * pose.joy;
    lay(pose, laugh, { open: 0, squint: 0.3, mouthOpen: 0.86, browY: -20 });
    if (!this.still) pose.lift -= laugh * 24 * Math.abs(Math.sin(this.#time * 8.5));
    lay(pose, life.watch, { lx: -58, ly: 96, gazeX: -0.3, gazeY: 0.9, open: 0.86 });
    lay(pose, life.yawn, { open: 0.05, mouthOpen: 1.15, mouthRound: 1, mouthW: 26, mouthCurve: 0, browY: -16, lx: -70, ly: 80 });
    if (this.#voice.state === 'speaking') pose.mouthOpen = Math.max(pose.mouthOpen * 0.7, 0.16) + 0.34 * Math.abs(Math.sin(this.#time * 9.5)) * Math.abs(Math.sin(this.#time * 3.1 + 1));
    pose.open = pose.open * (1 - life.blink);
    if (!this.still && this.#mood === 'away') pose.rx += 16 * Math.sin(this.#time * 9);
    if (!this.still && this.#mood === 'several') [pose.lx, pose.rx] = [pose.lx + 14 * Math.sin(this.#time * 8), pose.rx + 14 * Math.sin(this.#time * 8 + 1.3)];
    return pose;
  }

  #drawn() {
    const drawn = { time: this.#time, mood: this.#mood, still: this.still, presence: {} };
    for (const [name, spring] of Object.entries(this.#springs)) drawn[name] = spring.value;
    for (const [mood, spring] of Object.entries(this.#presence)) drawn.presence[mood] = Math.max(0, Math.min(1, spring.value));
    if (this.still) return { ...drawn, breath: 0, swing: 0 };
    const slow = this.#mood === 'nobody' ? 0.9 : 1.9;
    drawn.breath = Math.sin(this.#time * slow) * (this.#mood === 'nobody' ? 0.028 : 0.014);
    drawn.lift -= Math.abs(Math.sin(this.#time * 3.4)) * 5 * Math.max(0, drawn.bob - 0.6);
    drawn.swing = this.#springs.sprout.velocity * 0.04 + this.#springs.roll.velocity * 0.5;
    return drawn;
  }

  #startle(mood) {
    if (this.still) return;
    const push = { surprised: -520, happy: -300, several: -300, angry: 160, sad: 60 }[mood] ?? -90;
    this.#springs.lift.kick(push);
    this.#springs.squash.kick(push / -400);
  }
}

/** Which poses a look asks for. */
function weightsFor({ people, weights, away }, mood) {
  if (mood === 'nobody') return { nobody: 1 };
  if (people === 0) return { away: 1 };
  const faces = {};
  // Squared: a face that is nine parts happy shall not look as if it had doubts.
  for (const [name, weight] of Object.entries(weights)) faces[name] = weight ** 2 * (1 - away);
  if (people > 1) return { ...scaled(faces, 0.4), several: 0.6 };
  return { ...faces, away };
}

function scaled(weights, to) {
  const sum = Object.values(weights).reduce((all, weight) => all + weight, 0) || 1;
  return Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, (weight / sum) * to]));
}

/** Lays something over a pose, by its strength. */
function lay(pose, strength, over) {
  for (const [name, value] of Object.entries(over)) pose[name] += (value - pose[name]) * strength;
}

function clamp(value, most = 1) {
  return Math.min(most, Math.max(-most, value));
}

const GAZE = { gazeX: 0, gazeY: 0, roll: 0, sign: 0, dots: 0 };
/** Frequency and damping of what moves differently from the rest. Eyes are quick, colours calm, the sprout bounces. */
const MANNERS = {
  gazeX: [4.5, 0.9], gazeY: [4.5, 0.9], roll: [2.4, 0.7], open: [9, 0.9], squint: [5, 0.9], joy: [4, 0.9], mouthOpen: [7, 0.75], mouthCurve: [4.5, 0.7], mouthW: [4.5, 0.65],
  r: [1.8, 1], g: [1.8, 1], b: [1.8, 1], cheek: [2, 1], sprout: [2.6, 0.28], lift: [2.4, 0.42], squash: [2.8, 0.4], sign: [2.6, 0.55], dots: [3, 1],
  lx: [2.6, 0.6], ly: [2.6, 0.6], rx: [2.6, 0.6], ry: [2.6, 0.6],
};
/** What does not swing where people want little motion. */
const SWAYS = new Set(['lift', 'squash', 'bob', 'sprout', 'lx', 'ly', 'rx', 'ry', 'sign', 'roll', 'gazeX', 'gazeY', 'mouthW', 'mouthCurve']);
