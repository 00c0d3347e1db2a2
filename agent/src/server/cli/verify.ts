import { createPlatformSigner, createPlatformVerifier } from '../../core/ed25519.ts';
import { decodeJson } from '../../core/json.ts';
import { readSeed } from '../../effects/keys.ts';
import { EXIT, Exit } from '../../terminal/exit.ts';
import type { Envelope } from '../../wire/envelope.ts';
import { InputError } from '../../wire/input.ts';
import { ConsistencyAnswer } from '../../wire/routes.ts';
import { verifyLog } from '../log/verify.ts';
import { type HostReport, verifyHost } from '../verify.ts';
import type { ConfigOption } from './config-option.ts';
import { printJson, readText } from './json-file.ts';
import { withStore } from './with-store.ts';

/** Exit 0 where all that is kept holds, 1 where something does not. */
export async function verifyStore(
  hostId: string | undefined,
  { json = false, log: kept, ...options }: ConfigOption & { json?: boolean; log?: string },
): Promise<void> {
  const witnessed = kept === undefined ? [] : readStates(kept);
  const { reports, log } = await withStore(options, async (store, { receipt_key_file }) => {
    const { publicKey } = createPlatformSigner(readSeed(receipt_key_file));
    const receiptKeys = [createPlatformVerifier(publicKey)];
    const hosts = (await store.hosts()).filter(
      ({ host }) => hostId === undefined || host.hostId === hostId,
    );
    if (hosts.length === 0 && hostId !== undefined) {
      throw new Exit(EXIT.failed, `${hostId} is not enrolled`);
    }
    const done: HostReport[] = [];
    for (const summary of hosts) done.push(await verifyHost({ store, summary, receiptKeys }));
    return { reports: done, log: await verifyLog(store, receiptKeys, witnessed) };
  });
  const hosts = reports.map(({ hostId: host_id, ...report }) => ({ host_id, ...report }));
  if (json) printJson({ hosts, log });
  else {
    for (const report of reports) print(report);
    for (const fault of log.faults) console.log(`log: ${fault}`);
    const held = log.faults.length === 0 ? 'all hold' : `${log.faults.length} faults`;
    console.log(`log: ${log.size} leaves, ${log.checkpoints} checkpoints: ${held}`);
  }
  if ([...reports, log].some(({ faults }) => faults.length > 0)) throw new Exit(EXIT.failed);
}

/** The states of the log that a host kept, which are in nobody’s hands here. */
function readStates(file: string): Envelope[] {
  const text = readText(file);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      const { data } = ConsistencyAnswer.safeParse(decodeJson(Buffer.from(line)));
      if (data !== undefined) return data.checkpoint;
      const found = `line ${index + 1}, which is none`;
      throw new InputError(file, [{ field: '--log', found, expected: 'expected states of a log' }]);
    });
}

function print({ hostId, bundles, chains, faults }: HostReport): void {
  for (const { kind, message, name } of faults) {
    console.log(`${hostId}: ${kind}: ${message}${name === null ? '' : ` (${name})`}`);
  }
  const held = faults.length === 0 ? 'all hold' : `${faults.length} faults`;
  console.log(`${hostId}: ${bundles} bundles in ${chains.length} chains: ${held}`);
}
