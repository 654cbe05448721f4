// Real token counts, from responses that the caller reads anyway.
import { listen } from './listen.js';
import { spoken } from './records/estimate.js';

/** Tells what a JSON response has used, once its caller has read it. `note`: who else wants to know that it was read. */
export function watchUsage(response, tell, note) {
  if (!response.ok) return;
  const heard = listen(response, (document) => {
    const usage = usageOf(document);
    if (usage !== undefined) tell(usage, resolvedModel(document));
    else note?.over(spoken(document));
  }, note && (() => note.over()));
  if (!heard) note?.over();
}

/** Tokens of a response, in whichever dialect: `{ input, output, cached, thoughts }`. What a cache of the provider's has read
 *  is part of the input, thoughts are part of the output. */
export function usageOf(document) {
  const google = document?.usageMetadata;
  if (google) {
    const thoughts = number(google.thoughtsTokenCount);
    // Thoughts are billed as output, and counted apart from it; what is cached is counted in the prompt.
    return counts(google.promptTokenCount, number(google.candidatesTokenCount) + thoughts, google.cachedContentTokenCount, thoughts);
  }
  const usage = document?.usage;
  if (!usage) return undefined;
  const { prompt_tokens_details: chat, input_tokens_details: responses, completion_tokens_details: said, output_tokens_details: answered } = usage;
  const thoughts = (said ?? answered)?.reasoning_tokens;
  const read = usage.cache_read_input_tokens;
  if (read === undefined && usage.cache_creation_input_tokens === undefined) {
    return counts(usage.prompt_tokens ?? usage.input_tokens, usage.completion_tokens ?? usage.output_tokens, (chat ?? responses)?.cached_tokens, thoughts);
  }
  // Anthropic counts what its cache reads, and what it is given to keep, beside the input.
  return counts(number(usage.input_tokens) + number(read) + number(usage.cache_creation_input_tokens), usage.output_tokens, read, thoughts);
}

/** What is known of a stream's tokens, with what one more of its documents says. Gemini's counts grow with every document,
 *  Anthropic's come in two halves, and none has been seen to shrink. */
export function together(before, { input, output, cached, thoughts }) {
  if (before === undefined || before === null) return { input, output, cached, thoughts };
  return {
    input: Math.max(before.input, input), output: Math.max(before.output, output),
    cached: Math.max(before.cached, cached), thoughts: Math.max(before.thoughts, thoughts),
  };
}

/** The model that answered, where Gemini says so: names that mean one model share its quota. */
function resolvedModel({ modelVersion }) {
  return typeof modelVersion === 'string' && modelVersion.length > 0 && modelVersion.length <= 200 ? modelVersion : undefined;
}

function counts(input, output, cached, thoughts) {
  return { input: number(input), output: number(output), cached: number(cached), thoughts: number(thoughts) };
}

function number(value) {
  return Number.isFinite(value) && value > 0 ? value : 0;
}
