import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import pMap from 'p-map';
import type { Verifier } from '../../core/ed25519.ts';
import { createLogVerifier, type LogReport } from '../../core/log-verifier.ts';
import { openCheckpoint } from '../../core/proof.ts';
import { canonicalBytes } from '../../wire/canonical.ts';
import type { Envelope } from '../../wire/envelope.ts';
import { toFailure } from '../../wire/failure.ts';
import type { ConsistencyAnswer } from '../../wire/routes.ts';
import { replaceDurably } from '../durable.ts';
import { LOG_FILE, PROOF_FILE, type Receipted, readLog, receipted } from '../verify/log.ts';
import type { Client } from './client.ts';

const FILE_MODE = 0o640;
const MAX_TURNS = 8;

/**
 * Asks the server to prove that every receipt is in its log and that the log only grew since the last time, and keeps
 * what it answers, also where it does not hold: that is what shows a rewritten log. A proof lies beside its receipt, the
 * steps of the log in one file. Reports on what was asked now; `verifyLogProofs` does on all that is kept. Throws `rejected`
 * for checkpoints of another key.
 */
export async function keepProofs({
  evidence,
  client,
  receiptKeys,
  signal,
  progress = () => {},
}: {
  evidence: string;
  client: Pick<Client, 'proof' | 'consistency'>;
  receiptKeys: readonly Verifier[];
  signal?: AbortSignal | undefined;
  progress?: (step: { found?: number; done?: number }) => void;
}): Promise<LogReport> {
  const log = createLogVerifier(receiptKeys);
  const sizeOf = (checkpoint: Envelope) => openCheckpoint(checkpoint, receiptKeys).tree.size;
  const steps = readLog(evidence).filter((step): step is ConsistencyAnswer => step !== 'malformed');
  const states = new Set(steps.map(({ checkpoint }) => sizeOf(checkpoint)));
  const grown = new Set(steps.map(({ first }) => first));
  for (const { checkpoint } of steps) log.state(checkpoint);

  /** Asks how the log grew from a state to the newest. */
  const step = async (first: number): Promise<void> => {
    const answer = await unless('first_malformed', client.consistency(first, { signal }));
    if (answer === null) {
      if (first === 0) return; // an empty log
      log.unproven(`the server no longer has the log of ${first} leaves that it signed`);
      return;
    }
    const size = sizeOf(answer.checkpoint);
    const holds = log.consistency(answer);
    if (size === first && holds) return; // the newest still
    states.add(size);
    grown.add(first);
    const line = `${canonicalBytes(answer).toString('utf8')}\n`;
    appendFileSync(join(evidence, LOG_FILE), line, { mode: FILE_MODE, flush: true });
  };
  const prove = async ({ folder, sha256, receipt }: Receipted): Promise<void> => {
    const proof = await unless('evidence_unknown', client.proof(sha256, { signal }));
    progress({ done: 1 });
    if (proof === null) {
      log.unproven(`the server does not know ${sha256}, for which it gave a receipt`);
      return;
    }
    replaceDurably(join(folder, PROOF_FILE), canonicalBytes(proof), FILE_MODE);
    log.inclusion({ sha256, receipt, proof });
    states.add(sizeOf(proof.checkpoint));
  };

  await step(Math.max(0, ...states));
  const wanting = [...receipted(evidence, { unproved: true })];
  progress({ found: wanting.length });
  await pMap(wanting, prove, { concurrency: 4 });
  // The log grew meanwhile: every state that was seen is tied to where it is now, which may take some turns.
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const loose = [...states].filter((size) => !grown.has(size)).sort((a, b) => a - b);
    if (loose.length < 2) break;
    for (const size of loose) await step(size);
  }
  return log.end();
}

/** An answer, or null where the server refuses for that reason. */
async function unless<T>(reason: string, asked: Promise<T>): Promise<T | null> {
  return asked.catch((error: unknown) => {
    if (toFailure(error, 'prove').params.reason === reason) return null;
    throw error;
  });
}
