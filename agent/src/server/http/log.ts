import type { FastifyInstance } from 'fastify';
import type { Signer } from '../../core/ed25519.ts';
import { Sha256 } from '../../wire/primitives.ts';
import { type ConsistencyAnswer, type ProofAnswer, ROUTES } from '../../wire/routes.ts';
import { checkpointSeal, proveConsistency, proveInclusion } from '../log/log.ts';
import { Refusal } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import { enrolledHost } from './host.ts';

/** Proofs of the Merkle log: a host’s own bundles, and that the log only grows. */
export function logRoutes(
  app: FastifyInstance,
  { store, signer, now }: { store: Store; signer: Signer; now: () => Date },
): void {
  const seal = checkpointSeal({ signer, now });

  app.get<{ Params: { sha256: string } }>(
    ROUTES.proof(':sha256'),
    async (request): Promise<ProofAnswer> => {
      const { host } = await enrolledHost(request, store);
      const { sha256 } = request.params;
      const known = Sha256.safeParse(sha256).success;
      const proof = known
        ? await proveInclusion({ store, seal, hostId: host.hostId, sha256 })
        : null;
      if (proof !== null) return proof;
      throw new Refusal(404, 'evidence_unknown', 'This host sent no such bundle.', 'sha256');
    },
  );

  app.get<{ Querystring: { first?: unknown } }>(
    ROUTES.consistency,
    async (request): Promise<ConsistencyAnswer> => {
      await enrolledHost(request, store);
      const { first } = request.query;
      const size = typeof first === 'string' && /^\d{1,15}$/.test(first) ? Number(first) : null;
      const proof = size === null ? null : await proveConsistency(store, size);
      if (proof !== null) return proof;
      const message = 'Expected the size of an earlier checkpoint.';
      throw new Refusal(400, 'first_malformed', message, 'first');
    },
  );
}
