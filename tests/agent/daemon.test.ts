import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Bundle } from '../../agent/src/wire/evidence.ts';
import { CheckState } from '../../agent/src/wire/verdict.ts';
import { makeClinic, until } from '../support/clinic.ts';
import { testWith } from '../support/suite.ts';

type Clinic = ReturnType<typeof makeClinic>;

/** Does something in a clinic of its own, which is removed in any case. */
async function inClinic(
  options: Parameters<typeof makeClinic>[0],
  body: (clinic: Clinic) => Promise<void>,
): Promise<void> {
  const clinic = makeClinic(options);
  try {
    await body(clinic);
  } finally {
    await clinic.remove();
  }
}

function clinicTest(name: string, body: (clinic: Clinic) => Promise<void>): void {
  test(name, () => inClinic({}, body));
}

const ofEncryption = (bundles: Bundle[]) => bundles.filter(({ check }) => check === 'encryption');
const verdicts = (bundles: Bundle[]) =>
  ofEncryption(bundles).map(({ post_state }) => CheckState.parse(post_state).verdict);
const events = (bundles: Bundle[]) =>
  bundles
    .filter(({ check }) => check === 'agent')
    .map(({ post_state }) => (post_state as { event: string }).event);
const cycles = (log: string) => log.match(/"msg":"cycle"/g)?.length ?? 0;

clinicTest('drift is recorded once, and so is its end', async (clinic) => {
  const daemon = clinic.daemon();
  await until(() => verdicts(clinic.bundles()).length === 1);
  clinic.setMounts('drifted');
  await until(() => verdicts(clinic.bundles()).length === 2);
  const seen = cycles(daemon.log());
  await until(() => cycles(daemon.log()) >= seen + 2);
  clinic.setMounts('compliant');
  await until(() => verdicts(clinic.bundles()).length === 3);

  const bundles = ofEncryption(clinic.bundles());
  assert.equal(verdicts(bundles), ['compliant', 'drifted', 'compliant']);
  assert.equal(
    bundles.map(({ outcome }) => outcome),
    ['compliant', 'alert', 'compliant'],
  );
  assert.is(bundles[1]?.boot_id, 'boot-of-the-test', 'the host looked at is the folder');
  assert.is(bundles[1]?.host_id, 'clinic-1');
});

clinicTest('a daemon that cannot begin ends, whatever it had begun', async (clinic) => {
  clinic.configure({ metrics_listen: join(clinic.paths.folder, 'metrics.sock') });
  mkdirSync(join(clinic.paths.state, 'control.sock'), { recursive: true }); // where it is to listen
  const daemon = clinic.daemon();
  const { code } = await until(
    () => daemon.child.exitCode !== null && { code: daemon.child.exitCode },
  );
  assert.is(code, 1, daemon.log());
});

clinicTest(
  'a killed and restarted daemon repeats nothing and says that it was cut off',
  async (clinic) => {
    clinic.setMounts('drifted');
    const first = clinic.daemon();
    await until(() => cycles(first.log()) >= 1);
    await first.stop('SIGKILL');
    const second = clinic.daemon();
    await until(() => cycles(second.log()) >= 2);

    const bundles = clinic.bundles();
    assert.equal(verdicts(bundles), ['drifted']);
    assert.is(bundles.filter(({ check }) => check === 'attestation').length, 1);
    const starts = bundles.filter(({ check }) => check === 'agent');
    assert.equal(
      starts.map(({ post_state }) => (post_state as { previous_run: string }).previous_run),
      ['none', 'cut off'],
    );
    assert.equal(
      bundles.map(({ sequence }) => sequence),
      bundles.map((_, index) => index + 1),
    );
  },
);

clinicTest('a rotated key changes nothing of what is remembered', async (clinic) => {
  clinic.setMounts('drifted');
  const here = ['--root', clinic.paths.root];
  await clinic.run('once', ...here);
  for (let times = 0; times < 2; times += 1) {
    const { code, stderr } = await clinic.run('keys', 'rotate');
    assert.is(code, 0, stderr);
  }
  await clinic.run('once', ...here);
  assert.equal(verdicts(clinic.bundles()), ['drifted']);
  assert.is(new Set(clinic.bundles().map(({ key_id }) => key_id)).size, 3);
  const { code, stdout } = await clinic.run('evidence', 'verify');
  assert.is(code, 0, stdout);
});

clinicTest('SIGTERM ends with a recorded stop and exit 0', async (clinic) => {
  const daemon = clinic.daemon();
  await until(() => cycles(daemon.log()) >= 1);
  assert.is(await daemon.stop('SIGTERM'), 0);
  assert.equal(events(clinic.bundles()), ['start', 'stop']);
  assert.is(clinic.bundles().at(-1)?.check, 'agent');
  const { code, stdout } = await clinic.run('status');
  assert.is(code, 3);
  assert.match(stdout, /daemon +not running/);
  assert.match(stdout, /evidence +\d+ bundles in chain/);
});

