import type { OrderedEntries, ReportFacts } from '../facts.ts';

type Cell = string | number | null;

function csv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [head, ...rows].map(line).join('');
}

/** RFC 4180. Text that a spreadsheet would take for a formula is kept from being one by an apostrophe. */
const line = (row: readonly Cell[]): string => `${row.map(cellText).join(',')}\r\n`;

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A line for each control of each host: seconds in each state, incidents, citations. */
export function controlsCsv({ parameters, hosts }: ReportFacts): string {
  const head = ['host', 'site', 'control', 'from', 'to', 'compliant_sec', 'drifted_sec'];
  head.push(
    'unknown_sec',
    'unattested_sec',
    'not_applicable_sec',
    'incidents',
    'hipaa',
    'nist_800_53r5',
  );
  const rows = hosts.flatMap(({ host_id, site_id, controls, incidents }) =>
    controls.map(({ check, seconds, citations }): Cell[] => {
      const cited = (name: string) =>
        citations.flatMap(({ framework, id }) => (framework === name ? [id] : [])).join(' ');
      return [
        ...[host_id, site_id, check, parameters.from, parameters.to],
        ...[seconds.compliant, seconds.drifted, seconds.unknown, seconds.unattested],
        ...[seconds.notApplicable, incidents.filter((one) => one.check === check).length],
        ...[cited('hipaa'), cited('nist-800-53r5')],
      ];
    }),
  );
  return csv(head, rows);
}

/** A line for each incident. */
export function incidentsCsv({ hosts }: ReportFacts): string {
  const head = ['host', 'control', 'kind', 'severity', 'detected_at', 'ended_at', 'end'];
  head.push('remedies', 'found', 'bundle_id');
  const rows = hosts.flatMap(({ host_id, incidents }) =>
    incidents.map((one): Cell[] => {
      const remedies = one.attempts.map(
        ({ at, runbook_id, outcome }) => `${at} ${runbook_id} ${outcome}`,
      );
      return [
        ...[host_id, one.check, one.kind, one.severity, one.detected_at, one.ended_at, one.end],
        ...[remedies.join('; '), one.found.join(' '), one.bundle_id],
      ];
    }),
  );
  return csv(head, rows);
}

/** A line for each bundle, with the digest of its exact bytes; made while it is read. */
export function* bundlesCsv(entries: OrderedEntries): Generator<string> {
  const head = [
    'host',
    'chain_id',
    'sequence',
    'ended_at',
    'check',
    'outcome',
    'verdict',
    'severity',
  ];
  head.push('runbook', 'order', 'received_at', 'bundle_id', 'sha256', 'key_id');
  yield line(head);
  for (const one of entries) {
    const own = one.statements.find(({ check }) => check === one.check);
    yield line([
      ...[one.host_id, one.chain_id, one.sequence, new Date(one.ended).toISOString()],
      ...[one.check, one.outcome, own?.verdict ?? null, own?.severity ?? null],
      ...[one.attempt?.runbook_id ?? null, one.attempt?.order_id ?? null],
      ...[one.received_at, one.bundle_id, one.sha256, one.key_id],
    ]);
  }
}
