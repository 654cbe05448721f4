// Every place that the package is tried in, in the order of the README's table.
//
//   name, how   what the table shows             quick     part of `npm test`
//   version     of what it ran in                play      throws where the scenario does not go as it must
import { browsers } from './browsers.js';
import { bundlers } from './bundlers.js';
import { runtimes } from './runtimes.js';

export const ROWS = [...runtimes, ...browsers, ...bundlers];
