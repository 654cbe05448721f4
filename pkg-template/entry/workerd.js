// workerd refuses to compile bytes at run time and hands over a compiled module instead.
import module from './core_bg.wasm';
import { bootWith } from '../api/core.js';
import { EdgeFlight } from '../api/edge/flight.js';
import { Vigils } from '../api/edge/vigils.js';

bootWith(() => module, { EdgeFlight, Vigils });

export * from '../api/index.js';
