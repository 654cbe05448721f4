// What memory is kept: measured after collections, in bytes.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** Every module's memory and tables; to be had before the package is imported, which keeps them to itself. */
const instances = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = new Proxy(Instance, {
  construct(target, args) {
    const instance = Reflect.construct(target, args);
    instances.push(instance);
    return instance;
  },
});

const turn = () => new Promise((done) => { setImmediate(done); });

/** After so many collections: what finalizers free is collected by the next, and they run between turns. */
export async function gauge() {
  for (let round = 0; round < 6; round += 1) {
    collect();
    await turn();
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const memories = instances.flatMap(({ exports }) => Object.values(exports)).filter((it) => it instanceof WebAssembly.Memory);
  const wasm = memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  return { heap: heapUsed + arrayBuffers, wasm, rss };
}

/** Runs something so many times, and measures at the start and after each quarter. What only the first of them costs (code
 *  that is compiled, tables that grow to their size) comes before.
 *
 *  @param run `(from, to) => Promise`: items `from` to `to`, which are a batch */
export async function measured(total, batch, run) {
  const warm = Math.min(Math.ceil(total / 10 / batch), 50) * batch;
  for (let from = 0; from < warm; from += batch) await run(from, from + batch);
  const marks = [await gauge()];
  for (let done = 0, quarter = 1; quarter <= 4; quarter += 1) {
    for (; done < (total * quarter) / 4; done += batch) await run(warm + done, warm + Math.min(done + batch, total));
    marks.push(await gauge());
  }
  return marks;
}

/** How many bytes an item has left behind: the median of the last three quarters, what is full by then does not grow any
 *  more. Not their mean: a leak is in each of them, and code that the engine compiles once, some 200 KB of it, in one. */
export function slope(marks, of, total) {
  const quarters = marks.slice(2).map((mark, at) => mark[of] - marks[at + 1][of]).sort((a, b) => a - b);
  return quarters[1] / (total / 4);
}
