import { defineFramework, type Requirement } from './framework.ts';

const PUBLICATION = 'NIST SP 800-53 Rev. 5 (September 2020, updates of 10 December 2020)';

/** A control of the catalogue; `section` is its family’s place in chapter 3. */
const control = (section: string, title: string): Requirement => ({
  title,
  source: `${PUBLICATION}, section ${section}`,
});

export const nist80053r5 = defineFramework({
  id: 'nist-800-53r5',
  title: 'NIST SP 800-53 Rev. 5',
  status: 'standard',
  source: PUBLICATION,
  requirements: {
    'AC-4': control('3.1', 'Information Flow Enforcement'),
    'AU-2': control('3.3', 'Event Logging'),
    'AU-5': control('3.3', 'Response to Audit Logging Process Failures'),
    'AU-9': control('3.3', 'Protection of Audit Information'),
    'AU-9(3)': control('3.3', 'Cryptographic Protection'),
    'AU-10': control('3.3', 'Non-repudiation'),
    'AU-11': control('3.3', 'Audit Record Retention'),
    'AU-12': control('3.3', 'Audit Record Generation'),
    'CM-2': control('3.5', 'Baseline Configuration'),
    'CM-3': control('3.5', 'Configuration Change Control'),
    'CM-6': control('3.5', 'Configuration Settings'),
    'CM-6(2)': control('3.5', 'Respond to Unauthorized Changes'),
    'CP-4': control('3.6', 'Contingency Plan Testing'),
    'CP-9': control('3.6', 'System Backup'),
    'CP-9(1)': control('3.6', 'Testing for Reliability and Integrity'),
    'CP-10': control('3.6', 'System Recovery and Reconstitution'),
    'SC-7': control('3.18', 'Boundary Protection'),
    'SC-7(5)': control('3.18', 'Deny by Default — Allow by Exception'),
    'SC-12': control('3.18', 'Cryptographic Key Establishment and Management'),
    'SC-13': control('3.18', 'Cryptographic Protection'),
    'SC-28': control('3.18', 'Protection of Information at Rest'),
    'SC-28(1)': control('3.18', 'Cryptographic Protection'),
    'SI-2': control('3.19', 'Flaw Remediation'),
    'SI-3': control('3.19', 'Malicious Code Protection'),
    'SI-4': control('3.19', 'System Monitoring'),
    'SI-7': control('3.19', 'Software, Firmware, and Information Integrity'),
    'SI-7(5)': control('3.19', 'Automated Response to Integrity Violations'),
  },
});
