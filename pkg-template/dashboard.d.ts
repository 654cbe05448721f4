/// <reference lib="dom" />
// Types of `quota-aware-api/dashboard`, kept by hand: a custom element that shows how the keys of an instance stand.
import type { QuotaAwareAPI } from './index.js';

/**
 * Makes the element known to the page; importing alone does not. Does nothing where it is known already, or where there is no page
 * (on a server).
 *
 * @example
 * defineDashboard();
 * document.querySelector('quota-dashboard').api = api;
 *
 * @param name of the element; default `quota-dashboard`
 */
export function defineDashboard(name?: string): void;

/**
 * `<quota-dashboard>`: state and the sentence that matters, keys with their quota and their return, requests and waits over time, the
 * queue, moves between keys, alerts, hours of the day, failures. Follows `api`, or else `url`. Draws ten times a second at most, and
 * not at all while nobody can see it. Shows ids and hints, never a secret; every text is set as text.
 *
 * Attributes: `url`, `actions`, `theme`, `projector`, `lang` (how numbers and times are written; default: the document's).
 *
 * Style: a light and a dark theme by the page's preference. Custom properties, each a colour unless it says otherwise:
 * `--quota-background`, `--quota-surface`, `--quota-sunken`, `--quota-text`, `--quota-muted`, `--quota-line`, `--quota-accent`,
 * `--quota-good`, `--quota-busy`, `--quota-wait`, `--quota-bad`, `--quota-font` (a font family), `--quota-radius` (a length). Parts for
 * `::part`: `dashboard`, `header`, `title`, `state`, `connection`, `sentence`, `headline`, `figures`, and `panel` with one of `alerts`,
 * `keys`, `chart`, `queue`, `history`, `pattern`, `errors`. Needs nothing of a content security policy.
 */
export class QuotaDashboard extends HTMLElement {
  /**
   * The instance to show. Buttons act on it directly.
   * @throws TypeError where it is set to something else
   */
  api: QuotaAwareAPI | null;
  /**
   * Where a server sends states as server-sent events (see `statusEvents` of `quota-aware-api/dashboard-server`). Whoever loses the
   * connection tries again, after 1 s first and 30 s at most. Looked at where there is no `api`.
   */
  url: string | null;
  /** Sent to `url` and `actions` as `Authorization: Bearer …`. Not an attribute, which style sheets could read. */
  token: string | null;
  /** Where orders are posted to (`performOrder`), beside `url`. Null: there are no buttons but the one that prints. */
  actions: string | null;
  /** `light` or `dark`. Null: as the page's user prefers. */
  theme: string | null;
  /** For the back of a room: only what matters, as large as there is room for. */
  projector: boolean;
  /** Texts in place of those of {@link MESSAGES}; what is not named stays. Null: those. */
  messages: DashboardTexts | null;
}

/** Some of {@link DashboardMessages}: texts, and in groups of texts some of them. */
export type DashboardTexts = {
  [Name in keyof DashboardMessages]?: DashboardMessages[Name] extends (...given: never[]) => string ? DashboardMessages[Name] : DashboardMessages[Name] extends string ? string : Partial<DashboardMessages[Name]>;
};

/** The texts that are shown by default, in English. */
export const MESSAGES: DashboardMessages;

/** A text with a number in it. */
export type CountText = (count: number) => string;

/** A text with numbers in it that are written already, or with names. */
export type WordText = (...words: string[]) => string;

/** A text with a span in it, in milliseconds; what it writes is `span`'s to say. */
export type SpanText = (ms: number) => string;

