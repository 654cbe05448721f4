// What a look at a picture comes to: how many people, what their faces say, where the nearest one is. Pure.

/** A look that saw nobody. */
export const NOBODY = Object.freeze({ people: 0, weights: Object.freeze({ happy: 0, surprised: 0, sad: 0, angry: 0, calm: 0 }), away: 0, x: 0, y: 0, roll: 0, size: 0 });

/**
 * @param faces as the recogniser tells them: `{ box: { x, y, width, height }, expressions, points }`, in pixels of the picture
 * @param size `{ width, height }` of the picture
 * @param mirrored whether people see the picture as in a mirror: then its left is on the right
 * @returns `people` (how many); of the nearest face `weights` (happy, surprised, sad, angry, calm: 0 to 1), `away` (0: looks here,
 *   1: looks elsewhere), `x` and `y` (where: -1 to 1), `roll` (its tilt in radians), `size` (its share of the picture's height)
 */
export function readingOf(faces, { width, height }, mirrored = false) {
  if (faces.length === 0) return NOBODY;
  const nearest = faces.reduce((best, face) => (face.box.height > best.box.height ? face : best));
  const { box, expressions, points } = nearest;
  const side = mirrored ? -1 : 1;
  const { yaw, roll } = poseOf(points);
  return {
    people: faces.length,
    weights: weightsOf(expressions),
    away: ramp(Math.abs(yaw), LOOKS_HERE, LOOKS_AWAY),
    x: side * clamp(((box.x + box.width / 2) / width) * 2 - 1),
    y: clamp(((box.y + box.height / 2) / height) * 2 - 1),
    roll: side * roll,
    size: Math.min(1, box.height / height),
  };
}

/**
 * How a head is held, from its 68 landmarks: `yaw` is how far the tip of the nose (30) lies off the middle between the ends of the
 * jaw (0 and 16), 0 from the front and ±1 at either end; `roll` is the slope of the line between the outer corners of the eyes (36 and 45).
 */
export function poseOf(points) {
  if (points === undefined || points.length < 68) return { yaw: 0, roll: 0 };
  const [left, right, nose, eyeLeft, eyeRight] = [0, 16, 30, 36, 45].map((at) => points[at]);
  const across = [right[0] - left[0], right[1] - left[1]];
  const length = across[0] ** 2 + across[1] ** 2;
  if (length === 0) return { yaw: 0, roll: 0 };
  const along = ((nose[0] - left[0]) * across[0] + (nose[1] - left[1]) * across[1]) / length;
  return { yaw: clamp(along * 2 - 1), roll: Math.atan2(eyeRight[1] - eyeLeft[1], eyeRight[0] - eyeLeft[0]) };
}

/** The model tells seven expressions. Fear and surprise are one open mouth to it, and so are anger and disgust one frown: each pair is one here. */
function weightsOf({ happy = 0, surprised = 0, fearful = 0, sad = 0, angry = 0, disgusted = 0, neutral = 0 }) {
  return { happy, surprised: Math.min(1, surprised + fearful), sad, angry: Math.min(1, angry + disgusted), calm: neutral };
}

/** 0 up to `from`, 1 from `to` on, straight in between. */
export function ramp(value, from, to) {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}

function clamp(value) {
  return Math.min(1, Math.max(-1, value));
}

/** Of `yaw`. People who look at a screen's corners come to 0.25; from 0.55 on the far cheek is hidden, and soon the face is not found. */
const LOOKS_HERE = 0.25;
const LOOKS_AWAY = 0.55;
