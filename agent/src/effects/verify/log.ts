import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod';
import type { Verifier } from '../../core/ed25519.ts';
import { decodeJson } from '../../core/json.ts';
import { createLogVerifier, type LogReport } from '../../core/log-verifier.ts';
import { ReceiptPayload } from '../../wire/envelope.ts';
import { ConsistencyAnswer, ProofAnswer } from '../../wire/routes.ts';
import { listDays, names, readLimited, readReceipt } from '../store/folders.ts';

/** Beside a receipt: that it is in the server’s log. */
export const PROOF_FILE = 'proof.json';
/** Beside the years of an evidence folder: that the server’s log only grew, one answer of the server a line. */
export const LOG_FILE = 'log.jsonl';

/** A path of 64 hashes and a checkpoint are far from that. */
const MAX_PROOF_BYTES = 64 * 1024;

/** Verifies the proofs that lie in an evidence folder, with nothing but them, the receipts and the server’s keys. */
export function verifyLogProofs(evidence: string, receiptKeys: readonly Verifier[]): LogReport {
  const log = createLogVerifier(receiptKeys);
  const faults: string[] = [];
  for (const { folder, receipt, sha256 } of receipted(evidence)) {
    const proof = readProof(folder);
    if (proof === 'malformed') faults.push(`the proof of ${sha256} is malformed`);
    else log.inclusion({ sha256, receipt, proof });
  }
  for (const [index, answer] of readLog(evidence).entries()) {
    if (answer === 'malformed') faults.push(`line ${index + 1} of ${LOG_FILE} is malformed`);
    else log.consistency(answer);
  }
  const report = log.end();
  return { ...report, faults: [...faults, ...report.faults] };
}

export type Receipted = { folder: string; receipt: Uint8Array; sha256: string };

/** Bundles with a receipt, day by day. Whether receipts hold is for `verifyFolder` to say. */
export function* receipted(
  evidence: string,
  { unproved = false }: { /** Only those of which no proof is kept. */ unproved?: boolean } = {},
): Generator<Receipted> {
  for (const day of listDays(evidence)) {
    for (const name of names(join(evidence, day), /^[^.]/)) {
      const folder = join(evidence, day, name);
      if (unproved && existsSync(join(folder, PROOF_FILE))) continue;
      const receipt = readReceipt(folder)?.bytes;
      const said = receipt && parsed(ReceiptPayload, receipt);
      if (!said || said === 'malformed') continue; // named by `verifyFolder`
      yield { folder, receipt, sha256: said.bundle_sha256 };
    }
  }
}

/** The proof in a bundle’s folder; null where there is none. */
export function readProof(folder: string): ProofAnswer | 'malformed' | null {
  const path = join(folder, PROOF_FILE);
  if (!existsSync(path)) return null;
  return parsed(ProofAnswer, readLimited(path, MAX_PROOF_BYTES));
}

/** The steps in which the server’s log grew, as they were asked. */
export function readLog(evidence: string): (ConsistencyAnswer | 'malformed')[] {
  const path = join(evidence, LOG_FILE);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => parsed(ConsistencyAnswer, Buffer.from(line)));
}

function parsed<T>(schema: z.ZodType<T>, bytes: Uint8Array): T | 'malformed' {
  const { data } = schema.safeParse(decodeJson(bytes));
  return data ?? 'malformed';
}
