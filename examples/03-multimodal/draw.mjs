// Draws chart.svg, the picture of exercise 3: calls of a workshop by half hour, and what three free projects allow of them.
// The figures are made up. The picture that ships is this one, rendered once; its licence is the repository's, or CC0:
//
//   node draw.mjs && chromium --headless --hide-scrollbars --window-size=640,400 --screenshot=chart.png chart.svg
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CALLS = [['9:00', 60], ['9:30', 140], ['10:00', 90], ['10:30', 200], ['11:00', 120], ['11:30', 310], ['12:00', 80]];
const LIMIT = 250;
const MOST = 350;
const [left, bottom, width, height] = [60, 340, 560, 270];

const y = (calls) => bottom - (calls / MOST) * height;
const step = width / CALLS.length;
const text = (x, at, words, more = '') => `<text x="${x}" y="${at}" ${more}>${words}</text>`;
const bar = ([hour, calls], at) => [
  `<rect x="${left + at * step + 14}" y="${y(calls)}" width="${step - 28}" height="${bottom - y(calls)}" fill="#3367a8"/>`,
  text(left + (at + 0.5) * step, y(calls) - 8, calls, 'text-anchor="middle"'),
  text(left + (at + 0.5) * step, bottom + 22, hour, 'text-anchor="middle"'),
].join('');
const line = (calls) => `<line x1="${left}" x2="${left + width}" y1="${y(calls)}" y2="${y(calls)}" stroke="#ddd"/>${text(left - 8, y(calls) + 5, calls, 'text-anchor="end" fill="#555"')}`;

writeFileSync(join(import.meta.dirname, 'chart.svg'), `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="400" viewBox="0 0 640 400" font-family="sans-serif" font-size="15">
<rect width="640" height="400" fill="#fff"/>
${text(left, 36, 'Calls per half hour, 40 people', 'font-size="20" font-weight="bold"')}
${[0, 100, 200, 300].map(line).join('\n')}
${CALLS.map(bar).join('\n')}
<line x1="${left}" x2="${left + width}" y1="${y(LIMIT)}" y2="${y(LIMIT)}" stroke="#b3261e" stroke-width="2" stroke-dasharray="8 5"/>
${text(left + 4, y(LIMIT) - 6, `limit: ${LIMIT}`, 'fill="#b3261e"')}
${text(left, 385, 'Made-up figures. Drawn for quota-aware-api; use it as you like.', 'font-size="12" fill="#555"')}
</svg>
`);
