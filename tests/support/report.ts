import { CHECKS } from '../../agent/src/checks/index.ts';
import { createPlatformSigner, type Signer } from '../../agent/src/core/ed25519.ts';
import { signatureText } from '../../agent/src/core/record.ts';
import type { Control, Parameters } from '../../agent/src/core/report/parameters.ts';
import type { PacketSource, SourceBundle } from '../../agent/src/effects/packet/write.ts';
import { canonicalBytes } from '../../agent/src/wire/canonical.ts';
import type { Bundle, Draft, HostContext } from '../../agent/src/wire/evidence.ts';
import type { Json } from '../../agent/src/wire/primitives.ts';
import type { CheckState } from '../../agent/src/wire/verdict.ts';
import { type Signed, signedBundle } from './chain.ts';
import { CONTEXT } from './evidence.ts';

export const HOST_KEY = createPlatformSigner(new Uint8Array(32).fill(7));
export const RECEIPT_KEY = createPlatformSigner(new Uint8Array(32).fill(9));

export const CONTROLS: Control[] = CHECKS.map(({ id, title, citations }) => ({
  id,
  title,
  citations,
}));

export const PARAMETERS: Parameters = {
  from: '2026-11-22T00:00:00.000Z',
  to: '2026-11-23T00:00:00.000Z',
  profile: 'hipaa',
  attestation_interval_sec: 3600,
  ntp_max_skew_ms: 5000,
  exceptions: [],
  made_by: '0.1.0',
};

/** A state of one check, compliant unless said otherwise. */
export function stateOf(check: string, fields: Partial<CheckState> = {}): CheckState {
  const blank = { severity: null, findings: [], exceptions: [], facts: null, error: null };
  return { check, verdict: 'compliant', ...blank, ...fields };
}

/** A drifted state with one finding of this sentence. */
export function drifted(check: string, message: string): CheckState {
  const finding = { rule: 'a_rule', subject: 'a', verdict: 'drifted', severity: 'high' } as const;
  const details = { expected: 1, actual: 2, message, exception: null };
  return stateOf(check, {
    verdict: 'drifted',
    severity: 'high',
    findings: [{ ...finding, ...details }],
  });
}

export const attested = (verdict: string, checks = CHECKS.map(({ id }) => id)): Json => ({
  verdicts: checks.map((check) => ({
    ...{ check, verdict, severity: null, open_findings: 0, exceptions: [], error: null },
  })),
});

/** What happens on a host: when, and what is recorded of it. */
export type Event = [at: string, draft: Partial<Draft>, context?: Partial<HostContext>];

/** A day of ordinary work: hourly attestations, one drift that is healed, one that stays. */
export const DAY: Event[] = [
  ...Array.from({ length: 24 }, (_, hour): Event => {
    const post_state = attested('compliant', hour < 20 ? undefined : ['backup', 'logging']);
    return [`${String(hour).padStart(2, '0')}:00:00`, { check: 'attestation', post_state }];
  }),
  ['09:30:00', { check: 'firewall', post_state: drifted('firewall', 'A rule was added.') as Json }],
  [
    '09:31:00',
    {
      check: 'firewall',
      post_state: stateOf('firewall') as Json,
      outcome: 'success',
      runbook_id: 'restore_firewall_baseline',
    },
  ],
  ['20:15:00', { check: 'encryption', post_state: drifted('encryption', '<b>LUKS1</b>.') as Json }],
];

/** Events as a signed chain in the order of their times. */
export function chainOf(events: readonly Event[], signer: Signer = HOST_KEY): Signed[] {
  const chain: Signed[] = [];
  for (const [time, draft, context = {}] of [...events].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const at = `2026-11-22T${time}.000Z`;
    const last = chain.at(-1);
    chain.push(
      signedBundle({
        signer,
        draft: { timestamp_start: at, timestamp_end: at, ...draft },
        context,
        ...(last && { sequence: last.sequence + 1, previous: last.sha256 }),
      }),
    );
  }
  return chain;
}

/** A receipt of a bundle, five seconds after it ended. */
export function receiptOf({ bytes, sha256 }: Pick<Signed, 'bytes' | 'sha256'>) {
  const { host_id, chain_id, sequence, timestamp_end } = JSON.parse(bytes.toString()) as Bundle;
  const received_at = new Date(Date.parse(timestamp_end) + 5000).toISOString();
  const type = 'compliance-agent/receipt/v1';
  const payload = { type, host_id, chain_id, sequence, bundle_sha256: sha256, received_at };
  const receipt = canonicalBytes({ ...payload, fork: false });
  return { bytes: receipt, signature: signatureText(RECEIPT_KEY.sign(receipt)) };
}

/** A signed bundle as a source gives it, with its receipt. */
export function sourceBundleOf(signed: Signed): SourceBundle {
  const { host_id, bundle_id, timestamp_end } = JSON.parse(signed.bytes.toString()) as Bundle;
  return {
    host_id,
    place: `${timestamp_end.slice(0, 10).replaceAll('-', '/')}/${bundle_id}`,
    bytes: signed.bytes,
    signature: signed.signature,
    receipt: receiptOf(signed),
  };
}

/** A chain as a source of packets, with a receipt for every bundle. */
export function sourceOf(chain: readonly Signed[], signer: Signer = HOST_KEY): PacketSource {
  const bundles = chain.map(sourceBundleOf);
  return { bundles, keys: new Map([[CONTEXT.host_id, [signer.publicKey]]]) };
}
