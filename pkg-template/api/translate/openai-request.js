// A chat completion request as a `generateContent` request.
import { Calls, argumentsOf, resultOfText } from './calls.js';
import { inlineData } from './media.js';
import { NUMBERS, numbersOf } from './numbers.js';
import { filled, names, plain } from './records.js';
import { thinkingOf } from './thinking.js';

/** @returns `{ body, stream, usage, calls }`: the request, whether its answer is to be a stream that ends with a count of
 *  tokens, how many calls it tells of */
export function fromOpenAI(request, losses, { model }) {
  const given = losses.read(request, '', REQUEST, {}, IDLE);
  const calls = new Calls();
  const contents = [];
  const instructions = [];
  given.each('messages', MESSAGE, (message) => {
    // Gemini has one place for instructions, before all else: there a later one would mean something else.
    if (!INSTRUCTS.has(message.of.role)) add(contents, contentOf(message, calls, model));
    else if (contents.length > 0) message.lose(undefined, 'Gemini takes instructions only before the first message');
    else instructions.push(...partsOf(message, false));
  }, {}, ITS_OWN);
  if (contents.length === 0) given.lose('messages', 'expected at least one of a user');
  for (const [name, usual] of USUAL) if (given.of[name] !== undefined && !usual.has(String(given.of[name]))) given.lose(name);
  const options = given.inside('stream_options', names('include_usage'), {}, { include_obfuscation: 'it changes no answer' });
  const body = plain({
    contents, systemInstruction: instructions.length > 0 ? { parts: instructions } : undefined,
    generationConfig: configOf(given, model), ...toolsOf(given),
  });
  return { body, stream: given.of.stream === true, usage: options.of.include_usage === true, calls: calls.count };
}

// ---------------------------------------------------------------- what is said

function contentOf(message, calls, model) {
  const role = message.only('role', SPEAKERS, 'expected system, developer, user, assistant or tool');
  for (const [name, whose] of [['tool_calls', 'assistant'], ['refusal', 'assistant'], ['tool_call_id', 'tool']]) {
    if (message.of[name] !== undefined && role !== whose) message.lose(name, `only a message of role ${whose} has it`);
  }
  const parts = role === 'tool' ? resultOf(message, calls) : role === 'assistant' ? answered(message, calls, model) : partsOf(message, true);
  return { role: role === 'assistant' ? 'model' : 'user', parts: filled(parts) ?? [{ text: '' }] };
}

/** What the model said in several messages is one turn: Gemini refuses calls that do not follow a user's. Results of calls
 *  that were made together belong together. */
function add(contents, content) {
  const last = contents.at(-1);
  const isResult = (one) => one.parts[0].functionResponse !== undefined;
  const joins = last?.role === content.role && (content.role === 'model' || (isResult(last) && isResult(content)));
  if (joins) last.parts.push(...content.parts);
  else contents.push(content);
}

/** @param {boolean} media whether other things than text may be in it */
function partsOf(message, media) {
  const { content } = message.of;
  if (content === undefined) return [];
  if (typeof content === 'string') return [{ text: content }];
  return message.each('content', PART, (part) => {
    const { type } = part.of;
    if (type === 'text' || type === 'refusal') return { text: part.text(type) ?? '' };
    if (media && MEDIA.has(type)) return inlineData(part);
    return part.lose(undefined, media ? 'expected text, a picture, sound or a document' : 'only text can go here');
  }, {}, { prompt_cache_breakpoint: CACHING }).filter(Boolean);
}

function answered(message, calls, model) {
  const refusal = message.text('refusal');
  const parts = [...partsOf(message, false), ...(refusal === undefined ? [] : [{ text: refusal }])];
  const made = message.each('tool_calls', CALL, (call) => callOf(call, calls), {}, { index: 'the order tells' }).filter(Boolean);
  if (made.length === 0) return parts;
  // Gemini 3 refuses a call of its own whose signature is missing. For calls of another model Google has named this word:
  // https://ai.google.dev/gemini-api/docs/thought-signatures
  if (!made.some((part) => part.thoughtSignature) && !/gemini-[12]\./.test(model)) made[0].thoughtSignature = 'skip_thought_signature_validator';
  return [...parts.filter(({ text }) => text !== ''), ...made];
}

function callOf(call, calls) {
  if (call.of.type !== undefined && call.of.type !== 'function') return call.lose('type', 'Gemini calls functions only');
  const own = call.inside('function', names('name arguments'));
  const args = argumentsOf(own.of.arguments) ?? own.lose('arguments', 'expected an object in JSON');
  const name = nameOf(own);
  // So Google's own endpoint in OpenAI's dialect gives them.
  const signature = call.of.extra_content?.google?.thought_signature;
  return name && { functionCall: plain({ id: calls.made(call.text('id'), name), name, args }), ...(typeof signature === 'string' && { thoughtSignature: signature }) };
}

function nameOf(own) {
  return own.text('name') || own.lose('name', 'expected a name');
}

function resultOf(message, calls) {
  const id = message.text('tool_call_id') ?? '';
  const call = calls.answered(id) ?? message.lose(undefined, 'it answers no call before it');
  const response = resultOfText(partsOf(message, false).map(({ text }) => text).join(''));
  return call === undefined ? [] : [{ functionResponse: { id, name: call.name, response } }];
}

