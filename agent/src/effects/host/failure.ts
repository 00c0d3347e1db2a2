import {
  FailureError,
  FailureParams,
  type FailureParams as Params,
  toFailure,
} from '../../wire/failure.ts';

/** Any thrown value as a `FailureError` that also says what was looked at, where evidence may carry its name. */
export function failureAt(thrown: unknown, where: string, params: Params): FailureError {
  if (thrown instanceof FailureError) return thrown;
  const { code, params: found } = toFailure(thrown, where);
  return new FailureError(code, { ...found, ...allowed(params) }, { cause: thrown });
}

/** Those of some parameters that the failure’s schema lets into evidence. */
function allowed(params: Params): Params {
  const entries = Object.entries(params).filter(
    ([name, value]) => FailureParams.safeParse({ [name]: value }).success,
  );
  return Object.fromEntries(entries);
}
