import { writeFileSync } from 'node:fs';
import { CHECKS } from '../../checks/index.ts';
import { Parameters } from '../../core/report/parameters.ts';
import { readDocument } from '../../effects/document.ts';
import { writePacket } from '../../effects/packet/write.ts';
import { EXIT, Exit } from '../../terminal/exit.ts';
import { withProgress } from '../../terminal/progress.ts';
import { periodOption } from '../../terminal/times.ts';
import { VERSION } from '../../version.ts';
import { BaselineEnvelope } from '../../wire/baseline.ts';
import { InputError, parseInput } from '../../wire/input.ts';
import { storedSource } from '../report/source.ts';
import type { ConfigOption } from './config-option.ts';
import { withStore } from './with-store.ts';

type ReportOptions = ConfigOption & {
  readonly site: string;
  readonly from: string;
  readonly to: string;
  readonly output?: string;
  readonly profile: string;
  readonly baseline: readonly string[];
  readonly clockLimit: string;
  readonly attestationInterval?: string;
};

/** One page and one packet for every host of a site, from what the server keeps. */
export async function reportSite(options: ReportOptions): Promise<void> {
  const { site } = options;
  const { from, to } = periodOption(options);
  const prefix = options.output ?? `compliance-${site}-${options.from}-${options.to}`;
  const made = await withStore(options, async (store, { attestation_interval }) => {
    const parameters = await parametersOf(options, { from, to, attestation_interval });
    const hosts = (await store.hosts()).filter(({ host }) => host.siteId === site);
    if (hosts.length === 0) throw new Exit(EXIT.failed, `no host of site ${site} is enrolled`);
    return withProgress('reading evidence', async (progress) => {
      const since = new Date(from - 2 * parameters.attestation_interval_sec * 1000).toISOString();
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

/** What the operator says beside the evidence. The hosts attest as often as the server’s settings expect of them. */
async function parametersOf(
  { profile, baseline, clockLimit, attestationInterval }: ReportOptions,
  { from, to, attestation_interval }: { from: number; to: number; attestation_interval: number },
): Promise<Parameters> {
  const said = {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    profile,
    attestation_interval_sec: Number(attestationInterval ?? attestation_interval),
    ntp_max_skew_ms: Number(clockLimit),
    exceptions: (await Promise.all(baseline.map(exceptionsOf))).flat(),
    made_by: VERSION,
  };
  return parseInput(Parameters, said, 'command line');
}

/** The documented alternatives of one host: `HOST=FILE`, with the host’s own baseline. */
async function exceptionsOf(option: string): Promise<Parameters['exceptions']> {
  const [, host_id = '', file = ''] = /^([^=]+)=(.+)$/.exec(option) ?? [];
  if (file === '') {
    const expected = 'expected HOST=FILE, as north-1=/srv/baselines/north-1.yaml';
    throw new InputError('command line', [{ field: '--baseline', found: option, expected }]);
  }
  const { exceptions } = parseInput(BaselineEnvelope, await readDocument(file), file);
  return exceptions.map((exception) => ({ host_id, exception }));
}
