import * as z from 'zod';
import { StorePath } from '../../wire/primitives.ts';

export const CalendarDate = z.iso.date('expected a date, as 2026-11-22');

/** The section `patching` of the baseline. */
export const PatchingSection = z.strictObject({
  max_age_days: z
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(30)
    .describe('days that the nixpkgs of the running system may be old'),
  reboot_within_days: z
    .number()
    .int()
    .min(0)
    .max(365)
    .default(7)
    .describe('days within which a pending reboot is of low severity'),
  accepted: StorePath.optional().describe(
    'accepted generation where the root-owned state names none, as on a host that is not NixOS',
  ),
  nixpkgs_date: CalendarDate.optional().describe(
    'date of the nixpkgs that the accepted generation was built from, where its version tells none',
  ),
  nixpkgs_revision: z
    .string()
    .regex(/^[0-9a-f]{7,40}(-dirty)?$/)
    .optional(),
});
export type PatchingSection = z.infer<typeof PatchingSection>;
