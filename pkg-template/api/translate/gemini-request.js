// A `generateContent` request as a chat completion request.
import { Calls, textOfResult } from './calls.js';
import { contentPart } from './media.js';
import { NUMBERS, isThorough, mostOutputName, numbersOf } from './numbers.js';
import { filled, names, plain } from './records.js';
import { schemaIn, strictly } from './schema.js';
import { effortOf } from './thinking.js';

/** @returns `{ body, thoughts }`: the request, and whether thoughts are to be shown */
export function fromGemini(request, losses, { model, provider, stream, reasons }) {
  const given = losses.read(request, '', REQUEST, { cachedContent: AT_GOOGLE }, { model: 'another takes its place' });
  const config = given.inside('generationConfig', CONFIG);
  given.each('safetySettings', SAFETY, filter);
  given.only('serviceTier', USUAL_TIERS, 'another provider has other tiers');
  const detail = DETAILS.get(config.only('mediaResolution', DETAILS, 'OpenAI has low and high'));
  const calls = new Calls();
  const lists = isThorough(provider);
  const messages = [...system(given, lists), ...given.each('contents', CONTENT, (content) => messagesOf(content, { calls, detail, lists })).flat()];
  if (given.of.contents === undefined) given.lose('contents', 'expected at least one');
  const format = formatOf(config);
  // OpenAI and Groq refuse this format where nobody speaks of JSON.
  if (format?.type === 'json_object' && !messages.some(speaksOfJSON)) messages.unshift({ role: 'system', content: 'Answer in JSON.' });
  const thinking = config.inside('thinkingConfig', names('includeThoughts thinkingBudget thinkingLevel'));
  const stop = filled(config.list('stopSequences'));
  const stopping = stop?.length > MOST_STOPS ? config.lose('stopSequences', `OpenAI takes ${MOST_STOPS}`) : stop;
  if (!config.list('responseModalities').every((each) => each === 'TEXT')) config.lose('responseModalities', 'only text can come back');
  for (const name of FLAGS) config.only(name, NO);
  const body = plain({
    model, messages, ...numbersOf(config, 0), [mostOutputName(provider)]: config.number('maxOutputTokens'), stop: stopping,
    response_format: format, reasoning_effort: effortOf(thinking, reasons), ...toolsOf(given), stream: stream || undefined,
    // Gemini tells of tokens without being asked.
    stream_options: stream && isThorough(provider) ? { include_usage: true } : undefined,
  });
  return { body, thoughts: thinking.of.includeThoughts === true };
}

// ---------------------------------------------------------------- what is said

function system(given, lists) {
  const instruction = given.inside('systemInstruction', names('parts'), {}, { role: 'there is one role for it' });
  const texts = instruction.each('parts', names('text'), (part) => part.text('text') ?? '', { inlineData: 'only text can instruct' });
  return texts.length === 0 ? [] : [{ role: 'system', content: contentOf(texts.map(textPart), lists) }];
}

function messagesOf(content, { calls, detail, lists }) {
  const mine = content.only('role', ROLES, 'expected user or model') === 'model';
  const [said, made, answers] = [[], [], []];
  const add = (list, one) => one && list.push(one);
  content.each('parts', PART, (part) => {
    if (part.of.thought === true) {
      part.leave(undefined, ITS_OWN);
      return;
    }
    if (part.text('text') !== undefined) said.push(textPart(part.of.text));
    for (const [name, models] of [['inlineData', false], ['functionResponse', false], ['functionCall', true]]) {
      if (part.of[name] !== undefined && models !== mine) part.lose(name, `only a ${models ? 'model' : 'user'} can say it`);
    }
    if (!mine && part.of.inlineData !== undefined) add(said, contentPart(part.inside('inlineData', BLOB), detail));
    if (!mine && part.of.functionResponse !== undefined) add(answers, answerOf(part.inside('functionResponse', ANSWER), calls));
    if (mine && part.of.functionCall !== undefined) add(made, callOf(part.inside('functionCall', CALL), calls));
  }, WHY_NOT, { thoughtSignature: ITS_OWN });
  if (mine) {
    const text = said.map((part) => part.text).join('');
    return [plain({ role: 'assistant', content: text === '' && made.length > 0 ? null : text, tool_calls: filled(made) })];
  }
  // Answers come first: they must follow the calls at once.
  return said.length === 0 && answers.length > 0 ? answers : [...answers, { role: 'user', content: contentOf(said, lists) }];
}

function callOf(call, calls) {
  const name = nameOf(call);
  return name && { id: calls.made(call.text('id'), name), type: 'function', function: { name, arguments: JSON.stringify(call.record('args') ?? {}) } };
}

function answerOf(answer, calls) {
  const call = calls.answered(answer.text('id'), answer.text('name')) ?? answer.lose(undefined, 'it answers no call before it');
  return call && { role: 'tool', tool_call_id: call.id, content: textOfResult(answer.record('response') ?? {}) };
}

function nameOf(named) {
  const { name } = named.of;
  return typeof name === 'string' && LEGAL_NAME.test(name) ? name : named.lose('name', 'OpenAI takes letters, digits, _ and -, 64 at most');
}

/** A lone text as a string, which every server reads. Several stay apart where lists are read for sure: DeepSeek refuses
 *  a list of texts. */
