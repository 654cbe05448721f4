// Everywhere but on the edge: the module travels inside the file, because every way of finding a .wasm next to it
// breaks in some bundler or runtime. Compiled at the first `new`, synchronously: importing costs nothing.
import base64 from '#wasm-base64';
import { bootWith } from '../api/core.js';
import { decode } from '../api/base64.js';

bootWith(() => new WebAssembly.Module(decode(base64)));

export * from '../api/index.js';
