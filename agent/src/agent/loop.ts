export type Loop = {
  /** Does the work now, or at once after the work that is under way. */
  wake(): void;
  /** No more work begins. Resolves when what is under way has ended. */
  stop(): Promise<void>;
};

/**
 * Does `work` again and again, never twice at a time. `work` resolves with the milliseconds until the next time, and
 * must not reject.
 */
export function startLoop(work: () => Promise<number>): Loop {
  let stopped = false;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  let underway: Promise<void> | undefined;

  const turn = async () => {
    const delay = await work();
    underway = undefined;
    if (stopped) return;
    timer = setTimeout(begin, again ? 0 : delay);
    again = false;
  };
  const begin = () => {
    underway = turn();
  };
  begin();
  return {
    wake() {
      if (stopped) return;
      if (underway !== undefined) {
        again = true;
        return;
      }
      clearTimeout(timer);
      begin();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await underway;
    },
  };
}
