// One key: its health by picture, word and colour; how much of its quota is used; how its requests end.
import { fill, h, mark, row, write } from './dom.js';
import { ICON_OF, icon, setIcon } from './icons.js';
import { shownHealth } from './quota.js';

export const KEY_COLUMNS = ['key', 'health', 'minute', 'day', 'answered', 'switches', 'actions'];

const TONES = { available: 'good', full: 'wait', 'rate-limited': 'wait', 'quota-exhausted': 'bad', 'cooling-down': 'wait', probing: 'busy', invalid: 'bad', disabled: 'none' };
/** From here on a bar looks used up, and nearly so. */
const [FULL, HIGH] = [1, 0.8];

/** `order` is told what a button asks for. */
export function makeKeyRow({ id }, order) {
  const name = h('span', { class: 'id' });
  const hint = h('span', { class: 'hint' });
  const turn = h('span', { class: 'chip' });
  const shape = icon('look');
  const word = h('span', { class: 'word' });
  const more = h('span', { class: 'sub' });
  const meters = { minute: meter(), day: meter() };
  const rate = h('span', { class: 'main' });
  const requests = h('span', { class: 'sub' });
  const switches = h('span', { class: 'main' });
  const buttons = Object.fromEntries(['test', 'reset', 'disable', 'enable'].map((action) => {
    const button = h('button', { type: 'button', class: 'button small' });
    button.addEventListener('click', () => order({ action, key: id }));
    return [action, button];
  }));
  const { node, cells, label } = row(KEY_COLUMNS, {
    key: [h('span', { class: 'id-line' }, name, turn), hint],
    health: [h('span', { class: 'health' }, shape, h('span', { class: 'words' }, word, more))],
    minute: [meters.minute.node], day: [meters.day.node],
    answered: [rate, requests], switches: [switches], actions: [h('span', { class: 'buttons' }, ...Object.values(buttons))],
  });

  let named = null;
  const rename = (texts) => {
    if (named === texts) return;
    named = texts;
    label(texts);
    for (const [action, button] of Object.entries(buttons)) {
      write(button, texts.actions[action]);
      mark(button, 'aria-label', texts.actions.of(texts.actions[action], id));
      mark(button, 'title', texts.actions[`${action}Title`]);
    }
  };

  return {
    node,
    update(key, { texts, format, now, quotas, moves, orders, current, closed }) {
      rename(texts);
      const { health, until } = shownHealth(key, quotas);
      mark(node, 'data-tone', TONES[health]);
      write(name, key.id);
      mark(name, 'title', key.id);
      write(hint, [key.hint, key.provider].filter(Boolean).join(' · '));
      mark(turn, 'hidden', current !== key.id || health !== 'available');
      write(turn, texts.inTurn);
      setIcon(shape, ICON_OF[health] ?? 'look');
      write(word, texts.health[health] ?? health);
      const left = until === null ? null : until - now;
      const why = health === 'available' ? '' : left !== null && left > 0 ? texts.back(left) : key.reason ?? '';
      write(more, why);
      mark(cells.health, 'title', key.reason);
      const quota = quotas.get(key.project);
      meters.minute.show(quota?.minute ?? null, texts, format);
      meters.day.show(quota?.day ?? null, texts, format);
      write(rate, key.successRate === null ? texts.figures.none : format.percent(key.successRate));
      write(requests, key.requests === 0 ? texts.noneYet : texts.ofRequests(format.count(key.requests)));
      write(switches, format.count(moves.leaving(key.id)));
      const disabled = health === 'disabled';
      for (const [action, button] of Object.entries(buttons)) {
        mark(button, 'hidden', !orders[action] || (action === 'enable' && !disabled) || (action === 'disable' && disabled));
        mark(button, 'disabled', closed);
      }
    },
  };
}

function meter() {
  const bar = h('span', { class: 'bar', 'aria-hidden': 'true' });
  const words = h('span', { class: 'sub' });
  return {
    node: h('span', { class: 'meter' }, words, bar),
    show(quota, texts, { short }) {
      mark(bar, 'data-level', quota === null ? 'unknown' : quota.share >= FULL ? 'full' : quota.share >= HIGH ? 'high' : 'low');
      fill(bar, quota?.share ?? 0);
      write(words, quota === null ? texts.noLimit : texts[quota.tokens ? 'usedTokens' : 'used'](short(quota.used), short(quota.limit)));
    },
  };
}
