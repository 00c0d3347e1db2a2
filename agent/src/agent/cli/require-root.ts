import { EXIT, Exit } from '../../terminal/exit.ts';

/** The root-owned state is changed by root, and by nobody on behalf of another. */
export function requireRoot(verb: string): void {
  if (process.geteuid?.() !== 0) throw new Exit(EXIT.failed, `${verb}: only root may do that`);
}
