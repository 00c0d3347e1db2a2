import * as z from 'zod';
import { DeploymentMode } from './evidence.ts';
import { DEFAULT_BASELINE, DEFAULT_STATE_DIR } from './paths.ts';
import { AbsolutePath, CheckId, Identifier, RemedyId, UnitName } from './primitives.ts';

export const RemedyMode = z.enum(['auto', 'window', 'order', 'alert']);
export type RemedyMode = z.infer<typeof RemedyMode>;

export const LogLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error']);

const HttpsUrl = z.url({ protocol: /^https$/, error: 'expected an https:// address' });
const WebhookUrl = z.url({
  protocol: /^https?$/,
  error: 'expected an http:// or https:// address',
});

/** `HH:MM-HH:MM`, local to `time_zone`; it may cross midnight. Equal ends would be no window or a whole day: refused. */
export const WindowSpan = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'expected HH:MM-HH:MM')
  .refine(
    (span) => span.slice(0, 5) !== span.slice(6),
    'expected a start that differs from the end',
  );

/** That UTC exists needs no asking; the first question to `Intl` brings 8 MiB into memory. */
export const TimeZone = z.string().refine((zone) => {
  if (zone === 'UTC') return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return /^[A-Za-z]/.test(zone);
  } catch {
    return false;
  }
}, 'expected an IANA time zone, as Europe/Berlin');

export const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type Weekday = z.infer<typeof Weekday>;

const seconds = (min: number, max: number) => z.number().int().min(min).max(max);

/**
 * The 27 settings that the environment may give (DESIGN 8). Units: intervals and timeouts in seconds, `_ms` in
 * milliseconds, `_days` in days. This table is the one source of defaults, ranges, `--help` and option docs.
 */
export const environmentSettings = {
  site_id: Identifier.default('default').describe('The clinic or site that this host belongs to.'),
  host_id: Identifier.optional().describe(
    'The host’s id and the common name of its client certificate. Default: the host name.',
  ),
  deployment_mode: DeploymentMode.default('direct').describe(
    '`direct`, or `reseller` which needs `reseller_id`.',
  ),
  reseller_id: Identifier.optional().describe(
    'The reseller that runs this site; needed with deployment mode `reseller`.',
  ),
  mcp_url: HttpsUrl.optional().describe('The control server. Without one the agent works alone.'),
  ca_file: AbsolutePath.optional().describe(
    'Certificate authority that the control server’s certificate must chain to (PEM).',
  ),
  client_cert_file: AbsolutePath.optional().describe('Client certificate for mTLS (PEM).'),
  client_key_file: AbsolutePath.optional().describe('Key of the client certificate (PEM).'),
  signing_key_file: AbsolutePath.optional().describe(
    'Ed25519 key that signs evidence: 32 raw bytes or PKCS#8 PEM. Default: signing.key in the state folder.',
  ),
  order_keys_file: AbsolutePath.optional().describe(
    'Ed25519 public keys whose orders this host accepts (SPKI PEM, one or more).',
  ),
  policy_version: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .default('1')
    .describe('Version of the policy that the evidence names.'),
  baseline_path: AbsolutePath.default(DEFAULT_BASELINE).describe(
    'What this host is declared to be (YAML or JSON).',
  ),
  state_dir: AbsolutePath.default(DEFAULT_STATE_DIR).describe('Evidence, queue and journal.'),
  poll_interval: seconds(1, 86_400).default(300).describe('Seconds between two cycles, ±10 %.'),
  order_ttl: seconds(60, 7 * 86_400)
    .default(86_400)
    .describe('Seconds for which an order may be valid at most on this host.'),
  maintenance_window: WindowSpan.default('02:00-04:00').describe(
    'When disruptive remedies may run, HH:MM-HH:MM.',
  ),
  time_zone: TimeZone.default('UTC').describe('IANA time zone of the maintenance window.'),
  allow_disruptive_outside_window: z
    .boolean()
    .default(false)
    .describe('Lets disruptive remedies run at any time.'),
  evidence_retention: z
    .number()
    .int()
    .min(1)
    .max(10_000_000)
    .default(1000)
    .describe('This many newest bundles are always kept.'),
  prune_retention_days: z
    .number()
    .int()
    .min(1)
    .max(36_500)
    .default(2192)
    .describe('Days for which a bundle is kept; six years (45 CFR 164.316(b)(2)(i)).'),
  ntp_max_skew_ms: z
    .number()
    .int()
    .min(1)
    .max(3_600_000)
    .default(5000)
    .describe('With the clock off by more milliseconds, or unknown, nothing disruptive runs.'),
  rebuild_health_check_timeout: seconds(1, 3600)
    .default(120)
    .describe(
      'Seconds for a host to become healthy after a generation switch, before it is rolled back.',
    ),
  rmm_webhook_url: WebhookUrl.optional().describe('Receives alerts and outcomes as JSON.'),
  webhook_secret_file: AbsolutePath.optional().describe('Secret for the webhook’s HMAC-SHA256.'),
  syslog_target: z
    .string()
    .regex(
      /^(udp|tcp|tls):\/\/[^\s/]+:\d{1,5}$/,
      'expected udp://, tcp:// or tls:// with host and port',
    )
    .refine((target) => URL.canParse(target), 'expected a port up to 65535')
    .optional()
    .describe('Receives RFC 5424 messages.'),
  metrics_listen: z
    .string()
    .regex(
      /^(\/\S+|[^\s:]+:\d{1,5}|\[[0-9a-f:]+\]:\d{1,5})$/,
      'expected a socket path or host:port',
    )
    .optional()
    .describe('Where Prometheus metrics are served.'),
  log_level: LogLevel.default('info').describe('Least level that is logged.'),
} as const;

