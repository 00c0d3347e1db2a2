import { defineFramework, type Requirement } from './framework.ts';

const NOTICE = '90 FR 898 (6 January 2025), notice of proposed rulemaking';

/** A standard or specification as the notice would number it, beside what it would replace. */
const proposed = (id: string, title: string, relates: readonly string[]): Requirement => ({
  title,
  relates,
  source: `${NOTICE}, proposed 45 CFR ${id}`,
});

/** As `proposed`, from memory. */
const remembered = (...line: Parameters<typeof proposed>): Requirement => ({
  ...proposed(...line),
  unconfirmed: true,
});

/**
 * The profile `nprm-2025`: a proposal to strengthen the Security Rule, and not law. It would end the distinction of
 * required and addressable, so its lines carry none.
 */
export const nprm2025 = defineFramework({
  id: 'nprm-2025',
  title: 'HIPAA Security Rule, proposal of 2025',
  status: 'proposal',
  source: NOTICE,
  requirements: {
    '164.308(a)(4)': remembered('164.308(a)(4)', 'Patch management', ['SI-2']),
    '164.308(a)(13)': remembered('164.308(a)(13)', 'Contingency plan', [
      '164.308(a)(7)(ii)(A)',
      '164.308(a)(7)(ii)(B)',
      '164.308(a)(7)(ii)(D)',
    ]),
    '164.312(a)(1)': proposed('164.312(a)(1)', 'Access control', ['164.312(a)(1)']),
    '164.312(b)(1)': remembered('164.312(b)(1)', 'Encryption and decryption', [
      '164.312(a)(2)(iv)',
      '164.312(e)(2)(ii)',
    ]),
    '164.312(c)(1)': remembered('164.312(c)(1)', 'Configuration management', [
      'CM-2',
      'CM-6',
      'CM-6(2)',
      '164.308(a)(5)(ii)(B)',
    ]),
    '164.312(d)(1)': remembered('164.312(d)(1)', 'Audit trail and system log controls', [
      '164.312(b)',
    ]),
    '164.312(g)': remembered('164.312(g)', 'Transmission security', ['164.312(e)(1)']),
    '164.312(i)(1)': remembered('164.312(i)(1)', 'Data backup and recovery', [
      '164.308(a)(7)(ii)(A)',
      '164.310(d)(2)(iv)',
    ]),
  },
});
