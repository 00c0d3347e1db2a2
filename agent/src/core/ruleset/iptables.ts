import { type Chain, compareText, type RulesetDocument, type Table } from './document.ts';
import {
  matchesChain,
  parseIptablesSave,
  ruleTarget,
  type SavedChain,
  type SavedTables,
} from './iptables-text.ts';

/** A foreign rule that accepts packets before a declared chain, which refuses some, has seen them. */
export type Bypass = {
  readonly table: string;
  readonly chain: string;
  readonly position: number;
  readonly rule: string;
};

export type IptablesRuleset = {
  readonly document: RulesetDocument;
  /** `ip/filter DOCKER`: chains that somebody else made, sorted. */
  readonly foreign: readonly string[];
  readonly bypasses: readonly Bypass[];
};

export type DeclaredChains = {
  /** Names of chains; one that ends with `*` stands for all that begin so. */
  readonly chains: readonly string[];
  /** Built-in chains whose policy is declared, as `filter/FORWARD`. */
  readonly policies?: readonly string[];
  /** Foreign chains that may accept packets before the declared chains see them, as `LIBVIRT_INP`. */
  readonly preceding?: readonly string[];
};

/**
 * Keeps of both families the declared chains, the rules anywhere that lead into them, and the declared policies. A family
 * is a table's `ip` or `ip6`, so digest and difference are those of nftables. A chain that is not declared appears with
 * its jumps only, and not at all where it has none.
 */
export function readIptablesRuleset(
  { v4, v6 }: { v4: string; v6: string },
  declared: DeclaredChains,
): IptablesRuleset {
  const families = [
    { family: 'ip', tables: parseIptablesSave(v4) },
    { family: 'ip6', tables: parseIptablesSave(v6) },
  ];
  return {
    document: {
      backend: 'iptables',
      tables: families.flatMap(({ family, tables }) =>
        [...tables]
          .sort(([a], [b]) => compareText(a, b))
          .map(([name, chains]) => keepDeclared({ family, name, chains, declared }))
          .filter((table) => table.chains.length > 0),
      ),
    },
    foreign: families
      .flatMap(({ family, tables }) => foreignChains(family, tables, declared.chains))
      .sort(compareText),
    bypasses: families.flatMap(({ family, tables }) => findBypasses(family, tables, declared)),
  };
}

type OneTable = {
  family: string;
  name: string;
  chains: ReadonlyMap<string, SavedChain>;
  declared: DeclaredChains;
};

function keepDeclared({ family, name, chains, declared }: OneTable): Table {
  const kept = [...chains.values()].flatMap((chain): Chain[] => {
    const mine = matchesChain(chain.name, declared.chains);
    const rules = mine
      ? chain.rules
      : chain.rules.filter((rule) => leadsInto(rule, declared.chains));
    const policy =
      chain.policy !== null && declared.policies?.includes(`${name}/${chain.name}`)
        ? { policy: chain.policy }
        : {};
    if (!mine && rules.length === 0 && !('policy' in policy)) return [];
    const partial = mine ? {} : { declared: false };
    return [{ name: chain.name, properties: { ...partial, ...policy }, rules: [...rules] }];
  });
  return {
    family,
    name,
    properties: {},
    chains: kept.sort((a, b) => compareText(a.name, b.name)),
    objects: [],
  };
}

export function leadsInto(rule: string, patterns: readonly string[]): boolean {
  const target = ruleTarget(rule);
  return target !== null && matchesChain(target, patterns);
}

function foreignChains(family: string, tables: SavedTables, patterns: readonly string[]): string[] {
  return [...tables].flatMap(([table, chains]) =>
    [...chains.values()]
      .filter(({ name, policy }) => policy === null && !matchesChain(name, patterns))
      .map(({ name }) => `${family}/${table} ${name}`),
  );
}

function findBypasses(family: string, tables: SavedTables, declared: DeclaredChains): Bypass[] {
  return [...tables].flatMap(([table, chains]) =>
    [...chains.values()]
      .filter(({ name }) => !matchesChain(name, declared.chains))
      .flatMap(({ name, rules }) => {
        const jump = rules.findLastIndex(
          (rule) =>
            leadsInto(rule, declared.chains) &&
            reaches(ruleTarget(rule), ['DROP', 'REJECT'], chains),
        );
        return rules
          .slice(0, Math.max(0, jump))
          .flatMap((rule, index): Bypass[] =>
            mayBypass(rule, chains, declared)
              ? [{ table: `${family}/${table}`, chain: name, position: index + 1, rule }]
              : [],
          );
      }),
  );
}

/** Whether a rule of somebody else’s may accept packets, and is not known to do so rightly. */
export function mayBypass(
  rule: string,
  chains: ReadonlyMap<string, SavedChain>,
  { chains: declared, preceding = [] }: DeclaredChains,
): boolean {
  if (leadsInto(rule, declared) || leadsInto(rule, preceding)) return false;
  return reaches(ruleTarget(rule), ['ACCEPT'], chains);
}

/** Whether a packet that is sent to `target` may end at one of `verdicts`. */
function reaches(
  target: string | null,
  verdicts: readonly string[],
  chains: ReadonlyMap<string, SavedChain>,
  seen = new Set<string>(),
): boolean {
  if (target === null || seen.has(target)) return false;
  if (verdicts.includes(target)) return true;
  seen.add(target);
  const rules = chains.get(target)?.rules ?? [];
  return rules.some((rule) => reaches(ruleTarget(rule), verdicts, chains, seen));
}
