import type { Scope } from '../readers.ts';

/** Holds of rows of `hosts`, and of none for a scope that names nothing of theirs. Takes what `scopeOf` gives. */
export const IN_SCOPE = `
  (@resellers IS NULL OR reseller_id IN (SELECT value FROM json_each(@resellers)))
  AND (@sites IS NULL OR site_id IN (SELECT value FROM json_each(@sites)))`;

export type ScopeParameters = { readonly resellers: string | null; readonly sites: string | null };

export function scopeOf({ resellers, sites }: Scope): ScopeParameters {
  const json = (names: readonly string[] | null) => (names === null ? null : JSON.stringify(names));
  return { resellers: json(resellers), sites: json(sites) };
}
