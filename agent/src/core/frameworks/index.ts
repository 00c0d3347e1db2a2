import type { Framework, Requirement } from './framework.ts';
import { hipaa } from './hipaa.ts';
import { nist80053r5 } from './nist-800-53r5.ts';
import { nist80066r2 } from './nist-800-66r2.ts';
import { nprm2025 } from './nprm-2025.ts';

/** Every framework, one line each. */
export const FRAMEWORKS: readonly Framework[] = [hipaa, nist80053r5, nist80066r2, nprm2025];

/** A line of a framework with where it stands. */
export type Cited = Requirement & {
  readonly framework: string;
  readonly id: string;
};

/** Ids as lines of a framework. `hipaa` for its own; ids are checked by the compiler. */
export function cite<Id extends string>(framework: Framework<Id>, ...ids: NoInfer<Id>[]): Cited[] {
  return ids.map((id) => ({ framework: framework.id, id, ...framework.requirements[id] }));
}

/**
 * Everything that what is cited serves: the lines themselves, and those of every other framework that relate to one of
 * them. Proposals come along only where the profile of the baseline is theirs.
 */
export function crosswalk(
  citations: readonly Pick<Cited, 'framework' | 'id'>[],
  { profile }: { profile: string | null },
): Cited[] {
  const cited = new Set(citations.map(({ framework, id }) => `${framework} ${id}`));
  const ids = new Set(citations.map(({ id }) => id));
  return FRAMEWORKS.filter(({ id, status }) => status !== 'proposal' || id === profile).flatMap(
    (framework) =>
      Object.entries(framework.requirements)
        .filter(
          ([id, { relates = [] }]) =>
            cited.has(`${framework.id} ${id}`) || relates.some((other) => ids.has(other)),
        )
        .map(([id, requirement]) => ({ framework: framework.id, id, ...requirement })),
  );
}

export { hipaa, nist80053r5 };
