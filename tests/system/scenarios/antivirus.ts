import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { breakAndHeal, type Scenario, stayBroken } from '../scenario.ts';

const checks: Record<string, never> = {};

/** clamd itself; its one signature is the test’s own (the EICAR test file’s MD5 and size). */
export const scenario: Scenario = {
  name: 'antivirus',
  proves:
    'a real clamd that is stopped, killed or masked runs again and finds a virus; a fourth time is left to a person',
  checks,
  prepare(machine) {
    const sha256 = createHash('sha256')
      .update(readFileSync(machine.path('/usr/sbin/clamd')))
      .digest('hex');
    const baseline = JSON.parse(machine.read('/etc/compliance-agent/baseline.yaml'));
    baseline.checks.antivirus = {
      units: [{ unit: 'clamd-clinic.service', executable: '/usr/sbin/clamd', sha256 }],
      signatures: [{ name: 'clinic', paths: ['/var/lib/clinic-signatures/clinic.hdb'] }],
    };
    machine.write('/etc/compliance-agent/baseline.yaml', JSON.stringify(baseline));
    machine.write(
      '/var/lib/clinic-signatures/clinic.hdb',
      '44d88612fea8a8f36de82e1278abb02f:68:Clinic.Eicar\n',
    );
    machine.write(
      '/etc/clamd-clinic.conf',
      'DatabaseDirectory /var/lib/clinic-signatures\nLocalSocket /run/clamd-clinic.sock\nForeground yes\n',
    );
    machine.write(
      '/usr/lib/systemd/system/clamd-clinic.service',
      '[Service]\nExecStart=/usr/sbin/clamd --config-file=/etc/clamd-clinic.conf\n',
    );
    machine.write(
      '/etc/systemd/system/compliance-agent.service.d/clamd.conf',
      '[Unit]\nWants=clamd-clinic.service\n',
    );
  },
  async play(machine, stage) {
    const ways = [
      ['stopped', 'systemctl stop clamd-clinic.service'],
      ['killed', 'systemctl kill --signal=SIGKILL clamd-clinic.service'],
      ['masked and stopped', 'systemctl mask --runtime --now clamd-clinic.service'],
    ] as const;
    for (const [how, command] of ways)
      await breakAndHeal(machine, stage, {
        check: 'antivirus',
        how,
        act: () => machine.must(command),
      });
    await stayBroken(machine, stage, 'antivirus', 'systemctl stop clamd-clinic.service');
    await machine.must('systemctl start clamd-clinic.service');
    const eicar = 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*';
    machine.write('/opt/eicar.txt', eicar);
    const scan =
      'clamdscan --config-file=/etc/clamd-clinic.conf --fdpass --no-summary /opt/eicar.txt';
    await machine.until('clamd finds the test virus', async () =>
      /Clinic\.Eicar.* FOUND/.test((await machine.run(scan)).stdout),
    );
    stage.seen('clamd finds the test virus');
  },
};
