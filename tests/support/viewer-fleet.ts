import { sealEnvelope } from '../../agent/src/core/envelope.ts';
import { draftOrder, orderPayload } from '../../agent/src/server/orders/draft.ts';
import type { Store } from '../../agent/src/server/store/store.ts';
import type { Draft } from '../../agent/src/wire/evidence.ts';
import type { Json } from '../../agent/src/wire/primitives.ts';
import type { CheckState } from '../../agent/src/wire/verdict.ts';
import { signerOf } from './evidence.ts';
import { drifted, stateOf } from './report.ts';
import { settle, type TestHost, testHost } from './viewer.ts';

const CONTROLS = ['antivirus', 'backup', 'encryption', 'firewall', 'logging', 'patching'];

/** An attestation of all six controls: compliant, but for what is said. */
export const attestation = (
  states: Readonly<Record<string, Partial<CheckState>>> = {},
): { check: string; post_state: Json } => ({
  check: 'attestation',
  post_state: {
    verdicts: CONTROLS.map((check) => {
      const { verdict = 'compliant', severity = null } = states[check] ?? {};
      return { check, verdict, severity, open_findings: 0, exceptions: [], error: null };
    }),
  },
});

const ACCEPT = '{"accept":null}';
const TELNET =
  '{"match":{"left":{"payload":{"field":"dport","protocol":"tcp"}},"op":"==","right":23}}';
/** A firewall with one rule too many, as its check sees and tells it. */
const openFirewall: CheckState = {
  ...drifted('firewall', 'inet nixos-fw input-allow: rule 4 was added.'),
  facts: {
    ...{
      backend: 'nftables',
      digest: 'b'.repeat(64),
      reference: { digest: 'a'.repeat(64), missing: [] },
    },
    difference_count: 2,
    differences: [
      {
        kind: 'rule_added',
        table: 'inet/nixos-fw',
        chain: 'input-allow',
        subject: null,
        position: 4,
        expected: null,
        actual: `[${TELNET},${ACCEPT}]`,
      },
      {
        kind: 'policy',
        table: 'inet/nixos-fw',
        chain: 'input',
        subject: null,
        position: null,
        expected: 'drop',
        actual: 'accept',
      },
    ],
    ...{ foreign_count: 1, foreign: ['ip/docker'], bypass_count: 0, bypasses: [] },
  },
};
const closedFirewall: CheckState = {
  ...stateOf('firewall'),
  facts: {
    ...(openFirewall.facts as object),
    ...{ digest: 'a'.repeat(64), difference_count: 0, differences: [] },
  },
};

/** A drift that was healed: before, after and what was done. */
export const healedFirewall: Partial<Draft> = {
  check: 'firewall',
  pre_state: openFirewall as unknown as Json,
  post_state: closedFirewall as unknown as Json,
  hipaa_controls: ['164.312(a)(1)', '164.312(e)(1)', '164.308(a)(6)(ii)'],
  outcome: 'success',
  runbook_id: 'restore_firewall_baseline',
  rollback_available: true,
  action_taken: [
    {
      step: 1,
      action: 'check',
      command: 'nft --check --file /run/compliance-agent/restore.nft',
      exit_code: 0,
      duration_sec: 0.021,
      result: 'ok',
    },
    {
      step: 2,
      action: 'replace',
      command: 'nft --file /run/compliance-agent/restore.nft',
      exit_code: 0,
      duration_sec: 0.034,
      result: 'ok',
    },
  ],
};

/** Eight days of a host before the small fleet’s morning: one drift that was healed, a look that failed, a night off. */
export async function history(host: TestHost): Promise<void> {
  for (let hour = -8 * 24; hour < 8; hour += 1) {
    const at = new Date(Date.UTC(2026, 10, 22, hour, 5)).toISOString();
    if (hour === -100) await host.say(at, healedFirewall);
    if (hour > -60 && hour < -50) continue;
    await host.say(at, attestation(hour === -150 ? { backup: { verdict: 'unknown' } } : {}));
  }
}

/** A small fleet in which everything occurs that a page shows, at 10:00 of 22 November 2026. */
export async function smallFleet(
  store: Store,
  { withHistory = false } = {},
): Promise<Record<string, TestHost>> {
  const hosts: Record<string, TestHost> = {};
  const add = async (hostId: string, siteId: string, resellerId: string | null = null) => {
    const host = await testHost(store, hostId, { siteId, resellerId });
    hosts[hostId] = host;
    return host;
  };
  const today = (time: string) => `2026-11-22T${time}.000Z`;

  const calm = await add('calm-1', 'clinic-1', 'northcare');
  for (const hour of ['06', '07', '08', '09'])
    await calm.say(today(`${hour}:10:00`), attestation());

  const front = await add('front-desk', 'clinic-1', 'northcare');
  if (withHistory) await history(front);
  await front.say(today('08:20:00'), attestation());
  await front.say(today('08:30:00'), {
    check: 'firewall',
    post_state: openFirewall as unknown as Json,
    outcome: 'deferred',
  });
  await front.say(
    today('09:30:00'),
    attestation({ firewall: { verdict: 'drifted', severity: 'high' } }),
  );

  await front.say(today('09:32:00'), healedFirewall);
  await front.say(today('09:33:00'), {
    check: 'firewall',
    post_state: openFirewall as unknown as Json,
    outcome: 'deferred',
  });

  const lab = await add('lab-1', 'clinic-2', 'northcare');
  await lab.say(
    today('09:20:00'),
    attestation({ encryption: { verdict: 'drifted', severity: 'critical' } }),
  );

  const dark = await add('x-ray', 'clinic-2');
  await dark.say(today('09:25:00'), attestation({ backup: { verdict: 'unknown' } }));

  const silent = await add('old-laptop', 'clinic-3', 'southcare');
  await silent.say('2026-11-20T17:00:00.000Z', attestation());

  const vm = await add('archive', 'clinic-3', 'southcare');
  await vm.say(today('09:40:00'), attestation({ antivirus: { verdict: 'notApplicable' } }));

  await settle(store);
  return hosts;
}

/** Orders of the small fleet: one signed, one asked for. */
export async function someOrders(store: Store): Promise<void> {
  const why = 'The running generation is not the accepted one and 41 days old.';
  for (const [number, hostId] of ['calm-1', 'front-desk'].entries()) {
    const orderId = `00000000-0000-4000-8000-00000000000${number}`;
    await store.requestOrder({
      ...{
        hostId,
        siteId: 'clinic-1',
        orderId,
        maxOpen: 9,
        now: `2026-11-22T08:4${number}:00.000Z`,
      },
      request: {
        ...{ request_id: orderId, check: 'patching', reason: why, bundle_sha256: null },
        runbook_id: 'update_to_baseline_generation',
      },
    });
  }
  const orderId = '00000000-0000-4000-8000-000000000000';
  const by = { kind: 'reader', name: 'Olga Operator' } as const;
  const order = await store.exportOrder({ orderId, by, now: '2026-11-22T09:02:11.000Z' });
  if (order === null) throw new Error('the order is not there');
  const issued = { nonce: 'ab'.repeat(16), now: new Date('2026-11-22T09:10:00.000Z'), ttl: 3600 };
  const envelope = sealEnvelope(orderPayload(draftOrder(order), issued), signerOf(77));
  const approval = { envelope, expiresAt: '2026-11-22T10:10:00.000Z' };
  const change = { orderId, from: 'requested', to: 'approved', by, approval } as const;
  await store.changeOrder({ ...change, now: '2026-11-22T09:12:40.000Z' });
}
