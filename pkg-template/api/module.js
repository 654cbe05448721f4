// Starting the engine: what can keep the module from it, and a module that callers have already.
import { QuotaAwareError, mistake } from './errors.js';
import { described } from './given.js';

const PATH = 'options.wasm';

/** Starts the engine, with the module that `given` is, or else with the one that `find` finds. Throws an error that tells what
 *  the host lacks or forbids, or what is wrong with what was given. */
export function startWith(given, find, start) {
  try {
    if (given === undefined || given === null) start(find());
    else startGiven(given, start);
  } catch (error) {
    if (error instanceof QuotaAwareError) throw error;
    throw new QuotaAwareError({ code: 'WASM_UNAVAILABLE', obstacle: obstacleOf(error), detail: error.message, cause: error });
  }
}

/** Whether it is a compiled module, of whatever realm, or bytes. Looked at with every instance, also where the engine runs already. */
export function checkForm(given) {
  if (given === undefined || given === null || isModule(given) || isBytes(given)) return;
  const what = kindOf(given) === 'Promise' ? 'a promise: await it first' : described(given);
  throw mistake(PATH, `expected a WebAssembly.Module or its bytes, got ${what}`);
}

function startGiven(given, start) {
  const module = isModule(given) ? ofThisRealm(given) : compile(given);
  // Checked beforehand: the glue keeps what it has started, be it what it may.
  if (!WebAssembly.Module.exports(module).some(({ name }) => name === '__wbindgen_start')) throw foreign();
  try {
    start(module);
  } catch (error) {
    throw obstacleOf(error) === 'other' ? foreign() : error;
  }
}

function compile(bytes) {
  try {
    // V8 takes no DataView.
    return new WebAssembly.Module(bytes instanceof DataView ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes);
  } catch (error) {
    // Damaged or cut short, more likely than too new.
    if (['old', 'other'].includes(obstacleOf(error))) throw mistake(PATH, `these ${bytes.byteLength} bytes are no module that can be compiled here (${error.message})`);
    throw error;
  }
}

function foreign() {
  return mistake(PATH, 'this is not the module of this version of the package: hand over its own, quota-aware-api/core.wasm');
}

/** A module of a frame or a sandbox works, but the glue asks for its prototype. */
export function ofThisRealm(module) {
  return module instanceof WebAssembly.Module ? module : Object.setPrototypeOf(module, WebAssembly.Module.prototype);
}

function isModule(value) {
  return kindOf(value) === 'WebAssembly.Module';
}

function isBytes(value) {
  return ArrayBuffer.isView(value) || kindOf(value) === 'ArrayBuffer';
}

/** Across realms, where instanceof fails. */
function kindOf(value) {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

/** By what Chromium, Firefox, WebKit (as late as when it instantiates) and workerd say. */
function obstacleOf(error) {
  if (typeof WebAssembly !== 'object') return 'absent';
  if (/content.security.policy|\bcsp\b|unsafe-eval/i.test(error.message)) return 'policy';
  if (/disallowed by embedder/i.test(error.message)) return 'embedder';
  return error instanceof WebAssembly.CompileError ? 'old' : 'other';
}
