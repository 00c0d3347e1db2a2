import * as z from 'zod';
import { StorePath, Timestamp } from '../../wire/primitives.ts';
import { UnseenPart } from '../unseen-part.ts';
import { CalendarDate } from './section.ts';

/** A system’s store path. Any other path stays out of evidence: `result` links lie in people’s home folders. */
export const System = z.union([StorePath, z.literal('not_a_store_path')]);
export type System = z.infer<typeof System>;

/** A link `/nix/var/nix/profiles/system-N-link`. */
export const Generation = z.strictObject({
  generation: z.number().int().min(1),
  system: System,
  made_at: Timestamp.describe('when the link was made'),
});
export type Generation = z.infer<typeof Generation>;

/** What the profile names: a generation, or by a link that nix-env did not make something else (null). */
const Profile = z.strictObject({
  ...Generation.shape,
  generation: Generation.shape.generation.nullable(),
});
export type Profile = z.infer<typeof Profile>;

const BootPart = z.enum(['same', 'differs', 'none']);

/** What may enter evidence about patches and generations. Null is what is not there. */
export const PatchingFacts = z.strictObject({
  running: System.describe('/run/current-system'),
  booted: z.union([System, UnseenPart]).nullable().describe('/run/booted-system'),
  profile: z
    .union([Profile, UnseenPart])
    .nullable()
    .describe('what /nix/var/nix/profiles/system names'),
  generations: z.union([z.array(Generation).max(32), UnseenPart]).describe('newest first'),
  accepted: z
    .union([
      z.strictObject({ system: StorePath, source: z.enum(['state', 'baseline']) }),
      UnseenPart,
    ])
    .nullable(),
  nixpkgs: z.union([
    z.strictObject({
      date: CalendarDate.nullable(),
      revision: z.string().max(64).nullable(),
      source: z.enum(['running', 'baseline']),
    }),
    UnseenPart,
  ]),
  boot: z
    .union([
      z.strictObject({ kernel: BootPart, initrd: BootPart, kernel_modules: BootPart }),
      UnseenPart,
    ])
    .describe('of the booted system, against those of the running one'),
});
export type PatchingFacts = z.infer<typeof PatchingFacts>;
