import { constants, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../src/effects/store/folders.ts';
import { prepareRows } from '../src/effects/store/rows.ts';
import { openDatabase } from '../src/effects/store/schema.ts';
import { sha256Hex } from '../src/wire/canonical.ts';
import { BENCH_CHAIN, BENCH_SIGNER, numberedUuid } from './evidence-folder.ts';
import { WORK } from './programs.ts';

const CHECKS = ['attestation', 'firewall', 'backup', 'logging', 'antivirus', 'patching'];
const OUTCOMES = ['compliant', 'alert', 'success', 'deferred', 'failed'];
const SIX_YEARS_MS = 2192 * 86_400_000;
export const INDEX_FROM = Date.UTC(2020, 0, 1);

/** An index of so many bundles over six years, without the bundles: made once in a run, then copied. */
export function copyIndex(stateDir: string, bundles: number): void {
  const made = join(WORK, `index-${bundles}`);
  if (!existsSync(made)) writeIndex(made, bundles);
  mkdirSync(stateDir, { recursive: true });
  copyFileSync(layout(made).database, layout(stateDir).database, constants.COPYFILE_FICLONE);
}

/** In one transaction, which is no part of any figure. */
function writeIndex(stateDir: string, bundles: number): void {
  mkdirSync(stateDir, { recursive: true });
  const db = openDatabase(layout(stateDir).database);
  db.pragma('synchronous = OFF');
  db.pragma('cache_size = -1000000'); // KiB: its unique indexes come in no order
  try {
    const rows = prepareRows(db);
    const fill = db.transaction(() => {
      let previous = '0'.repeat(64);
      for (let sequence = 1; sequence <= bundles; sequence += 1) {
        const sha256 = sha256Hex(`bundle ${sequence}`);
        const ended_at = INDEX_FROM + Math.floor((sequence * SIX_YEARS_MS) / bundles);
        rows.insert({
          bundle_id: numberedUuid(sequence),
          sha256,
          chain_id: BENCH_CHAIN,
          sequence,
          previous_digest: previous,
          key_id: BENCH_SIGNER.keyId,
          check_id: CHECKS[sequence % CHECKS.length] ?? '',
          outcome: OUTCOMES[Math.floor(sequence / 7) % OUTCOMES.length] ?? '',
          order_id: sequence % 5000 === 0 ? numberedUuid(-sequence) : null,
          started_at: ended_at,
          ended_at,
          size: 1500,
          receipted: sequence % 10 === 0 ? 0 : 1,
        });
        previous = sha256;
      }
    });
    fill.immediate();
  } finally {
    db.close();
  }
}
