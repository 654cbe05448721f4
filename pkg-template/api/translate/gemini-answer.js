// A `GenerateContentResponse`, whole or in chunks, as a chat completion.
//
// What has no counterpart in OpenAI's dialect is left out and named in `left`: thoughts, media, code that Google has run,
// sources, ratings. A prompt that was blocked is a refusal.
import { below, filled, isRecord, plain } from './records.js';

export class GeminiAnswers {
  #losses;
  #model;
  #created;
  #usageWanted;
  /** How many calls the conversation has told of: ids that we make up are new in it. */
  #calls;
  #head = {};
  #usage;
  /** Of a stream, by index of the candidate: how many calls it has made, and whether it has ended. */
  #choices = new Map();

  constructor({ losses, model, created, usage, calls }) {
    this.#losses = losses;
    this.#model = model;
    this.#created = created;
    this.#usageWanted = usage;
    this.#calls = calls;
  }

  /** `undefined` where it is no answer of Gemini's. */
  whole(document) {
    this.#hear(document);
    const choices = candidatesOf(document).map((candidate, at) => {
      const index = candidate.index ?? at;
      const { content, calls } = this.#said(candidate, `candidates[${at}]`);
      const said = content === '' && calls.length > 0 ? null : content;
      const message = plain({ role: 'assistant', content: said, refusal: null, tool_calls: filled(calls) });
      return choice(index, { message }, finishOf(candidate.finishReason, calls.length > 0) ?? 'stop');
    });
    const blocked = choices.length === 0 ? blockOf(document) : undefined;
    if (blocked !== undefined) choices.push(choice(0, { message: { role: 'assistant', content: null, refusal: blocked } }, 'content_filter'));
    // An answer may be empty, and still tell of tokens.
    if (choices.length === 0 && document.usageMetadata === undefined && document.candidates === undefined) return undefined;
    return plain({ ...this.#document('chat.completion', choices), usage: usageOf(this.#usage) });
  }

  /** @returns the documents that can be sent on now */
  chunk(document) {
    this.#hear(document);
    const out = candidatesOf(document).flatMap((candidate) => this.#deltas(candidate, candidate.index ?? 0));
    const blocked = blockOf(document);
    if (blocked !== undefined && this.#choices.size === 0) {
      this.#choices.set(0, { calls: 0, ended: true });
      out.push(choice(0, { delta: { role: 'assistant', content: null, refusal: blocked } }), choice(0, { delta: {} }, 'content_filter'));
    }
    return out.map((each) => this.#chunk([each]));
  }

  /** Gemini ends by a reason to finish, not by a word of its own. */
  done() {}

  /** Whether all is said; a stream that was cut off is not. */
  get complete() {
    return this.#choices.size > 0 && [...this.#choices.values()].every(({ ended }) => ended);
  }

  end() {
    const usage = this.#usageWanted && this.complete ? usageOf(this.#usage) : undefined;
    return usage === undefined ? [] : [{ ...this.#chunk([]), usage }];
  }

  #deltas(candidate, index) {
    const first = !this.#choices.has(index);
    const state = this.#choices.get(index) ?? { calls: 0, ended: false };
    this.#choices.set(index, state);
    const { content, calls } = this.#said(candidate, 'candidates[]');
    const out = [];
    if (first || content !== '' || calls.length > 0) {
      const numbered = calls.map((call, at) => ({ index: state.calls + at, ...call }));
      state.calls += calls.length;
      out.push(choice(index, { delta: plain({
        role: first ? 'assistant' : undefined,
        content: content !== '' || calls.length === 0 ? content : first ? null : undefined,
        tool_calls: calls.length > 0 ? numbered : undefined,
      }) }));
    }
    const finish = finishOf(candidate.finishReason, state.calls > 0);
    if (finish !== undefined && !state.ended) {
      state.ended = true;
      out.push(choice(index, { delta: {} }, finish));
    }
    return out;
  }

  #said(candidate, path) {
    this.#leave(candidate, path, 'citationMetadata', 'groundingMetadata', 'urlContextMetadata', 'safetyRatings', 'logprobsResult', 'finishMessage');
    let content = '';
    const calls = [];
    const parts = Array.isArray(candidate.content?.parts) ? candidate.content.parts.filter(isRecord) : [];
    for (const part of parts) {
      if (part.thought === true) this.#losses.leave(`response.${path}.content.parts[].thought`, 'thoughts have no place in it');
      else if (typeof part.text === 'string') content += part.text;
      if (isRecord(part.functionCall)) calls.push(this.#callOf(part.functionCall));
      this.#leave(part, `${path}.content.parts[]`, 'inlineData', 'fileData', 'executableCode', 'codeExecutionResult', 'thoughtSignature');
    }
    return { content, calls };
  }

  #callOf({ id, name, args }) {
    this.#calls += 1;
    return { id: typeof id === 'string' && id !== '' ? id : `call_${this.#calls}`, type: 'function', function: { name, arguments: JSON.stringify(args ?? {}) } };
  }

  #hear({ responseId, modelVersion, usageMetadata }) {
    if (typeof responseId === 'string') this.#head.id ??= responseId;
    if (typeof modelVersion === 'string') this.#head.model = modelVersion;
    // In a stream each is the sum so far.
    if (isRecord(usageMetadata)) this.#usage = usageMetadata;
  }

  #document(object, choices) {
    return { id: this.#head.id ?? `chatcmpl-${this.#created}`, object, created: this.#created, model: this.#head.model ?? this.#model, choices };
  }

  #chunk(choices) {
    // Who asks for a count finds the field in every chunk, and the value in the last.
    return { ...this.#document('chat.completion.chunk', choices), ...(this.#usageWanted && { usage: null }) };
  }

  #leave(object, path, ...names) {
    for (const name of names) if (object[name] !== undefined && object[name] !== null) this.#losses.leave(`response.${below(path, name)}`, 'it has no counterpart');
  }
}

function candidatesOf({ candidates }) {
  return Array.isArray(candidates) ? candidates.filter(isRecord) : [];
}

function blockOf({ promptFeedback }) {
  return promptFeedback?.blockReason ? `The prompt was blocked (${promptFeedback.blockReason}).` : undefined;
}

function choice(index, said, finish = null) {
  return { index, ...said, logprobs: null, finish_reason: finish };
}

/** All that is neither the end nor too long is an answer that was held back or went wrong, and looks like one. */
function finishOf(reason, called) {
  if (typeof reason !== 'string' || reason === 'FINISH_REASON_UNSPECIFIED') return undefined;
  if (reason === 'STOP') return called ? 'tool_calls' : 'stop';
  return reason === 'MAX_TOKENS' ? 'length' : 'content_filter';
}

function usageOf(usage) {
  if (!isRecord(usage)) return undefined;
  const thoughts = usage.thoughtsTokenCount ?? 0;
  const input = (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0);
  const output = (usage.candidatesTokenCount ?? 0) + thoughts;
  return {
    prompt_tokens: input, completion_tokens: output, total_tokens: usage.totalTokenCount ?? input + output,
    ...(usage.cachedContentTokenCount > 0 && { prompt_tokens_details: { cached_tokens: usage.cachedContentTokenCount } }),
    ...(thoughts > 0 && { completion_tokens_details: { reasoning_tokens: thoughts } }),
  };
}
