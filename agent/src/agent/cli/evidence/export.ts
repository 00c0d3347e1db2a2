import { writeFileSync } from 'node:fs';
import { derivedFiles } from '../../../core/report/derived.ts';
import { sealStatement, statementBytes } from '../../../core/report/exports/statement.ts';
import { collectEntries } from '../../../effects/packet/write.ts';
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
  const bytes = await withReport(options, (prepared) => convert(prepared, format));
  if (output === undefined) process.stdout.write(bytes);
  else writeFileSync(output, bytes, { mode: 0o640 });
}

async function convert(
  { source, parameters, controls, signer }: Prepared,
  format: Format,
): Promise<Buffer> {
  const { entries } = await collectEntries(source);
  const { facts, files } = derivedFiles({ entries, parameters, controls });
  if (format !== 'in-toto')
    return files.find(({ name }) => name === FILES[format])?.bytes ?? Buffer.alloc(0);
  if (signer === null)
    throw new Exit(EXIT.failed, 'a statement is signed by the host: leave --public-key out');
  const subjects = entries.map(({ host_id, ended, bundle_id, sha256 }) => {
    const day = new Date(ended).toISOString().slice(0, 10).replaceAll('-', '/');
    return { name: `evidence/${host_id}/${day}/${bundle_id}/bundle.json`, sha256 };
  });
  return sealStatement(statementBytes(facts, subjects), signer);
}
