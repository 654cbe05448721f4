// One portrait, many faces: other expressions are painted over its smile, so that a clip needs no more than a picture of 36 KB.
// The recogniser is shown the pixels and knows nothing of this; CREDITS.md tells whose portrait it is.

/** Where the face is in the picture: `x`, `y`, `width`, `height` in its pixels. */
export const CROP = { x: 95, y: 12, width: 260, height: 195 };
export const EXPRESSIONS = ['happy', 'surprised', 'sad', 'angry', 'calm'];

/** Draws the portrait's crop into a box, with one of EXPRESSIONS. */
export function paint(context, portrait, expression, { x, y, width }) {
  const scale = width / CROP.width;
  context.save();
  context.beginPath();
  context.rect(x, y, width, CROP.height * scale);
  context.clip();
  context.translate(x - CROP.x * scale, y - CROP.y * scale);
  context.scale(scale, scale);
  context.drawImage(portrait, 0, 0);
  if (expression !== 'happy') {
    smooth(context);
    FACES[expression](context);
  }
  context.restore();
}

/** Takes the smile away: the mouth, and the folds beside it. */
function smooth(context) {
  context.filter = 'blur(2px)';
  for (const [x, y, rx, ry, turn] of [[225, 146, 24, 13, 0], [200, 134, 7, 12, 0.5], [250, 136, 7, 12, -0.5]]) oval(context, SKIN, x, y, rx, ry, turn);
  context.filter = 'none';
}

const FACES = {
  calm(context) {
    line(context, LIPS, 4, [211, 148], [225, 150], [239, 148]);
  },
  surprised(context) {
    bareBrows(context);
    for (const [x, y] of EYES) {
      oval(context, '#fff', x, y, 9, 7.5);
      oval(context, '#2a2018', x, y, 4, 4);
      line(context, '#4a3020', 1.5, [x - 9, y], [x, y - 14], [x + 9, y]);
    }
    line(context, BROWN, 3, [192, 84], [203, 80], [214, 78]);
    line(context, BROWN, 3, [236, 79], [247, 81], [258, 86]);
    oval(context, '#3a1512', 225, 151, 9, 13);
  },
  sad(context) {
    bareBrows(context);
    line(context, BROWN, 4, [192, 94], [202, 88], [213, 83]);
    line(context, BROWN, 4, [237, 84], [248, 89], [258, 96]);
    context.strokeStyle = LIPS;
    context.lineWidth = 4;
    context.beginPath();
    context.arc(225, 163, 17, 3.9, 5.5);
    context.stroke();
  },
  angry(context) {
    bareBrows(context);
    line(context, BROWN, 6, [188, 82], [203, 90], [217, 97]);
    line(context, BROWN, 6, [233, 98], [248, 91], [262, 84]);
    context.fillStyle = '#f4efe8';
    context.strokeStyle = '#7a3028';
    context.lineWidth = 3;
    context.fillRect(208, 142, 34, 13);
    context.strokeRect(208, 142, 34, 13);
  },
};

function bareBrows(context) {
  oval(context, BROW_SKIN, 203, 87, 16, 6);
  oval(context, BROW_SKIN, 247, 89, 16, 6);
}

function oval(context, colour, x, y, rx, ry, turn = 0) {
  context.fillStyle = colour;
  context.beginPath();
  context.ellipse(x, y, rx, ry, turn, 0, 2 * Math.PI);
  context.fill();
}

function line(context, colour, width, from, over, to) {
  context.strokeStyle = colour;
  context.lineCap = 'round';
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(...from);
  context.quadraticCurveTo(...over, ...to);
  context.stroke();
}

const EYES = [[203, 99], [247, 101]];
const SKIN = '#d8a488';
const BROW_SKIN = '#d5a085';
const BROWN = '#5d3f25';
const LIPS = '#93483f';
