// workerd refuses to compile bytes at run time and hands over a compiled module instead.
import module from './core_bg.wasm';
import { bootWith } from '../api/core.js';

bootWith(() => module);

export * from '../api/index.js';
