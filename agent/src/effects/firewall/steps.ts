import type { Action } from '../../wire/evidence.ts';
import { toFailure } from '../../wire/failure.ts';
import { monotonicMs } from '../moment.ts';

/** The steps of a remedy as evidence keeps them, with their durations. */
export class StepLog {
  readonly actions: Action[] = [];

  /** Runs a step and keeps how it ended; its failure is thrown on. */
  async step<T>(action: string, command: string, work: () => Promise<T>): Promise<T> {
    const started = monotonicMs();
    const keep = (exitCode: number | null, result: Action['result']) =>
      this.actions.push({
        step: this.actions.length + 1,
        action,
        command,
        exit_code: exitCode,
        duration_sec: Math.round(monotonicMs() - started) / 1000,
        result,
      });
    try {
      const value = await work();
      keep(0, 'ok');
      return value;
    } catch (thrown) {
      keep(toFailure(thrown, `step.${action}`).params.exit_code ?? null, 'failed');
      throw thrown;
    }
  }

  /** A step that had nothing to do. */
  skip(action: string, command: string): void {
    const step = this.actions.length + 1;
    this.actions.push({
      step,
      action,
      command,
      exit_code: null,
      duration_sec: 0,
      result: 'skipped',
    });
  }
}
