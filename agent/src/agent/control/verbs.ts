import type * as z from 'zod';
import { type ControlAnswer, ControlRequest } from '../../wire/control.ts';
import { FailureError, toFailure } from '../../wire/failure.ts';
import { InputError, parseInput } from '../../wire/input.ts';
import type { Json } from '../../wire/primitives.ts';

/** What the daemon does when it is asked: the shape of the parameters, and the work. */
export type Verb = {
  readonly params: z.ZodType;
  readonly run: (params: never) => Json | Promise<Json>;
};

/** Keeps the types of one verb together and lets a registry hold any. */
export function defineVerb<P>(verb: {
  params: z.ZodType<P>;
  run: (params: P) => Json | Promise<Json>;
}): Verb {
  return verb as Verb;
}

/** The registry: a verb’s name is what the command line calls it, as `queue retry`. */
export type Verbs = Readonly<Record<string, Verb>>;

/** One request line to one answer line. Never throws: what went wrong is the answer. */
export async function answerRequest(verbs: Verbs, line: string): Promise<string> {
  return JSON.stringify(await perform(verbs, line));
}

async function perform(verbs: Verbs, line: string): Promise<ControlAnswer> {
  try {
    const { verb: name, params } = parseInput(ControlRequest, parse(line), 'request');
    const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
    if (verb === undefined) {
      const message = `this daemon has no verb ${name}`;
      throw new FailureError('unsupported', { where: 'control' }, { message });
    }
    return { ok: true, data: await verb.run(parseInput(verb.params, params, name) as never) };
  } catch (thrown) {
    const wrongInput = thrown instanceof InputError;
    return {
      ok: false,
      error: wrongInput
        ? { code: 'malformed', params: { where: 'control' } }
        : toFailure(thrown, 'control'),
      message: (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 4096),
    };
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
