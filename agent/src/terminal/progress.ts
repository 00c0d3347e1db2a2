import { SingleBar } from 'cli-progress';

/** Counts work whose amount becomes known on the way. */
export type Progress = {
  readonly step: (step: { found?: number; done?: number }) => void;
  readonly stop: () => void;
};

/** A bar on standard error where that is a terminal; nothing elsewhere. */
export function showProgress(what: string): Progress {
  if (!process.stderr.isTTY) return { step: () => {}, stop: () => {} };
  const bar = new SingleBar({
    format: `${what} {bar} {value}/{total}`,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  let total = 0;
  bar.start(0, 0);
  return {
    step: ({ found = 0, done = 0 }) => {
      total += found;
      if (found > 0) bar.setTotal(total);
      if (done > 0) bar.increment(done);
    },
    stop: () => bar.stop(),
  };
}
