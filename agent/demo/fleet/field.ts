import * as z from 'zod';
import { Outcome } from '../../src/wire/evidence.ts';

/** One bundle about a control, as far as the demo asks: which rules it found, before and after what was done. */
export const Seen = z.strictObject({
  position: z.number(),
  check: z.string(),
  outcome: Outcome,
  rules: z.array(z.string()),
  verdict: z.string().nullable(),
  receipted: z.boolean(),
});
export type Seen = z.infer<typeof Seen>;

/** What a simulated host is told to do, and what it answers. */
export const Command = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('enrolment') }),
  z.strictObject({ do: z.literal('start') }),
  z.strictObject({ do: z.literal('violations') }),
  z.strictObject({ do: z.literal('violate'), control: z.string(), finding: z.string() }),
  z.strictObject({ do: z.literal('restore'), control: z.string(), finding: z.string() }),
  z.strictObject({ do: z.literal('cut') }),
  z.strictObject({ do: z.literal('join') }),
  z.strictObject({ do: z.literal('evidence'), after: z.number() }),
]);
export type Command = z.infer<typeof Command>;

export const Possible = z.array(
  z.strictObject({
    control: z.string(),
    finding: z.string(),
    heals: z.boolean(),
    real: z.string(),
    simulated: z.string(),
  }),
);
export type Possible = z.infer<typeof Possible>;

/** A simulated host from the outside. */
export type Host = {
  readonly name: string;
  enrolment(): Promise<string>;
  /** Its agent begins, once the host is enrolled. */
  start(): Promise<void>;
  violations(): Promise<Possible>;
  violate(control: string, finding: string): Promise<void>;
  restore(control: string, finding: string): Promise<void>;
  cut(): Promise<void>;
  join(): Promise<void>;
  /** Bundles written after a position, oldest first. */
  evidence(after: number): Promise<Seen[]>;
};

/** A host whose program listens at an address for what the demo tells it. */
export function hostAt(name: string, url: string): Host {
  const tell = async (command: Command): Promise<unknown> => {
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify(command) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${name}: ${command.do}: ${text}`);
    return JSON.parse(text);
  };
  return {
    name,
    enrolment: async () => z.string().parse(await tell({ do: 'enrolment' })),
    start: async () => void (await tell({ do: 'start' })),
    violations: async () => Possible.parse(await tell({ do: 'violations' })),
    violate: async (control, finding) => void (await tell({ do: 'violate', control, finding })),
    restore: async (control, finding) => void (await tell({ do: 'restore', control, finding })),
    cut: async () => void (await tell({ do: 'cut' })),
    join: async () => void (await tell({ do: 'join' })),
    evidence: async (after) => z.array(Seen).parse(await tell({ do: 'evidence', after })),
  };
}
