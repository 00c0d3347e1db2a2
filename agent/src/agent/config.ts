import { hostname } from 'node:os';
import type { Baseline } from '../checks/baseline.ts';
import { canonicalBytes, sha256Hex } from '../wire/canonical.ts';
import { InputError } from '../wire/input.ts';
import type { Json } from '../wire/primitives.ts';
import { environmentSettings, type Settings } from '../wire/settings.ts';
import { loadBaseline } from './baseline.ts';
import { completeSettings, type Effective } from './effective.ts';
import { unknownIds } from './known-ids.ts';
import { DEFAULT_CONFIG, type Origins, readSettings } from './settings.ts';

export type Config = {
  readonly settings: Effective;
  readonly baseline: Baseline;
  /** SHA-256 of the baseline's canonical JSON: `ruleset_hash` of every bundle. */
  readonly rulesetHash: string;
  readonly origins: Origins;
  /** The settings file as it was read; null where it is not all that the settings come from. */
  readonly text: string | null;
  /** What an administrator should mend although the agent can work with it. */
  readonly warnings: readonly string[];
};

export type ConfigSource = {
  /** Named by the user, so it must exist. Without one `/etc/compliance-agent/config.yaml` is read where it exists. */
  readonly file?: string | undefined;
  /** Stands in for `baseline_path`, as at build time, when the host's own path does not exist yet. */
  readonly baselineFile?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly now: Date;
};

/**
 * Settings from file and environment, and the baseline that they name, all checked. Reads no other file. Throws one
 * `InputError` with every wrong field of all three.
 */
export async function loadConfig({ file, baselineFile, env, now }: ConfigSource): Promise<Config> {
  const result = await readSettings({ file, env });
  const issues = [...(result.ok ? [] : result.issues), ...unknownIds(result.written)];
  const baseline = await loadBaseline({
    path: baselineFile ?? readable(result.written, 'baseline_path'),
    maxSkewMs: readable(result.written, 'ntp_max_skew_ms'),
    now,
  }).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    issues.push(...error.issues.map((issue) => ({ source: error.file, ...issue })));
  });
  if (!result.ok || baseline === undefined || issues.length > 0)
    throw new InputError(file ?? DEFAULT_CONFIG, issues);

  const { settings, warnings } = completeSettings(result.settings, hostname());
  return {
    settings,
    baseline,
    rulesetHash: sha256Hex(canonicalBytes(baseline as Json)),
    origins: result.origins,
    text: result.text,
    warnings,
  };
}

/** One field where it is right although others are wrong, else its default: the baseline is checked in either case. */
function readable<F extends 'baseline_path' | 'ntp_max_skew_ms'>(
  written: Readonly<Record<string, unknown>>,
  field: F,
): Settings[F] {
  const schema = environmentSettings[field];
  const parsed = schema.safeParse(written[field]);
  return (parsed.success ? parsed.data : schema.parse(undefined)) as Settings[F];
}
