import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeClinic } from '../support/clinic.ts';
import { FIXTURES } from '../support/suite.ts';

const HOUR_MS = 3_600_000;
const REMEDY = 'update_to_baseline_generation';

/**
 * One cycle of a host that runs a generation nobody accepted and may switch back at once, while its time service says
 * that the clock is off by so many seconds. No test may set this machine’s clock, so a script in the host’s `bin/` speaks for chronyd.
 */
async function cycleWithClock(secondsSlow: string) {
  const clinic = makeClinic();
  const { folder, root, baseline } = clinic.paths;
  cpSync(join(FIXTURES, 'patching', 'drifted', 'root'), root, {
    recursive: true,
    verbatimSymlinks: true,
  });
  mkdirSync(join(root, 'run', 'chrony'), { recursive: true });
  const bin = join(root, 'bin');
  mkdirSync(bin);
  const tracking = `C0000201,192.0.2.1,3,1.5,${secondsSlow},0,0,0,0,0,0,0,1,Normal`;
  writeFileSync(join(bin, 'chronyc'), `#!/bin/sh\necho '${tracking}'\n`);
  chmodSync(join(bin, 'chronyc'), 0o755);

  writeFileSync(baseline, JSON.stringify({ version: 1, checks: { patching: {} } }));
  clinic.configure({
    remedies: { [REMEDY]: { mode: 'auto' } },
    allow_disruptive_outside_window: true,
    root_state_dir: join(folder, 'root-state'),
  });
  let asked = 0;
  const socket = createServer((connection) => {
    asked += 1;
    connection.end('no answer that anyone understands');
  });
  mkdirSync(join(folder, 'run', 'remedy'), { recursive: true });
  await new Promise<void>((done) =>
    socket.listen(join(folder, 'run', 'remedy', `${REMEDY}.sock`), done),
  );
  try {
    const { code, stderr } = await clinic.run('once', '--root', root);
    assert.is(code, 1, stderr);
    const { stdout: plan } = await clinic.run('plan', '--root', root);
    return { asked, bundles: clinic.bundles(), plan };
  } finally {
    await new Promise((done) => socket.close(done));
    await clinic.remove();
  }
}

test('with the clock right, the remedy is asked for', async () => {
  const { asked } = await cycleWithClock('0.000300000');
  assert.is(asked, 1);
});

for (const [title, secondsSlow, offsetMs] of [
  ['behind', '3600.000000000', HOUR_MS],
  ['ahead', '-3600.000000000', -HOUR_MS],
] as const) {
  test(`with the clock an hour ${title}, nothing disruptive runs and every bundle has the offset`, async () => {
    const { asked, bundles, plan } = await cycleWithClock(secondsSlow);
    assert.is(asked, 0);
    assert.ok(bundles.length > 0);
    for (const { ntp_offset_ms } of bundles) assert.is(ntp_offset_ms, offsetMs);
    const patching = bundles.filter(({ check }) => check === 'patching');
    assert.equal(
      patching.map(({ outcome, runbook_id }) => [outcome, runbook_id]),
      [['deferred', REMEDY]],
    );
    assert.match(plan, /The clock is off by more than ntp_max_skew_ms/);
  });
}

test.run();
