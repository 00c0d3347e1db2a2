import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Host } from '../core/host.ts';
import type { Done, Hands, Step } from '../core/remedy.ts';
import type { Action } from '../wire/evidence.ts';
import { FailureError, toFailure } from '../wire/failure.ts';
import { StepLog } from './firewall/steps.ts';

const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
/** No bundle holds more steps (wire/evidence.ts). */
const MAX_ACTIONS = 64;

export type HandsOptions = {
  readonly root: string;
  readonly host: Host;
  /** Aborts at the remedy’s own limit. */
  readonly signal: AbortSignal;
  readonly restoreFirewall: () => Promise<Done & { actions: readonly Action[] }>;
} & Pick<Hands, 'writeCanary' | 'noteRollback' | 'acceptGeneration'>;

/** Root’s hands, and what they did: every step with its exit code and duration. */
export function createHands({ root, signal, restoreFirewall, ...rest }: HandsOptions): {
  hands: Hands;
  actions(): Action[];
} {
  const log = new StepLog();
  const hands: Hands = {
    ...rest,
    async run(step) {
      try {
        await log.step(step.action, step.command.join(' ').slice(0, 512), () =>
          runStep(step, { root, signal }),
        );
        return { exitCode: 0, ok: true };
      } catch (error) {
        const exitCode = toFailure(error, 'remedy.step').params.exit_code ?? null;
        return { exitCode, ok: exitCode !== null && (step.accept ?? []).includes(exitCode) };
      }
    },
    perform: (action, work) => log.step(action, '', work),
    async restoreFirewall() {
      const { actions, ...done } = await restoreFirewall();
      log.actions.push(...actions);
      return done;
    },
    pause: (milliseconds) => pause(milliseconds),
  };
  return {
    hands,
    actions: () =>
      log.actions.slice(0, MAX_ACTIONS).map((action, index) => ({ ...action, step: index + 1 })),
  };
}

/** What the program prints goes to the log: it may name people and paths, and evidence holds neither. */
async function runStep(
  { command, limit }: Step,
  { root, signal }: { root: string; signal: AbortSignal },
): Promise<void> {
  const { execa } = await import('execa');
  const [tool, ...args] = command;
  // A folder that stands for a machine has tools of its own; this machine's would change this machine.
  const program = root === '/' ? tool : join(root, tool.startsWith('/') ? tool : `bin/${tool}`);
  const result = await execa(program, args, {
    cancelSignal: signal,
    reject: false,
    stdin: 'ignore',
    all: true,
    timeout: limit * 1000,
    maxBuffer: MAX_OUTPUT_BYTES,
    env: { LC_ALL: 'C', SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0' },
  });
  const ending = result.exitCode ?? result.signal ?? result.code ?? 'no exit code';
  process.stderr.write(`${result.all ?? ''}${command.join(' ')}: ended with ${ending}\n`);
  if (result.exitCode === 0) return;
  if (result.code === 'ENOENT') throw new FailureError('tool_missing', { tool });
  if (result.exitCode === undefined) throw new FailureError('timeout', { tool });
  throw new FailureError('tool_failed', { tool, exit_code: result.exitCode });
}
