// Bottleneck as before, with its documentation's other way: a pause between two calls, so that no minute holds too many.

import create from './bottleneck.mjs';

export default (given) => create(given, (rpm) => ({ minTime: Math.ceil(60_000 / rpm) }));
