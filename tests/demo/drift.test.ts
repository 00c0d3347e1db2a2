import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { simulateFleet } from '../../agent/demo/drift/agent.ts';
import { DAY, planHost, SHAPES, type Shape } from '../../agent/demo/drift/plan.ts';
import { sendAll } from '../../agent/demo/drift/send.ts';
import { VIOLATIONS } from '../../agent/demo/drift/violations.ts';
import { CHECKS } from '../../agent/src/checks/index.ts';
import { createPlatformVerifier } from '../../agent/src/core/ed25519.ts';
import { openBundle } from '../../agent/src/core/record.ts';
import { createClient } from '../../agent/src/effects/upload/client.ts';
import { sha256Hex } from '../../agent/src/wire/canonical.ts';
import { NO_DIGEST } from '../../agent/src/wire/primitives.ts';
import { testAuthority } from '../support/ca.ts';
import { testServer } from '../support/server.ts';

const from = Date.parse('2026-11-01');
const bytesOf = (seed: string) =>
  simulateFleet({ seed, hosts: 2, from, days: 2 }).flatMap(({ bundles }) =>
    [...bundles()].map(({ bytes, signature }) => `${bytes}${signature}`),
  );
const planOf = (shape: Shape, seed = '1') => planHost({ seed, from, days: 1, shape }).events;

test('the same seed gives the same bytes, and another seed others', () => {
  assert.equal(bytesOf('1'), bytesOf('1'));
  assert.not.equal(bytesOf('1'), bytesOf('2'));
});

test('each shape is what its name says, whatever the seed', () => {
  for (const seed of ['1', '2', '3', '4', '5']) {
    const broken = (shape: Shape) => planOf(shape, seed).filter(({ kind }) => kind === 'breaks');
    const counts = SHAPES.map((shape) => broken(shape).length);
    assert.equal([counts[0], counts[1]], [0, 1], 'calm and single');
    const storm = broken('storm').map(({ at }) => at);
    assert.ok(storm.length >= 8 && Math.max(...storm) - Math.min(...storm) <= 600_000, 'storm');
    const flapping = broken('flapping').map((event) =>
      'violation' in event ? event.violation : null,
    );
    assert.ok(flapping.length >= 6 && new Set(flapping).size === 1, 'flapping');
    const spell = planOf('offline', seed).filter(({ kind }) => kind === 'away' || kind === 'back');
    assert.equal(
      spell.map(({ kind }) => kind),
      ['away', 'back'],
      'offline',
    );
  }
});

test('every control can drift, by rules that its check has', () => {
  assert.equal(
    [...new Set(VIOLATIONS.map(({ check }) => check))].sort(),
    CHECKS.map(({ id }) => id),
  );
});

test('a simulated agent writes a chain that verifies, and an attestation each hour', () => {
  for (const { signer, hostId, bundles } of simulateFleet({ seed: '1', hosts: 3, from, days: 3 })) {
    const verifiers = [createPlatformVerifier(signer.publicKey)];
    let previous = NO_DIGEST;
    let attestations = 0;
    for (const { bytes, signature, sequence, at, sentAt } of bundles()) {
      const opened = openBundle({ bytes, signature, verifiers });
      if (!opened.ok) throw new Error(`bundle ${sequence} does not verify`);
      const { bundle } = opened;
      assert.equal([bundle.host_id, bundle.previous_digest], [hostId, previous]);
      assert.ok(sentAt >= at && at < from + 3 * DAY);
      if (bundle.check === 'attestation') attestations += 1;
      previous = sha256Hex(bytes);
    }
    assert.is(attestations, 72);
  }
});

test('a server takes the evidence of a whole fleet, spells and all, without a gap or a fork', async () => {
  const ca = await testAuthority();
  const server = await testServer(ca);
  const fleet = simulateFleet({ seed: '7', hosts: 3, from, days: 1, shape: 'offline' });
  try {
    for (const { hostId, signer } of fleet) await server.enrol(hostId, signer);
    const sent = await sendAll(fleet, async ({ hostId }) =>
      createClient({
        ...{ url: server.url, caFile: ca.caFile },
        ...ca.files(hostId, await ca.client(hostId)),
      }),
    );
    const chains = (await server.store.hosts()).flatMap((host) => host.chains);
    assert.is(
      chains.reduce((total, { bundles }) => total + bundles, 0),
      sent,
    );
    for (const { head, bundles, forks } of chains)
      assert.equal([head.sequence, forks], [bundles, 0]);
  } finally {
    await server.close();
    ca.remove();
  }
});

test.run();
