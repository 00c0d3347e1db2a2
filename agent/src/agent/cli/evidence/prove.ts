import { createPlatformVerifier } from '../../../core/ed25519.ts';
import { readPublicKeys } from '../../../effects/keys.ts';
import { becomeOwner } from '../../../effects/owner.ts';
import { layout } from '../../../effects/store/folders.ts';
import { keepProofs } from '../../../effects/upload/prove.ts';
import { verifyLogProofs } from '../../../effects/verify/log.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { withProgress } from '../../../terminal/progress.ts';
import { InputError } from '../../../wire/input.ts';
import { connectToServer } from '../../connect.ts';
import { type StateOptions, settingsOf } from '../state.ts';
import { logWords } from './log-words.ts';

/** Fetches from the server the proofs that receipts are in its log, keeps them beside the receipts and verifies all. */
export async function proveEvidence({
  config,
  stateDir,
  json = false,
}: StateOptions & { json?: boolean }): Promise<void> {
  const settings = await settingsOf({ config });
  const { receipt_keys_file: file } = settings;
  if (file === undefined) {
    const expected = 'expected the server’s public keys, since it is they who vouch for the log';
    throw new InputError('settings', [{ field: 'receipt_keys_file', found: 'nothing', expected }]);
  }
  const receiptKeys = readPublicKeys(file).map(createPlatformVerifier);
  const { stateDir: folder, evidence } = layout(stateDir ?? settings.state_dir);
  const client = await connectToServer(settings);
  becomeOwner(folder);
  try {
    await withProgress('proving', (progress) =>
      keepProofs({ evidence, client, receiptKeys, progress }),
    );
  } finally {
    await client.close();
  }
  const log = verifyLogProofs(evidence, receiptKeys);
  const { faults, proved, not_proved } = logWords(log);
  if (json) console.log(JSON.stringify({ ...log, proved, not_proved }, null, 2));
  else {
    for (const line of faults) console.log(line);
    for (const line of proved) console.log(`proved: ${line}`);
    for (const line of not_proved) console.log(`not proved: ${line}`);
  }
  if (faults.length > 0) throw new Exit(EXIT.failed);
}
