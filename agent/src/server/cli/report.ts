import { writeFileSync } from 'node:fs';
import { CHECKS } from '../../checks/index.ts';
import type { Parameters } from '../../core/report/parameters.ts';
import { writePacket } from '../../effects/packet/write.ts';
import { EXIT, Exit } from '../../terminal/exit.ts';
import { withProgress } from '../../terminal/progress.ts';
import { periodOption } from '../../terminal/times.ts';
import { VERSION } from '../../version.ts';
import { storedSource } from '../report/source.ts';
import type { ConfigOption } from './config-option.ts';
import { withStore } from './with-store.ts';

type ReportOptions = ConfigOption & {
  readonly site: string;
  readonly from: string;
  readonly to: string;
  readonly output?: string;
  readonly attestationInterval: string;
};

/** One page and one packet for every host of a site, from what the server keeps. */
export async function reportSite(options: ReportOptions): Promise<void> {
  const { site } = options;
  const { from, to } = periodOption(options);
  const interval = Number(options.attestationInterval);
  const parameters: Parameters = {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    profile: 'hipaa',
    attestation_interval_sec: interval,
    ntp_max_skew_ms: 5000,
    exceptions: [], // their text lies in the baselines of the hosts
    made_by: VERSION,
  };
  const prefix = options.output ?? `compliance-${site}-${options.from}-${options.to}`;
  const made = await withStore(options, async (store) => {
    const hosts = (await store.hosts()).filter(({ host }) => host.siteId === site);
    if (hosts.length === 0) throw new Exit(EXIT.failed, `no host of site ${site} is enrolled`);
    return withProgress('reading evidence', async (progress) => {
      const since = new Date(from - 2 * interval * 1000).toISOString();
      const source = await storedSource(store, { hosts, since, until: parameters.to, progress });
      const controls = CHECKS.map(({ id, title, citations }) => ({ id, title, citations }));
      const file = `${prefix}.zip`;
      return writePacket({ file, source, parameters, controls, signer: null });
    });
  });
  writeFileSync(`${prefix}.html`, made.page, { mode: 0o640 });
  console.log(`${prefix}.html\n${prefix}.zip\n${made.bundles} bundles of ${site}`);
  if (made.refused > 0)
    console.log(`${made.refused} bundles do not verify: nothing in the report rests on them`);
}
