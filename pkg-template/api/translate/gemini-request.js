// A `generateContent` request as a chat completion request.
import { Calls, textOfResult } from './calls.js';
import { isRecord, names, plain } from './losses.js';
import { contentPart } from './media.js';
import { NUMBERS, mostOutputName } from './numbers.js';
import { jsonSchema, strictly } from './schema.js';
import { effortOf } from './thinking.js';

/** @returns `{ body, thoughts, calls }`: the request, whether thoughts are to be shown, how many calls it tells of */
export function fromGemini(request, losses, { model, provider, stream, reasons }) {
  const given = losses.fields(request, '', REQUEST, { cachedContent: 'the cache is kept at Google' }, { model: 'another model takes its place' });
  const config = losses.fields(given.generationConfig, 'generationConfig', CONFIG);
  const { body: output, detail, thoughts } = outputOf(config, losses, { provider, reasons });
  losses.list(given.safetySettings, 'safetySettings').forEach((setting, at) => filter(setting, `safetySettings[${at}]`, losses));
  if (given.serviceTier !== undefined && !USUAL_TIERS.has(given.serviceTier)) losses.lose('serviceTier', 'another provider has other tiers');
  const calls = new Calls();
  const contents = losses.list(given.contents, 'contents');
  if (contents.length === 0) losses.lose('contents', 'expected at least one');
  const messages = [
    ...system(given.systemInstruction, losses),
    ...contents.flatMap((content, at) => messagesOf(content, `contents[${at}]`, losses, calls, detail)),
  ];
  // OpenAI and Groq refuse this format where nobody speaks of JSON.
  if (output.response_format?.type === 'json_object' && !messages.some(speaksOfJSON)) messages.unshift({ role: 'system', content: 'Answer in JSON.' });
  // Gemini tells of tokens without being asked. Servers that only look like OpenAI's may refuse the option.
  const usage = stream && (provider === 'openai' || provider === 'groq') ? { include_usage: true } : undefined;
  const body = plain({ model, messages, ...output, ...toolsOf(given, losses), stream: stream || undefined, stream_options: usage });
  return { body, thoughts, calls: calls.count };
}

// ---------------------------------------------------------------- what is said

function system(instruction, losses) {
  const content = typeof instruction === 'string' ? { parts: [{ text: instruction }] } : instruction;
  const { parts } = losses.fields(content, 'systemInstruction', names('parts'), {}, { role: 'there is one role for it' });
  const texts = partsOf(parts, 'systemInstruction', losses).flatMap(({ part, path }) => {
    const { text } = losses.fields(part, path, TEXT, { inlineData: 'only text can instruct' });
    return losses.text(text, `${path}.text`) ?? [];
  });
  return texts.length === 0 ? [] : [{ role: 'system', content: contentOf(texts.map(textPart)) }];
}

function messagesOf(content, path, losses, calls, detail) {
  const { role = 'user', parts } = losses.fields(content, path, CONTENT);
  if (!ROLES.has(role)) losses.lose(`${path}.role`, 'expected user or model');
  const mine = role === 'model';
  const said = [];
  const toolCalls = [];
  const answers = [];
  for (const { part, path: at } of partsOf(parts, path, losses)) {
    const { text, thought, inlineData, functionCall, functionResponse } = losses.fields(part, at, PART, WHY_NOT, { thoughtSignature: ITS_OWN });
    if (thought === true) {
      losses.leave(at, ITS_OWN);
      continue;
    }
    if (losses.text(text, `${at}.text`) !== undefined) said.push(textPart(text));
    if (inlineData !== undefined) {
      const found = mine ? losses.lose(`${at}.inlineData`, 'only a user can show media') : contentPart(inlineData, `${at}.inlineData`, losses, detail);
      if (found !== undefined) said.push(found);
    }
    if (functionCall !== undefined) {
      if (mine) toolCalls.push(callOf(functionCall, `${at}.functionCall`, losses, calls));
      else losses.lose(`${at}.functionCall`, 'only a model can call');
    }
    if (functionResponse !== undefined) {
      if (mine) losses.lose(`${at}.functionResponse`, 'only a user can answer a call');
      else answers.push(answerOf(functionResponse, `${at}.functionResponse`, losses, calls));
    }
  }
  if (mine) {
    const text = said.map((part) => part.text).join('');
    return [{ role: 'assistant', content: text === '' && toolCalls.length > 0 ? null : text, ...(toolCalls.length > 0 && { tool_calls: toolCalls }) }];
  }
  // Answers come first: they must follow the calls at once.
  return said.length === 0 && answers.length > 0 ? answers : [...answers, { role: 'user', content: contentOf(said) }];
}

