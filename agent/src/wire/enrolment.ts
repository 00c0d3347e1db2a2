import * as z from 'zod';
import { Identifier, KeyId } from './primitives.ts';

/** What `compliance-agent keys show --enrol` prints and `compliance-server hosts enrol` takes. */
export const Enrolment = z.strictObject({
  host_id: Identifier,
  site_id: Identifier,
  reseller_id: Identifier.nullable(),
  public_key: z.base64().length(44).describe('32 raw bytes of the Ed25519 public key, base64'),
  key_id: KeyId,
});
export type Enrolment = z.infer<typeof Enrolment>;
