import { existsSync } from 'node:fs';
import { generateKey, nextKeyFile, readSigner, replaceKey } from '../effects/keys.ts';
import type { Agent } from './agent.ts';

/**
 * Hands the chain over to a new key. The new key lies beside the old one before the chain changes and takes its place
 * after, so a cut at any point is finished by the next start or by asking again.
 */
export async function rotateKey(agent: Agent): Promise<{ key_id: string }> {
  const file = agent.config().settings.signing_key_file;
  const next = nextKeyFile(file);
  const signer = existsSync(next) ? readSigner(next) : generateKey(next);
  agent.store.rotateKey(signer, { context: await agent.context(), at: new Date() });
  replaceKey(file);
  return { key_id: signer.keyId };
}
