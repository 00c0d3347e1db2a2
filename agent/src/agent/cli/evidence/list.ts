import { openReader } from '../../../effects/store/reader.ts';
import type { BundleRow } from '../../../effects/store/rows.ts';
import { tableText } from '../../../terminal/table.ts';
import { timeOption } from '../../../terminal/times.ts';
import { type FieldIssue, InputError } from '../../../wire/input.ts';
import { type StateOptions, stateDirOf } from '../state.ts';

type ListOptions = StateOptions & {
  readonly check?: string;
  readonly outcome?: string;
  readonly order?: string;
  readonly since?: string;
  readonly until?: string;
  readonly oldestFirst?: boolean;
  readonly limit: string;
  readonly after?: string;
  readonly json?: boolean;
};

export async function listEvidence(options: ListOptions): Promise<void> {
  const { check, outcome, order, oldestFirst } = options;
  const issues: FieldIssue[] = [];
  const query = {
    ...{ check, outcome, order, oldestFirst },
    since: timeOption('--since', options.since, issues),
    until: timeOption('--until', options.until, issues),
    limit: number('--limit', options.limit, issues),
    after: number('--after', options.after, issues),
  };
  if (issues.length > 0) throw new InputError('command line', issues);
  const reader = openReader({ stateDir: await stateDirOf(options) });
  try {
    const page = reader.list(query);
    if (options.json) return console.log(JSON.stringify(page, null, 2));
    const head = ['NUMBER', 'ENDED', 'CHECK', 'OUTCOME', 'RECEIPT', 'BUNDLE'];
    console.log(tableText(head, page.bundles.map(cells)));
    if (page.next !== null) console.log(`more: --after ${page.next}`);
  } finally {
    reader.close();
  }
}

function cells(row: BundleRow): string[] {
  return [
    String(row.sequence),
    new Date(row.ended_at).toISOString(),
    row.check_id,
    row.outcome,
    row.receipted === 1 ? 'yes' : 'no',
    row.bundle_id,
  ];
}

function number(field: string, text: string | undefined, issues: FieldIssue[]): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  issues.push({ field, found: text, expected: 'expected a number from 1' });
  return undefined;
}
