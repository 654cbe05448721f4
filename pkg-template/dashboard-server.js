// What a server sends to dashboards, and what they may ask of it. Apart from the element, so that no server loads a chart library.
export { performOrder } from './dashboard/orders.js';
export { stateOf } from './dashboard/state.js';
export { statusEvents } from './dashboard-server/status-events.js';
