// A chat completion request as a `generateContent` request.
import { Calls, argumentsOf, resultOfText } from './calls.js';
import { isRecord, names, plain } from './losses.js';
import { inlineData } from './media.js';
import { NUMBERS } from './numbers.js';
import { thinkingOf } from './thinking.js';

/** @returns `{ body, stream, usage, calls }`: the request, whether its answer is to be a stream that ends with a count of
 *  tokens, how many calls it tells of */
export function fromOpenAI(request, losses, { model }) {
  const given = losses.fields(request, '', REQUEST, {}, IDLE);
  const calls = new Calls();
  const contents = [];
  const instructions = [];
  losses.list(given.messages, 'messages').forEach((message, at) => {
    const path = `messages[${at}]`;
    if (message?.role === 'system' || message?.role === 'developer') {
      // Gemini has one place for them, before all others: there a later one would mean something else.
      if (contents.length > 0) losses.lose(path, 'Gemini takes instructions only before the first message');
      else instructions.push(...instruction(message, path, losses));
    } else {
      add(contents, contentOf(message, path, losses, calls, model));
    }
  });
  if (contents.length === 0) losses.lose('messages', 'expected at least one of a user');
  const { include_usage: usage } = losses.fields(given.stream_options, 'stream_options', names('include_usage'), {}, { include_obfuscation: 'it changes no answer' });
  for (const [name, usual] of USUAL) if (given[name] !== undefined && !usual.has(String(given[name]))) losses.lose(name);
  const body = plain({
    contents,
    systemInstruction: instructions.length > 0 ? { parts: instructions } : undefined,
    generationConfig: configOf(given, losses, model),
    ...toolsOf(given, losses),
  });
  return { body, stream: given.stream === true, usage: usage === true, calls: calls.count };
}

// ---------------------------------------------------------------- what is said

function instruction(message, path, losses) {
  const { content } = losses.fields(message, path, names('role content'));
  return partsOf(content, path, losses, false);
}

function contentOf(message, path, losses, calls, model) {
  const role = message?.role;
  if (role === 'assistant') return { role: 'model', parts: answered(message, path, losses, calls, model) };
  if (role === 'tool') return { role: 'user', parts: [resultOf(message, path, losses, calls)] };
  if (role !== 'user') losses.lose(`${path}.role`, 'expected system, developer, user, assistant or tool');
  const { content } = losses.fields(message, path, names('role content'));
  return { role: 'user', parts: orNothing(partsOf(content, path, losses, true)) };
}

/** Results of calls that were made together belong together. */
function add(contents, content) {
  const last = contents.at(-1);
  const isResult = ({ parts }) => parts[0]?.functionResponse !== undefined;
  if (last !== undefined && isResult(last) && isResult(content)) last.parts.push(...content.parts);
  else contents.push(content);
}

/** @param {boolean} media whether other things than text may be in it */
function partsOf(content, path, losses, media) {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return [{ text: content }];
  return losses.list(content, `${path}.content`).flatMap((part, at) => {
    const here = `${path}.content[${at}]`;
    const found = losses.fields(part, here, PART, {}, CACHE);
    if (found.type === 'text' || found.type === 'refusal') return { text: losses.text(found[found.type], `${here}.${found.type}`) ?? '' };
    if (!media || !MEDIA.has(found.type)) {
      losses.lose(here, media ? 'expected text, a picture, sound or a document' : 'only text can go here');
      return [];
    }
    const data = inlineData(found, here, losses);
    return data === undefined ? [] : { inlineData: data };
  });
}

function answered(message, path, losses, calls, model) {
  const { content, refusal, tool_calls: made } = losses.fields(message, path, ASSISTANT, {}, ITS_OWN);
  const parts = partsOf(content, path, losses, false);
  if (losses.text(refusal, `${path}.refusal`) !== undefined) parts.push({ text: refusal });
  const called = losses.list(made, `${path}.tool_calls`).map((call, at) => callOf(call, `${path}.tool_calls[${at}]`, losses, calls));
  // Gemini 3 refuses a call of its own whose signature is missing. For calls of another model Google has named this word:
  // https://ai.google.dev/gemini-api/docs/thought-signatures
  if (called.length > 0 && !called.some((part) => part.thoughtSignature) && !/gemini-[12]\./.test(model)) called[0].thoughtSignature = 'skip_thought_signature_validator';
  return orNothing(called.length > 0 ? [...parts.filter(({ text }) => text !== ''), ...called] : parts);
}

