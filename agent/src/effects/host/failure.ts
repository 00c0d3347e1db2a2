import {
  type FailureCode,
  FailureError,
  type FailureParams,
  TOKEN,
  toFailure,
} from '../../wire/failure.ts';

/** What the kernel answers where a path or process is not of the kind that was asked for. */
const OF_LOOKING: Record<string, FailureCode> = {
  EINVAL: 'malformed', // readlink(2) of what is no link
  ELOOP: 'malformed',
  EISDIR: 'malformed',
  ENXIO: 'absent', // a device or socket with nobody behind it
  ESRCH: 'absent', // a process that has ended
};

/** Any thrown value as a `FailureError` that also says what was looked at, where evidence may carry its name. */
export function failureAt(thrown: unknown, where: string, params: FailureParams): FailureError {
  if (thrown instanceof FailureError) return thrown;
  const errno = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const code = OF_LOOKING[errno];
  const failure = code ? { code, params: { errno } } : toFailure(thrown, where);
  const listed = { ...failure.params, ...allowed(params) };
  return new FailureError(failure.code, listed, { cause: thrown });
}

/** Those of some parameters that the failure’s schema lets into evidence. */
function allowed(params: FailureParams): FailureParams {
  const entries = Object.entries(params).filter(
    ([, value]) => typeof value !== 'string' || TOKEN.test(value),
  );
  return Object.fromEntries(entries);
}
