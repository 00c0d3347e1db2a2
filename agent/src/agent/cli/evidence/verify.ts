import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CHECKS } from '../../../checks/index.ts';
import { createPlatformVerifier, type Verifier } from '../../../core/ed25519.ts';
import { SUMS } from '../../../core/report/derived.ts';
import { readPublicKeys } from '../../../effects/keys.ts';
import {
  type PacketOptions,
  type PacketReport,
  verifyPacket,
  withUnpacked,
} from '../../../effects/packet/verify.ts';
import { layout, listDays, names } from '../../../effects/store/folders.ts';
import { verifyLogProofs } from '../../../effects/verify/log.ts';
import { verifyFolder, verifyFolderInThreads } from '../../../effects/verify/verify.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { withProgress } from '../../../terminal/progress.ts';
import { VERSION } from '../../../version.ts';
import { InputError } from '../../../wire/input.ts';
import { trustedKeys } from '../keys/trusted.ts';
import { controlsOf } from '../report/prepare.ts';
import { type StateOptions, stateDirOf } from '../state.ts';
import { logWords } from './log-words.ts';
import { folderWords, packetWords, type Words } from './verify-words.ts';

const WORTH_THREADS = 2000;

type VerifyOptions = StateOptions & {
  readonly dir?: string;
  readonly publicKey?: string;
  readonly receiptKey?: string;
  readonly proof?: boolean;
  readonly json?: boolean;
};

/** Verifies an evidence folder, an unpacked packet or server export, or the ZIP of one. */
export async function verifyEvidence(
  path: string | undefined,
  options: VerifyOptions,
): Promise<void> {
  const target = path ?? options.dir ?? layout(await stateDirOf(options)).evidence;
  if (!existsSync(target)) {
    const expected = 'expected an evidence folder, a packet folder or a packet ZIP';
    throw new InputError('command line', [{ field: '--dir', found: target, expected }]);
  }
  if (statSync(target).isFile())
    return withUnpacked(target, async (unpacked) => checkPacket(unpacked, options));
  if (existsSync(join(target, SUMS))) return checkPacket({ folder: target }, options);
  return checkFolder(target, options);
}

async function checkFolder(evidence: string, options: VerifyOptions): Promise<void> {
  const publicKeys = await trustedKeys(options);
  const receiptKeys = pinnedReceiptKeys(options);
  const threads = isLarge(evidence) ? Math.min(availableParallelism(), 8) : 1;
  const report = await withProgress('verifying', async (progress) => {
    const what = { evidence, publicKeys, receiptKeys, progress };
    return threads > 1 ? verifyFolderInThreads({ ...what, threads }) : verifyFolder(what);
  });
  const log = options.proof ? verifyLogProofs(evidence, needReceiptKeys(receiptKeys)) : null;
  if (log === null) return conclude(report, folderWords(report), options);
  const [own, more] = [folderWords(report), logWords(log)];
  const words: Words = {
    faults: [...own.faults, ...more.faults],
    proved: [...own.proved, ...more.proved],
    not_proved: [...own.not_proved, ...more.not_proved],
  };
  const whole = { ...report, log, ok: report.ok && log.faults.length === 0 };
  conclude(whole, words, options);
}

/** A checkpoint is worth nothing but for the key that signed it. */
function needReceiptKeys(receiptKeys: readonly Verifier[] | null): readonly Verifier[] {
  if (receiptKeys !== null) return receiptKeys;
  const expected = 'expected the server’s public key, which --proof goes by';
  throw new InputError('command line', [{ field: '--receipt-key', found: 'nothing', expected }]);
}

/** Whether threads are worth their start. */
function isLarge(evidence: string): boolean {
  let found = 0;
  for (const day of listDays(evidence)) {
    found += names(join(evidence, day), /^[^.]/).length;
    if (found >= WORTH_THREADS) return true;
  }
  return false;
}

function checkPacket(
  unpacked: Pick<PacketOptions, 'folder' | 'container'>,
  options: VerifyOptions,
): void {
  const publicKeys = options.publicKey === undefined ? null : readPublicKeys(options.publicKey);
  const report: PacketReport = withProgress('verifying', (progress) =>
    verifyPacket({
      ...{ ...unpacked, publicKeys, progress, version: VERSION },
      receiptKeys: pinnedReceiptKeys(options),
      controls: controlsOf(CHECKS),
    }),
  );
  const words = packetWords(report, { pinned: publicKeys !== null });
  const unproved = options.proof
    ? ['that receipts are in the server’s log: packets have no proofs']
    : [];
  conclude(report, { ...words, not_proved: [...words.not_proved, ...unproved] }, options);
}

function pinnedReceiptKeys({ receiptKey }: VerifyOptions) {
  return receiptKey === undefined ? null : readPublicKeys(receiptKey).map(createPlatformVerifier);
}

function conclude(report: { readonly ok: boolean }, words: Words, { json }: VerifyOptions): void {
  const { faults, proved, not_proved } = words;
  if (json) console.log(JSON.stringify({ ...report, proved, not_proved }, null, 2));
  else {
    for (const line of faults) console.log(line);
    for (const line of proved) console.log(`proved: ${line}`);
    for (const line of not_proved) console.log(`not proved: ${line}`);
    console.log(report.ok ? 'all hold' : 'not all hold');
  }
  if (!report.ok) throw new Exit(EXIT.failed);
}
