import { defineCheck } from '../core/check.ts';
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
    { framework: 'hipaa', id: '164.312(b)', title: 'Audit controls', specification: 'standard' },
    {
      framework: 'hipaa',
      id: '164.308(a)(1)(ii)(D)',
      title: 'Information system activity review',
      specification: 'required',
    },
    { framework: 'nist-800-53r5', id: 'AU-2', title: 'Event Logging' },
    { framework: 'nist-800-53r5', id: 'AU-5', title: 'Response to Audit Logging Process Failures' },
    { framework: 'nist-800-53r5', id: 'AU-9', title: 'Protection of Audit Information' },
    { framework: 'nist-800-53r5', id: 'AU-12', title: 'Audit Record Generation' },
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
