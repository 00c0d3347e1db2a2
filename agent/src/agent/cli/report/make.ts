import { writeFileSync } from 'node:fs';
import { writePacket } from '../../../effects/packet/write.ts';
import { type PeriodOptions, withReport } from './prepare.ts';

export async function makeReport(
  options: PeriodOptions & { readonly output?: string; readonly json?: boolean },
): Promise<void> {
  const made = await withReport(options, async ({ hostId, ...what }) => {
    const { from, to } = what.parameters;
    const name = `compliance-${hostId}-${from.slice(0, 10)}-${to.slice(0, 10)}`;
    const prefix = options.output ?? name;
    const files = { page: `${prefix}.html`, packet: `${prefix}.zip` };
    const { page, bundles, refused, facts } = await writePacket({ file: files.packet, ...what });
    writeFileSync(files.page, page, { mode: 0o640 });
    const incidents = facts.hosts.reduce((sum, host) => sum + host.incidents.length, 0);
    return { ...files, bundles, refused, incidents, signed: what.signer !== null };
  });
  if (options.json) return console.log(JSON.stringify(made, null, 2));
  console.log(`${made.page}\n${made.packet}`);
  console.log(`${made.bundles} bundles, ${made.incidents} incidents`);
  if (made.refused > 0)
    console.log(`${made.refused} bundles do not verify: nothing in the report rests on them`);
}