clinicTest('SIGHUP takes up right settings and refuses wrong ones', async (clinic) => {
  const daemon = clinic.daemon();
  await until(() => cycles(daemon.log()) >= 1);

  clinic.configure({ poll_interval: 'often' });
  daemon.child.kill('SIGHUP');
  await until(() => daemon.log().includes('settings refused'));
  assert.match(daemon.log(), /poll_interval: found \\"often\\", expected number/);

  clinic.configure({ state_dir: '/elsewhere' });
  daemon.child.kill('SIGHUP');
  await until(() => daemon.log().includes('which only a restart can change'));
  assert.equal(events(clinic.bundles()), ['start'], 'nothing was taken up');

  clinic.configure({ policy_version: '7' });
  daemon.child.kill('SIGHUP');
  const reload = await until(() =>
    clinic.bundles().find(({ post_state }) => JSON.stringify(post_state).includes('"reload"')),
  );
  assert.is(reload.policy_version, '7');
  assert.is(daemon.child.exitCode, null, 'it still runs');
});

clinicTest('once and status ask the daemon that runs', async (clinic) => {
  const daemon = clinic.daemon();
  await until(() => cycles(daemon.log()) >= 1);
  clinic.setMounts('drifted');
  const once = await clinic.run('once', '--json', '--root', clinic.paths.root);
  assert.is(once.code, 1, once.stderr);
  const { code, stdout } = await clinic.run('status', '--json');
  assert.is(code, 0);
  const { daemon: told, evidence, queue, server } = JSON.parse(stdout);
  assert.equal(Object.keys(told.counters), [
    'loops_completed',
    'drift_detected',
    'remediations_attempted',
    'remediations_successful',
    'evidence_generated',
    'evidence_uploaded',
    'evidence_queued',
  ]);
  assert.is(told.counters.drift_detected, 1);
  assert.is(told.counters.evidence_generated, evidence.sequence);
  assert.is(told.last_cycle.verdicts.encryption, 'drifted');
  assert.is(queue.pending, 0);
  assert.is(server.state, 'none');
});

const exits: [title: string, mounts: 'compliant' | 'drifted', code: number][] = [
  ['a compliant host', 'compliant', 0],
  ['a drifted host', 'drifted', 1],
];
for (const [title, mounts, code] of exits) {
  clinicTest(`check of ${title} exits ${code} and writes nothing; once writes`, async (clinic) => {
    clinic.setMounts(mounts);
    const check = await clinic.run('check', 'encryption', '--root', clinic.paths.root);
    assert.is(check.code, code, check.stderr);
    assert.match(check.stdout, mounts);
    assert.not(readdirSync(clinic.paths.folder).includes('state'));

    const once = await clinic.run('once', '--root', clinic.paths.root);
    assert.is(once.code, code, once.stderr);
    assert.equal(verdicts(clinic.bundles()), [mounts]);
  });
}

clinicTest('check that cannot look exits 2, and JSON says why', async (clinic) => {
  rmSync(join(clinic.paths.root, 'proc/1/mountinfo'));
  const { code, stdout } = await clinic.run('check', '--json', '--root', clinic.paths.root);
  assert.is(code, 2);
  const states: CheckState[] = JSON.parse(stdout);
  assert.is(states.find(({ check }) => check === 'encryption')?.verdict, 'unknown');
});

clinicTest('check of an unknown id is wrong usage and names those there are', async (clinic) => {
  const { code, stderr } = await clinic.run('check', 'encription');
  assert.is(code, 64);
  assert.match(stderr, /no check encription: there are .*encryption/);
});

clinicTest('wrong settings end a start with 78 and no stack trace', async (clinic) => {
  clinic.configure({ poll_interval: 0, nonsense: 1 });
  const { code, stderr } = await clinic.run('run', '--root', clinic.paths.root);
  assert.is(code, 78);
  assert.match(stderr, /poll_interval/);
  assert.match(stderr, /nonsense/);
  assert.not.match(stderr, /\n\s+at /);
});

testWith(
  { root: true, tools: ['mount', 'umount'] },
  'with a full disk the daemon goes on, says so, and records all once there is space',
  () =>
    inClinic({ disk: '1m' }, async (clinic) => {
      const daemon = clinic.daemon();
      await until(() => cycles(daemon.log()) >= 1);
      const ballast = join(clinic.paths.state, 'ballast');
      fill(ballast);
      clinic.setMounts('drifted');
      await until(() => daemon.log().includes('evidence cannot be written'));
      assert.equal(verdicts(clinic.bundles()), ['compliant']);

      const { stdout } = await clinic.run('status');
      assert.match(stdout, /WARNING +evidence cannot be written: storage_full/);
      const once = await clinic.run('once', '--root', clinic.paths.root);
      assert.is(once.code, 1, 'drift stays drift');
      assert.match(once.stderr, /evidence could not be written: storage_full/);

      clinic.setMounts('compliant');
      const seen = cycles(daemon.log());
      await until(() => cycles(daemon.log()) > seen + 1);
      rmSync(ballast);
      await until(() => verdicts(clinic.bundles()).length === 3);
      assert.equal(verdicts(clinic.bundles()), ['compliant', 'drifted', 'compliant']);
      assert.is(await daemon.stop('SIGTERM'), 0);
    }),
);

/** Fills what is left of a file system. */
function fill(path: string): void {
  const part = Buffer.alloc(4096);
  try {
    for (;;) writeFileSync(path, part, { flag: 'a' });
  } catch (error) {
    assert.is((error as NodeJS.ErrnoException).code, 'ENOSPC');
  }
  assert.ok(statSync(path).size > 0);
}

test.run();
