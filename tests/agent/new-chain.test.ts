import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Status } from '../../agent/src/agent/status.ts';
import type { BundleRow } from '../../agent/src/effects/store/rows.ts';
import { makeClinic, untilAsync } from '../support/clinic.ts';
import { makeServer } from '../support/real-server.ts';

type World = {
  server: Awaited<ReturnType<typeof makeServer>>;
  clinic: ReturnType<typeof makeClinic>;
  /** Starts the daemon, waits until its queue is empty, and stops it. */
  upload: () => Promise<Status>;
  publicKey: () => Promise<string>;
};

/** A clinic whose first bundles the real server has receipted. */
async function withWorld(body: (world: World) => Promise<void>): Promise<void> {
  const server = await makeServer();
  const clinic = makeClinic();
  const upload = async () => {
    const daemon = clinic.daemon();
    const done = await untilAsync(async () => {
      const now: Status = JSON.parse((await clinic.run('status', '--json')).stdout);
      return now.queue?.pending === 0 && now.server.state === 'reachable' ? now : null;
    });
    await daemon.stop('SIGTERM');
    return done;
  };
  try {
    await server.admit(clinic, await server.start());
    await clinic.run('once', '--root', clinic.paths.root);
    const { stdout } = await clinic.run('keys', 'show', '--enrol');
    assert.is(server.command(['hosts', 'enrol', '-'], stdout).status, 0);
    await upload();
    await body({
      server,
      clinic,
      upload,
      publicKey: async () => (await clinic.run('keys', 'show')).stdout,
    });
  } finally {
    await clinic.remove();
    await server.remove();
  }
}

test('a host put back from an older copy of its state folder begins a new chain that says why', () =>
  withWorld(async ({ server, clinic, upload }) => {
    const { paths } = clinic;
    const copy = join(paths.folder, 'copy');
    cpSync(paths.state, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') });
    const lived = await upload(); // starts, stops: bundles that the copy does not have
    rmSync(paths.state, { recursive: true });
    cpSync(copy, paths.state, { recursive: true });

    const daemon = clinic.daemon();
    const first = await untilAsync(async () =>
      clinic.bundles().find(({ check }) => check === 'chain'),
    );
    await untilAsync(async () => {
      const { queue }: Status = JSON.parse((await clinic.run('status', '--json')).stdout);
      return queue?.pending === 0;
    });
    await daemon.stop('SIGTERM');

    assert.equal(first.post_state, { reason: 'fork' });
    assert.is(first.sequence, 1);
    assert.is((first.pre_state as { chain_id: string }).chain_id, lived.evidence?.chain_id);
    const chains = clinic.bundles().filter(({ check }) => check === 'chain');
    assert.is(chains.length, 1, 'one new chain, not one a try');
    const { code, stdout } = await clinic.run('evidence', 'verify');
    assert.is(code, 0, stdout);
    assert.match(server.command(['verify']).stdout, /fork/);
    const [host] = JSON.parse(server.command(['hosts', 'list', '--json']).stdout);
    assert.is(host.chains.length, 2);
  }));

test('a host that lost its signing key goes on in a new chain, once its server is told', () =>
  withWorld(async ({ server, clinic, upload, publicKey }) => {
    const key = join(clinic.paths.state, 'signing.key');
    const keys = join(clinic.paths.folder, 'both.pem');
    const old = await publicKey();

    const kept = await clinic.run('keys', 'rotate', '--lost');
    assert.is(kept.code, 78);
    assert.match(kept.stderr, /this key is not lost/);

    rmSync(key);
    const refused = await clinic.run('once', '--root', clinic.paths.root);
    assert.is(refused.code, 78, 'no other key takes its place by itself');
    const begun = await clinic.run('keys', 'rotate', '--lost', '--json');
    assert.is(begun.code, 0, begun.stderr);
    const first = clinic.bundles().find(({ check }) => check === 'chain');
    assert.equal(first?.post_state, { reason: 'key_lost' });
    assert.is(first?.key_id, JSON.parse(begun.stdout).key_id);

    const daemon = clinic.daemon(); // what the old key signed still goes up; nothing of the new one does
    await untilAsync(async () => {
      const { stdout } = await clinic.run('evidence', 'list', '--json', '--limit', '1000');
      const { bundles }: { bundles: BundleRow[] } = JSON.parse(stdout);
      return bundles.every(
        ({ key_id, receipted }) => receipted === (key_id === first?.key_id ? 0 : 1),
      );
    });
    await daemon.stop('SIGTERM');

    const enrolment = (await clinic.run('keys', 'show', '--enrol')).stdout;
    assert.is(server.command(['hosts', 'enrol', '-'], enrolment).status, 1, 'only on purpose');
    const replaced = server.command(['hosts', 'enrol', '--replace-key', '-'], enrolment);
    assert.is(replaced.status, 0, replaced.stderr);
    await clinic.run('queue', 'retry');
    await upload();

    writeFileSync(keys, old + (await publicKey()));
    const verified = await clinic.run('evidence', 'verify', '--public-key', keys);
    assert.is(verified.code, 0, verified.stdout);
    assert.is((await clinic.run('evidence', 'verify')).code, 1, 'the new key alone is not enough');
    const held = server.command(['verify']);
    assert.is(held.status, 0, held.stdout);
    assert.match(readFileSync(key, 'utf8'), /PRIVATE KEY/);
  }));

test.run();