/** Settings that a file alone may give. */
export const fileSettings = {
  receipt_keys_file: AbsolutePath.optional().describe(
    'Ed25519 public keys whose receipts count (SPKI PEM, one or more). Without it TLS alone vouches for the server.',
  ),
  notice_ca_file: AbsolutePath.optional().describe(
    'Authority of the webhook’s and the syslog receiver’s certificate (PEM). Default: those that Node brings.',
  ),
  runtime_dir: AbsolutePath.default('/run/compliance-agent').describe(
    'Folder of the probe and remedy sockets.',
  ),
  root_state_dir: AbsolutePath.default('/var/lib/compliance-agent-root').describe(
    'Root-owned state of the remedies.',
  ),
  maintenance_days: z
    .array(Weekday)
    .min(1)
    .default(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])
    .describe('Days on which the maintenance window opens.'),
  catch_up_missed_window: z
    .boolean()
    .default(false)
    .describe('Runs what waited for a window that the host missed altogether.'),
  attestation_interval: seconds(1, 86_400)
    .default(3600)
    .describe('Seconds between two attestations of all verdicts, at most.'),
  checks: z
    .record(
      CheckId,
      z.strictObject({
        enable: z.boolean().default(true).describe('Whether this check runs.'),
        timeout: seconds(1, 600).optional().describe('Seconds that it may take.'),
      }),
    )
    .default({})
    .describe('By check id: whether it runs and how long it may take.'),
  remedies: z
    .record(
      RemedyId,
      z.strictObject({ mode: RemedyMode.describe('`auto`, `window`, `order` or `alert`.') }),
    )
    .default({})
    .describe('By remedy id: when it may run.'),
  orders_allow: z
    .array(RemedyId)
    .default([])
    .describe('Runbooks that a verified order may start on this host.'),
  remedy_runs_per_hour: z
    .number()
    .int()
    .min(1)
    .max(3600)
    .default(10)
    .describe('Runs of one remedy within an hour, at most; counted by root.'),
  time_services: z
    .array(UnitName)
    .default([])
    .describe('Units of the time service, for the reason when the offset is unknown.'),
} as const;

const given = z.strictObject({ ...environmentSettings, ...fileSettings });
type Given = z.infer<typeof given>;

/** A field that another one calls for: the field, what it should be, and when. */
const needs: readonly [field: keyof Given, expected: string, when: (settings: Given) => boolean][] =
  [
    [
      'reseller_id',
      'expected an id, as deployment_mode is reseller',
      ({ deployment_mode }) => deployment_mode === 'reseller',
    ],
    ...(['ca_file', 'client_cert_file', 'client_key_file'] as const).map(
      (field): (typeof needs)[number] => [
        field,
        'expected a path, as mcp_url is set',
        ({ mcp_url }) => mcp_url !== undefined,
      ],
    ),
    [
      'webhook_secret_file',
      'expected a path, as rmm_webhook_url is set',
      ({ rmm_webhook_url }) => rmm_webhook_url !== undefined,
    ],
  ];

/** Judged beside wrong fields and not only without them, so that a person sees all errors at once. */
const isObject = ({ value }: { value: unknown }) => typeof value === 'object' && value !== null;

export const Settings = needs.reduce(
  (schema, [field, error, when]) =>
    schema.refine((settings) => settings[field] !== undefined || !when(settings), {
      path: [field],
      error,
      when: isObject,
    }),
  given,
);
export type Settings = z.infer<typeof Settings>;
