// How the engine is started: with the package's own module or one that a caller has, and what keeps it from starting.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { INDEX, WASM } from '../built.js';

const BYTES = readFileSync(WASM);
const MODULE = new WebAssembly.Module(BYTES);

let programs = 0;

/** The package as a program has it that has not started it yet. */
function fresh() {
  programs += 1;
  return import(`${INDEX}?program=${programs}`);
}

/** What is thrown. */
function thrown(work) {
  try {
    work();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

/** Runs with another `new WebAssembly.Module`. */
function compilingBy(compile, work) {
  const { Module } = WebAssembly;
  WebAssembly.Module = new Proxy(Module, { construct: (target, given) => compile(() => Reflect.construct(target, given)) });
  try {
    return work();
  } finally {
    WebAssembly.Module = Module;
  }
}

describe('a module that a caller has', () => {
  const copy = Uint8Array.from(BYTES).buffer;
  const shifted = new Uint8Array(BYTES.length + 3);
  shifted.set(BYTES, 3);
  const realm = createContext({ bytes: copy });
  const forms = {
    'compiled': MODULE,
    'compiled in another realm': runInContext('new WebAssembly.Module(bytes)', realm),
    'as bytes': copy,
    'as bytes of another realm': runInContext('const own = new Uint8Array(bytes.byteLength); own.set(new Uint8Array(bytes)); own.buffer', realm),
    'as a Buffer': BYTES,
    'as a part of a longer buffer': shifted.subarray(3),
    'as a DataView': new DataView(copy),
  };
  for (const [form, wasm] of Object.entries(forms)) {
    test(`starts the engine ${form}, and is the only one that is compiled`, async () => {
      const { QuotaAwareAPI } = await fresh();
      let compiled = 0;
      const count = (compile) => {
        compiled += 1;
        return compile();
      };
      compilingBy(count, () => new QuotaAwareAPI(['fake-one'], { wasm }).close());
      assert.equal(compiled, form.startsWith('compiled') ? 0 : 1);
      assert.equal(compilingBy(count, () => new QuotaAwareAPI(['fake-one', 'fake-two']).getStats().totalKeys), 2);
    });
  }

  test('is compiled once for a program and its workers', async () => {
    const program = `
      import { parentPort, workerData } from 'node:worker_threads';
      const { QuotaAwareAPI } = await import(workerData.index);
      WebAssembly.Module = new Proxy(WebAssembly.Module, { construct() { throw new Error('compiled once more'); } });
      parentPort.postMessage(new QuotaAwareAPI(['fake-one'], { wasm: workerData.wasm }).getStats().totalKeys);`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), { workerData: { index: INDEX, wasm: MODULE } });
    assert.equal(await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject)), 1);
  });

  test('goes with fromEnv too', async () => {
    const { QuotaAwareAPI } = await fresh();
    assert.equal(QuotaAwareAPI.fromEnv({ GEMINI_KEY_1: 'fake-one' }, { wasm: MODULE }).getStats().totalKeys, 1);
  });

  test('that is none is a mistake, which names the option, also once the engine runs', async () => {
    const { QuotaAwareAPI } = await fresh();
    const wrong = [['core.wasm', 'got string'], [5, 'got 5'], [true, 'got boolean'], [{}, 'got object'], [Promise.resolve(MODULE), 'got a promise: await it first'], [new Response(''), 'got object'], [new SharedArrayBuffer(8), 'got object']];
    const refuse = () => {
      for (const [wasm, end] of wrong) {
        const { code, message } = thrown(() => new QuotaAwareAPI(['fake-one'], { wasm }));
        assert.deepEqual([code, message], ['CONFIG_INVALID', `options.wasm: expected a WebAssembly.Module or its bytes, ${end}`]);
      }
    };
    refuse();
    for (const absent of [undefined, null]) new QuotaAwareAPI(['fake-one'], { wasm: absent }).close();
    refuse();
  });

  test('that is another one, damaged or cut short is a mistake, and the next instance starts', async () => {
    const { QuotaAwareAPI } = await fresh();
    const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    const damaged = Uint8Array.from(BYTES).fill(255, 2000, 3000);
    // Looks right, and asks its host for what ours does not have.
    const older = Uint8Array.from(BYTES);
    older.set(new TextEncoder().encode('x'), BYTES.indexOf('__wbg_') + 5);
    const foreign = 'this is not the module of this version of the package: hand over its own, quota-aware-api/core.wasm';
    for (const [wasm, detail] of [[empty, foreign], [new WebAssembly.Module(empty), foreign], [older, foreign], [BYTES.subarray(0, 5000), /^these 5000 bytes are no module/], [damaged, /^these \d+ bytes are no module/], [new Uint8Array(0), /^these 0 bytes are no module/]]) {
      const { code, message } = thrown(() => new QuotaAwareAPI(['fake-one'], { wasm }));
      assert.equal(code, 'CONFIG_INVALID');
      if (typeof detail === 'string') assert.equal(message, `options.wasm: ${detail}`);
      else assert.match(message.replace('options.wasm: ', ''), detail);
    }
    assert.equal(new QuotaAwareAPI(['fake-one'], { wasm: BYTES }).getStats().totalKeys, 1);
  });
});

