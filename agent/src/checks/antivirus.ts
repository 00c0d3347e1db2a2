import { AntivirusFacts } from '../core/antivirus/facts.ts';
import { digestsAsOf, judgeDigests } from '../core/antivirus/judge-digests.ts';
import { judgeExecutables } from '../core/antivirus/judge-executables.ts';
import { judgeSignatures } from '../core/antivirus/judge-signatures.ts';
import { lookAtAntivirus } from '../core/antivirus/look.ts';
import { AntivirusSection } from '../core/antivirus/section.ts';
import { defineCheck, type Observation } from '../core/check.ts';
import { cite, hipaa, nist80053r5 } from '../core/frameworks/index.ts';
import { judgeUnits } from '../core/units/judge.ts';

/**
 * Protection from malicious software. Rules and severities:
 * - critical: `executable_differs`, `executable_missing`, `process_differs`;
 * - high: `process_missing`, `signatures_missing`, and of units (core/units/judge.ts) what stops or alters them;
 * - medium: `signatures_stale`, which rises to high at seven times the allowed age; `antivirus_not_declared`;
 *   `unit_flapping`, `unit_needs_reload`;
 * - unknown: `units_not_seen`, `executable_not_seen`, `processes_not_seen`, `signatures_not_seen`,
 *   `digest_stale`, `signatures_from_future`, `unit_starting`, `hash_not_declared`.
 * A baseline whose section names no unit says that the host has no antivirus: drift, which an exception may cover
 * (the specification is addressable). Without a section the check is not applicable.
 */
export const antivirus = defineCheck<AntivirusSection, AntivirusFacts>({
  id: 'antivirus',
  title: 'Protection from malicious software',
  citations: [...cite(hipaa, '164.308(a)(5)(ii)(B)'), ...cite(nist80053r5, 'SI-3', 'SI-4', 'SI-7')],
  remedy: 'restart_av_service',
  timeout: 60,
  expectation: AntivirusSection,
  facts: AntivirusFacts,
  probe: ({ host, expected }) => lookAtAntivirus({ host, expected }),
  judge({ facts, expected, now }) {
    const observations = [
      ...judgeDeclaration(expected),
      ...judgeUnits({ units: facts.units, declared: expected.units, bound: expected, now }),
      ...judgeExecutables(facts, expected),
      ...judgeDigests(facts, { expected, now }),
      ...judgeSignatures(facts, { expected, now }),
    ];
    return { applicable: true, observations, asOf: digestsAsOf(facts, now) };
  },
});

function judgeDeclaration({ units }: AntivirusSection): Observation[] {
  if (units.length > 0) return [];
  return [
    {
      rule: 'antivirus_not_declared',
      subject: 'host',
      verdict: 'drifted',
      severity: 'medium',
      expected: 'at least one unit',
      actual: 'none',
      message: 'The baseline declares no antivirus for this host.',
    },
  ];
}
