import { readClockOffset } from '../effects/clock-offset.ts';
import { readSystem } from '../effects/context.ts';
import { VERSION } from '../version.ts';
import type { HostContext } from '../wire/evidence.ts';
import type { Look } from './look.ts';

/** Seconds in which a host must say what it is; what it has not said by then is null. */
const TIME_LIMIT = 10;

/** What is true of host and configuration in this cycle, as every bundle carries it. */
export async function readContext({ config, host: hostFor }: Look): Promise<HostContext> {
  const { settings, rulesetHash } = config;
  const limit = new AbortController();
  const host = hostFor(limit.signal);
  const timer = setTimeout(() => limit.abort(), TIME_LIMIT * 1000); // AbortSignal.timeout would wake us later
  const [system, clock] = await Promise.all([readSystem(host), readClockOffset(host)]).finally(() =>
    clearTimeout(timer),
  );
  return {
    site_id: settings.site_id,
    host_id: settings.host_id,
    deployment_mode: settings.deployment_mode,
    reseller_id: settings.reseller_id ?? null,
    policy_version: settings.policy_version,
    ruleset_hash: rulesetHash,
    ...system,
    ntp_offset_ms: clock.offset_ms,
    agent_version: VERSION,
  };
}
