import { canonicalBytes } from '../../wire/canonical.ts';
import type { Json } from '../../wire/primitives.ts';
import { commandsFor } from './commands.ts';
import type { Entry } from './entry.ts';
import { bundlesCsv, controlsCsv, incidentsCsv } from './exports/csv.ts';
import { oscalBytes } from './exports/oscal.ts';
import { type ReportFacts, reportFacts } from './facts.ts';
import { reportPage } from './page/page.ts';
import type { Control, Parameters } from './parameters.ts';

/** Files of a packet that are not evidence. */
export const SUMS = 'SHA256SUMS';
export const STATEMENT = 'statement.dsse.json';
export const REPORT = 'report.json';

export type Derived = { readonly name: string; readonly bytes: Buffer };

/** Every file of a packet that follows from its bundles and parameters, by name: made to write, and again to verify. */
export function derivedFiles({
  entries,
  parameters,
  controls,
}: {
  entries: readonly Entry[];
  parameters: Parameters;
  controls: readonly Control[];
}): { facts: ReportFacts; files: Derived[] } {
  const facts = reportFacts({ entries, parameters, controls });
  const file = (name: string, text: string): Derived => ({
    name,
    bytes: Buffer.from(text, 'utf8'),
  });
  const files = [
    file('README.txt', readme(facts)),
    file('bundles.csv', bundlesCsv(entries)),
    file('controls.csv', controlsCsv(facts)),
    file('incidents.csv', incidentsCsv(facts)),
    { name: 'oscal-assessment-results.json', bytes: oscalBytes(facts) },
    file('report.html', reportPage(facts)),
    { name: REPORT, bytes: canonicalBytes(facts as unknown as Json) },
  ];
  return { facts, files };
}

function readme(facts: ReportFacts): string {
  const { from, to } = facts.parameters;
  return `Compliance packet, ${from} to ${to}

report.html                     the report, for people
report.json                     the same facts
evidence/HOST/YYYY/MM/DD/ID/    bundle.json: the exact signed bytes; bundle.sig: base64 of their Ed25519 signature;
                                receipt.json, receipt.sig: the server's receipt, where there is one
keys/HOST/KEY_ID.pem            the hosts' public keys
controls.csv, incidents.csv, bundles.csv, oscal-assessment-results.json
                                the same facts for other programs
${SUMS}                      SHA-256 of every file but itself and the statement
${STATEMENT}             an in-toto statement about ${SUMS}, signed by the host (DSSE), where its key was at hand

compliance-agent evidence verify PACKET.zip checks all of it and makes the report again from the bundles.
Without that program, in this folder:

${commandsFor(facts)}`;
}

/** The text of SHA256SUMS, as sha256sum(1) reads it, by name. */
export function sumsText(digests: ReadonlyMap<string, string>): string {
  const lines = [...digests].map(([name, digest]) => ({ name, digest }));
  lines.sort((a, b) => (a.name < b.name ? -1 : 1));
  return lines.map(({ name, digest }) => `${digest}  ${name}\n`).join('');
}
