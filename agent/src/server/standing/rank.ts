import type { Severity, Verdict } from '../../wire/verdict.ts';

/** How a control stands for who looks at the fleet: its last verdict, while that counts. */
export type Standing = Verdict | 'unattested';

/** How bad a host stands, 0 to 9: what is worst comes first. */
export const RANK = { alarm: 9, unknown: 4, unattested: 3, untold: 2, fine: 1, ended: 0 } as const;

const DRIFT: Record<Severity, number> = { critical: 8, high: 7, medium: 6, low: 5 };

/** The rank of one verdict. */
export function rankOf(verdict: Verdict, severity: Severity | null): number {
  if (verdict === 'drifted') return DRIFT[severity ?? 'low'];
  return verdict === 'unknown' ? RANK.unknown : RANK.fine;
}
