// Function calls: which of the tools offered an answer calls, if it calls one.

import { sample } from './echo.js';

/** @typedef {{ name: string, args: unknown }} ToolCall */

/**
 * @typedef {object} Offer
 * @property {{ name: string, schema: Record<string, any> | null }[]} tools
 * @property {string} choice `auto`, `none`, `required`, or the name of the one that must be called
 * @property {string} prompt
 * @property {boolean} answered whether the last thing said is what a tool has returned
 */

/**
 * A tool is called where one has to be, or where the prompt names it ("use get_weather for Paris"); what it has returned is
 * answered with words. Its arguments are the smallest that its schema allows, with the prompt where a text is asked for.
 *
 * @param {Offer} offer @returns {ToolCall | null}
 */
export function toolCall({ tools, choice, prompt, answered }) {
  if (choice === 'none' || answered || tools.length === 0) return null;
  const wanted = tools.find(({ name }) => name === choice)
    ?? tools.find(({ name }) => new RegExp(`(^|\\W)${escaped(name)}(\\W|$)`).test(prompt))
    ?? (choice === 'required' ? tools[0] : undefined);
  return wanted === undefined ? null : { name: wanted.name, args: sample(wanted.schema ?? { type: 'object' }, prompt.trim()) };
}

/** @param {string} name */
function escaped(name) {
  return name.replace(/[^\w]/g, '\\$&');
}
