/** Whoever read the output has gone, as `head` does: nothing is left to say. Other errors are not ours to hide. */
export function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}
