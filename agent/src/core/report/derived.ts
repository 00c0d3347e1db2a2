import { canonicalBytes } from '../../wire/canonical.ts';
import type { Json } from '../../wire/primitives.ts';
import { commandsFor } from './commands.ts';
import { bundlesCsv, controlsCsv, incidentsCsv } from './exports/csv.ts';
import { oscalBytes } from './exports/oscal.ts';
import { type OrderedEntries, type ReportFacts, reportFacts } from './facts.ts';
import { reportPage } from './page/page.ts';
import type { Control, Parameters } from './parameters.ts';

/** Files of a packet that are not evidence. */
export const SUMS = 'SHA256SUMS';
export const STATEMENT = 'statement.dsse.json';
export const REPORT = 'report.json';
export const PAGE = 'report.html';

/** A file in parts, which are made anew each time that they are gone through. */
export type Derived = { readonly name: string; readonly parts: Iterable<Buffer> };

/** Characters that are handed on at once. */
const PART = 64 * 1024;

/** Every file of a packet that follows from its bundles and parameters, by name: made to write, and again to verify. */
export function derivedFiles({
  entries,
  parameters,
  controls,
}: {
  entries: OrderedEntries;
  parameters: Parameters;
  controls: readonly Control[];
}): { facts: ReportFacts; files: Derived[] } {
  const facts = reportFacts({ entries, parameters, controls });
  const file = (name: string, text: string): Derived => ({
    name,
    parts: [Buffer.from(text, 'utf8')],
  });
  const files = [
    file('README.txt', readme(facts)),
    { name: 'bundles.csv', parts: { [Symbol.iterator]: () => joined(bundlesCsv(entries)) } },
    file('controls.csv', controlsCsv(facts)),
    file('incidents.csv', incidentsCsv(facts)),
    { name: 'oscal-assessment-results.json', parts: [oscalBytes(facts)] },
    file(PAGE, reportPage(facts)),
    { name: REPORT, parts: [canonicalBytes(facts as unknown as Json)] },
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

/** A line of SHA256SUMS, as sha256sum(1) reads it; the lines are by name. */
export const sumsLine = (name: string, digest: string): string => `${digest}  ${name}\n`;

/** Texts as fewer and larger parts. */
export function* joined(texts: Iterable<string>): Generator<Buffer> {
  let waiting = '';
  for (const text of texts) {
    waiting += text;
    if (waiting.length < PART) continue;
    yield Buffer.from(waiting, 'utf8');
    waiting = '';
  }
  if (waiting !== '') yield Buffer.from(waiting, 'utf8');
}