function callOf(call, path, losses, calls) {
  const { id, type = 'function', function: own, extra_content: extra } = losses.fields(call, path, CALL, {}, { index: 'the order tells' });
  if (type !== 'function') losses.lose(`${path}.type`, 'Gemini calls functions only');
  const { name, arguments: text } = losses.fields(own, `${path}.function`, FUNCTION);
  const args = argumentsOf(text);
  if (args === undefined) losses.lose(`${path}.function.arguments`, 'expected an object in JSON');
  const known = calls.made(losses.text(id, `${path}.id`), losses.text(name, `${path}.function.name`));
  // So Google's own endpoint in OpenAI's dialect gives them.
  const signature = extra?.google?.thought_signature;
  return { functionCall: plain({ id: known, name, args }), ...(typeof signature === 'string' && { thoughtSignature: signature }) };
}

function resultOf(message, path, losses, calls) {
  const { tool_call_id: id, content } = losses.fields(message, path, TOOL_MESSAGE);
  const call = calls.answered(losses.text(id, `${path}.tool_call_id`) ?? '');
  if (call === undefined) losses.lose(path, 'it answers no call before it');
  const text = partsOf(content, path, losses, false).map((part) => part.text).join('');
  return { functionResponse: { id, name: call?.name, response: resultOfText(text) } };
}

function orNothing(parts) {
  return parts.length > 0 ? parts : [{ text: '' }];
}

// ---------------------------------------------------------------- how it is to be answered

function configOf(given, losses, model) {
  const config = {};
  for (const [there, here] of NUMBERS) config[there] = losses.number(given[here], here);
  config.maxOutputTokens = losses.number(given.max_completion_tokens, 'max_completion_tokens') ?? losses.number(given.max_tokens, 'max_tokens');
  const count = losses.number(given.n, 'n');
  if (count !== 1) config.candidateCount = count;
  if (given.stop !== undefined) config.stopSequences = typeof given.stop === 'string' ? [given.stop] : losses.list(given.stop, 'stop');
  if (given.reasoning_effort !== undefined) config.thinkingConfig = thinkingOf(given.reasoning_effort, model, losses);
  Object.assign(config, formatOf(given.response_format, losses), resolutionOf(given.messages, losses));
  const said = plain(config);
  return Object.keys(said).length > 0 ? said : undefined;
}

function formatOf(format, losses) {
  const { type = 'text', json_schema: wanted } = losses.fields(format, 'response_format', names('type json_schema'));
  if (type === 'text') return {};
  if (type !== 'json_object' && type !== 'json_schema') losses.lose('response_format.type', 'expected text, json_object or json_schema');
  if (type !== 'json_schema') return { responseMimeType: JSON_TYPE };
  const { schema, description } = losses.fields(wanted, 'response_format.json_schema', FORMAT, {}, { name: 'Gemini has no names for it' });
  if (!isRecord(schema)) losses.lose('response_format.json_schema.schema', 'expected an object');
  return { responseMimeType: JSON_TYPE, responseJsonSchema: description === undefined ? schema : { description, ...schema } };
}

/** OpenAI says for each picture what Gemini says for all. */
function resolutionOf(messages, losses) {
  const details = new Set();
  for (const message of Array.isArray(messages) ? messages : []) {
    for (const part of Array.isArray(message?.content) ? message.content : []) if (part?.type === 'image_url') details.add(part.image_url?.detail ?? 'auto');
  }
  const [detail = 'auto'] = details;
  if (details.size > 1 || !RESOLUTIONS.has(detail)) losses.lose('messages.content.image_url.detail', 'Gemini takes low, high or auto, one for all pictures');
  return { mediaResolution: RESOLUTIONS.get(detail) };
}

