import { CHECKS } from '../../../checks/index.ts';
import type { Check } from '../../../core/check.ts';
import type { Signer } from '../../../core/ed25519.ts';
import type { Control, Parameters } from '../../../core/report/parameters.ts';
import { readSigner } from '../../../effects/keys.ts';
import { storeSource } from '../../../effects/packet/store-source.ts';
import type { PacketSource } from '../../../effects/packet/write.ts';
import { openReader, type Reader } from '../../../effects/store/reader.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { withProgress } from '../../../terminal/progress.ts';
import { periodOption } from '../../../terminal/times.ts';
import { VERSION } from '../../../version.ts';
import { toFailure } from '../../../wire/failure.ts';
import { InputError } from '../../../wire/input.ts';
import { loadBaseline } from '../../baseline.ts';
import { signingKeyOf, trustedKeys } from '../keys/trusted.ts';
import { type StateOptions, settingsOf, stateDirOf } from '../state.ts';

export type PeriodOptions = StateOptions & {
  readonly from: string;
  readonly to: string;
  readonly publicKey?: string;
};

export type Prepared = {
  readonly hostId: string;
  readonly source: PacketSource;
  readonly parameters: Parameters;
  readonly controls: readonly Control[];
  readonly signer: Signer | null;
};

/** Everything that a report of this host is made from; `work` has the time in which the evidence is open to read. */
export async function withReport<T>(
  options: PeriodOptions,
  work: (prepared: Prepared) => Promise<T>,
): Promise<T> {
  const { from, to } = periodOption(options);
  const settings = await settingsOf(options);
  const publicKeys = await trustedKeys(options);
  const reader = openReader({ stateDir: await stateDirOf(options) });
  try {
    const hostId = hostOf(reader, to);
    const interval = settings.attestation_interval;
    const { profile, exceptions } = await declared(settings);
    const parameters: Parameters = {
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      profile,
      attestation_interval_sec: interval,
      ntp_max_skew_ms: settings.ntp_max_skew_ms,
      exceptions: exceptions.map((exception) => ({ host_id: hostId, exception })),
      made_by: VERSION,
    };
    const since = from - 2 * interval * 1000; // what was said before still holds at the beginning
    const signer = await ownSigner(options);
    return await withProgress('reading evidence', (progress) => {
      const source = storeSource(reader, { hostId, since, until: to, publicKeys, progress });
      return work({ hostId, source, parameters, controls: controlsOf(CHECKS), signer });
    });
  } finally {
    reader.close();
  }
}

/** Checks as a report needs them. */
export function controlsOf(checks: readonly Check[]): Control[] {
  return checks.map(({ id, title, citations }) => ({ id, title, citations }));
}

/** The host that the newest bundle before `until` names. */
function hostOf(reader: Reader, until: number): string {
  const [row] = reader.list({ until, limit: 1 }).bundles;
  if (row === undefined)
    throw new Exit(EXIT.failed, 'nothing was recorded before the end of this period');
  const { host_id } = JSON.parse(reader.files(row).bytes.toString('utf8')) as { host_id?: unknown };
  return String(host_id);
}

/** Profile and exceptions of the baseline; none where there is no baseline, as on another machine. */
async function declared(settings: { baseline_path: string; ntp_max_skew_ms: number }) {
  const { baseline_path: path, ntp_max_skew_ms: maxSkewMs } = settings;
  try {
    return await loadBaseline({ path, maxSkewMs, now: new Date() });
  } catch (error) {
    const cause = error instanceof InputError ? error.cause : error;
    if (toFailure(cause, 'report').code !== 'absent') throw error;
    return { profile: 'hipaa' as const, exceptions: [] };
  }
}

/** The host’s own signer where its key is at hand; a report by someone else carries no statement. */
async function ownSigner(options: PeriodOptions): Promise<Signer | null> {
  if (options.publicKey !== undefined) return null;
  return readSigner(await signingKeyOf(options));
}
