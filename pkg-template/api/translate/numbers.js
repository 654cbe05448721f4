// Options that differ in name alone: Gemini's `generationConfig`, and OpenAI's.
export const NUMBERS = [
  ['temperature', 'temperature'], ['topP', 'top_p'], ['seed', 'seed'], ['presencePenalty', 'presence_penalty'], ['frequencyPenalty', 'frequency_penalty'],
  ['candidateCount', 'n'],
];

/** @param {0 | 1} from in which place the names are that are read: Gemini's stand first */
export function numbersOf(given, from) {
  const numbers = NUMBERS.map((pair) => [pair[1 - from], given.number(pair[from])]);
  return Object.fromEntries(numbers.filter(([name, value]) => value !== 1 || !ONE.has(name)));
}

/** One answer is what comes anyway. */
const ONE = new Set(['n', 'candidateCount']);

/** OpenAI itself, and who does all that it does. Servers that only look like it may refuse what is newer or rarer. */
export function isThorough(provider) {
  return provider === 'openai' || provider === 'groq';
}

/** How the most output is called there. OpenAI's newer models refuse the old name, many compatible servers the new one. */
export function mostOutputName(provider) {
  return isThorough(provider) ? 'max_completion_tokens' : 'max_tokens';
}
