// Everywhere but on the edge: the module travels inside the file, because every way of finding a .wasm next to it
// breaks in some bundler or runtime. Compiled at the first `new`, synchronously: importing costs nothing.
import written from '#wasm-text';
import { bootWith } from '../api/core.js';
import { decode } from '../api/wasm-text.js';

bootWith(() => new WebAssembly.Module(decode(written)));

export * from '../api/index.js';
