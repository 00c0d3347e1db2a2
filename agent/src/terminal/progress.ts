import { SingleBar } from 'cli-progress';

/** How much more work came to light, and how much more is done. */
export type Step = { readonly found?: number; readonly done?: number };

/** Does work whose amount becomes known on the way; shows a bar on standard error where that is a terminal. */
export function withProgress<T>(what: string, work: (step: (step: Step) => void) => T): T {
  if (!process.stderr.isTTY) return work(() => {});
  const bar = new SingleBar({
    format: `${what} {bar} {value}/{total}`,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  let total = 0;
  bar.start(0, 0);
  const step = ({ found = 0, done = 0 }: Step): void => {
    total += found;
    if (found > 0) bar.setTotal(total);
    if (done > 0) bar.increment(done);
  };
  const stop = () => bar.stop();
  let result: T;
  try {
    result = work(step);
  } catch (error) {
    stop();
    throw error;
  }
  if (result instanceof Promise) return result.finally(stop) as T;
  stop();
  return result;
}