/** Every text. What is a function is given what stands in the text. */
export interface DashboardMessages {
  /** The heading. */
  title: string;
  /** "4 min 10 s". Used by no other text by itself: replace those with a span as well. */
  span: SpanText;
  /** How long an answer took, in milliseconds. */
  latency: SpanText;
  /** The state in a word: those of `Status`, `closed` and `unknown`. */
  states: Record<string, string>;
  /** The health of a key in a word or two: those of `KeyStatus`, and `full`: well, and without room at present. */
  health: Record<string, string>;
  /** What attempts came to, by the verdict. */
  verdicts: Record<string, string>;
  /** How grave an alert is. */
  severities: Record<'critical' | 'medium', string>;
  /** The sentence: a headline, and what goes with it. */
  sentence: Record<'nothing' | 'nothingDetail' | 'asking' | 'closed' | 'closedDetail' | 'invalid' | 'invalidDetail' | 'nextPlaceNow' | 'nextPlaceUnknown' | 'noKeyUnknown' | 'waitUnknown' | 'ready' | 'nobodyWaits', string>
    & Record<'nextPlace' | 'noKey' | 'wait', SpanText> & Record<'peopleWait' | 'callsWait', CountText> & Record<'slow', WordText>
    & Record<'keysReady', (ready: number, all: number) => string>;
  /** The figures that one looks for first. */
  figures: Record<'ready' | 'waiting' | 'inFlight' | 'success' | 'requests' | 'latency' | 'switches' | 'quota' | 'none', string> & Record<'readyOf' | 'failed' | 'slowest', WordText> & Record<'oldest', SpanText>;
  /** What stands between the page and its server. */
  connection: Record<'lost', SpanText> & Record<'again', string> & Record<'refused', CountText> & Record<'asOf', WordText>;
  /** Heading of the alerts. */
  alerts: string;
  /** Heading of the keys. */
  keys: string;
  /** What the table of the keys is, for those who can't see it. */
  keysCaption: string;
  /** Where there is no key. */
  keysEmpty: string;
  /** Heading of the queue. */
  queue: string;
  /** What the table of the queue is. */
  queueCaption: string;
  /** Where nobody waits. */
  queueEmpty: string;
  /** How many more wait than are shown. */
  queueMore: WordText;
  /** Heading of the moves between keys. */
  history: string;
  /** What the table of moves is. */
  historyCaption: string;
  /** Where there was none. */
  historyEmpty: string;
  /** Heading of the chart. */
  chart: string;
  /** What its table is. */
  chartCaption: string;
  /** What is chosen beside it. */
  chartRange: string;
  /** What opens its table. */
  chartTable: string;
  /** The spans that can be chosen. */
  ranges: Record<'ten' | 'hour' | 'day', string>;
  /** What a bar stands for, by the span. */
  steps: Record<'ten' | 'hour' | 'day', string>;
  /** In the chart: answered requests. */
  served: string;
  /** In the chart: failed requests. */
  failed: string;
  /** In the chart: calls that had to wait. */
  waited: string;
  /** Heading of the hours of the day. */
  pattern: string;
  /** What its table is. */
  patternCaption: string;
  /** What is chosen beside it. */
  patternOf: string;
  /** The choice of all keys. */
  patternAll: string;
  /** The busiest hour, and its requests. */
  patternPeak: WordText;
  /** Where there was no request. */
  patternEmpty: string;
  /** Heading of the failures. */
  errors: string;
  /** What their table is. */
  errorsCaption: string;
  /** Where there was none. */
  errorsEmpty: string;
  /** Where the source tells nothing of them. */
  errorsUnknown: string;
  /** Heads of columns. */
  columns: Record<'key' | 'health' | 'minute' | 'day' | 'answered' | 'switches' | 'actions' | 'place' | 'who' | 'priority' | 'reason' | 'starts' | 'time' | 'from' | 'to' | 'why' | 'kind' | 'count' | 'keysHit' | 'hour' | 'served' | 'failed' | 'waited', string>;
  /** Beside the key whose turn it is. */
  inTurn: string;
  /** When a key may serve again. */
  back: SpanText;
  /** How much of a limit is used: the use, and the limit. */
  used: WordText;
  /** The same of tokens. */
  usedTokens: WordText;
  /** Where no limit is known. */
  noLimit: string;
  /** How many requests a share is of. */
  ofRequests: WordText;
  /** Where there was no request. */
  noneYet: string;
  /** A waiting call that does not say whose it is, by its number. */
  anonymous: CountText;
  /** When a call goes. */
  startsIn: SpanText;
  /** When a call goes at once. */
  startsNow: string;
  /** When nobody can tell. */
  startsUnknown: string;
  /** A key that is gone, or none. */
  nobody: string;
  /** Buttons, and what came of them. `of`: what a button is called for those who can't see its row. */
  actions: Record<'print' | 'resetAll' | 'reset' | 'test' | 'disable' | 'enable' | 'resetTitle' | 'testTitle', string> & Record<'of' | 'testing' | 'testOk' | 'testFailed' | 'done' | 'failed', WordText>;
}
