import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { parseInput } from '../../src/wire/input.ts';
import { Identifier } from '../../src/wire/primitives.ts';

const FORMS = ['loopback', 'containers', 'machines'] as const;
export type Form = (typeof FORMS)[number];

const about = {
  what: z.string(),
  forms: z.array(z.enum(FORMS)).default([...FORMS]),
};
const of = { host: Identifier };
const breaking = { ...of, control: z.string(), finding: z.string() };

/** One thing that happens and is expected; a form that cannot make it leaves it out and says so. */
export const Step = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('compliant'), ...about }),
  z.strictObject({ do: z.literal('violate'), ...about, ...breaking, heals: z.boolean() }),
  z.strictObject({
    do: z.literal('storm'),
    ...about,
    ...of,
    seed: z.string(),
    count: z.int().min(2),
  }),
  z.strictObject({ do: z.literal('flapping'), ...about, ...breaking, times: z.int().min(2) }),
  z.strictObject({ do: z.literal('order'), ...about, ...of, as: z.string() }),
  z.strictObject({ do: z.literal('cut'), ...about, ...breaking }),
  z.strictObject({ do: z.literal('join'), ...about, ...of }),
  z.strictObject({
    do: z.literal('view'),
    ...about,
    as: z.string(),
    path: z.string(),
    status: z.int().default(200),
    contains: z.array(z.string()),
    lacks: z.array(z.string()),
  }),
  z.strictObject({
    do: z.literal('drift'),
    ...about,
    seed: z.string(),
    hosts: z.int().min(1),
    days: z.int().min(1),
  }),
  z.strictObject({ do: z.literal('verify'), ...about }),
]);
export type Step = z.infer<typeof Step>;

export const Scenario = z.strictObject({
  about: z.string(),
  hosts: z.array(
    z.strictObject({
      name: Identifier,
      site: Identifier,
      reseller: Identifier.nullable(),
      controls: z.array(z.string()),
    }),
  ),
  readers: z.array(
    z.strictObject({
      name: Identifier,
      role: z.enum(['operator', 'auditor']),
      site: Identifier.nullable(),
    }),
  ),
  steps: z.array(Step),
});
export type Scenario = z.infer<typeof Scenario>;

/** From agent/.build/agent/demo/fleet to where it stands in the repository. */
export const SCENARIO = new URL('../../../../demo/fleet/scenario.json', import.meta.url).pathname;

export const readScenario = (file = SCENARIO): Scenario =>
  parseInput(Scenario, JSON.parse(readFileSync(file, 'utf8')), file);
