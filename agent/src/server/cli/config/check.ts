import { DEFAULT_CONFIG, readSettings } from '../../settings.ts';
import type { ConfigOption } from '../config-option.ts';

/** Reads nothing but the file of settings, so that a build of the host can run it. */
export async function checkConfig({ config: file }: ConfigOption): Promise<void> {
  const { postgresql, proxy_socket } = await readSettings(file);
  const database = postgresql === undefined ? 'SQLite' : `PostgreSQL, as ${postgresql.user}`;
  const from = proxy_socket === undefined ? 'TLS of its own' : `a proxy at ${proxy_socket}`;
  console.log(`${file ?? DEFAULT_CONFIG}: settings hold; ${database}; ${from}`);
}
