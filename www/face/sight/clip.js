// The clip: what a camera might see in half a minute, painted frame by frame from the one portrait. Every mood comes up once.
import { CROP, paint } from './portrait.js';

export const SIZE = { width: 400, height: 300 };
/** In seconds: what is seen, up to when. */
export const SCENES = [
  { until: 5, expression: 'happy' }, { until: 9, expression: 'surprised' }, { until: 13, expression: 'calm' }, { until: 17, expression: 'sad' },
  { until: 21, expression: 'angry' }, { until: 25, people: 2 }, { until: 31, people: 0 },
];
export const LENGTH = SCENES.at(-1).until;

/** The frame at so many seconds. */
export function drawClip(context, portrait, seconds) {
  const at = seconds % LENGTH;
  const scene = SCENES.find(({ until }) => at < until);
  context.fillStyle = WALL;
  context.fillRect(0, 0, SIZE.width, SIZE.height);
  if (scene.people === 0) return;
  if (scene.people === 2) {
    paint(context, portrait, 'happy', { x: -30, y: 70, width: 260 });
    paint(context, portrait, 'happy', { x: 195, y: 40, width: 260 });
    return;
  }
  // Nobody sits still: to the side and back, a little nearer and farther.
  const width = SIZE.width * (1.12 + 0.05 * Math.sin(at * 1.3));
  const x = (SIZE.width - width) / 2 + 18 * Math.sin(at * 0.9);
  const y = (SIZE.height - (width * CROP.height) / CROP.width) / 2 + 6 * Math.sin(at * 1.7);
  paint(context, portrait, scene.expression, { x, y, width });
}

const WALL = '#a9a29c';
