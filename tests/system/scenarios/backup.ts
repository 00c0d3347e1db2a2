import { breakAndHeal, expectTrue, type Scenario } from '../scenario.ts';

const SERVICE = `[Service]
Type=oneshot
Environment=RESTIC_REPOSITORY=/var/backup/restic RESTIC_PASSWORD=clinic HOME=/root
ExecStartPre=/usr/bin/compliance-agent backup canary --job daily
ExecStart=/usr/bin/restic backup --quiet /srv/clinic
ExecStopPost=/usr/bin/compliance-agent backup record --job daily
`;
const TEST = SERVICE.replace(/ExecStartPre.*\n/, '')
  .replace(/ExecStart=.*/, 'ExecStart=/usr/bin/compliance-agent backup restore-test --job daily')
  .replace(/ExecStopPost.*\n/, '');

export const scenario: Scenario = {
  name: 'backup',
  proves:
    'a backup that is missing or failed is made by a real restic, and a restore test brings its canary back',
  checks: {
    backup: {
      jobs: [{ job: 'daily', unit: 'backup-daily.service', canary: '/srv/clinic/.canary' }],
    },
  },
  prepare(machine) {
    // The repository is made first: an agent that finds none would try, fail and back off.
    machine.write(
      '/etc/systemd/system/compliance-agent.service.d/wait.conf',
      '[Unit]\nConditionPathExists=/opt/ready\n',
    );
    machine.write('/srv/clinic/records.txt', 'a record of the test\n');
    machine.write('/usr/lib/systemd/system/backup-daily.service', SERVICE);
    machine.write('/usr/lib/systemd/system/restore-test-daily.service', TEST);
  },
  async play(machine, stage) {
    await machine.must(
      'RESTIC_PASSWORD=clinic HOME=/root restic init --quiet --repo /var/backup/restic',
    );
    await machine.must(
      'systemctl start backup-daily.service && systemctl start restore-test-daily.service || (journalctl --no-pager -o cat -u backup-daily -u restore-test-daily; find /var/lib -name "daily*"; exit 1)',
    );
    machine.write('/opt/ready', '');
    await machine.must('systemctl start compliance-agent');
    stage.seen('restic made a backup, and the restore test brought its canary back');
    const status = (
      await machine.must(
        'ls /var/lib/*/backup/daily.json /var/lib/*/daily.json 2>/dev/null | head -n 1 || true',
      )
    ).trim();
    expectTrue(status !== '', 'the hooks left a status file');
    await breakAndHeal(machine, stage, {
      check: 'backup',
      how: 'the status of the last backup gone',
      act: () => machine.must(`rm ${status}`),
    });
    await breakAndHeal(machine, stage, {
      check: 'backup',
      how: 'a run that failed',
      act: () =>
        machine
          .must(
            'mv /var/backup/restic /var/backup/gone; systemctl start backup-daily.service; mv /var/backup/gone /var/backup/restic',
          )
          .catch(() => machine.must('mv /var/backup/gone /var/backup/restic')),
    });
    await machine.must('systemctl start restore-test-daily.service');
    stage.seen('the restore test of the healed backup passes');
  },
};
