import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../src/effects/store/folders.ts';
import { openReader } from '../../src/effects/store/reader.ts';
import type { BundleRow } from '../../src/effects/store/rows.ts';
import { openDatabaseReadOnly } from '../../src/effects/store/schema.ts';
import { runAgent } from '../command.ts';
import { copyIndex } from '../evidence-index.ts';
import { interleave, type Measurement, type Samples } from '../measurement.ts';
import { WORK } from '../programs.ts';

const ROWS = Number(process.env.BENCH_ROWS ?? 1_000_000);

/** Pages that people ask for: newest, by check and outcome, by time, deep. */
const PAGES: readonly (readonly string[])[] = [
  ['list'],
  ['list', '--check', 'firewall'],
  ['list', '--check', 'firewall', '--outcome', 'failed', '--until', '2021-01-01'],
  ['list', '--outcome', 'alert', '--since', '2022-01-01', '--until', '2022-02-01'],
  ['list', '--oldest-first', '--after', String(ROWS / 2)],
  ['stats'],
];

/** The real command with its start, beside the start alone. */
export const listing: Measurement = {
  name: `evidence list and stats of ${ROWS} bundles`,
  unit: 'ms',
  better: 'lower',
  floor: 'compliance-agent --help',
  goal: '≤ floor + 50 ms',
  meets: ({ ours, floor }) => ours <= floor + 50,
  issue: 8,
  remains: 'the parser of commands, Node’s standard output and SQLite, without which --help does',
  unfair:
    'the index is filled synthetically, without bundles, which these commands do not read; it is in the page cache',
  measure: () =>
    withIndex(async (stateDir) => {
      let page = 0;
      const slowest: number[] = PAGES.map(() => 0);
      const samples = await interleave(6 * PAGES.length, {
        ours: async () => {
          const at = page++ % PAGES.length;
          const args = PAGES[at] ?? [];
          const { ms } = await runAgent('evidence', ...args, '--state-dir', stateDir);
          slowest[at] = Math.max(slowest[at] ?? 0, ms);
          return ms;
        },
        floor: async () => (await runAgent('--help')).ms,
      });
      const told = PAGES.map((args, at) => `${args.join(' ')}: ${slowest[at]?.toFixed(0)}`);
      return { ...samples, note: `slowest of six each, ms: ${told.join('; ')}` };
    }),
};

/** The query of a page in one process, beside the least that SQLite takes for as many rows. */
export const query: Measurement = {
  name: `indexed query of ${ROWS} bundles`,
  unit: 'ms',
  better: 'lower',
  floor: '51 rows by their primary key',
  goal: '≤ 1 ms',
  meets: ({ ours }) => ours <= 1,
  issue: 8,
  remains: 'the index that finds the rows, beside their primary key',
  unfair:
    'prepared once and in the page cache on both sides; a command pays its start besides (the row above)',
  measure: () =>
    withIndex(async (stateDir) => {
      const reader = openReader({ stateDir });
      const db = openDatabaseReadOnly(layout(stateDir).database);
      const newest = db.prepare<[], BundleRow>(
        'SELECT * FROM bundle ORDER BY position DESC LIMIT 51',
      );
      try {
        return await interleave(201, {
          ours: timed(() => reader.list({ check: 'firewall', outcome: 'failed', since: SINCE })),
          floor: timed(() => newest.all()),
        });
      } finally {
        reader.close();
        db.close();
      }
    }),
};
const SINCE = Date.UTC(2021, 5, 1);

const timed = (work: () => unknown) => async () => {
  const begun = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - begun) / 1e6;
};

async function withIndex(work: (stateDir: string) => Promise<Samples>): Promise<Samples> {
  const stateDir = mkdtempSync(join(WORK, 'bench-'));
  try {
    copyIndex(stateDir, ROWS);
    return await work(stateDir);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}
