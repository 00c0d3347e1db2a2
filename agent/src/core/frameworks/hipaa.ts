import { defineFramework, type Requirement, type Specification } from './framework.ts';

const RULE = '68 FR 8334 (20 February 2003)';
const AMENDED = `${RULE}, as amended by 78 FR 5566 (25 January 2013)`;
const AMENDED_SECTIONS = /^164\.(308|310|312|316)/;

/** Title and specification as the matrix in appendix A to subpart C of part 164 and the section itself have them. */
const line =
  (specification: Specification) =>
  (id: string, title: string): Requirement => ({
    title,
    specification,
    source: `45 CFR ${id}; ${AMENDED_SECTIONS.test(id) ? AMENDED : RULE}`,
  });
const standard = line('standard');
const required = line('required');
const addressable = line('addressable');

/** The HIPAA Security Rule, as far as the state of a host can say anything about it. */
export const hipaa = defineFramework({
  id: 'hipaa',
  title: 'HIPAA Security Rule',
  status: 'law',
  source: '45 CFR part 164, subpart C',
  requirements: {
    '164.308(a)(1)(ii)(B)': required('164.308(a)(1)(ii)(B)', 'Risk management'),
    '164.308(a)(1)(ii)(D)': required('164.308(a)(1)(ii)(D)', 'Information system activity review'),
    '164.308(a)(5)(ii)(B)': addressable(
      '164.308(a)(5)(ii)(B)',
      'Protection from malicious software',
    ),
    '164.308(a)(6)(ii)': required('164.308(a)(6)(ii)', 'Response and reporting'),
    '164.308(a)(7)(ii)(A)': required('164.308(a)(7)(ii)(A)', 'Data backup plan'),
    '164.308(a)(7)(ii)(B)': required('164.308(a)(7)(ii)(B)', 'Disaster recovery plan'),
    '164.308(a)(7)(ii)(D)': addressable('164.308(a)(7)(ii)(D)', 'Testing and revision procedures'),
    '164.308(a)(8)': standard('164.308(a)(8)', 'Evaluation'),
    '164.310(d)(2)(iv)': addressable('164.310(d)(2)(iv)', 'Data backup and storage'),
    '164.312(a)(1)': standard('164.312(a)(1)', 'Access control'),
    '164.312(a)(2)(iv)': addressable('164.312(a)(2)(iv)', 'Encryption and decryption'),
    '164.312(b)': standard('164.312(b)', 'Audit controls'),
    '164.312(c)(1)': standard('164.312(c)(1)', 'Integrity'),
    '164.312(e)(1)': standard('164.312(e)(1)', 'Transmission security'),
    '164.312(e)(2)(ii)': addressable('164.312(e)(2)(ii)', 'Encryption'),
    '164.316(b)(1)': standard('164.316(b)(1)', 'Documentation'),
    '164.316(b)(2)(i)': required('164.316(b)(2)(i)', 'Time limit'),
  },
});
