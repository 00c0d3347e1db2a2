import postgres from 'postgres';
import { readSecret } from '../../../effects/keys.ts';
import type { PostgresqlSettings } from '../../settings.ts';

const MAX_CONNECTIONS = 8;

/**
 * A plan that was made while a table was empty reads all of it, and a connection would keep that plan: a host’s backlog
 * into a fresh database then took seconds a group. Planning anew costs a tenth of a millisecond. What the server asks
 * for is a few rows by their keys: nothing to compile or to share out for.
 */
const PLANS = {
  plan_cache_mode: 'force_custom_plan',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
};

/** Our form of PostgreSQL’s, `2026-11-22 09:30:00.5+00`. A page has thousands, and a `Date` costs ten times as much. */
export function timeOf(text: string): string {
  const ordinary = text.endsWith('+00') && text[4] === '-' && text.length <= 26;
  if (!ordinary) return new Date(text).toISOString();
  const milliseconds = text.slice(20, -3).padEnd(3, '0');
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${milliseconds}Z`;
}

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
    connection: {
      // Whatever the role’s default is: what is acknowledged is on the disk.
      synchronous_commit: 'on',
      timezone: 'UTC',
      application_name: 'compliance-server',
      ...PLANS,
    },
    types: {
      time: {
        to: 1184,
        from: [1184],
        serialize: (text: string) => text,
        parse: timeOf,
      },
      bigint: { to: 20, from: [20], serialize: String, parse: Number },
    },
  });
}
