import * as z from 'zod';
import {
  ABSOLUTE_PATH,
  CHECK_ID,
  IDENTIFIER,
  isTime,
  SHA256_HEX,
  TIMESTAMP,
  UNIT_NAME,
  UUID_V4,
} from './patterns.ts';

/** Any JSON value. Integers beyond ±2^53 do not occur: they travel as decimal strings (RFC 8785 appendix D). */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export const Json: z.ZodType<Json> = z.lazy(() => AnyJson);
const AnyJson = z.union([
  z.null(),
  z.boolean(),
  z.number(),
  z.string(),
  z.array(Json),
  z.record(z.string(), Json),
]);

/** SHA-256, lower-case hex (FIPS 180-4). */
export const Sha256 = z
  .string()
  .regex(SHA256_HEX, 'expected 64 lower-case hexadecimal digits (SHA-256)');

/** UUID version 4 (RFC 9562 section 5.4), lower-case. */
export const Uuid = z.string().regex(UUID_V4, 'expected a lower-case UUID version 4');

/** RFC 3339 in UTC with milliseconds and `Z`; the one spelling that a signed document may use. */
export const Timestamp = z
  .string()
  .regex(TIMESTAMP, 'expected RFC 3339 UTC, as 2026-11-22T09:30:00.000Z')
  .refine(isTime, 'expected a time that exists');

/**
 * Host, site and reseller ids: safe as a file name, a certificate common name, an SQL key and a URL segment.
 * A host id is also the common name of its client certificate (at most 64 octets, RFC 5280 appendix A.1).
 */
export const Identifier = z
  .string()
  .regex(IDENTIFIER, 'expected 1 to 63 of A-Z a-z 0-9 . _ - beginning with a letter or digit');

/** A path directly below /nix/store: 32 digits of Nix's base-32, a dash and a name (nix store path specification). */
export const StorePath = z
  .string()
  .regex(
    /^\/nix\/store\/[0-9abcdfghijklmnpqrsvwxyz]{32}-[A-Za-z0-9+._?=-]{1,211}$/,
    'expected a path directly below /nix/store',
  );

/** A systemd unit name with its suffix (systemd.unit(5)). */
export const UnitName = z
  .string()
  .max(255)
  .regex(UNIT_NAME, 'expected a unit name with its suffix, as clamav-daemon.service');

export const AbsolutePath = z.string().max(4096).regex(ABSOLUTE_PATH, 'expected an absolute path');

/** Ids of checks, remedies and finding rules. Which exist is for the registries to say; the wire only fixes the shape. */
export const CheckId = z.string().regex(CHECK_ID, 'expected a lower-case id');
export const RemedyId = z.string().regex(/^[a-z][a-z0-9_]{0,59}$/, 'expected a lower-case id');
export const RuleId = z.string().regex(/^[a-z][a-z0-9_]{0,59}$/, 'expected a lower-case id');

/** `key_id`: SHA-256 of the raw 32-byte public key (DESIGN 6a). */
export const KeyId = Sha256;

/** 64 zeros: `previous_digest` of the first bundle of a chain. */
export const NO_DIGEST = '0'.repeat(64);
