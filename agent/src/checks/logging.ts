import { defineCheck } from '../core/check.ts';
import { cite, hipaa, nist80053r5 } from '../core/frameworks/index.ts';
import { LoggingFacts } from '../core/logging/facts.ts';
import { judgeCanary, judgeStorage } from '../core/logging/judge.ts';
import { lookAtLogging } from '../core/logging/look.ts';
import { LoggingSection } from '../core/logging/section.ts';
import { judgeUnits } from '../core/units/judge.ts';

/**
 * Audit logging. Rules and severities:
 * - critical: `canary_lost`;
 * - high: `journal_volatile` where it must be persistent, `journal_missing`, `journal_space_low`, and of units
 *   (core/units/judge.ts) what stops or alters them;
 * - medium: `canary_late`, `unit_flapping`, `unit_needs_reload`;
 * - unknown: `units_not_seen`, `canary_not_seen`, `storage_not_seen`, `unit_starting`.
 * A canary read back from the local journal does not prove that lines left the host.
 */
export const logging = defineCheck<LoggingSection, LoggingFacts>({
  id: 'logging',
  title: 'Audit logging',
  citations: [
    ...cite(hipaa, '164.312(b)', '164.308(a)(1)(ii)(D)'),
    ...cite(nist80053r5, 'AU-2', 'AU-5', 'AU-9', 'AU-12'),
  ],
  remedy: 'restart_logging_services',
  timeout: 50, // a lost canary is waited for
  expectation: LoggingSection,
  facts: LoggingFacts,
  probe: ({ host, expected }) => lookAtLogging({ host, expected }),
  judge({ facts, expected, now }) {
    const observations = [
      ...judgeUnits({ units: facts.units, declared: expected.units, bound: expected, now }),
      ...judgeCanary(facts, expected),
      ...judgeStorage(facts, expected),
    ];
    return { applicable: true, observations };
  },
});
