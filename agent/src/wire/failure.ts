/**
 * Why something could not be done. Free of zod, since a privileged probe must answer before that is loaded. A closed list: `error` in evidence is one of these codes with listed parameters,
 * never a message of another program, which might carry a name or a path (DESIGN promise 6).
 */
export const FAILURE_CODES = [
  'absent', // the file, link, unit or device is not there
  'denied', // EACCES, EPERM
  'timeout', // the time limit passed
  'busy', // the socket answered empty: another instance runs
  'tool_missing', // the program is not on this host
  'tool_failed', // the program ended with an exit code that means failure
  'malformed', // the answer is not of the form that its schema demands
  'too_large', // the answer is longer than its limit
  'unsupported', // a backend or stack that this check cannot judge, named in `backend`
  'unreachable', // no connection
  'rejected', // an order, a request or a bundle was refused; `reason` says by which rule
  'expired', // an order or a certificate is past its time
  'storage_full', // ENOSPC, EDQUOT
  'read_only', // EROFS
  'interrupted', // the process that did it was stopped
  'rollback_failed', // the remedy failed and so did its way back
  'unhealthy', // the health check after the remedy did not pass
  'internal', // a defect of this program; `where` names the component
] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];

/** What evidence may say besides the code; each text is a `TOKEN`. `failure-schema.ts` holds the wire to it. */
export type FailureParams = {
  exit_code?: number | undefined;
  errno?: string | undefined;
  tool?: string | undefined;
  path?: string | undefined;
  unit?: string | undefined;
  probe?: string | undefined;
  backend?: string | undefined;
  reason?: string | undefined;
  where?: string | undefined;
  limit?: number | undefined;
  status?: number | undefined;
};
/** A short text without anything that a person wrote. */
export const TOKEN = /^[A-Za-z0-9 ._:@/+=-]{0,160}$/;

export type Failure = { code: FailureCode; params: FailureParams };

/** The error that carries a `Failure` through code which throws. `message` is for the log, never for evidence. */
export class FailureError extends Error {
  override readonly name = 'FailureError';
  readonly failure: Failure;
  constructor(
    code: FailureCode,
    params: FailureParams = {},
    options?: { cause?: unknown; message?: string },
  ) {
    super(options?.message ?? describeFailure({ code, params }), { cause: options?.cause });
    this.failure = { code, params };
  }
}

/** One line for people: `tool_failed (tool nft, exit_code 1)`. */
export function describeFailure({ code, params }: Failure): string {
  const listed = Object.entries(params)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${value}`);
  return listed.length === 0 ? code : `${code} (${listed.join(', ')})`;
}

/** The failure inside any thrown value; what nobody foresaw is `internal` at `where`. */
export function toFailure(thrown: unknown, where: string): Failure {
  if (thrown instanceof FailureError) return thrown.failure;
  const errno = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const code = ERRNO[errno];
  if (code !== undefined) return { code, params: { errno } };
  return { code: 'internal', params: { where } };
}

const ERRNO: Record<string, FailureCode> = {
  ENOENT: 'absent',
  ENOTDIR: 'absent',
  EACCES: 'denied',
  EPERM: 'denied',
  ENOSPC: 'storage_full',
  EDQUOT: 'storage_full',
  EROFS: 'read_only',
  ETIMEDOUT: 'timeout',
  ECONNREFUSED: 'unreachable',
  ECONNRESET: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'unreachable',
  EPIPE: 'unreachable',
};