function partsOf(parts, path, losses) {
  return losses.list(parts, `${path}.parts`).map((part, at) => ({ part: typeof part === 'string' ? { text: part } : part, path: `${path}.parts[${at}]` }));
}

function callOf(call, path, losses, calls) {
  const { id, name, args = {} } = losses.fields(call, path, CALL);
  const called = nameOf(name, `${path}.name`, losses);
  if (!isRecord(args)) losses.lose(`${path}.args`, 'expected an object');
  return { id: calls.made(losses.text(id, `${path}.id`), called), type: 'function', function: { name: called, arguments: JSON.stringify(args) } };
}

function answerOf(answer, path, losses, calls) {
  const { id, name, response = {} } = losses.fields(answer, path, ANSWER);
  const call = calls.answered(losses.text(id, `${path}.id`), losses.text(name, `${path}.name`));
  if (call === undefined) losses.lose(path, 'it answers no call before it');
  if (!isRecord(response)) losses.lose(`${path}.response`, 'expected an object');
  return { role: 'tool', tool_call_id: call?.id, content: isRecord(response) ? textOfResult(response) : '' };
}

function nameOf(name, path, losses) {
  if (typeof name === 'string' && LEGAL_NAME.test(name)) return name;
  losses.lose(path, 'OpenAI takes names of letters, digits, _ and -, 64 at most');
  return undefined;
}

/** A lone text as a string, which every server reads; several apart, as they came. */
function contentOf(parts) {
  if (parts.length === 0) return '';
  return parts.length === 1 && parts[0].type === 'text' ? parts[0].text : parts;
}

function textPart(text) {
  return { type: 'text', text };
}

function speaksOfJSON({ content }) {
  return [content].flat().some((part) => /json/i.test(part?.text ?? (typeof part === 'string' ? part : '')));
}

// ---------------------------------------------------------------- how it is to be answered

function outputOf(config, losses, { provider, reasons }) {
  const at = (name) => `generationConfig.${name}`;
  const body = {};
  for (const [here, there] of NUMBERS) body[there] = losses.number(config[here], at(here));
  body[mostOutputName(provider)] = losses.number(config.maxOutputTokens, at('maxOutputTokens'));
  const count = losses.number(config.candidateCount, at('candidateCount'));
  if (count !== 1) body.n = count;
  const stops = losses.list(config.stopSequences, at('stopSequences'));
  if (stops.length > MOST_STOPS) losses.lose(at('stopSequences'), `OpenAI takes ${MOST_STOPS} at most`);
  if (stops.length > 0) body.stop = stops;
  if (config.responseModalities?.some?.((each) => each !== 'TEXT') ?? config.responseModalities !== undefined) losses.lose(at('responseModalities'), 'only text can come back');
  for (const name of ['responseLogprobs', 'audioTimestamp']) if (config[name] !== undefined && config[name] !== false) losses.lose(at(name));
  body.response_format = formatOf(config, losses);
  const thinking = losses.fields(config.thinkingConfig, at('thinkingConfig'), THINKING);
  body.reasoning_effort = effortOf(thinking, at('thinkingConfig'), losses, reasons);
  const detail = DETAILS.get(config.mediaResolution);
  if (config.mediaResolution !== undefined && detail === undefined) losses.lose(at('mediaResolution'), 'OpenAI has low and high');
  return { body: plain(body), detail: detail || undefined, thoughts: thinking.includeThoughts === true };
}

function formatOf({ responseMimeType: type, responseSchema, responseJsonSchema }, losses) {
  if (type !== undefined && type !== 'text/plain' && type !== 'application/json') losses.lose('generationConfig.responseMimeType', 'only text and JSON can be asked for');
  const schema = responseSchema === undefined ? responseJsonSchema : jsonSchema(responseSchema, 'generationConfig.responseSchema', losses);
  if (schema === undefined) return type === 'application/json' ? { type: 'json_object' } : undefined;
  if (!isRecord(schema)) losses.lose('generationConfig.responseJsonSchema', 'expected an object');
  const strict = strictly(schema);
  return { type: 'json_schema', json_schema: { name: 'response', schema: strict ?? schema, strict: strict !== undefined } };
}

/** Thresholds that let more through than OpenAI's own filters do are no loss. Any other promises that something is held
 *  back, and would promise in vain. */
function filter(setting, path, losses) {
  const { threshold } = losses.fields(setting, path, SAFETY);
  if (OPEN_FILTERS.has(threshold)) losses.leave(path, 'it asks for no filter');
  else losses.lose(path, 'there is no such filter elsewhere');
}

// ---------------------------------------------------------------- tools

