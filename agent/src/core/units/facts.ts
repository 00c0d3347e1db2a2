import * as z from 'zod';
import { AbsolutePath, Timestamp, UnitName } from '../../wire/primitives.ts';

const Word = z.string().regex(/^[a-z0-9-]{0,40}$/);

/** A unit’s state as systemd’s manager knows it (org.freedesktop.systemd1(5)): what of it may enter evidence. */
export const UnitState = z.strictObject({
  unit: UnitName.describe('as the baseline names it, which may be an alias'),
  load_state: Word.describe('loaded, not-found, masked, bad-setting, error'),
  active_state: Word.describe('active, inactive, failed, activating, …'),
  sub_state: Word.describe('running, dead, listening, auto-restart, …'),
  unit_file_state: Word.describe(
    'enabled, disabled, static, masked-runtime, …; empty where there is no file',
  ),
  fragment_path: AbsolutePath.nullable(),
  drop_ins: z.array(AbsolutePath),
  needs_reload: z.boolean(),
  restarts: z.number().int().min(0).nullable().describe('NRestarts; null for what is no service'),
  result: Word.nullable().describe(
    'success, exit-code, signal, oom-kill, …; null for what has none',
  ),
  changed_at: Timestamp.nullable().describe('when the unit last changed its state'),
});
export type UnitState = z.infer<typeof UnitState>;
