import type { Pruned } from '../../../effects/store/prune.ts';
import { pruneEvidence } from '../../prune.ts';
import { verb, type WriteOptions, writeAndPrint } from '../daemon/write.ts';

/** What the night does, now: retention, with a bundle that says what went. */
export const pruneNow = (options: WriteOptions): Promise<void> =>
  writeAndPrint<Pruned>(options, {
    work: verb('evidence prune', pruneEvidence),
    words: ({ pruned, more }) =>
      `${pruned} bundles pruned${more ? '; more may go: run it again' : ''}`,
  });
