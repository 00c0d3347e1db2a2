import { CHECKS } from '../../src/checks/index.ts';
import { agentEvent, attestation, changedStates } from '../../src/core/changes.ts';
import { createPlatformSigner, type Signer } from '../../src/core/ed25519.ts';
import { bundleBytes, signatureText } from '../../src/core/record.ts';
import { sha256Hex } from '../../src/wire/canonical.ts';
import type { Draft, HostContext } from '../../src/wire/evidence.ts';
import { NO_DIGEST } from '../../src/wire/primitives.ts';
import type { CheckState } from '../../src/wire/verdict.ts';
import { DAY, type DriftEvent, type HostPlan, planHost, type Shape } from './plan.ts';
import { seededRandom } from './random.ts';
import { type SyntheticViolation, stateWith } from './violations.ts';

/** A bundle that a simulated agent wrote, and when it could first be sent: later than it was written after a spell. */
export type SyntheticBundle = {
  readonly at: number;
  readonly sentAt: number;
  readonly bundleId: string;
  readonly sequence: number;
  readonly bytes: Buffer;
  /** The text of `bundle.sig`. */
  readonly signature: string;
};

/** An agent that watches nothing: its drift is planned, but it decides, records, chains and signs as the real one. */
export type SimulatedAgent = {
  readonly hostId: string;
  readonly siteId: string;
  readonly resellerId: string | null;
  readonly signer: Signer;
  readonly plan: HostPlan;
  /** What is recorded, when, and when it could first be sent. */
  drafts(): Generator<Dated>;
  /** All evidence of its days, in its order. */
  bundles(): Generator<SyntheticBundle>;
};

export type FleetOptions = {
  readonly seed: string;
  readonly hosts: number;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly days: number;
  /** Every day of every host is of this shape. */
  readonly shape?: Shape | undefined;
  /** Before the number of each host. */
  readonly prefix?: string;
};

const SITES = 7;
const ATTESTATION = DAY / 24;
const PADDED = 4;

/** So many simulated agents at a few sites of two resellers. */
export function simulateFleet({
  hosts,
  prefix = 'sim',
  ...options
}: FleetOptions): SimulatedAgent[] {
  return Array.from({ length: hosts }, (_, index) => {
    const number = index + 1;
    const site = (index % SITES) + 1;
    return simulateAgent({
      ...options,
      hostId: `${prefix}-${String(number).padStart(PADDED, '0')}`,
      siteId: `${prefix}-clinic-${site}`,
      resellerId: site % 3 === 0 ? null : `${prefix}-msp-${(site % 3) as 1 | 2}`,
    });
  });
}

export function simulateAgent({
  seed,
  hostId,
  siteId,
  resellerId,
  from,
  days,
  shape,
}: Omit<FleetOptions, 'hosts' | 'prefix'> &
  Pick<SimulatedAgent, 'hostId' | 'siteId' | 'resellerId'>): SimulatedAgent {
  const own = `${seed} ${hostId}`;
  const signer = createPlatformSigner(Buffer.from(sha256Hex(`key ${own}`), 'hex'));
  const plan = planHost({ seed: own, from, days, shape });
  const span = { from, until: from + days * DAY };
  const context: HostContext = {
    policy_version: '1',
    ruleset_hash: sha256Hex('a simulated baseline'),
    nixos_revision: null,
    derivation_digest: null,
    ntp_offset_ms: 0,
    boot_id: seededRandom(`boot ${own}`).uuid(),
    agent_version: 'simulated',
    host_id: hostId,
    site_id: siteId,
    reseller_id: resellerId,
    deployment_mode: resellerId === null ? 'direct' : 'reseller',
  };
  return {
    hostId,
    siteId,
    resellerId,
    signer,
    plan,
    drafts: () => draftsOf(plan, span),
    *bundles() {
      const random = seededRandom(`ids ${own}`);
      const chain = { chain_id: random.uuid(), key_id: signer.keyId };
      let last = { sequence: 0, digest: NO_DIGEST };
      for (const { at, sentAt, draft } of draftsOf(plan, span)) {
        const link = { ...chain, sequence: last.sequence + 1, previous_digest: last.digest };
        const bundleId = random.uuid();
        const bytes = bundleBytes({ bundleId, draft, context, link });
        last = { sequence: link.sequence, digest: sha256Hex(bytes) };
        const signature = signatureText(signer.sign(bytes));
        yield { at, sentAt, bundleId, sequence: link.sequence, bytes, signature };
      }
    },
  };
}

const citations = (id: string) => CHECKS.find((check) => check.id === id)?.citations ?? [];
const spanAt = (at: number) => ({ start: new Date(at), end: new Date(at) });

export type Dated = { readonly at: number; readonly sentAt: number; readonly draft: Draft };

/** Start, every change of a control and every remedy as it happens, and all verdicts each hour. */
function* draftsOf(
  { events }: HostPlan,
  { from, until }: { from: number; until: number },
): Generator<Dated> {
  const backAt = (at: number) =>
    spells(events, until).find(([a, b]) => a <= at && at < b)?.[1] ?? at;
  const dated = (at: number, draft: Draft): Dated => ({ at, sentAt: backAt(at), draft });
  const open = new Map<string, SyntheticViolation>();
  const stateOf = (check: string) =>
    stateWith(
      check,
      [...open.values()].filter((violation) => violation.check === check),
    );
  const standing = new Map<string, CheckState>(CHECKS.map(({ id }) => [id, stateWith(id, [])]));
  yield dated(from, agentEvent({ event: 'start', details: {}, at: new Date(from) }));
  let hour = from;
  for (const event of [...events, null]) {
    for (; hour <= (event?.at ?? until - 1); hour += ATTESTATION) {
      yield dated(
        hour,
        attestation({ current: [...standing.values()], citations, span: spanAt(hour) }),
      );
    }
    if (event === null || !('violation' in event)) continue;
    const { at, violation } = event;
    const name = `${violation.check} ${violation.rule}`;
    if (event.kind === 'breaks') open.set(name, violation);
    else open.delete(name);
    const state = stateOf(violation.check);
    const before = standing.get(violation.check) as CheckState;
    const changed = { previous: new Map([[violation.check, before]]), current: [state] };
    const [draft] = changedStates({ ...changed, citations, span: spanAt(at) });
    standing.set(violation.check, state);
    if (draft === undefined) continue;
    yield dated(
      at,
      event.kind === 'mended' && event.by === 'remedy' ? healed(draft, violation) : draft,
    );
  }
}

/** The bundle of a remedy that went well, in the place of one that only saw the change. */
function healed(draft: Draft, { remedy }: SyntheticViolation): Draft {
  const step = { step: 1, action: 'remedy', command: `remedy/${remedy} (simulated)` };
  return {
    ...draft,
    outcome: 'success',
    runbook_id: remedy,
    action_taken: [{ ...step, exit_code: 0, duration_sec: 1, result: 'ok' }],
  };
}

/** Times without a server; one that has no end goes on to the end of the plan. */
function spells(events: readonly DriftEvent[], until: number): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (const { kind, at } of events) {
    if (kind === 'away') found.push([at, until]);
    else if (kind === 'back') (found.at(-1) as [number, number])[1] = at;
  }
  return found;
}
