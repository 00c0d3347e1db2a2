import { becomeOwner } from '../../../effects/owner.ts';
import { reindex } from '../../../effects/store/reindex.ts';
import { withProgress } from '../../../terminal/progress.ts';
import { trustedKeys } from '../keys/trusted.ts';
import { type StateOptions, stateDirOf } from '../state.ts';

type ReindexOptions = StateOptions & { readonly publicKey?: string; readonly json?: boolean };

/** Needs the writer’s lock: a running daemon is stopped first, as the index cannot be replaced beneath it. */
export async function reindexEvidence(options: ReindexOptions): Promise<void> {
  const stateDir = await stateDirOf(options);
  const publicKeys = await trustedKeys(options);
  becomeOwner(stateDir);
  const done = withProgress('indexing', (progress) => reindex({ stateDir, publicKeys, progress }));
  if (options.json) return console.log(JSON.stringify(done, null, 2));
  for (const { kind, name, message } of done.faults) console.log(`${kind}: ${name}: ${message}`);
  console.log(`${done.bundles} bundles indexed, ${done.faults.length} left out`);
  if (done.notices === null)
    console.log('no earlier index could be read: notices that waited for a receiver are lost');
  else if (done.notices > 0) console.log(`${done.notices} notices still wait for a receiver`);
}
