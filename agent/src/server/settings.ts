import * as z from 'zod';
import { readDocument } from '../effects/document.ts';
import { parseInput } from '../wire/input.ts';
import { AbsolutePath } from '../wire/primitives.ts';
import { LogLevel } from '../wire/settings.ts';

export const DEFAULT_CONFIG = '/etc/compliance-server/config.yaml';

const seconds = (min: number, max: number) => z.number().int().min(min).max(max);

const tlsFile = (what: string) =>
  AbsolutePath.optional().describe(`${what} Needed unless proxy_socket is set.`);
type TlsFile = 'client_ca_file' | 'cert_file' | 'key_file';
const given = (field: TlsFile) => (settings: { [name in TlsFile | 'proxy_socket']?: unknown }) =>
  settings?.proxy_socket !== undefined || settings?.[field] !== undefined;
/** Told together with whatever else is wrong. */
const needed = (field: TlsFile) => ({
  path: [field],
  message: 'expected a file, or proxy_socket instead',
  when: () => true,
});

/** A PostgreSQL that several servers may share. */
export const PostgresqlSettings = z.strictObject({
  host: z
    .string()
    .min(1)
    .max(255)
    .default('/run/postgresql')
    .describe('Folder of its socket, or a host name.'),
  port: z.number().int().min(1).max(65_535).default(5432).describe('Its port.'),
  database: z.string().min(1).max(63).default('compliance-server').describe('Its name.'),
  user: z
    .string()
    .min(1)
    .max(63)
    .default('compliance-server')
    .describe('Role of the server; it must not own the tables, so that it cannot alter evidence.'),
  password_file: AbsolutePath.optional().describe(
    'File with its password, where the database asks for one; mode 0600 or stricter.',
  ),
  owner: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe(
      'Role that owns the tables; with it migrations are applied at start, else by `compliance-server migrate`.',
    ),
  owner_password_file: AbsolutePath.optional().describe(
    'File with the owner’s password; only `compliance-server migrate` or a `serve` with `owner` needs it.',
  ),
});
export type PostgresqlSettings = z.infer<typeof PostgresqlSettings>;

/** Settings of `compliance-server`, YAML or JSON. Intervals and timeouts are seconds. */
export const ServerSettings = z
  .strictObject({
    listen_address: z
      .union([z.ipv4(), z.ipv6()], 'expected an IP address')
      .default('127.0.0.1')
      .describe('Address to listen on.'),
    listen_port: z
      .number()
      .int()
      .min(0)
      .max(65_535)
      .default(8443)
      .describe('Port; 0 takes a free one.'),
    proxy_socket: AbsolutePath.optional().describe(
      'Unix socket to listen on instead, behind NGINX, which verifies the hosts’ certificates. Only the group of its folder may reach it.',
    ),
    client_ca_file: tlsFile('Authority of the hosts’ client certificates (PEM).'),
    cert_file: tlsFile('The server’s certificate (PEM).'),
    key_file: tlsFile('Key of the server’s certificate (PEM).'),
    database_path: AbsolutePath.default('/var/lib/compliance-server/server.db').describe(
      'SQLite database; its folder must exist.',
    ),
    postgresql: PostgresqlSettings.optional().describe(
      'The fleet’s database, in the place of SQLite.',
    ),
    receipt_key_file: AbsolutePath.describe(
      'Ed25519 key that signs receipts: 32 raw bytes or PKCS#8 PEM, mode 0600 or stricter.',
    ),
    operator_keys_file: AbsolutePath.optional().describe(
      'Ed25519 public keys whose orders are imported (SPKI PEM, one or more). The private ones never come here.',
    ),
    header_timeout: seconds(1, 300)
      .default(10)
      .describe('Until a request’s headers must be there.'),
    request_timeout: seconds(1, 600).default(30).describe('Until a whole request must be there.'),
    idle_timeout: seconds(1, 600).default(60).describe('For which a connection may be idle.'),
    max_connections: z
      .number()
      .int()
      .min(1)
      .max(65_535)
      .default(1024)
      .describe('Connections at once.'),
    order_request_ttl: seconds(60, 30 * 86_400)
      .default(7 * 86_400)
      .describe('For which a request for an order waits for an operator.'),
    attestation_interval: seconds(60, 7 * 86_400)
      .default(3600)
      .describe('At which hosts attest; twice as long a silence or a gap is an alarm.'),
    log_level: LogLevel.default('info').describe('Least level that is logged.'),
  })
  .refine(({ header_timeout, request_timeout }) => header_timeout <= request_timeout, {
    path: ['header_timeout'],
    message: 'expected at most request_timeout',
  })
  .refine(given('client_ca_file'), needed('client_ca_file'))
  .refine(given('cert_file'), needed('cert_file'))
  .refine(given('key_file'), needed('key_file'));
export type ServerSettings = z.infer<typeof ServerSettings>;

/** Reads and checks the settings; throws `InputError` with every wrong field. */
export async function readSettings(file: string = DEFAULT_CONFIG): Promise<ServerSettings> {
  return parseInput(ServerSettings, (await readDocument(file)) ?? {}, file);
}
