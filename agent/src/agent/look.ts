import type { Check } from '../core/check.ts';
import type { Host } from '../core/host.ts';
import { concludeCheck } from '../core/judge.ts';
import { observe } from '../effects/observe.ts';
import type { CheckState } from '../wire/verdict.ts';
import type { Config } from './config.ts';

/** How checks look at a host: `host` makes the port for one check, whose looks end when the signal aborts. */
export type Look = {
  readonly config: Config;
  readonly host: (signal: AbortSignal) => Host;
  readonly now: Date;
};

/** The checks that the settings let run. */
export function enabledChecks(checks: readonly Check[], { settings }: Config): Check[] {
  return checks.filter(({ id }) => settings.checks[id]?.enable !== false);
}

/** Probe and judge, each check by itself and all at once; one check’s failure is its own `unknown` (DESIGN 3). */
export function lookAtAll(checks: readonly Check[], look: Look): Promise<CheckState[]> {
  return Promise.all(checks.map((check) => lookAt(check, look)));
}

export async function lookAt(check: Check, { config, host, now }: Look): Promise<CheckState> {
  const seen = await observe(check, {
    host,
    section: config.baseline.checks[check.id],
    now,
    timeout: config.settings.checks[check.id]?.timeout,
  });
  return concludeCheck(seen, { exceptions: config.baseline.exceptions, now });
}
