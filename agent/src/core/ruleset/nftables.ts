import { isSafeNumber, parse } from 'lossless-json';
import { canonicalBytes, sha256Hex } from '../../wire/canonical.ts';
import { FailureError } from '../../wire/failure.ts';
import type { Json } from '../../wire/primitives.ts';
import {
  type Chain,
  compareText,
  type Elements,
  type NamedObject,
  type RulesetDocument,
  sortUnordered,
  type Table,
  tableName,
} from './document.ts';
import { asList, hasXt, isRecord, statelessStatement } from './statement.ts';

/** Above it a set’s elements are stated as count and digest, so that a probe’s answer stays within its limit. */
const MAX_LISTED_ELEMENTS = 4096;

export type NftRuleset = {
  readonly document: RulesetDocument;
  /** `family/name` of the tables that are not declared, sorted. */
  readonly foreign: readonly string[];
};

/**
 * Reads what `nft -j list ruleset` prints (libnftables-json(5)) and keeps the declared tables, all of them where `tables`
 * is left out. Throws `FailureError`: `malformed` where the text is no such listing, `unsupported` where a declared table
 * holds an expression of iptables. A declared table that is not there is simply not in the document.
 */
export function readNftRuleset(
  text: string,
  { tables }: { tables?: readonly string[] } = {},
): NftRuleset {
  const declared = tables === undefined ? null : new Set(tables);
  const kept = new Map<string, TableParts>();
  const foreign = new Set<string>();
  const items = listing(text);
  for (const { kind, body } of items) {
    if (kind !== 'table') continue;
    const name = tableName({ family: field(body, 'family'), name: field(body, 'name') });
    if (declared !== null && !declared.has(name)) foreign.add(name);
    else kept.set(name, { table: body, chains: new Map(), objects: new Map() });
  }
  for (const { kind, body } of items) {
    if (kind === 'table' || kind === 'metainfo') continue;
    const parts = kept.get(
      tableName({ family: field(body, 'family'), name: field(body, 'table') }),
    );
    if (parts !== undefined) collect(parts, kind, body);
  }
  const document: RulesetDocument = {
    backend: 'nftables',
    tables: [...kept].sort(([a], [b]) => compareText(a, b)).map(([, parts]) => toTable(parts)),
  };
  return { document, foreign: [...foreign].sort() };
}

type Body = { [key: string]: Json };
type TableParts = {
  table: Body;
  chains: Map<string, { body: Body; rules: Json[] }>;
  objects: Map<string, { kind: string; body: Body; elements: Json[] }>;
};

function listing(text: string): { kind: string; body: Body }[] {
  let root: unknown;
  try {
    root = parse(text, undefined, { parseNumber: safeInteger });
  } catch (cause) {
    throw malformed('not JSON', cause);
  }
  if (!isRecord(root as Json)) throw malformed('no object');
  const { nftables: items } = root as Body;
  if (!Array.isArray(items)) throw malformed('no list named nftables');
  return items.map((item) => {
    const [entry, ...more] = isRecord(item) ? Object.entries(item) : [];
    if (entry === undefined || more.length > 0 || !isRecord(entry[1])) {
      throw malformed('an entry that is not one object');
    }
    return { kind: entry[0], body: entry[1] };
  });
}

/** An integer that a double cannot hold becomes its decimal digits (RFC 8785 appendix D). */
function safeInteger(digits: string): number | string {
  const value = Number(digits);
  if (/^-?\d+$/.test(digits)) return Number.isSafeInteger(value) ? value : digits;
  return isSafeNumber(digits) ? value : digits;
}

function collect({ table, chains, objects }: TableParts, kind: string, body: Body): void {
  if (hasXt(body)) {
    const name = tableName({ family: field(table, 'family'), name: field(table, 'name') });
    throw new FailureError('unsupported', {
      backend: 'nftables',
      reason: token(`xt expression in ${name}`),
    });
  }
  if (kind === 'chain') {
    chains.set(field(body, 'name'), { body, rules: [] });
  } else if (kind === 'rule') {
    const chain = chains.get(field(body, 'chain'));
    if (chain === undefined) throw malformed('a rule before its chain');
    const { family: _f, table: _t, chain: _c, handle: _h, ...rule } = body;
    chain.rules.push(statelessStatement(rule));
  } else if (kind === 'element') {
    // Long sets may be continued in entries of their own.
    const owner =
      objects.get(`set ${field(body, 'name')}`) ?? objects.get(`map ${field(body, 'name')}`);
    if (owner === undefined) throw malformed('elements before their set');
    owner.elements.push(...asList(body['elem'] ?? []));
  } else {
    objects.set(`${kind} ${field(body, 'name')}`, {
      kind,
      body,
      elements: asList(body['elem'] ?? []),
    });
  }
}

function toTable({ table, chains, objects }: TableParts): Table {
  const { family: _f, name: _n, ...rest } = table;
  return {
    family: field(table, 'family'),
    name: field(table, 'name'),
    properties: properties(rest),
    chains: [...chains]
      .sort(([a], [b]) => compareText(a, b))
      .map(([name, { body, rules }]): Chain => ({ name, properties: own(body), rules })),
    objects: [...objects]
      .sort(([a], [b]) => compareText(a, b))
      .map(([, entry]) => toNamedObject(entry)),
  };
}

function toNamedObject({
  kind,
  body,
  elements,
}: {
  kind: string;
  body: Body;
  elements: Json[];
}): NamedObject {
  const { elem: _, ...rest } = own(body);
  if (kind === 'counter') {
    delete rest['packets'];
    delete rest['bytes'];
  }
  if (kind === 'quota') delete rest['used'];
  const isSet = kind === 'set' || kind === 'map';
  return {
    kind,
    name: field(body, 'name'),
    properties: rest,
    elements: isSet && !isDynamic(body) ? stateElements(elements) : null,
  };
}

/** Packets add to these sets, time takes from them: their elements are no part of what is declared. */
function isDynamic(body: Body): boolean {
  const flags = asList(body['flags'] ?? []);
  return flags.includes('dynamic') || flags.includes('timeout');
}

function stateElements(elements: readonly Json[]): Elements {
  const sorted = sortUnordered(elements.map(statelessStatement));
  if (sorted.length <= MAX_LISTED_ELEMENTS) return sorted;
  return { count: sorted.length, sha256: sha256Hex(canonicalBytes(sorted)) };
}

/** What an entry says of itself, without where it stands. */
function own(body: Body): Body {
  const { family: _f, table: _t, name: _n, ...rest } = body;
  return properties(rest);
}

function properties(body: Body): Body {
  return statelessStatement(body) as Body;
}

function field(body: Body, name: string): string {
  const value = body[name];
  if (typeof value !== 'string') throw malformed(`an entry without ${name}`);
  return value;
}

function malformed(reason: string, cause?: unknown): FailureError {
  return new FailureError('malformed', { tool: 'nft', reason }, { cause });
}

/** A text that failure parameters may carry. */
function token(text: string): string {
  return text.replace(/[^A-Za-z0-9 ._:@/+=-]/g, '_').slice(0, 160);
}
