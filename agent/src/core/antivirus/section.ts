import * as z from 'zod';
import { AbsolutePath, Sha256 } from '../../wire/primitives.ts';
import { DeclaredUnit, restartBound } from '../units/section.ts';
import { REHASH_HOURS } from './digests.ts';

/** A unit of the antivirus; `executable` is left out for what runs no program, as a timer or a socket. */
export const AntivirusUnit = DeclaredUnit.extend({
  executable: AbsolutePath.optional().describe('program that the unit runs'),
  sha256: Sha256.optional().describe('SHA-256 of the executable; unknown where it is left out'),
  also_runs: z
    .array(AbsolutePath)
    .max(16)
    .default([])
    .describe('other programs that may run in the unit’s cgroup, as the shell of a start script'),
});
export type AntivirusUnit = z.infer<typeof AntivirusUnit>;

const SignatureDatabase = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .describe('as it appears in evidence'),
  paths: z
    .array(AbsolutePath)
    .min(1)
    .max(8)
    .describe('where it may lie; the newest counts, as of daily.cvd and daily.cld'),
  max_age_hours: z.number().int().min(1).max(8760).default(48),
});
export type SignatureDatabase = z.infer<typeof SignatureDatabase>;

export const RehashHours = z.number().int().min(REHASH_HOURS.least).max(REHASH_HOURS.most);

/** The section `antivirus` of the baseline. */
export const AntivirusSection = z.strictObject({
  units: z.array(AntivirusUnit).max(16).default([]),
  signatures: z.array(SignatureDatabase).max(16).default([]),
  rehash_hours: RehashHours.default(REHASH_HOURS.default).describe(
    'hours after which a program is hashed anew although nothing tells of a change; 0 is each time',
  ),
  ...restartBound,
});
export type AntivirusSection = z.infer<typeof AntivirusSection>;
