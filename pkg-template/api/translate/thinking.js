// How much a model shall think. Gemini 2.5 counts tokens, later ones have levels, OpenAI's effort is a level too.
// Numbers: https://ai.google.dev/gemini-api/docs/openai#thinking

/** The `reasoning_effort` for a `thinkingConfig`. Many models refuse the field itself: one that asks for little thinking
 *  stays behind unless the target is known to think. `includeThoughts` is the answer's affair. */
export function effortOf(config, path, losses, reasons) {
  const { thinkingLevel, thinkingBudget } = config;
  const level = thinkingLevel === undefined ? undefined : String(thinkingLevel).toLowerCase();
  const budget = losses.number(thinkingBudget, `${path}.thinkingBudget`);
  if (level === undefined && (budget === undefined || budget < 0)) return undefined;
  if (level === 'thinking_level_unspecified') return undefined;
  const at = `${path}.${level === undefined ? 'thinkingBudget' : 'thinkingLevel'}`;
  if (level !== undefined && !LEVELS.includes(level)) {
    losses.lose(at, 'expected one of the levels of Gemini');
    return undefined;
  }
  const effort = level ?? (budget <= LOW ? 'low' : budget <= MEDIUM ? 'medium' : 'high');
  const little = effort === 'low' || effort === 'minimal';
  // `minimal` is refused by most that know `low`.
  if (reasons === true) return little ? 'low' : effort;
  if (little) losses.leave(at, 'it asks for little thinking, and the model may not think at all');
  else if (reasons === false) losses.lose(at, 'the model does not think');
  else return effort;
  return undefined;
}

/** The `thinkingConfig` for an effort, at this model of Gemini's. */
export function thinkingOf(effort, model, losses) {
  const level = effort === 'none' ? 0 : effort === 'xhigh' || effort === 'max' ? 3 : LEVELS.indexOf(effort);
  if (level < 0) {
    losses.lose('reasoning_effort', 'expected none, minimal, low, medium or high');
    return undefined;
  }
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
