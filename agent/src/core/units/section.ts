import * as z from 'zod';
import { AbsolutePath, UnitName } from '../../wire/primitives.ts';

/** What a section of the baseline says of a unit that must run. */
export const DeclaredUnit = z.strictObject({
  unit: UnitName.describe('with its suffix, as clamav-daemon.service'),
  allowed_drop_ins: z
    .array(AbsolutePath)
    .max(64)
    .default([])
    .describe('drop-in files that are part of the declared configuration; a folder ends with /'),
});
export type DeclaredUnit = z.infer<typeof DeclaredUnit>;

/** Fields of a section that has units: when restarts are too many. */
export const restartBound = {
  max_restarts: z.number().int().min(0).max(1000).default(3).describe('automatic restarts'),
  restart_window_minutes: z
    .number()
    .int()
    .min(1)
    .max(10_080)
    .default(60)
    .describe('minutes since the last one, after which they no longer count'),
};
export type RestartBound = { max_restarts: number; restart_window_minutes: number };
