import { join } from 'node:path';
import { runAgent } from '../command.ts';
import { interleave, type Measurement } from '../measurement.ts';
import { type Evidence, indexedEvidence } from '../shared-evidence.ts';

const MANY = Number(process.env.BENCH_REPORT_BUNDLES ?? 20_000);
const PERIOD = ['--from', '2020-01-01', '--to', '2021-01-01'];

/**
 * Peak memory of a command on so many bundles of one host, beside the same on a tenth of them. What may grow are SQLite’s
 * caches, which few bundles do not fill, to their limit, and nine bytes a verdict.
 */
const memoryOf = (
  what: string,
  args: (evidence: Evidence) => readonly string[],
  prepare: (evidence: Evidence) => Promise<void> = async () => {},
): Measurement => ({
  name: `${what}, memory at ${MANY} bundles`,
  unit: 'MiB at the peak',
  better: 'lower',
  floor: 'the same command, a tenth of the bundles',
  goal: '≤ 1.35 × floor',
  meets: ({ ours, floor }) => ours <= 1.35 * floor,
  remains:
    'SQLite’s caches, which few bundles do not fill, garbage that V8 has not collected yet, and nine bytes a verdict',
  unfair:
    'the floor is ours too: it shows growth and not size; all bundles are alike and of one host; BENCH_REPORT_BUNDLES=100000 takes more of them, and more time',
  async measure() {
    const [many, few] = [await indexedEvidence(MANY), await indexedEvidence(MANY / 10)];
    for (const evidence of [many, few]) await prepare(evidence);
    const rates: number[] = [];
    const peak = async (evidence: Evidence) => {
      const { ms, peakMiB } = await runAgent(...args(evidence));
      if (evidence === many) rates.push(Math.round((MANY * 1000) / ms));
      return peakMiB;
    };
    const samples = await interleave(3, { ours: () => peak(many), floor: () => peak(few) });
    return { ...samples, note: `${rates.join(', ')} bundles/s by the whole command` };
  },
});

const on = ({ stateDir, key }: Evidence) => ['--state-dir', stateDir, '--public-key', key];
const packetOf = ({ stateDir }: Evidence) => join(stateDir, 'packet');
const report = (evidence: Evidence) => [
  ...['report', ...PERIOD, ...on(evidence), '--output', packetOf(evidence)],
];

export const exportMemory: Measurement = memoryOf('evidence export', (evidence) => [
  ...['evidence', 'export', ...PERIOD, ...on(evidence)],
  ...['--format', 'bundles-csv', '--output', join(evidence.stateDir, 'bundles.csv')],
]);

export const reportMemory: Measurement = memoryOf('report', report);

export const packetMemory: Measurement = memoryOf(
  'evidence verify PACKET.zip',
  (evidence) => ['evidence', 'verify', `${packetOf(evidence)}.zip`, '--public-key', evidence.key],
  async (evidence) => void (await runAgent(...report(evidence))),
);
