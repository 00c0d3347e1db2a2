import { acceptablePublicKey, keyIdOf } from '../../../core/ed25519.ts';
import { readPublicKeys } from '../../../effects/keys.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { Enrolment } from '../../../wire/enrolment.ts';
import { InputError, parseInput } from '../../../wire/input.ts';
import type { ServerSettings } from '../../settings.ts';
import type { Store } from '../../store/store.ts';
import type { ConfigOption } from '../config-option.ts';
import { readJson } from '../json-file.ts';
import { withStore } from '../with-store.ts';

export async function enrolHost(
  file: string,
  { replaceKey = false, ...options }: ConfigOption & { replaceKey?: boolean },
): Promise<void> {
  const enrolment = parseInput(Enrolment, readJson(file), file);
  const publicKey = checkedKey(enrolment, file);
  const { host_id: hostId, key_id: keyId } = enrolment;
  const result = await withStore(options, async (store, settings) => {
    if (await isServersOwn(keyId, store, settings)) {
      const message = `key ${keyId} signs orders or receipts; host, order and receipt keys differ`;
      throw new Exit(EXIT.failed, message);
    }
    return store.enrol({
      hostId,
      siteId: enrolment.site_id,
      resellerId: enrolment.reseller_id,
      keyId,
      publicKey,
      replaceKey,
      now: new Date().toISOString(),
    });
  });
  if (typeof result === 'object') {
    const message = `key ${keyId} is that of ${result.keyOf}: each host makes its own (compliance-agent keys rotate); if ${result.keyOf} is only the former name of ${hostId}, retire it first`;
    throw new Exit(EXIT.failed, message);
  }
  if (result === 'reader') {
    throw new Exit(EXIT.failed, `${hostId} is the name in the certificate of a reader`);
  }
  if (result === 'other_key') {
    const message = `${hostId} is enrolled with another key; --replace-key takes this one in its place, unless it was once replaced itself`;
    throw new Exit(EXIT.failed, message);
  }
  console.log(`${hostId} is enrolled with key ${keyId}`);
}

/** Whether a key is an operator’s, or signed the log. The receipt key’s own file is for the service alone. */
async function isServersOwn(
  keyId: string,
  store: Store,
  { operator_keys_file: file }: ServerSettings,
): Promise<boolean> {
  const operators = file === undefined ? [] : readPublicKeys(file).map(keyIdOf);
  const checkpoint = await store.lastCheckpoint();
  return [...operators, checkpoint?.envelope.key_id].includes(keyId);
}

function checkedKey({ public_key, key_id }: Enrolment, file: string): Uint8Array {
  const publicKey = Buffer.from(public_key, 'base64');
  const wrong = (field: string, found: string, expected: string) =>
    new InputError(file, [{ field, found, expected }]);
  if (!acceptablePublicKey(publicKey)) {
    throw wrong('public_key', public_key, 'expected an Ed25519 key that is not of small order');
  }
  const keyId = keyIdOf(publicKey);
  if (keyId !== key_id) throw wrong('key_id', key_id, `expected ${keyId}, the id of that key`);
  return publicKey;
}
