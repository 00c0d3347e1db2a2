import type { Command, CommandResult } from '../../core/host.ts';
import { FailureError } from '../../wire/failure.ts';
import type { ToolRunner } from './tools.ts';

/** One run for several who ask, while it is still open to more. */
type Shared = {
  readonly operands: Set<string>;
  readonly signals: AbortSignal[];
  readonly result: Promise<CommandResult>;
};

/**
 * Makes one run of what the checks of a cycle ask in the same moment and with other operands only: one start of
 * systemctl tells of every unit. Each still has its own time limit; the run is ended when the last of them has passed.
 */
export function runTogether(run: ToolRunner): ToolRunner {
  const open = new Map<string, Shared>();
  const begin = (key: string, command: Command): Shared => {
    const operands = new Set<string>();
    const signals: AbortSignal[] = [];
    const result = new Promise<void>((resolve) => void setImmediate(resolve)).then(() => {
      open.delete(key);
      return run({ ...command, operands: [...operands] }, whenAll(signals));
    });
    result.catch(() => {}); // each asker has the failure by its own promise, unless its time had passed before
    const shared = { operands, signals, result };
    open.set(key, shared);
    return shared;
  };
  return (command, signal) => {
    if (command.operands === undefined) return run(command, signal);
    const key = JSON.stringify([command.tool, command.args]);
    const shared = open.get(key) ?? begin(key, command);
    for (const operand of command.operands) shared.operands.add(operand);
    shared.signals.push(signal);
    return within(shared.result, signal, command);
  };
}

/** Aborts when every one of some signals has. */
function whenAll(signals: readonly AbortSignal[]): AbortSignal {
  const all = new AbortController();
  const look = () => {
    if (signals.every(({ aborted }) => aborted)) all.abort();
  };
  for (const signal of signals) signal.addEventListener('abort', look, { once: true });
  look();
  return all.signal;
}

function within<T>(result: Promise<T>, signal: AbortSignal, { tool }: Command): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new FailureError('timeout', { tool }));
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', late));
    signal.addEventListener('abort', late, { once: true });
    if (signal.aborted) late();
  });
}
