import type { ReportFacts } from '../facts.ts';
import { type Segment, STATES, type State } from '../timeline.ts';
import { asText } from './markup.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SIZES = [HOUR / 60, HOUR / 12, HOUR / 4, HOUR, 6 * HOUR, DAY, 7 * DAY];
const LABEL_WIDTH = 210;
const ROW = 22;
const WIDTH = 960;
/** What a cell shows: the worst that was in it, since a pass is a pass only where all of it passed. */
const WORST: readonly State[] = ['drifted', 'unknown', 'unattested', 'compliant', 'notApplicable'];

/** Controls by minutes, hours, days or weeks, whichever gives at most 62 columns; each cell is as its worst part. */
export function heatMap({ parameters, hosts }: ReportFacts): string {
  const from = Date.parse(parameters.from);
  const to = Date.parse(parameters.to);
  const size = SIZES.find((one) => (to - from) / one <= 62) ?? 30 * DAY;
  const columns = Math.max(1, Math.ceil((to - from) / size));
  const width = (WIDTH - LABEL_WIDTH) / columns;
  const rows = hosts.flatMap(({ host_id, controls }) =>
    controls.map(({ check, segments }) => ({ label: `${host_id} · ${check}`, segments })),
  );
  const cells = rows.flatMap(({ label, segments }, row) =>
    Array.from({ length: columns }, (_, column) => {
      const begin = from + column * size;
      const end = Math.min(to, begin + size);
      const state = worstOf(segments, begin, end);
      const x = LABEL_WIDTH + column * width;
      const title = `${label}: ${new Date(begin).toISOString().slice(0, 16)}Z: ${state}`;
      return `<rect class="${state}" x="${x.toFixed(2)}" y="${row * ROW + 24}" width="${Math.max(1, width - 1).toFixed(2)}" height="${ROW - 3}" rx="2"><title>${asText(title)}</title></rect>`;
    }),
  );
  const labels = rows.map(
    ({ label }, row) => `<text x="0" y="${row * ROW + 38}">${asText(label)}</text>`,
  );
  return `<svg role="img" aria-label="Heat map: each control over time, by its worst state" viewBox="0 0 ${WIDTH} ${rows.length * ROW + 26}">
${axis({ from, to, left: LABEL_WIDTH, width: WIDTH - LABEL_WIDTH, y: 14 })}
${[...labels, ...cells].join('\n')}
</svg>
`;
}

function worstOf(segments: readonly Segment[], from: number, to: number): State {
  const inside = new Set(
    segments.filter((one) => one.from < to && one.to > from).map(({ state }) => state),
  );
  return WORST.find((state) => inside.has(state)) ?? 'unattested';
}

/** Dates or hours along the top of a drawing. */
export function axis({
  from,
  to,
  left,
  width,
  y,
}: {
  from: number;
  to: number;
  left: number;
  width: number;
  y: number;
}): string {
  const marks = 6;
  const short = to - from <= 72 * HOUR;
  return Array.from({ length: marks }, (_, mark) => {
    const at = new Date(from + ((to - from) * mark) / marks).toISOString();
    const text = short ? at.slice(5, 16).replace('T', ' ') : at.slice(0, 10);
    return `<text class="axis" x="${(left + (width * mark) / marks).toFixed(1)}" y="${y}">${text}</text>`;
  }).join('\n');
}

/** What the colours mean. */
export function legend(): string {
  const entries = STATES.map(
    (state) => `<span class="key"><i class="${state}"></i>${wordsOf(state)}</span>`,
  );
  return `<p class="legend">${entries.join(' ')}</p>\n`;
}

export function wordsOf(state: State): string {
  return state === 'notApplicable' ? 'not applicable' : state;
}
