/** Calls `hangUp` on each SIGHUP and resolves with the name of the signal that asks to stop. */
export function untilStopped(hangUp: () => void): Promise<'SIGTERM' | 'SIGINT'> {
  process.on('SIGHUP', hangUp);
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal)); // a second one changes nothing: the stop is bounded
  });
}
