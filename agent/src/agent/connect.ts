import type { Client } from '../effects/upload/client.ts';
import { FailureError } from '../wire/failure.ts';
import type { Settings } from '../wire/settings.ts';

/** A client of the server that the settings name; TLS and HTTP are loaded only now. Throws `absent` where they name none. */
export async function connectToServer({
  mcp_url: url,
  ca_file: caFile,
  client_cert_file: certFile,
  client_key_file: keyFile,
}: Settings): Promise<Client> {
  if (!url || !caFile || !certFile || !keyFile)
    throw new FailureError('absent', { where: 'mcp_url' });
  const { createClient } = await import('../effects/upload/client.ts');
  return createClient({ url, caFile, certFile, keyFile });
}
