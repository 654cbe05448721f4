// Options that differ in name alone: Gemini's `generationConfig`, and OpenAI's.
export const NUMBERS = [
  ['temperature', 'temperature'], ['topP', 'top_p'], ['seed', 'seed'], ['presencePenalty', 'presence_penalty'], ['frequencyPenalty', 'frequency_penalty'],
];

/** How the most output is called there. OpenAI's newer models refuse the old name, many compatible servers the new one. */
export function mostOutputName(provider) {
  return provider === 'openai' || provider === 'groq' ? 'max_completion_tokens' : 'max_tokens';
}
