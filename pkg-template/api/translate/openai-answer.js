// A chat completion, whole or in chunks, as `GenerateContentResponse`.
//
// What has no counterpart in Gemini's dialect is left out and named in `left`: log probabilities, annotations, sound,
// pictures, and thoughts that were not asked for. A refusal is said as text, as Gemini says its own.
import { argumentsOf } from './calls.js';
import { below, filled, isRecord, plain } from './records.js';

export class OpenAIAnswers {
  #thoughts;
  #losses;
  /** Of a stream, by index of the choice: calls that are not complete, by their index, and how it ended. */
  #choices = new Map();
  #head = {};
  #usage;
  #done = false;

  constructor({ thoughts, losses }) {
    this.#thoughts = thoughts;
    this.#losses = losses;
  }

  /** `undefined` where it is no completion. */
  whole(document) {
    if (!Array.isArray(document.choices)) return undefined;
    const candidates = document.choices.filter(isRecord).map((choice, at) => {
      this.#leave(choice, `choices[${at}]`, 'logprobs');
      const message = isRecord(choice.message) ? choice.message : {};
      const calls = callsOf(message).map(callOf);
      const parts = [...this.#said(message, `choices[${at}].message`), ...calls.filter(Boolean)];
      return candidate(parts, choice.index ?? at, finishOf(choice.finish_reason), calls.includes(undefined));
    });
    return plain({ candidates, usageMetadata: usageOf(document.usage), ...headOf(document) });
  }

  /** @returns the documents that can be sent on now */
  chunk(document) {
    this.#head = { ...this.#head, ...headOf(document) };
    // Groq tells of tokens in a place of its own too.
    this.#usage = usageOf(document.usage ?? document.x_groq?.usage) ?? this.#usage;
    const choices = Array.isArray(document.choices) ? document.choices.filter(isRecord) : [];
    const candidates = choices.flatMap((choice) => {
      const state = this.#stateOf(choice.index ?? 0);
      this.#leave(choice, 'choices[]', 'logprobs');
      // Some servers answer whole where a stream was asked for.
      const delta = isRecord(choice.delta) ? choice.delta : isRecord(choice.message) ? choice.message : {};
      const parts = this.#said(delta, 'choices[].delta');
      for (const call of callsOf(delta)) parts.push(...state.add(call));
      state.finish = finishOf(choice.finish_reason) ?? state.finish;
      return parts.length > 0 ? [candidate(parts, choice.index ?? 0)] : [];
    });
    return candidates.length > 0 ? [this.#document({ candidates })] : [];
  }

  /** The server has said that this was all. */
  done() {
    this.#done = true;
  }

  /** Calls that were still growing, how each choice ended, and the tokens: as Gemini's last chunk has them. A stream that
   *  was cut off has no end here either, and no call that may lack a half. */
  end() {
    const candidates = [...this.#choices].flatMap(([index, { calls, finish }]) => {
      const ended = finish ?? (this.#done ? 'STOP' : undefined);
      if (ended === undefined) return [];
      const made = [...calls.values()].filter(({ given }) => !given).map(callOf);
      return [candidate(made.filter(Boolean), index, ended, made.includes(undefined))];
    });
    if (candidates.length === 0 && this.#usage === undefined) return [];
    return [this.#document(plain({ candidates: filled(candidates), usageMetadata: this.#usage }))];
  }

  #document(body) {
    return { ...body, ...this.#head };
  }

  #stateOf(index) {
    if (!this.#choices.has(index)) this.#choices.set(index, new Choice());
    return this.#choices.get(index);
  }

  #said(message, path) {
    this.#leave(message, path, 'annotations', 'audio', 'images');
    const thought = [message.reasoning_content, message.reasoning].find((text) => typeof text === 'string' && text !== '') ?? textOf(message.content, 'thinking');
    if (thought !== '' && !this.#thoughts) this.#losses.leave(`response.${path}.reasoning`, 'thoughts were not asked for');
    const parts = thought !== '' && this.#thoughts ? [{ text: thought, thought: true }] : [];
    for (const text of [textOf(message.content, 'text'), message.refusal]) if (typeof text === 'string' && text !== '') parts.push({ text });
    return parts;
  }

  #leave(object, path, ...names) {
    for (const name of names) {
      const value = object[name];
      if (value !== undefined && value !== null && value.length !== 0) this.#losses.leave(`response.${below(path, name)}`, 'it has no counterpart');
    }
  }
}

/** One choice of a stream. Gemini has no half of a call: each is kept until it is whole. */
class Choice {
  calls = new Map();
  finish;
  #last;

  /** @returns parts for calls that are known to be whole, because the next one has begun */
  add({ index, id, function: own }) {
    const told = index ?? this.#last ?? 0;
    const known = this.calls.get(told);
    // Some servers number all calls 0, or not at all: another id, or a name that comes again, is another call.
    const another = known !== undefined && ((id && known.id && id !== known.id) || (id === undefined && index === undefined && own?.name && known.name));
    const key = another ? Symbol('another') : told;
    const before = this.#last === key ? undefined : this.calls.get(this.#last);
    const call = this.calls.get(key) ?? { id: undefined, name: undefined, text: '', given: false };
    this.calls.set(key, call);
    this.#last = key;
    call.id ??= id || undefined;
    call.name ??= own?.name || undefined;
    if (typeof own?.arguments === 'string') call.text += own.arguments;
    else if (isRecord(own?.arguments)) call.text = JSON.stringify(own.arguments);
    // Only what can't grow any more: pieces of two calls may come in turns.
    if (before === undefined || before.given || before.text === '') return [];
    const part = callOf(before);
    before.given = part !== undefined;
    return before.given ? [part] : [];
  }
}

/** Tool calls as they came, and the single one of old. */
function callsOf({ tool_calls: calls, function_call: old }) {
  if (Array.isArray(calls) && calls.length > 0) return calls.filter(isRecord);
  return isRecord(old) ? [{ function: old }] : [];
}

/** @returns a part, or `undefined` where the arguments are no JSON */
function callOf({ id, name, text, function: own }) {
  const args = argumentsOf(own === undefined ? text : own?.arguments);
  return args && { functionCall: plain({ id: id || undefined, name: name ?? own?.name, args }) };
}

function candidate(parts, index, finishReason, broken = false) {
  const content = { parts: parts.length > 0 ? parts : [{ text: '' }], role: 'model' };
  // Gemini's own word for it.
  if (broken) return { content, finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage: 'The arguments of a function call are no JSON.', index };
  return plain({ content, finishReason, index });
}

/** @param {'text' | 'thinking'} type of which parts, where it is a list: Mistral's has thoughts among them */
function textOf(content, type) {
  if (typeof content === 'string') return type === 'text' ? content : '';
  if (!Array.isArray(content)) return '';
  return content.filter((part) => part?.type === type).map((part) => (Array.isArray(part[type]) ? textOf(part[type], 'text') : part[type])).join('');
}

function finishOf(reason) {
  if (reason === undefined || reason === null) return undefined;
  return FINISHES.get(reason) ?? 'OTHER';
}

function headOf({ model, id }) {
  return plain({ modelVersion: typeof model === 'string' ? model : undefined, responseId: typeof id === 'string' ? id : undefined });
}

function usageOf(usage) {
  if (!isRecord(usage)) return undefined;
  const { prompt_tokens: input = 0, completion_tokens: output = 0, total_tokens: total = input + output } = usage;
  const thoughts = usage.completion_tokens_details?.reasoning_tokens || undefined;
  const cached = usage.prompt_tokens_details?.cached_tokens || undefined;
  // OpenAI counts thoughts as output too; some others do not.
  const text = thoughts <= output ? output - thoughts : output;
  return plain({ promptTokenCount: input, cachedContentTokenCount: cached, candidatesTokenCount: text, thoughtsTokenCount: thoughts, totalTokenCount: total });
}

const FINISHES = new Map([['stop', 'STOP'], ['length', 'MAX_TOKENS'], ['content_filter', 'SAFETY'], ['tool_calls', 'STOP'], ['function_call', 'STOP']]);
