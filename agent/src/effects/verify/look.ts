import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chainEvent } from '../../core/chain.ts';
import { openBundle } from '../../core/record.ts';
import { sha256Hex } from '../../wire/canonical.ts';
import { MAX_BUNDLE_BYTES } from '../../wire/evidence.ts';
import { toFailure } from '../../wire/failure.ts';
import { dayIn, readBundleFiles } from '../store/folders.ts';
import { rowOf } from '../store/rows.ts';
import type { FolderFault } from './faults.ts';
import { ABSENT, type Looked, type LookOptions, lookPlain } from './look-plain.ts';
import { judgeReceipt } from './receipts.ts';

/** Verifies one bundle before it is parsed, and judges the receipt beside it unless `receiptKeys` is undefined. */
export function lookAt(evidence: string, name: string, options: LookOptions): Looked {
  return lookPlain(evidence, name, options, judgeReceipt) ?? lookClosely(evidence, name, options);
}

/** As `lookAt`, of any bundle. */
export function lookClosely(
  evidence: string,
  name: string,
  { trusted, receiptKeys }: LookOptions,
): Looked {
  const folder = join(evidence, name);
  const wrong = (fault: FolderFault['kind']): Looked => ({ fault, seen: null });
  try {
    const { bytes, signature } = readBundleFiles(folder, MAX_BUNDLE_BYTES);
    const opened = openBundle({ bytes, signature, verifiers: trusted });
    if (!opened.ok) return wrong(opened.reason === 'signature' ? 'altered' : opened.reason);
    const { bundle } = opened;
    if (name !== `${dayIn(bundle.timestamp_end)}/${bundle.bundle_id}`) return wrong('misplaced');
    const receipted = existsSync(join(folder, 'receipt.sig'));
    const sha256 = sha256Hex(bytes);
    const row = rowOf(bundle, { sha256, size: bytes.length, receipted });
    const seen = { name, event: chainEvent(bundle), row };
    if (receiptKeys === undefined) return { fault: null, seen, bundle, receipt: null };
    const receipt = receipted ? judgeReceipt(folder, { bundle, sha256, receiptKeys }) : ABSENT;
    return { fault: null, seen, bundle, receipt };
  } catch (error) {
    const { code } = toFailure(error, 'verify');
    if (code === 'absent') return wrong('incomplete');
    return wrong(code === 'too_large' ? code : 'unreadable');
  }
}