// ---------------------------------------------------------------- how it is to be answered

function configOf(given, model) {
  const { stop } = given.of;
  const config = plain({
    ...numbersOf(given, 1), maxOutputTokens: given.number(given.of.max_completion_tokens === undefined ? 'max_tokens' : 'max_completion_tokens'),
    stopSequences: typeof stop === 'string' ? [stop] : filled(given.list('stop')), thinkingConfig: thinkingOf(given, model),
    mediaResolution: resolutionOf(given), ...formatOf(given),
  });
  return Object.keys(config).length > 0 ? config : undefined;
}

function formatOf(given) {
  const format = given.inside('response_format', names('type json_schema'));
  const type = format.only('type', names('text json_object json_schema'), 'expected text, json_object or json_schema');
  if (type === undefined || type === 'text') return {};
  const wanted = format.inside('json_schema', names('schema description strict'), {}, { name: 'Gemini has no name for it' });
  const { description } = wanted.of;
  const schema = wanted.record('schema');
  if (schema === undefined && type === 'json_schema') wanted.lose('schema', 'expected one');
  return { responseMimeType: 'application/json', responseJsonSchema: description === undefined ? schema : { description, ...schema } };
}

/** OpenAI says for each picture what Gemini says for all. */
function resolutionOf(given) {
  const details = new Set();
  for (const message of given.list('messages')) {
    for (const part of Array.isArray(message?.content) ? message.content : []) if (part?.type === 'image_url') details.add(part.image_url?.detail ?? 'auto');
  }
  const [detail = 'auto'] = details;
  if (details.size > 1 || !RESOLUTIONS.has(detail)) given.lose('messages.content.image_url.detail', 'Gemini takes low, high or auto, one for all pictures');
  return RESOLUTIONS.get(detail);
}

// ---------------------------------------------------------------- tools

function toolsOf(given) {
  if (given.of.parallel_tool_calls === false) given.lose('parallel_tool_calls', 'Gemini may call several at once');
  let strict = false;
  const functionDeclarations = given.each('tools', names('type function'), (tool) => {
    if (tool.of.type !== 'function') return tool.lose(undefined, 'Gemini takes functions only');
    const own = tool.inside('function', names('name description parameters strict'));
    strict ||= own.of.strict === true;
    const name = nameOf(own);
    return name && plain({ name, description: own.text('description'), parametersJsonSchema: own.of.parameters });
  }).filter(Boolean);
  const functionCallingConfig = callingOf(given) ?? (strict ? { mode: 'VALIDATED' } : undefined);
  if (functionDeclarations.length === 0) return {};
  return { tools: [{ functionDeclarations }], toolConfig: functionCallingConfig && { functionCallingConfig } };
}

function callingOf(given) {
  const choice = given.of.tool_choice;
  if (choice === undefined || choice === 'auto') return undefined;
  if (choice === 'none' || choice === 'required') return { mode: choice === 'none' ? 'NONE' : 'ANY' };
  const { mode = 'required', tools = [choice] } = choice.allowed_tools ?? {};
  const allowedFunctionNames = Array.isArray(tools) ? tools.map((tool) => tool?.function?.name) : [];
  if (allowedFunctionNames.length === 0 || !allowedFunctionNames.every((name) => typeof name === 'string')) {
    return given.lose('tool_choice', 'expected none, auto, required, a function or allowed functions');
  }
  // In the second mode a list of names is allowed, and the model may still speak.
  return { mode: mode === 'required' ? 'ANY' : 'VALIDATED', allowedFunctionNames };
}

/** Values that ask for nothing in particular. */
const USUAL = Object.entries({ logprobs: 'false', top_logprobs: '0', modalities: 'text', service_tier: 'auto default', store: 'false', verbosity: 'medium' }).map(([name, usual]) => [name, names(usual)]);
const REQUEST = names(`messages stream stream_options max_tokens max_completion_tokens stop response_format tools tool_choice parallel_tool_calls reasoning_effort ${[...NUMBERS.map(([, name]) => name), ...USUAL.map(([name]) => name)].join(' ')}`);
const CACHING = 'it says how the provider keeps what it has read';
const WHO = 'it says who asks';
const IDLE = {
  model: 'another takes its place', user: WHO, safety_identifier: WHO, metadata: WHO, prediction: 'it makes an answer faster, and changes none',
  prompt_cache_key: CACHING, prompt_cache_retention: CACHING, prompt_cache_options: CACHING,
};
const INSTRUCTS = names('system developer');
const SPEAKERS = names('user assistant tool');
const MESSAGE = names('role content refusal tool_calls tool_call_id');
const THOUGHT = 'it is for the model that had the thought';
const ITS_OWN = { annotations: 'what was said goes without its sources', reasoning: THOUGHT, reasoning_content: THOUGHT, reasoning_details: THOUGHT };
const PART = names('type text refusal image_url input_audio file');
const MEDIA = names('image_url input_audio file');
const CALL = names('id type function extra_content');
const RESOLUTIONS = new Map([['auto'], ['low', 'MEDIA_RESOLUTION_LOW'], ['high', 'MEDIA_RESOLUTION_HIGH']]);
