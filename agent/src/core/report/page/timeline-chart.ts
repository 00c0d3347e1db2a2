import type { HostFacts } from '../facts.ts';
import type { Parameters } from '../parameters.ts';
import { axis } from './heat-map.ts';
import { asText, timeText } from './markup.ts';

const LABEL_WIDTH = 120;
const WIDTH = 960;
const ROW = 26;

/** One host: a bar for each control with every change in its place, and a mark where an incident was detected. */
export function timelineChart(
  { host_id, controls, incidents }: HostFacts,
  parameters: Parameters,
): string {
  const from = Date.parse(parameters.from);
  const to = Date.parse(parameters.to);
  const width = WIDTH - LABEL_WIDTH;
  const x = (time: number) => LABEL_WIDTH + ((time - from) / (to - from)) * width;
  const bars = controls.flatMap(({ check, segments }, row) => [
    `<text x="0" y="${row * ROW + 40}">${asText(check)}</text>`,
    ...segments.map(({ from: begin, to: end, state }) => {
      const wide = Math.max(0.75, x(end) - x(begin));
      const title = `${check}: ${state} ${timeText(begin)} to ${timeText(end)} UTC`;
      return `<rect class="${state}" x="${x(begin).toFixed(2)}" y="${row * ROW + 28}" width="${wide.toFixed(2)}" height="16"><title>${asText(title)}</title></rect>`;
    }),
  ]);
  const rowOf = new Map(controls.map(({ check }, row) => [check, row]));
  const marks = incidents.map(({ check, detected_at, kind }) => {
    const at = Math.max(from, Date.parse(detected_at));
    const y = (rowOf.get(check) ?? 0) * ROW + 27;
    const left = x(at);
    const points = `${left.toFixed(2)},${y} ${(left - 3).toFixed(2)},${y - 5} ${(left + 3).toFixed(2)},${y - 5}`;
    return `<polygon class="mark" points="${points}"><title>${asText(`${check}: ${kind}, detected ${timeText(at)} UTC`)}</title></polygon>`;
  });
  return `<svg role="img" aria-label="${asText(`Timeline of ${host_id}`)}" viewBox="0 0 ${WIDTH} ${controls.length * ROW + 26}">
${axis({ from, to, left: LABEL_WIDTH, width, y: 14 })}
${[...bars, ...marks].join('\n')}
</svg>
`;
}