describe('where the engine cannot be started', () => {
  const OBSTACLES = [
    ['Chromium’s policy', "WebAssembly.Module(): Compiling or instantiating WebAssembly module violates the following Content Security policy directive because 'unsafe-eval' is not an allowed source of script", /lacks 'wasm-unsafe-eval'/, /^Add 'wasm-unsafe-eval' to script-src/],
    ['Firefox’s policy', 'call to WebAssembly.Module() blocked by CSP', /lacks 'wasm-unsafe-eval'/, /^Add 'wasm-unsafe-eval' to script-src/],
    ['a runtime of the edge', 'WebAssembly.Module(): Wasm code generation disallowed by embedder', /compiles no WebAssembly from bytes/, /"workerd" or "edge-light".*quota-aware-api\/core\.wasm.*options\.wasm/],
    ['an old host', 'WebAssembly.Module(): invalid value type 0x6f @+11', /too old/, /Chrome 96, Firefox 93, Safari 16\.4, Node 20/],
  ];
  for (const [name, words, message, advice] of OBSTACLES) {
    test(`${name}: the error says what to do, and keeps the host’s own`, async () => {
      const { QuotaAwareAPI, QuotaAwareError } = await fresh();
      const cause = new WebAssembly.CompileError(words);
      const error = compilingBy(() => { throw cause; }, () => thrown(() => new QuotaAwareAPI(['fake-one'])));
      assert.ok(error instanceof QuotaAwareError);
      assert.deepEqual([error.code, error.cause], ['WASM_UNAVAILABLE', cause]);
      assert.match(error.message, message);
      assert.match(error.advice, advice);
      assert.equal(new QuotaAwareAPI(['fake-one']).getStats().totalKeys, 1, 'once the obstacle is gone, nothing is in the way');
    });
  }

  test('for a reason that nobody has thought of, its words are told', async () => {
    const { QuotaAwareAPI } = await fresh();
    const error = compilingBy(() => { throw new RangeError('out of\n executable memory'); }, () => thrown(() => new QuotaAwareAPI(['fake-one'])));
    assert.deepEqual([error.code, error.message, error.advice], ['WASM_UNAVAILABLE', "The engine can't be started: out of executable memory.", 'See error.cause.']);
  });

  test('a policy is not taken for a mistake in what was given', async () => {
    const { QuotaAwareAPI } = await fresh();
    const error = compilingBy(() => { throw new WebAssembly.CompileError('call to WebAssembly.Module() blocked by CSP'); }, () => thrown(() => new QuotaAwareAPI(['fake-one'], { wasm: BYTES })));
    assert.equal(error.code, 'WASM_UNAVAILABLE');
  });

  test('without any WebAssembly, everything that needs the engine says so, and importing does no harm', () => {
    const program = `
      const { QuotaAwareAPI, classify, plan } = await import(${JSON.stringify(INDEX)});
      for (const work of [() => new QuotaAwareAPI(['fake-one']), () => classify({ status: 429 }), () => plan({ models: 'gemini-3.5-flash' })]) {
        try { work(); } catch ({ name, code, message }) { console.log(name, code, message); }
      }`;
    const lines = execFileSync(process.execPath, ['--jitless', '--no-warnings', '--input-type=module', '--eval', program], { encoding: 'utf8' }).trim().split('\n');
    const told = lines.filter((line) => line.startsWith('QuotaAwareError'));
    assert.deepEqual(told, Array(3).fill('QuotaAwareError WASM_UNAVAILABLE There is no WebAssembly here: it is switched off (the lockdown mode of a browser, --jitless of Node), or this host has none.'));
  });
});
