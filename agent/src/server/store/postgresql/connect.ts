import postgres from 'postgres';
import type { PostgresqlSettings } from '../../settings.ts';

const MAX_CONNECTIONS = 8;

export type Sql = ReturnType<typeof connect>;

export function connect({ host, port, database, password }: PostgresqlSettings, user: string) {
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
