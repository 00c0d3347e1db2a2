import { wordsOf } from '../../core/report/page/heat-map.ts';
import { html, type Markup, timeText } from '../../core/report/page/markup.ts';
import type { State } from '../../core/report/timeline.ts';

export const SIGNS: Record<State, string> = {
  compliant: '✓',
  drifted: '✕',
  unknown: '?',
  unattested: '◌',
  notApplicable: '–',
};

/** A state as a sign, a colour and a word: never by colour alone. */
export const stateTag = (state: State, words: string = wordsOf(state)): Markup =>
  html`<span class="state ${state}"><span class="sign" aria-hidden="true">${SIGNS[state]}</span> ${words}</span>`;

/** The same in little room: the word is for who does not see it, and for a pointer that rests on it. */
export const stateSign = (state: State, words: string = wordsOf(state)): Markup =>
  html`<span class="state ${state}" title="${words}"><span class="sign" aria-hidden="true">${SIGNS[state]}</span><span class="hidden">${words}</span></span>`;

const GOOD: readonly string[] = ['success', 'compliant', 'recorded', 'done'];
const OPEN: readonly string[] = ['deferred', 'alert', 'requested', 'approved'];

/** An outcome or an order’s state in its colour; the word is there by itself. */
export const outcomeTag = (outcome: string): Markup =>
  html`<span class="tag ${GOOD.includes(outcome) ? 'good' : OPEN.includes(outcome) ? 'doubt' : 'bad'}">${outcome}</span>`;

/** A time for people and machines. */
export const time = (at: string): Markup => html`<time datetime="${at}">${timeText(at)}</time>`;

/** How long ago, in its largest unit: a host is looked at for what is late. */
export function ago(at: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(at)) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** A choice of a filter’s form. */
export function select({
  name,
  label,
  value,
  options,
}: {
  name: string;
  label: string;
  value: string;
  options: readonly (readonly [value: string, words: string])[];
}): Markup {
  const id = `choose-${name}`;
  return html`<span><label for="${id}">${label}</label> <select id="${id}" name="${name}">${options.map(
    ([each, words]) =>
      html`<option value="${each}"${each === value && html` selected`}>${words}</option>`,
  )}</select></span>`;
}

/** What signs and colours mean. */
export function legend(): Markup {
  const states = ['drifted', 'unknown', 'unattested', 'compliant', 'notApplicable'] as const;
  return html`<p class="legend">${states.map((state) => html`<span class="key"><i class="${state}"></i>${stateTag(state)}</span>`)}</p>`;
}
