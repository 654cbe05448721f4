// Every place that the package is tried in, in the order of the README's table.
//
//   name, how   what the table shows             quick     part of `npm test`
//   version     of what it ran in                play      throws where the scenario does not go as it must
import { browsers } from './browsers.js';
import { bundlers } from './bundlers.js';
import { dashboards } from './dashboards.js';
import { extension } from './extension.js';
import { frameworks } from './frameworks.js';
import { policies } from './policies.js';
import { runners } from './runners.js';
import { runtimes } from './runtimes.js';

export const ROWS = [...runtimes, ...browsers, ...policies, ...dashboards, extension, ...bundlers, ...frameworks, ...runners];
