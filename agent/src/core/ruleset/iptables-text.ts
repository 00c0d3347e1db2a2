import { FailureError } from '../../wire/failure.ts';

export type SavedChain = {
  readonly name: string;
  /** Of a built-in chain; null of one that somebody made. */
  readonly policy: string | null;
  /** What follows `-A CHAIN `, in order. */
  readonly rules: string[];
};

/** Chains by table, as `iptables-save` prints them, without counters. */
export type SavedTables = ReadonlyMap<string, ReadonlyMap<string, SavedChain>>;

/** Reads the text of iptables-save(8) or ip6tables-save(8); anything else is `malformed`. */
export function parseIptablesSave(text: string): SavedTables {
  const tables = new Map<string, Map<string, SavedChain>>();
  let table: Map<string, SavedChain> | null = null;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/^\[\d+:\d+\] /, '').trimEnd();
    if (line === '' || line.startsWith('#')) continue;
    const number = index + 1;
    if (line.startsWith('*')) {
      table = tables.get(line.slice(1)) ?? new Map();
      tables.set(line.slice(1), table);
    } else if (table === null) {
      throw malformed(number);
    } else if (line === 'COMMIT') {
      table = null;
    } else if (line.startsWith(':')) {
      const [name = '', policy = ''] = line.slice(1).split(' ');
      if (name === '' || policy === '') throw malformed(number);
      table.set(name, { name, policy: policy === '-' ? null : policy, rules: [] });
    } else {
      const [, name = '', rule = ''] = /^-A (\S+)(?: (.*))?$/.exec(line) ?? [];
      const chain = table.get(name);
      if (chain === undefined) throw malformed(number);
      chain.rules.push(rule);
    }
  }
  if (table !== null)
    throw new FailureError('malformed', { tool: 'iptables-save', reason: 'no COMMIT' });
  return tables;
}

/** The target of a rule: what follows `-j` or `-g` outside quotes; null of a rule that has none. */
export function ruleTarget(rule: string): string | null {
  const words = rule.match(/"(?:\\.|[^"\\])*"|\S+/g) ?? [];
  const option = words.findIndex((word) => word === '-j' || word === '-g');
  return option === -1 ? null : (words[option + 1] ?? null);
}

/** Whether a chain is one of those declared: names, or the beginning of names with `*` after it. */
export function matchesChain(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}

function malformed(line: number): FailureError {
  return new FailureError('malformed', { tool: 'iptables-save', reason: `line ${line}` });
}
