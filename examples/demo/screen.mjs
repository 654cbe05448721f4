// What the demo's lines look like: coloured and moving on a terminal, plain and one after the other anywhere else.
const { stdout, env } = process;
const moving = stdout.isTTY === true;
const coloured = moving && (env.NO_COLOR ?? '') === '';

const paint = (code) => (text) => (coloured ? `\x1b[${code}m${text}\x1b[0m` : String(text));
export const bold = paint(1);
export const dim = paint(2);
export const red = paint(31);
export const green = paint(32);
export const yellow = paint(33);
export const cyan = paint(36);

export function say(line = '') {
  stdout.write(line === '' ? '\n' : `  ${line}\n`);
}

/** Text of somebody else's, wrapped and set apart. Continued lines are indented by `hang`. */
export function quote(text, hang) {
  const room = Math.min(stdout.columns ?? 100, 100) - 6;
  for (const line of text.split('\n')) {
    let row = '';
    for (const word of line.split(/(?<= )(?=\S)/)) {
      if (row.trim() !== '' && row.length + word.trimEnd().length > room) {
        say(`${dim('│')} ${row.trimEnd()}`);
        row = ' '.repeat(hang);
      }
      row += word;
    }
    say(`${dim('│')} ${row.trimEnd()}`.trimEnd());
  }
}

export function heading(number, title, aside = '') {
  stdout.write(`\n${bold(`${number}  ${title}`)}${aside === '' ? '' : `   ${dim(aside)}`}\n\n`);
}

let failed = 0;

/** Says whether what was promised has happened. */
export function check(promise, kept) {
  if (!kept) failed += 1;
  say(kept ? `${green('✓')} ${promise}` : red(`✗ not kept: ${promise}`));
}

export function failures() {
  return failed;
}

/** A moment to read, for people only. */
export function pause(ms) {
  return moving ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined;
}

/**
 * Shows what changes until the returned function is called: `picture()` redrawn in place on a terminal, `news()` as
 * new lines once a second elsewhere.
 *
 * @param {{ picture: () => string[], news: () => string[] }} show @returns {() => void}
 */
export function watch({ picture, news }) {
  if (!moving) {
    const timer = setInterval(() => news().forEach(say), 1000);
    return () => {
      clearInterval(timer);
      say();
    };
  }
  let drawn = 0;
  const draw = () => {
    const lines = picture().map((line) => `\x1b[2K${fit(line === '' ? '' : `  ${line}`)}\n`);
    stdout.write((drawn > 0 ? `\x1b[${drawn}A` : '') + lines.join(''));
    drawn = lines.length;
  };
  draw();
  const timer = setInterval(draw, 80);
  return () => {
    clearInterval(timer);
    draw();
  };
}

/** Lines that wrap would break the redrawing: too long ones are cut, and lose their colours. */
function fit(line) {
  const plain = line.replaceAll(/\x1b\[\d+m/g, '');
  const room = stdout.columns ?? 80;
  return plain.length < room ? line : plain.slice(0, room - 1);
}
