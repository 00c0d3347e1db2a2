import { defineFramework, type Requirement } from './framework.ts';

const PUBLICATION = 'NIST SP 800-66 Rev. 2 (February 2024)';

/**
 * A section of chapter 5, each of which considers one standard of the Security Rule. Titles and standards are those of
 * NIST’s reference data (CPRT, SP800_66_2_0_0), which has no section numbers: these are from memory.
 */
const considers = (section: string, title: string, relates: readonly string[]): Requirement => ({
  title,
  relates,
  source: `${PUBLICATION}, section ${section}`,
  unconfirmed: true,
});

/** NIST’s guide to the HIPAA Security Rule: what serves a standard or its specifications serves the section on it. */
export const nist80066r2 = defineFramework({
  id: 'nist-800-66r2',
  title: 'NIST SP 800-66 Rev. 2',
  status: 'guidance',
  source: PUBLICATION,
  requirements: {
    '5.1.1': considers('5.1.1', 'Security Management Process', [
      '164.308(a)(1)(ii)(B)',
      '164.308(a)(1)(ii)(D)',
    ]),
    '5.1.5': considers('5.1.5', 'Security Awareness and Training', ['164.308(a)(5)(ii)(B)']),
    '5.1.6': considers('5.1.6', 'Security Incident Procedures', ['164.308(a)(6)(ii)']),
    '5.1.7': considers('5.1.7', 'Contingency Plan', [
      '164.308(a)(7)(ii)(A)',
      '164.308(a)(7)(ii)(B)',
      '164.308(a)(7)(ii)(D)',
    ]),
    '5.1.8': considers('5.1.8', 'Evaluation', ['164.308(a)(8)']),
    '5.2.4': considers('5.2.4', 'Device and Media Controls', ['164.310(d)(2)(iv)']),
    '5.3.1': considers('5.3.1', 'Access Control', ['164.312(a)(1)', '164.312(a)(2)(iv)']),
    '5.3.2': considers('5.3.2', 'Audit Controls', ['164.312(b)']),
    '5.3.3': considers('5.3.3', 'Integrity', ['164.312(c)(1)']),
    '5.3.5': considers('5.3.5', 'Transmission Security', ['164.312(e)(1)', '164.312(e)(2)(ii)']),
    '5.5.2': considers('5.5.2', 'Documentation', ['164.316(b)(1)', '164.316(b)(2)(i)']),
  },
});
