import { readFileSync } from 'node:fs';
import { keyIdOf } from '../../../core/ed25519.ts';
import { publicKeyToPem } from '../../../core/keys.ts';
import { readPublicKey, readSigner } from '../../../effects/keys.ts';
import type { Enrolment } from '../../../wire/enrolment.ts';
import { type StateOptions, settingsOf } from '../state.ts';
import { signingKeyOf } from './trusted.ts';

type ShowOptions = StateOptions & { readonly enrol?: boolean; readonly json?: boolean };

export async function showKey(file: string | undefined, options: ShowOptions): Promise<void> {
  const publicKey = publicKeyIn(file ?? (await signingKeyOf(options)), file === undefined);
  const keyId = keyIdOf(publicKey);
  if (options.enrol) return print(await enrolment(publicKey, options));
  if (options.json) return print({ key_id: keyId, public_key: base64(publicKey) });
  process.stdout.write(publicKeyToPem(publicKey));
  console.error(`key_id ${keyId}`);
}

/** Of a private key’s file the public half; 32 raw bytes that the user names are taken for a public key. */
function publicKeyIn(file: string, own: boolean): Uint8Array {
  const isPrivate = own || isPrivatePem(file);
  return isPrivate ? readSigner(file).publicKey : readPublicKey(file);
}

function isPrivatePem(file: string): boolean {
  try {
    return readFileSync(file, 'latin1').includes('PRIVATE KEY');
  } catch {
    return false; // reading it as a public key says what is wrong with it
  }
}

async function enrolment(publicKey: Uint8Array, { config }: ShowOptions): Promise<Enrolment> {
  const { hostname } = await import('node:os');
  const { completeSettings } = await import('../../effective.ts');
  const { settings } = completeSettings(await settingsOf({ config }), hostname());
  return {
    host_id: settings.host_id,
    site_id: settings.site_id,
    reseller_id: settings.reseller_id ?? null,
    public_key: base64(publicKey),
    key_id: keyIdOf(publicKey),
  };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const print = (value: object): void => console.log(JSON.stringify(value, null, 2));
