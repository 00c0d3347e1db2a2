/**
 * How far this host’s clock is off, as its time service tells: milliseconds, positive where the clock is behind. Null
 * with the reason where none told; nothing disruptive runs then (DESIGN 9).
 */
export type ClockOffset =
  | { readonly offset_ms: number; readonly source: TimeService; readonly reason: null }
  | { readonly offset_ms: null; readonly source: TimeService | null; readonly reason: NoOffset };

export type TimeService = 'timesyncd' | 'chrony';
export type NoOffset =
  | 'no_time_service' // neither timesyncd nor chrony runs here
  | 'no_answer' // its tool is missing or failed
  | 'not_synchronised'; // it runs and has not reached a server

/** Milliseconds of the units of a systemd time span (systemd.time(7)). */
const SPAN: Record<string, number> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Parses `timedatectl timesync-status`, whose `Offset:` is as `-1min 2.5s`; without an answer yet it has none. */
export function parseTimesyncStatus(text: string): ClockOffset {
  const found = /^ *Offset: ([+-]?)(.+)$/m.exec(text);
  const span = found?.[2] === undefined ? null : parseSpan(found[2]);
  if (span === null) return { offset_ms: null, source: 'timesyncd', reason: 'not_synchronised' };
  return {
    offset_ms: rounded(found?.[1] === '-' ? -span : span),
    source: 'timesyncd',
    reason: null,
  };
}

function parseSpan(text: string): number | null {
  if (text === '0') return 0;
  const parts = text.split(' ').map((part) => {
    const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(part) ?? [];
    return Number(amount || Number.NaN) * (SPAN[unit] ?? Number.NaN);
  });
  const sum = parts.reduce((total, part) => total + part, 0);
  return Number.isNaN(sum) ? null : sum;
}

/** chronyd’s reference id of the local clock itself, which says nothing of the true time. */
const LOCAL_REFERENCE = '7F7F0101';

/**
 * Parses `chronyc -c tracking`: reference id, name, stratum, reference time, seconds that the clock is slow, …, leap
 * status (chronyc(1)).
 */
export function parseChronyTracking(text: string): ClockOffset {
  const fields = text.trim().split(',');
  const [reference = '', , stratum = '', , slow = ''] = fields;
  const seconds = /^-?\d+\.\d+$/.test(slow) ? Number(slow) : Number.NaN;
  const synchronised = fields.at(-1) !== 'Not synchronised' && stratum !== '0';
  if (Number.isNaN(seconds) || !synchronised || reference === LOCAL_REFERENCE) {
    return { offset_ms: null, source: 'chrony', reason: 'not_synchronised' };
  }
  return { offset_ms: rounded(seconds * 1000), source: 'chrony', reason: null };
}

/** To the microsecond; no minus sign on a zero, which canonical JSON does not tell apart. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000 + 0;
}
