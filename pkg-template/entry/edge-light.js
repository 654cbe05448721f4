// Next's edge runtime hands over a module of another realm, which the glue's instanceof check would refuse.
import module from './core_bg.wasm?module';
import { bootWith } from '../api/core.js';

bootWith(() => {
  if (!(module instanceof WebAssembly.Module)) Object.setPrototypeOf(module, WebAssembly.Module.prototype);
  return module;
});

export * from '../api/index.js';
