import { once } from 'node:events';
import { appendFileSync, closeSync, openSync } from 'node:fs';
import { derivedFiles } from '../../../core/report/derived.ts';
import {
  type Subject,
  sealStatement,
  statementBytes,
} from '../../../core/report/exports/statement.ts';
import { type EntryScratch, openEntryScratch } from '../../../effects/packet/scratch.ts';
import { collectEntries } from '../../../effects/packet/write.ts';
import { dayOf } from '../../../effects/store/folders.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { type PeriodOptions, type Prepared, withReport } from '../report/prepare.ts';

export const FORMATS = ['json', 'oscal', 'in-toto', 'csv', 'incidents-csv', 'bundles-csv'] as const;
type Format = (typeof FORMATS)[number];

const FILES: Record<Exclude<Format, 'in-toto'>, string> = {
  json: 'report.json',
  oscal: 'oscal-assessment-results.json',
  csv: 'controls.csv',
  'incidents-csv': 'incidents.csv',
  'bundles-csv': 'bundles.csv',
};

/** The facts of a report in the form of another program’s choice. */
export async function exportEvidence(
  options: PeriodOptions & { readonly format: Format; readonly output?: string },
): Promise<void> {
  const { format, output } = options;
  const entries = openEntryScratch();
  try {
    await withReport(options, async (prepared) => {
      await collectEntries(prepared.source, { entries });
      const parts = convert(prepared, { entries, format });
      await (output === undefined ? print(parts) : save(parts, output));
    });
  } finally {
    entries.close();
  }
}

async function print(parts: Iterable<Buffer>): Promise<void> {
  for (const part of parts) if (!process.stdout.write(part)) await once(process.stdout, 'drain');
}

function save(parts: Iterable<Buffer>, output: string): void {
  const file = openSync(output, 'w', 0o640);
  try {
    for (const part of parts) appendFileSync(file, part);
  } finally {
    closeSync(file);
  }
}

function convert(
  { parameters, controls, signer }: Prepared,
  { entries, format }: { entries: EntryScratch; format: Format },
): Iterable<Buffer> {
  const { facts, files } = derivedFiles({ entries, parameters, controls });
  if (format !== 'in-toto') return files.find(({ name }) => name === FILES[format])?.parts ?? [];
  if (signer === null)
    throw new Exit(EXIT.failed, 'a statement is signed by the host: leave --public-key out');
  return [sealStatement(statementBytes(facts, [...subjectsOf(entries)]), signer)];
}

function* subjectsOf(entries: EntryScratch): Generator<Subject> {
  for (const { host_id, ended, bundle_id, sha256 } of entries)
    yield { name: `evidence/${host_id}/${dayOf(ended)}/${bundle_id}/bundle.json`, sha256 };
}
