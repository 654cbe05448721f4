// How much a model shall think. Gemini 2.5 counts tokens, later ones have levels, OpenAI's effort is a level too.
// Numbers: https://ai.google.dev/gemini-api/docs/openai#thinking

/** The `reasoning_effort` for a `thinkingConfig`. Many models refuse the field itself: one that asks for little thinking
 *  stays behind unless the target is known to think. `includeThoughts` is the answer's affair. */
export function effortOf(config, reasons) {
  const budget = config.number('thinkingBudget');
  const level = config.of.thinkingLevel;
  if (level === undefined ? !(budget >= 0) : level === 'THINKING_LEVEL_UNSPECIFIED') return undefined;
  const name = level === undefined ? 'thinkingBudget' : 'thinkingLevel';
  const effort = level === undefined ? LEVELS[budget <= LOW ? 1 : budget <= MEDIUM ? 2 : 3] : String(level).toLowerCase();
  const at = LEVELS.indexOf(effort);
  if (at < 0) return config.lose(name, 'expected a level of Gemini\'s');
  // `minimal` is refused by most that know `low`.
  if (reasons === true) return LEVELS[Math.max(at, 1)];
  if (at <= 1) return config.leave(name, 'it asks for little thinking, and the model may not think at all');
  return reasons === false ? config.lose(name, 'the model does not think') : effort;
}

/** The `thinkingConfig` for an effort, at this model of Gemini's. */
export function thinkingOf(given, model) {
  const effort = given.of.reasoning_effort;
  if (effort === undefined) return undefined;
  const level = effort === 'none' ? 0 : effort === 'xhigh' || effort === 'max' ? 3 : LEVELS.indexOf(effort);
  if (level < 0) return given.lose('reasoning_effort', 'expected none, minimal, low, medium or high');
  const pro = /-pro/.test(model);
  if (!/gemini-2\.5/.test(model)) return { thinkingLevel: LEVELS[pro ? Math.max(level, 1) : level].toUpperCase() };
  // 2.5 Pro can't do without.
  return { thinkingBudget: effort === 'none' ? (pro ? LEAST_OF_PRO : 0) : [LOW, LOW, MEDIUM, HIGH][level] };
}

const LEVELS = ['minimal', 'low', 'medium', 'high'];
const LOW = 1024;
const MEDIUM = 8192;
const HIGH = 24_576;
const LEAST_OF_PRO = 128;