function toolsOf({ tools, toolConfig }, losses) {
  const declared = losses.list(tools, 'tools').flatMap((tool, at) => {
    const { functionDeclarations } = losses.fields(tool, `tools[${at}]`, TOOL, AT_GOOGLE);
    const path = `tools[${at}].functionDeclarations`;
    return losses.list(functionDeclarations, path).map((each, n) => declarationOf(each, `${path}[${n}]`, losses));
  });
  const { functionCallingConfig } = losses.fields(toolConfig, 'toolConfig', TOOL_CONFIG);
  const path = 'toolConfig.functionCallingConfig';
  const { mode = 'AUTO', allowedFunctionNames } = losses.fields(functionCallingConfig, path, CALLING);
  if (!MODES.has(mode)) losses.lose(`${path}.mode`, 'expected AUTO, ANY, NONE or VALIDATED');
  if (declared.length === 0) return {};
  const allowed = allowedFunctionNames && losses.list(allowedFunctionNames, `${path}.allowedFunctionNames`);
  // To declare the others not at all is what every server understands.
  const offered = allowed === undefined ? declared : declared.filter((tool) => allowed.includes(tool.function.name));
  if (offered.length === 0) losses.lose(`${path}.allowedFunctionNames`, 'expected names of declared functions');
  if (mode === 'VALIDATED') offered.forEach((tool) => enforce(tool, `${path}.mode`, losses));
  const only = mode === 'ANY' && allowed?.length === 1 ? { type: 'function', function: { name: allowed[0] } } : MODES.get(mode);
  return plain({ tools: offered, tool_choice: only || undefined });
}

function declarationOf(declaration, path, losses) {
  const { name, description, parameters, parametersJsonSchema, behavior } = losses.fields(declaration, path, DECLARATION);
  if (behavior !== undefined && behavior !== 'BLOCKING' && behavior !== 'UNSPECIFIED') losses.lose(`${path}.behavior`);
  const schema = parameters === undefined ? parametersJsonSchema : jsonSchema(parameters, `${path}.parameters`, losses);
  const called = nameOf(name, `${path}.name`, losses);
  return { type: 'function', function: plain({ name: called, description: losses.text(description, `${path}.description`), parameters: schema }) };
}

function enforce(tool, path, losses) {
  const own = tool.function;
  const schema = own.parameters === undefined ? NOTHING : strictly(own.parameters);
  if (schema === undefined) losses.lose(path, 'OpenAI can enforce a schema only where every property is required');
  else Object.assign(own, { parameters: schema, strict: true });
}

const REQUEST = names('contents systemInstruction generationConfig tools toolConfig safetySettings serviceTier');
const CONTENT = names('role parts');
const ROLES = names('user model function');
const PART = names('text thought inlineData functionCall functionResponse');
const TEXT = names('text');
const WHY_NOT = { fileData: 'the file is kept at Google', executableCode: 'it was run at Google', codeExecutionResult: 'it was run at Google' };
const ITS_OWN = 'it means something to the model alone that had the thought';
const CALL = names('id name args');
const ANSWER = names('id name response');
const LEGAL_NAME = /^[\w-]{1,64}$/;
const CONFIG = names(`maxOutputTokens candidateCount stopSequences responseModalities responseLogprobs audioTimestamp responseMimeType responseSchema responseJsonSchema thinkingConfig mediaResolution ${NUMBERS.map(([name]) => name).join(' ')}`);
const THINKING = names('includeThoughts thinkingBudget thinkingLevel');
const DETAILS = new Map([['MEDIA_RESOLUTION_LOW', 'low'], ['MEDIA_RESOLUTION_HIGH', 'high'], ['MEDIA_RESOLUTION_UNSPECIFIED', '']]);
const MOST_STOPS = 4;
const SAFETY = names('category threshold method');
const OPEN_FILTERS = new Set(['BLOCK_NONE', 'OFF', 'HARM_BLOCK_THRESHOLD_UNSPECIFIED', undefined]);
const USUAL_TIERS = names('standard SERVICE_TIER_STANDARD SERVICE_TIER_UNSPECIFIED');
const TOOL = names('functionDeclarations');
const AT_GOOGLE = Object.fromEntries(['googleSearch', 'googleSearchRetrieval', 'googleMaps', 'codeExecution', 'urlContext', 'fileSearch'].map((name) => [name, 'it runs at Google']));
const TOOL_CONFIG = names('functionCallingConfig');
const CALLING = names('mode allowedFunctionNames');
const MODES = new Map([['AUTO', ''], ['MODE_UNSPECIFIED', ''], ['VALIDATED', ''], ['ANY', 'required'], ['NONE', 'none']]);
const DECLARATION = names('name description parameters parametersJsonSchema behavior');
const NOTHING = { type: 'object', properties: {}, required: [], additionalProperties: false };
