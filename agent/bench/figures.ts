import type { Figure, Row } from './row.ts';

type Direction = 'up' | 'down';

/** Three digits, or all of those before the point; rounded up or down as told, never to the nearer. */
export function rounded(
  value: number,
  direction: Direction,
  decimals: number = decimalsOf(value),
): string {
  if (!Number.isFinite(value)) return '–';
  const scaled = Number((value * 10 ** decimals).toPrecision(12)); // 1.13 * 100 is 112.99999999999999
  const whole = (direction === 'up' ? Math.ceil : Math.floor)(scaled) / 10 ** decimals;
  return whole.toLocaleString('en', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

const decimalsOf = (value: number): number =>
  value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));

/** What the cells of a row say: our figure rounded against us, the others’ for them. */
export function cellsOf(row: Row) {
  const [against, favour] =
    row.better === 'lower' ? (['up', 'down'] as const) : (['down', 'up'] as const);
  const figure = ({ median, spread }: Figure, direction: Direction) =>
    `${rounded(median, direction)} ± ${rounded(spread, 'up', decimalsOf(median))}`;
  const peers = Object.entries(row.peers).map(
    ([name, peer]) =>
      `${name} ${figure(peer, favour)} (ours ${rounded(row.ours.median / peer.median, against)} ×)`,
  );
  return {
    ours: figure(row.ours, against),
    floor: figure(row.floor, favour),
    ratio: rounded(row.ratio, against),
    peers,
    goal: row.goal ?? 'none',
    setBy: row.goal === null ? '–' : row.issue === undefined ? 'us' : `issue ${row.issue}`,
    met: row.met === null ? '–' : row.met ? 'met' : 'NOT met',
  };
}
