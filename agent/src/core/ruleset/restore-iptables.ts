import type { Chain, RulesetDocument } from './document.ts';
import { type Bypass, type DeclaredChains, leadsInto, mayBypass } from './iptables.ts';
import { matchesChain, type SavedChain, type SavedTables } from './iptables-text.ts';

type Restore = {
  readonly family: 'ip' | 'ip6';
  readonly reference: RulesetDocument;
  /** What is there now. */
  readonly actual: SavedTables;
  /** What goes past the declared chains now. */
  readonly bypasses: readonly Bypass[];
  readonly declared: DeclaredChains;
};

/**
 * Text for `iptables-restore --noflush` (or ip6tables-restore) that makes the declared chains, the jumps into them and
 * the declared policies those of the reference. Each table is taken whole or not at all. A declared chain is emptied by
 * its own line and filled again; no rule or chain of anyone else’s is named. Empty where there is nothing to do.
 */
export function iptablesTransaction({
  family,
  reference,
  actual,
  bypasses,
  declared,
}: Restore): string {
  const expected = new Map(
    reference.tables
      .filter((table) => table.family === family)
      .map((table) => [table.name, new Map(table.chains.map((chain) => [chain.name, chain]))]),
  );
  const names = [...new Set([...expected.keys(), ...actual.keys()])].sort();
  return names
    .map((name) => {
      const passed = bypasses.filter(({ table }) => table === `${family}/${name}`);
      const lines = tableLines({
        expected: expected.get(name) ?? new Map(),
        actual: actual.get(name) ?? new Map(),
        passed: new Set(passed.map(({ chain }) => chain)),
        declared,
      });
      return lines.length === 0 ? '' : `*${name}\n${lines.join('\n')}\nCOMMIT\n`;
    })
    .join('');
}

type OneTable = {
  expected: ReadonlyMap<string, Chain>;
  actual: ReadonlyMap<string, SavedChain>;
  /** Chains in which a foreign rule accepts packets before a jump. */
  passed: ReadonlySet<string>;
  declared: DeclaredChains;
};

function tableLines(table: OneTable): string[] {
  const { expected, actual, declared } = table;
  const mine = (chain: { name: string }) => matchesChain(chain.name, declared.chains);
  const chains = [...expected.values()].filter(mine);
  const surplus = [...actual.values()].filter((chain) => mine(chain) && !expected.has(chain.name));
  const others = [...new Set([...expected.keys(), ...actual.keys()])].filter(
    (name) => !mine({ name }),
  );
  const jumps = others.map((name) => jumpLines(name, table));
  return [
    ...[...chains, ...surplus].map(({ name }) => `:${name} - [0:0]`), // made where missing, else emptied
    ...[...expected.values()].flatMap(({ name, properties: { policy } }) =>
      typeof policy === 'string' ? [`:${name} ${policy} [0:0]`] : [],
    ),
    ...jumps.flatMap(({ removed }) => removed),
    ...chains.flatMap(({ name, rules }) => rules.map((rule) => `-A ${name} ${String(rule)}`)),
    ...surplus.map(({ name }) => `-X ${name}`), // nothing leads into it any more
    ...jumps.flatMap(({ added }) => added),
  ];
}

/**
 * The jumps of a chain that is not declared itself stay where they are when they are the reference’s and nothing goes
 * past them. Else they are taken out and set before the first foreign rule that may accept packets: what blocks
 * packets keeps its place before them.
 */
function jumpLines(
  name: string,
  { expected, actual, passed, declared }: OneTable,
): { removed: string[]; added: string[] } {
  const wanted = (expected.get(name)?.rules ?? []).map(String);
  const present = actual.get(name)?.rules ?? [];
  const jumps = present.filter((rule) => leadsInto(rule, declared.chains));
  const foreign = present.filter((rule) => !leadsInto(rule, declared.chains));
  const accepting = foreign.findIndex((rule) => mayBypass(rule, actual, declared));
  if (!passed.has(name) && wanted.join('\n') === jumps.join('\n'))
    return { removed: [], added: [] };
  return {
    removed: jumps.map((rule) => `-D ${name} ${rule}`),
    added: wanted.map((rule, index) =>
      accepting === -1 ? `-A ${name} ${rule}` : `-I ${name} ${accepting + 1 + index} ${rule}`,
    ),
  };
}
