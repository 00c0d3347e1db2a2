import { resolve } from 'node:path';
import { CHECKS } from '../../../checks/index.ts';
import { explainPlan } from '../../../core/plan.ts';
import { readJournal } from '../../../effects/journal.ts';
import { readResults } from '../../../effects/root/results.ts';
import { readRootState } from '../../../effects/root/state.ts';
import { loadConfig } from '../../config.ts';
import { readContext } from '../../context.ts';
import { planCheck } from '../../healing/plan.ts';
import { hostsBelow } from '../../hosts.ts';
import { enabledChecks, lookAtAll } from '../../look.ts';
import type { ConfigOption } from '../options.ts';

/** The dry run: looks, judges and plans as a cycle does, beside the daemon, and starts nothing. */
export async function plan({
  config: file,
  root,
  json = false,
}: ConfigOption & { root: string; json?: boolean }): Promise<void> {
  const now = new Date();
  const config = await loadConfig({ file, env: process.env, now });
  const { settings } = config;
  const host = hostsBelow({ root: resolve(root), runtimeDir: settings.runtime_dir });
  const look = { config, host, now };
  const checks = enabledChecks(CHECKS, config);
  const [context, states] = await Promise.all([readContext(look), lookAtAll(checks, look)]);
  const journal = readJournal(settings.state_dir);
  const parts = {
    journal: { current: () => journal },
    settings: () => settings,
    checks,
    readResults: () => readResults(settings.root_state_dir),
    readRootState: () => readRootState(settings.root_state_dir),
    lastSeen: null,
  };
  const plans = states.map((state) => {
    const running = journal.intents.some(({ check }) => check === state.check);
    const input = { now, context, mayStart: true };
    const { plan: planned } = planCheck(parts, { state, input, running });
    const remedy = checks.find(({ id }) => id === state.check)?.remedy ?? null;
    return {
      check: state.check,
      verdict: state.verdict,
      remedy,
      ...planned,
      sentence: explainPlan(planned),
    };
  });
  if (json) return void console.log(JSON.stringify(plans, null, 2));
  const { tableText } = await import('../../../terminal/table.ts');
  const rows = plans.map(({ check, verdict, remedy, step, sentence }) => [
    check,
    verdict,
    remedy ?? '',
    step,
    sentence,
  ]);
  console.log(tableText(['check', 'verdict', 'remedy', 'step', 'why'], rows));
}
