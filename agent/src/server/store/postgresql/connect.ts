import postgres from 'postgres';
import { readSecret } from '../../../effects/keys.ts';
import type { PostgresqlSettings } from '../../settings.ts';

const MAX_CONNECTIONS = 8;

export type Sql = ReturnType<typeof connect>;

/** Connections as a role. Its password is read at once, and again for each connection, so that it may be changed. */
export function connect(settings: PostgresqlSettings, role: 'server' | 'owner', user: string) {
  const { host, port, database } = settings;
  const file = role === 'owner' ? settings.owner_password_file : settings.password_file;
  const password = file === undefined ? undefined : () => readSecret(file).toString('utf8');
  password?.();
  return postgres({
    host,
    port,
    database,
    user,
    ...(password === undefined ? {} : { password }),
    max: MAX_CONNECTIONS,
    connect_timeout: 5,
    onnotice: () => {},
    // Whatever the role’s default is: what is acknowledged is on the disk.
    connection: { synchronous_commit: 'on', application_name: 'compliance-server' },
    types: {
      time: {
        to: 1184,
        from: [1184],
        serialize: (text: string) => text,
        parse: (text: string) => new Date(text).toISOString(),
      },
      bigint: { to: 20, from: [20], serialize: String, parse: Number },
    },
  });
}
