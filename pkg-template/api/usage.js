// Real token counts, from responses that the caller reads anyway.
import { listen } from './listen.js';

/** Tells what a JSON response has used, once its caller has read it. */
export function watchUsage(response, tell) {
  if (!response.ok) return;
  listen(response, (document) => {
    const usage = usageOf(document);
    if (usage !== undefined) tell(usage.input, usage.output, resolvedModel(document));
  });
}

/** Input and output tokens of a response, in whichever dialect. */
export function usageOf(document) {
  const google = document?.usageMetadata;
  if (google) {
    // Thoughts are billed as output.
    return counts(google.promptTokenCount, (google.candidatesTokenCount ?? 0) + (google.thoughtsTokenCount ?? 0));
  }
  const usage = document?.usage;
  if (usage) return counts(usage.prompt_tokens ?? usage.input_tokens, usage.completion_tokens ?? usage.output_tokens);
  return undefined;
}

/** The model that answered, where Gemini says so: names that mean one model share its quota. */
function resolvedModel({ modelVersion }) {
  return typeof modelVersion === 'string' && modelVersion.length > 0 && modelVersion.length <= 200 ? modelVersion : undefined;
}

function counts(input, output) {
  const number = (value) => (Number.isFinite(value) ? value : 0);
  return { input: number(input), output: number(output) };
}
