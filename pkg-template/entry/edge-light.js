// Next's edge runtime hands over a module of another realm, which the glue's instanceof check would refuse.
import module from './core_bg.wasm?module';
import { bootWith } from '../api/core.js';
import { EdgeFlight } from '../api/edge/flight.js';
import { Vigils } from '../api/edge/vigils.js';
import { ofThisRealm } from '../api/module.js';

bootWith(() => ofThisRealm(module), { EdgeFlight, Vigils });

export * from '../api/index.js';
