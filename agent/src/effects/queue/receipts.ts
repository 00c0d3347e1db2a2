import { closeSync, existsSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signatureText } from '../../core/record.ts';
import { runToEnd } from '../program.ts';
import { FILE_MODE } from '../store/folders.ts';
import type { Db } from '../store/schema.ts';

/** What the server said for a bundle: the receipt’s exact payload bytes and their 64-byte signature. */
export type Receipt = { readonly bytes: Uint8Array; readonly signature: Uint8Array };

/** Rows that wait for the disk before it is flushed for them. */
const ENOUGH = 256;
const FLUSH_LIMIT_MS = 60_000;

type Row = { position: number; payload: Buffer; signature: Buffer };

/**
 * Receipts on their way into the folders of their bundles. A commit makes a batch of them durable in the database; their
 * files are written after it without fsync(2), five of which a bundle would be most of an upload. The rows go once the
 * disk has been flushed as a whole; until then each start writes their files again, whatever a power cut took of them.
 */
export function prepareReceipts(db: Db, folderOf: (position: number) => string | null) {
  const insert = db.prepare<[number, Uint8Array, Uint8Array]>(
    'INSERT OR REPLACE INTO receipt VALUES (?, ?, ?)',
  );
  const all = db.prepare<[], Row>('SELECT * FROM receipt ORDER BY position');
  const count = db.prepare<[], number>('SELECT count(*) FROM receipt').pluck();
  const remove = db.prepare<[number]>('DELETE FROM receipt WHERE position <= ?');

  const write = (row: Row) => {
    const folder = folderOf(row.position);
    if (folder !== null && existsSync(folder)) writeFiles(folder, row); // else retention has removed it
  };
  return {
    /** Part of the caller’s transaction. */
    keep: (position: number, { bytes, signature }: Receipt) =>
      void insert.run(position, bytes, signature),
    /** Writes a receipt’s files, after the commit. */
    write: (folder: string, { bytes, signature }: Receipt) =>
      writeFiles(folder, { payload: bytes, signature }),
    /** Writes again what may not have reached the disk. */
    restore: () => {
      for (const row of all.all()) write(row);
    },
    /** Forgets the receipts whose files are on the disk for certain, when there are many. */
    async settle(stateDir: string): Promise<void> {
      if ((count.get() ?? 0) < ENOUGH) return;
      const rows = all.all();
      await flush(stateDir, () => {
        for (const { position } of rows) syncFiles(folderOf(position));
      });
      remove.run(rows.at(-1)?.position ?? 0);
    },
  };
}

/** `receipt.sig` comes last: where it is, both are whole. */
function writeFiles(
  folder: string,
  { payload, signature }: { payload: Uint8Array; signature: Uint8Array },
): void {
  const files = { 'receipt.json': payload, 'receipt.sig': signatureText(signature) };
  for (const [name, contents] of Object.entries(files)) {
    const fresh = join(folder, '.receipt.new');
    writeFileSync(fresh, contents, { mode: FILE_MODE });
    renameSync(fresh, join(folder, name));
  }
}

/** syncfs(2) by sync(1), which Node has not; where there is no sync(1), each file and folder by itself. */
async function flush(folder: string, otherwise: () => void): Promise<void> {
  const signal = AbortSignal.timeout(FLUSH_LIMIT_MS);
  const args = ['--file-system', folder];
  const done = await runToEnd({ program: 'sync', tool: 'sync', args, signal }).catch(() => null);
  if (done?.exitCode !== 0) otherwise();
}

function syncFiles(folder: string | null): void {
  if (folder === null || !existsSync(folder)) return;
  for (const path of [join(folder, 'receipt.json'), join(folder, 'receipt.sig'), folder]) {
    const descriptor = openSync(path, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}
