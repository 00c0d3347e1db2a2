// A program: restores the firewall of its own network namespace and prints what came of it as JSON.
// Arguments: the section and the file that the reference probe’s data is in, or nothing where the probe fails.
import { readFileSync } from 'node:fs';
import { FirewallSection, type ReadableSection } from '../../agent/src/core/ruleset/section.ts';
import { restoreFirewall } from '../../agent/src/effects/firewall/restore.ts';

const [section = '', file = ''] = process.argv.slice(2);
const restored = await restoreFirewall({
  section: FirewallSection.parse(JSON.parse(section)) as ReadableSection,
  askReference: async () => JSON.parse(readFileSync(file, 'utf8')),
  signal: AbortSignal.timeout(30_000),
});
console.log(JSON.stringify(restored));
