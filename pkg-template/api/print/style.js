// Plain, for scripts and files; or with colours and blocks, for people.

/** ASCII alone, nothing cut and no heads: what a `grep` likes. `edges`: how many of the bar's four marks are around it. */
export const PLAIN = {
  heads: false, bar: ['[', '#', '.', ']'], edges: 2, quiet: same, poor: same, bad: same,
  health: () => same, share: () => same,
};

export const coloured = {
  heads: true, bar: ['', '█', '░', ''], edges: 0, quiet: paint(2), poor: paint(33), bad: paint(31),
  health: (health) => HEALTH[health] ?? paint(33),
  share: (share) => (share > 0.5 ? paint(32) : share > 0.2 ? paint(33) : paint(31)),
};

const HEALTH = { available: paint(32), probing: paint(36), invalid: paint(31), disabled: paint(31), 'quota-exhausted': paint(31) };

/** Whether what is printed is looked at by people whose terminal has colours. `FORCE_COLOR` and `NO_COLOR` (no-color.org) have the
 *  last word, the former before the latter, as in Node. @param process the host's; undefined in pages */
export function isTerminal(process) {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: term } = environment(process);
  if (force !== undefined) return !['0', 'false'].includes(force);
  return none ? false : process?.stdout?.isTTY === true && term !== 'dumb';
}

/** Deno asks for a permission that a table is not worth. */
function environment(process) {
  try {
    const { FORCE_COLOR, NO_COLOR, TERM } = process.env;
    return { FORCE_COLOR, NO_COLOR, TERM };
  } catch {
    return {};
  }
}

function paint(code) {
  return (text) => (text === '' ? '' : `\u001b[${code}m${text}\u001b[0m`);
}

function same(text) {
  return text;
}
