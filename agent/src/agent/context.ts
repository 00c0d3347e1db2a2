import type { Host } from '../core/host.ts';
import { VERSION } from '../version.ts';
import { sha256Hex } from '../wire/canonical.ts';
import type { HostContext } from '../wire/evidence.ts';
import { FailureError } from '../wire/failure.ts';
import type { Look } from './look.ts';

/** Seconds in which a host must say what it is; what it has not said by then is null. */
const TIME_LIMIT = 10;

/** What is true of host and configuration in this cycle, as every bundle carries it. */
export async function readContext({ config, host: hostFor }: Look): Promise<HostContext> {
  const { settings, rulesetHash } = config;
  const host = hostFor(AbortSignal.timeout(TIME_LIMIT * 1000));
  const [bootId, system, version] = await Promise.all([
    orNull(host.read('/proc/sys/kernel/random/boot_id')),
    orNull(host.link('/run/current-system')),
    orNull(host.read('/run/current-system/nixos-version')),
  ]);
  return {
    site_id: settings.site_id,
    host_id: settings.host_id,
    deployment_mode: settings.deployment_mode,
    reseller_id: settings.reseller_id ?? null,
    policy_version: settings.policy_version,
    ruleset_hash: rulesetHash,
    nixos_revision: version?.trim().match(/\.([0-9a-f]{7,40})$/)?.[1] ?? null,
    derivation_digest: system === null ? null : sha256Hex(system),
    ntp_offset_ms: await clockOffset(host),
    boot_id: bootId?.trim().slice(0, 64) ?? 'unknown',
    agent_version: VERSION,
  };
}

/** Not every host is a NixOS; what could not be read is null in evidence. */
function orNull(look: Promise<string>): Promise<string | null> {
  return look.catch((error: unknown) => {
    if (error instanceof FailureError) return null;
    throw error;
  });
}

/** No time service is asked yet, so none told. */
async function clockOffset(_host: Host): Promise<number | null> {
  return null;
}
