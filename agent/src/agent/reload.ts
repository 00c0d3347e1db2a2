import type { Log } from '../effects/log.ts';
import { toFailure } from '../wire/failure.ts';
import { type FieldIssue, InputError } from '../wire/input.ts';
import type { Agent } from './agent.ts';
import type { Config } from './config.ts';

/** Settings that name what is open while the daemon runs: a restart takes them up. */
const FIXED = [
  'state_dir',
  'signing_key_file',
  'host_id',
  'site_id',
  'metrics_listen',
  'rmm_webhook_url',
  'syslog_target',
] as const;

/**
 * Reads settings and baseline again (SIGHUP). What is wrong, or cannot change without a restart, is refused and logged,
 * and all that was in force stays so; then it throws the `InputError`. What is taken up is itself evidence.
 */
export async function reloadConfig({
  agent,
  load,
  log,
}: {
  agent: Agent;
  load: () => Promise<Config>;
  log: Log;
}): Promise<void> {
  const old = agent.config();
  try {
    const config = await load();
    refuseFixed(old, config);
    agent.reconfigure(config);
    log.level = config.settings.log_level;
    await agent.record('reload', {
      ruleset_hash_before: old.rulesetHash,
      ruleset_hash: config.rulesetHash,
    });
    log.info({ ruleset_hash: config.rulesetHash }, 'settings and baseline read again');
  } catch (error) {
    if (error instanceof InputError)
      log.error({ refused: error.message.split('\n') }, 'settings refused; the old ones stay');
    else
      log.error({ failure: toFailure(error, 'reload'), err: error }, 'settings could not be read');
    throw error;
  }
}

function refuseFixed({ settings: old }: Config, { settings: next }: Config): void {
  const issues: FieldIssue[] = FIXED.filter((field) => old[field] !== next[field]).map((field) => ({
    field,
    found: next[field] ?? 'nothing',
    expected: `expected ${old[field] ?? 'nothing'}, which only a restart can change`,
  }));
  if ((old.mcp_url === undefined) !== (next.mcp_url === undefined)) {
    const expected = 'expected as before: only a restart begins or ends work with a server';
    issues.push({ field: 'mcp_url', found: next.mcp_url ?? 'nothing', expected });
  }
  if (issues.length > 0) throw new InputError('settings', issues);
}
