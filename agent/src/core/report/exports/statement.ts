import * as z from 'zod';
import { canonicalBytes } from '../../../wire/canonical.ts';
import { type Json, KeyId } from '../../../wire/primitives.ts';
import { SIGNATURE_BYTES, type Signer, type Verifier } from '../../ed25519.ts';
import { decodeJson } from '../../json.ts';
import type { ReportFacts } from '../facts.ts';

export const IN_TOTO_PAYLOAD = 'application/vnd.in-toto+json';
const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
const PREDICATE_TYPE = 'urn:compliance-agent:report:v1';

/** A file of which a statement speaks. */
export type Subject = { readonly name: string; readonly sha256: string };

/** An in-toto Statement (in-toto attestation framework v1.0): what the report says of the bytes that it rests on. */
export function statementBytes(facts: ReportFacts, subjects: readonly Subject[]): Buffer {
  const { parameters, hosts } = facts;
  return canonicalBytes({
    _type: STATEMENT_TYPE,
    subject: subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: PREDICATE_TYPE,
    predicate: {
      from: parameters.from,
      to: parameters.to,
      hosts: hosts.map(({ host_id, site_id, bundles, chains, controls, incidents }) => ({
        ...{ host_id, site_id, bundles, chains },
        controls: controls.map(({ check, seconds, citations }) => ({
          ...{ check, seconds },
          citations: citations.map(({ framework, id }) => ({ framework, id })),
        })),
        incidents: incidents.length,
      })),
    } as unknown as Json,
  });
}

/** DSSE’s pre-authentication encoding (secure-systems-lab/dsse, protocol.md). */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

const base64 = z.base64().max(64 * 1024 * 1024);
export const DsseEnvelope = z.strictObject({
  payload: base64,
  payloadType: z.literal(IN_TOTO_PAYLOAD),
  signatures: z.array(z.strictObject({ keyid: KeyId, sig: base64 })).length(1),
});

/** A statement signed in a DSSE envelope. No bundle can be taken for one: a bundle’s bytes begin with `{`. */
export function sealStatement(statement: Uint8Array, signer: Signer): Buffer {
  const sig = signer.sign(preAuthEncoding(IN_TOTO_PAYLOAD, statement));
  return canonicalBytes({
    payload: Buffer.from(statement).toString('base64'),
    payloadType: IN_TOTO_PAYLOAD,
    signatures: [{ keyid: signer.keyId, sig: Buffer.from(sig).toString('base64') }],
  });
}

/** The statement in an envelope whose every byte is as `sealStatement` writes it; null where it does not hold. */
export function openStatement(
  bytes: Uint8Array,
  verifiers: readonly Verifier[],
): { statement: Buffer; keyId: string } | null {
  const envelope = DsseEnvelope.safeParse(decodeJson(bytes)).data;
  const [signature] = envelope?.signatures ?? [];
  if (envelope === undefined || signature === undefined) return null;
  const statement = Buffer.from(envelope.payload, 'base64');
  const sig = Buffer.from(signature.sig, 'base64');
  const verifier = verifiers.find(({ keyId }) => keyId === signature.keyid);
  const exact =
    sig.length === SIGNATURE_BYTES &&
    statement.toString('base64') === envelope.payload &&
    sig.toString('base64') === signature.sig &&
    canonicalBytes(envelope).equals(bytes);
  if (!exact || !verifier?.verify(preAuthEncoding(IN_TOTO_PAYLOAD, statement), sig)) return null;
  return { statement, keyId: signature.keyid };
}