function contentOf(parts, lists) {
  if (parts.length > 1 && lists) return parts;
  return parts.every((part) => part.type === 'text') ? parts.map((part) => part.text).join('\n') : parts;
}

function textPart(text) {
  return { type: 'text', text };
}

function speaksOfJSON({ content }) {
  return [content].flat().some((part) => /json/i.test(part?.text ?? (typeof part === 'string' ? part : '')));
}

// ---------------------------------------------------------------- how it is to be answered

function formatOf(config) {
  const type = config.only('responseMimeType', names(`text/plain ${JSON_TYPE}`), 'only text and JSON can be asked for');
  const schema = schemaIn(config, 'responseSchema') ?? config.record('responseJsonSchema');
  if (schema === undefined) return type === JSON_TYPE ? { type: 'json_object' } : undefined;
  const strict = strictly(schema);
  return { type: 'json_schema', json_schema: { name: 'response', schema: strict ?? schema, strict: strict !== undefined } };
}

/** A filter promises that something is held back: without it the promise would be in vain. */
function filter(setting) {
  if (OPEN_FILTERS.has(setting.of.threshold)) setting.leave(undefined, 'it asks for no filter');
  else setting.lose(undefined, 'there is no such filter elsewhere');
}

// ---------------------------------------------------------------- tools

function toolsOf(given) {
  const declared = given.each('tools', names('functionDeclarations'), (tool) => tool.each('functionDeclarations', DECLARATION, declarationOf), RUN_AT_GOOGLE).flat().filter(Boolean);
  const config = given.inside('toolConfig', names('functionCallingConfig')).inside('functionCallingConfig', names('mode allowedFunctionNames'));
  const mode = config.only('mode', MODES, 'expected AUTO, ANY, NONE or VALIDATED');
  const allowed = filled(config.list('allowedFunctionNames'));
  if (declared.length === 0) return {};
  // To declare the others not at all is what every server understands.
  const tools = allowed === undefined ? declared : declared.filter((tool) => allowed.includes(tool.function.name));
  if (tools.length === 0) config.lose('allowedFunctionNames', 'none of them is declared');
  if (mode === 'VALIDATED') tools.forEach((tool) => enforce(tool.function, config));
  const one = mode === 'ANY' && allowed?.length === 1 ? { type: 'function', function: { name: allowed[0] } } : undefined;
  return { tools, tool_choice: one ?? MODES.get(mode) };
}

function declarationOf(declaration) {
  declaration.only('behavior', names('BLOCKING UNSPECIFIED'));
  const parameters = schemaIn(declaration, 'parameters') ?? declaration.of.parametersJsonSchema;
  const name = nameOf(declaration);
  return name && { type: 'function', function: plain({ name, description: declaration.text('description'), parameters }) };
}

function enforce(own, config) {
  const parameters = own.parameters === undefined ? NOTHING : strictly(own.parameters);
  if (parameters === undefined) config.lose('mode', 'OpenAI enforces a schema only where every property is required');
  else Object.assign(own, { parameters, strict: true });
}

const REQUEST = names('contents systemInstruction generationConfig tools toolConfig safetySettings serviceTier');
const AT_GOOGLE = 'it is kept at Google';
const CONTENT = names('role parts');
const ROLES = names('user model function');
const PART = names('text thought inlineData functionCall functionResponse');
const BLOB = names('mimeType data displayName');
const WHY_NOT = { fileData: AT_GOOGLE };
const ITS_OWN = 'it is for the model that had the thought';
const CALL = names('id name args');
const ANSWER = names('id name response');
const LEGAL_NAME = /^[\w-]{1,64}$/;
const FLAGS = ['responseLogprobs', 'audioTimestamp'];
const NO = new Set([false]);
const CONFIG = names(`maxOutputTokens stopSequences responseModalities responseMimeType responseSchema responseJsonSchema thinkingConfig mediaResolution ${FLAGS.join(' ')} ${NUMBERS.map(([name]) => name).join(' ')}`);
const DETAILS = new Map([['MEDIA_RESOLUTION_LOW', 'low'], ['MEDIA_RESOLUTION_HIGH', 'high'], ['MEDIA_RESOLUTION_UNSPECIFIED', undefined]]);
const MOST_STOPS = 4;
const JSON_TYPE = 'application/json';
const SAFETY = names('category threshold method');
const OPEN_FILTERS = new Set(['BLOCK_NONE', 'OFF', 'HARM_BLOCK_THRESHOLD_UNSPECIFIED', undefined]);
const USUAL_TIERS = names('standard SERVICE_TIER_STANDARD SERVICE_TIER_UNSPECIFIED');
const RUN_AT_GOOGLE = Object.fromEntries(['googleSearch', 'googleMaps', 'codeExecution', 'urlContext', 'fileSearch'].map((name) => [name, 'it runs at Google']));
const MODES = new Map([['ANY', 'required'], ['NONE', 'none'], ['AUTO'], ['MODE_UNSPECIFIED'], ['VALIDATED']]);
const DECLARATION = names('name description parameters parametersJsonSchema behavior');
const NOTHING = { type: 'object', properties: {}, required: [], additionalProperties: false };
