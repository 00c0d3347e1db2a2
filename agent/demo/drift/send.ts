import type { Client } from '../../src/effects/upload/client.ts';
import type { Enrolment } from '../../src/wire/enrolment.ts';
import type { SimulatedAgent } from './agent.ts';

/** What `compliance-server hosts enrol` takes. */
export function enrolmentOf({ hostId, siteId, resellerId, signer }: SimulatedAgent): string {
  const enrolment: Enrolment = {
    host_id: hostId,
    site_id: siteId,
    reseller_id: resellerId,
    public_key: Buffer.from(signer.publicKey).toString('base64'),
    key_id: signer.keyId,
  };
  return `${JSON.stringify(enrolment, null, 2)}\n`;
}

/**
 * Every agent sends its evidence, one bundle after the other and the agents side by side; after a spell what waited goes
 * oldest first, as the real queue does. Gives how many were received; throws where one was not.
 */
export async function sendAll(
  fleet: readonly SimulatedAgent[],
  connect: (agent: SimulatedAgent) => Promise<Client>,
): Promise<number> {
  const counts = await Promise.all(
    fleet.map(async (agent) => {
      const client = await connect(agent);
      let sent = 0;
      try {
        const waiting = [...agent.bundles()].sort(
          (a, b) => a.sentAt - b.sentAt || a.sequence - b.sequence,
        );
        for (const { bytes, signature, sequence } of waiting) {
          const { kind } = await client.sendEvidence({ bytes, signature });
          if (kind !== 'received') throw new Error(`${agent.hostId}: bundle ${sequence} is a fork`);
          sent += 1;
        }
      } finally {
        await client.close();
      }
      return sent;
    }),
  );
  return counts.reduce((total, count) => total + count, 0);
}
