import * as z from 'zod';
import { Failure } from './failure-schema.ts';
import { Json } from './primitives.ts';
import { CheckState } from './verdict.ts';

/**
 * What the daemon's control socket (`control.sock` in the state folder) is asked and answers: one line of JSON each. The
 * socket is for the agent's own user and root; which verbs there are is for the daemon's registry to say.
 */
export const ControlRequest = z.strictObject({
  verb: z.string().regex(/^[a-z]+( [a-z]+)?$/),
  params: z.record(z.string().max(64), Json).default({}),
});
export type ControlRequest = z.input<typeof ControlRequest>;

/** The parameters of a verb that takes none. */
export const NoParams = z.strictObject({});
/** How `status` is to be printed, and the settings of whoever asks (cli/daemon/status-program.ts). */
export const StatusAsked = z.strictObject({
  settings: z.string(),
  json: z.boolean(),
  colour: z.boolean(),
});

export const ControlAnswer = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), data: Json }),
  z.strictObject({
    ok: z.literal(false),
    error: Failure,
    message: z.string().max(4096).describe('a sentence for the person who asked'),
  }),
]);
export type ControlAnswer = z.infer<typeof ControlAnswer>;

/** What `cycle` answers: what was seen, and why it could not be recorded if so. */
export const CycleAnswer = z.object({ states: z.array(CheckState), failure: Failure.nullable() });

/** No request is longer, and no answer. */
export const MAX_CONTROL_REQUEST_BYTES = 64 * 1024;
export const MAX_CONTROL_ANSWER_BYTES = 16 * 1024 * 1024;