// ---------------------------------------------------------------- tools

function toolsOf({ tools, tool_choice: choice, parallel_tool_calls: parallel }, losses) {
  if (parallel === false) losses.lose('parallel_tool_calls', 'Gemini may always call several at once');
  let strict = false;
  const declared = losses.list(tools, 'tools').map((tool, at) => {
    const path = `tools[${at}]`;
    const { type, function: own } = losses.fields(tool, path, names('type function'));
    if (type !== 'function') losses.lose(path, 'Gemini takes functions only');
    const { name, description, parameters, strict: enforced } = losses.fields(own, `${path}.function`, DECLARATION);
    if (enforced === true) strict = true;
    return plain({ name: losses.text(name, `${path}.function.name`), description, parametersJsonSchema: parameters });
  });
  const callingConfig = callingOf(choice, losses) ?? (strict ? { mode: 'VALIDATED' } : undefined);
  if (declared.length === 0) return {};
  return plain({ tools: [{ functionDeclarations: declared }], toolConfig: callingConfig && { functionCallingConfig: callingConfig } });
}

function callingOf(choice, losses) {
  if (choice === undefined || choice === 'auto') return undefined;
  if (choice === 'none' || choice === 'required') return { mode: choice === 'none' ? 'NONE' : 'ANY' };
  const one = choice?.function?.name;
  if (choice?.type === 'function' && typeof one === 'string') return { mode: 'ANY', allowedFunctionNames: [one] };
  const { mode, tools } = choice?.allowed_tools ?? {};
  const several = Array.isArray(tools) ? tools.map((tool) => tool?.function?.name) : [];
  // In this mode a list of names is allowed, and the model may still speak.
  if (several.length > 0 && !several.includes(undefined)) return { mode: mode === 'required' ? 'ANY' : 'VALIDATED', allowedFunctionNames: several };
  losses.lose('tool_choice', 'expected none, auto, required, a function or allowed functions');
  return undefined;
}

const REQUEST = names(`messages stream stream_options max_tokens max_completion_tokens n stop response_format tools tool_choice parallel_tool_calls reasoning_effort logprobs top_logprobs logit_bias modalities service_tier store verbosity ${NUMBERS.map(([, name]) => name).join(' ')}`);
/** Values that ask for nothing in particular. */
const USUAL = [
  ['logprobs', names('false')], ['top_logprobs', names('0')], ['logit_bias', new Set()], ['modalities', names('text')],
  ['service_tier', names('auto default')], ['store', names('false')], ['verbosity', names('medium')],
];
const CACHING = 'it says only how the provider keeps what it has read';
const CACHE = { prompt_cache_breakpoint: CACHING };
const WHO = 'it says who asks, and changes no answer';
const IDLE = {
  model: 'another model takes its place', user: WHO, safety_identifier: WHO, metadata: WHO, prediction: 'it makes an answer faster, and changes none',
  prompt_cache_key: CACHING, prompt_cache_retention: CACHING, prompt_cache_options: CACHING,
};
const PART = names('type text refusal image_url input_audio file');
const MEDIA = names('image_url input_audio file');
const ASSISTANT = names('role content refusal tool_calls');
const THOUGHT = 'it means something to the model alone that had the thought';
const ITS_OWN = { annotations: 'what was said goes without its sources', reasoning: THOUGHT, reasoning_content: THOUGHT, reasoning_details: THOUGHT };
const CALL = names('id type function extra_content');
const FUNCTION = names('name arguments');
const TOOL_MESSAGE = names('role content tool_call_id');
const FORMAT = names('schema description strict');
const JSON_TYPE = 'application/json';
const RESOLUTIONS = new Map([['auto', undefined], ['low', 'MEDIA_RESOLUTION_LOW'], ['high', 'MEDIA_RESOLUTION_HIGH']]);
const DECLARATION = names('name description parameters strict');
