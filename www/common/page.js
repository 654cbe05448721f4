// What every page does first.
import { copyButtons } from './copy.js';
import { themeSwitch } from './theme.js';

themeSwitch();
copyButtons();
