import { publicKeyToPem } from '../../../core/keys.ts';
import { generateKey } from '../../../effects/keys.ts';

export function generateKeyFile(file: string, { raw = false }: { raw?: boolean }): void {
  const { keyId, publicKey } = generateKey(file, { format: raw ? 'raw' : 'pem' });
  process.stdout.write(publicKeyToPem(publicKey));
  console.error(`key_id ${keyId}`);
}
