// Plays the comparison beside the page, on a clock of its own, and hands over what happened.
import { record } from './live/record.js';
import { VirtualTime } from './live/virtual-time.js';

const time = new VirtualTime(Date.UTC(2026, 10, 2, 12));
record(time).then((story) => self.postMessage(story), (error) => self.postMessage({ mistake: error.message }));
