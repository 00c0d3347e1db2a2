import { FailureError, type FailureParams } from '../../wire/failure.ts';

const TIMEOUTS = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);
const TOO_LARGE = new Set(['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'UND_ERR_HEADERS_OVERFLOW']);
/** What OpenSSL calls a chain that does not lead to our authority (openssl-verification-options(1)). */
const UNTRUSTED =
  /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|INVALID_CA|INVALID_PURPOSE|ERR_TLS_CERT_)/;

/**
 * What went wrong with a connection as a `FailureError`. What may pass by itself is `timeout` or `unreachable`; a
 * server that we must not talk to is `rejected` or `expired`.
 */
export function connectionFailure(
  thrown: unknown,
  { timeoutMs, limit }: { timeoutMs: number; limit: number },
): FailureError {
  if (thrown instanceof FailureError) return thrown;
  const code = codeOf(thrown);
  const fail = (...[name, params]: [FailureError['failure']['code'], FailureParams]) =>
    new FailureError(name, params, { cause: thrown });
  if (TIMEOUTS.has(code)) return fail('timeout', { limit: timeoutMs });
  if (TOO_LARGE.has(code)) return fail('too_large', { limit });
  if (code === 'CERT_HAS_EXPIRED') return fail('expired', { reason: 'server certificate' });
  if (UNTRUSTED.test(code)) return fail('rejected', { reason: `server certificate ${code}` });
  if (thrown instanceof Error && thrown.name === 'HTTPParserError') {
    return fail('malformed', { reason: 'not HTTP' });
  }
  return fail('unreachable', /^E[A-Z0-9]{1,20}$/.test(code) ? { errno: code } : {});
}

/** The code of an error or of the first of its causes that has one. */
function codeOf(thrown: unknown): string {
  for (let at = thrown; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return '';
}

/** Whether the same request may succeed a little later. */
export function mayPass(thrown: unknown): boolean {
  return thrown instanceof FailureError && ['timeout', 'unreachable'].includes(thrown.failure.code);
}
