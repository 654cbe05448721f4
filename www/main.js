// The door. What is drawn comes first; the engine, which is larger than the page, comes after it.
import './common/page.js';
import { Stage } from './live/stage.js';

const stage = new Stage(document.querySelector('.live'));
requestAnimationFrame(() => setTimeout(() => stage.open()));
