import { wordsOf } from '../../../core/report/page/heat-map.ts';
import { html, type Markup } from '../../../core/report/page/markup.ts';
import type { DayState } from '../../standing/hours.ts';
import { stateTag } from '../parts.ts';

export type Row = { readonly check: string; readonly days: readonly DayState[] };

const LABEL = 92;
const WIDTH = 1200;
const ROW = 20;
const TOP = 18;
/** Narrower cells carry no sign of their own. */
const ROOM_FOR_SIGN = 7;

/**
 * Controls by days, each as its worst hour. Drift and not knowing carry a sign of their own beside their colour. A
 * pointer gets from a day to its timeline here; everybody else in the table that follows.
 */
export function heatMap(rows: readonly Row[], link: (day: string) => string): Markup {
  const days = rows[0]?.days.map(({ day }) => day) ?? [];
  const width = (WIDTH - LABEL) / Math.max(1, days.length);
  const left = (column: number) => (LABEL + column * width).toFixed(1);
  const from = days[0] ?? '';
  const to = days.at(-1) ?? '';
  return html`<svg class="heat" role="img" aria-label="Heat map of ${rows.length} controls by days, ${from} to ${to}. The table below says the same." viewBox="0 0 ${WIDTH} ${rows.length * ROW + TOP + 2}">
${days.map((day, column) => marked(day, column, days.length) && html`<text class="axis" x="${left(column)}" y="11">${day.slice(5) === '01-01' || column === 0 ? day : day.slice(5)}</text>\n`)}${rows.map(
  ({ check, days: states }, row) => html`<text x="0" y="${row * ROW + TOP + 13}">${check}</text>
${states.map((state, column) => cell(state, { check, x: left(column), y: row * ROW + TOP, width, link }))}`,
)}</svg>`;
}

/** Mondays while they are far apart, then the first of each month. */
function marked(day: string, column: number, columns: number): boolean {
  if (column === 0) return true;
  if (column * 1108 < 70 * columns) return false; // beside the first, which is written out
  if (columns <= 100) return new Date(`${day}T00:00:00Z`).getUTCDay() === 1;
  return day.endsWith('-01');
}

function cell(
  { day, state, ...counts }: DayState,
  at: { check: string; x: string; y: number; width: number; link: (day: string) => string },
): Markup {
  const { check, x, y, width, link } = at;
  const wide = Math.max(0.8, width - (width > 4 ? 1 : 0.3)).toFixed(1);
  const title = `${check}, ${day}: ${state === null ? 'nothing to say' : wordsOf(state)}${hoursText(counts)}`;
  const box = html`<rect class="${state ?? 'none'}" x="${x}" y="${y}" width="${wide}" height="${ROW - 3}"><title>${title}</title></rect>`;
  if (state !== 'drifted' && state !== 'unknown') return html`${box}\n`;
  const sign =
    width >= ROOM_FOR_SIGN && signAt(state, Number(x) + width / 2 - 0.5, y + ROW / 2 - 1.5);
  return html`<a href="${link(day)}" tabindex="-1">${box}${sign}</a>\n`;
}

const signAt = (state: 'drifted' | 'unknown', x: number, y: number): Markup =>
  state === 'unknown'
    ? html`<circle class="sign" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="2"/>`
    : html`<path class="sign" d="M${(x - 3).toFixed(1)} ${(y - 3).toFixed(1)}l6 6m0-6l-6 6"/>`;

/** `: drifted 3 h, unattested 1 h`. */
export function hoursText(counts: Pick<DayState, 'drifted' | 'unknown' | 'unattested'>): string {
  const parts = Object.entries(counts)
    .filter(([, hours]) => hours > 0)
    .map(([state, hours]) => `${state} ${hours} h`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** The same in words: each day on which not everything passed, newest first. */
export function daysTable(rows: readonly Row[], link: (day: string) => string): Markup {
  const wrong = rows
    .flatMap(({ check, days }) => days.map((state) => ({ check, ...state })))
    .filter(({ state }) => state === 'drifted' || state === 'unknown' || state === 'unattested')
    .sort((a, b) => (a.day < b.day ? 1 : a.day > b.day ? -1 : 0));
  if (wrong.length === 0) return html`<p class="none">Every control passed on every day.</p>`;
  const days = new Set(wrong.map(({ day }) => day));
  return html`<details><summary>${days.size} days on which not everything passed, as a table</summary>
<table><thead><tr><th scope="col">Day</th><th scope="col">Control</th><th scope="col">Worst</th><th scope="col">Hours</th></tr></thead>
<tbody>
${wrong.map(
  ({ check, day, state, drifted, unknown, unattested }) =>
    html`<tr><td><a href="${link(day)}">${day}</a></td><th scope="row">${check}</th><td>${state && stateTag(state)}</td><td>${hoursText({ drifted, unknown, unattested }).slice(2, -1)}</td></tr>\n`,
)}</tbody></table></details>`;
}
