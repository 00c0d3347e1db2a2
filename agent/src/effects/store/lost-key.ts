import { existsSync } from 'node:fs';
import type { Signer } from '../../core/ed25519.ts';
import type { HostContext } from '../../wire/evidence.ts';
import { FailureError } from '../../wire/failure.ts';
import type { NoticeChannel } from '../../wire/notice.ts';
import { readBootId } from '../moment.ts';
import type { Recorded } from './append.ts';
import { recordNewChain } from './events.ts';
import { guarded } from './failures.ts';
import { layout } from './folders.ts';
import { takeLock } from './lock.ts';
import { prepareRows } from './rows.ts';
import { openDatabase } from './schema.ts';
import { prepareUnsynced } from './unsynced.ts';

/**
 * Begins a new chain with another key, since the one that the chain expects is gone: no bundle can hand over. `key`
 * gets the id of the lost one. Throws `absent` for a folder without a chain, `busy` while an agent runs.
 */
export function beginAfterLostKey({
  stateDir,
  key,
  queueing,
  channels,
  context,
  at,
}: {
  stateDir: string;
  key: (lost: string) => Signer;
  queueing: boolean;
  channels: readonly NoticeChannel[];
  context: HostContext;
  at: Date;
}): Recorded {
  const paths = layout(stateDir);
  return guarded('store', () => {
    if (!existsSync(paths.database)) throw new FailureError('absent', { where: 'store' });
    const lock = takeLock(stateDir);
    try {
      const db = openDatabase(paths.database);
      try {
        const rows = prepareRows(db);
        const lost = rows.head()?.key_id;
        if (lost === undefined)
          throw new FailureError('absent', { where: 'store', reason: 'no chain yet' });
        const unsynced = prepareUnsynced(db, paths);
        const writer = { db, rows, unsynced, paths, queueing, channels, bootId: readBootId() };
        return recordNewChain(writer, { signer: key(lost), reason: 'key_lost', context, at });
      } finally {
        db.close();
      }
    } finally {
      lock.release();
    }
  });
}
