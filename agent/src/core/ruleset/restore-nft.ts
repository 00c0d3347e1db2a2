import { FailureError } from '../../wire/failure.ts';
import { tableName } from './document.ts';
import type { ReferenceListing } from './listing-schema.ts';

/**
 * One transaction for `nft -f` that puts just the declared tables back: the kernel takes it whole or not at all. Each
 * table is added first, so that its deletion holds whether it is there or not. Nothing is flushed and no other table
 * is named. What the tables counted and learned begins anew, elements of dynamic sets included, as after a reload of
 * the distribution’s own unit. Throws `malformed` where the reference’s text is not the declared tables and no more.
 */
export function nftTransaction(reference: ReferenceListing, tables: readonly string[]): string {
  const { text } = reference;
  if (text === null) throw malformed('no text');
  requireTables(reference, tables);
  requireOnlyTables(text, tables);
  const removals = tables.flatMap((table) => {
    const name = table.replace('/', ' ');
    return [`add table ${name}`, `delete table ${name}`];
  });
  return `${removals.join('\n')}\n${text}`;
}

/** A table that the reference lacks would be deleted and not put back. */
function requireTables({ document }: ReferenceListing, tables: readonly string[]): void {
  const held = new Set(document.tables.map(tableName));
  if (tables.some((table) => !held.has(table))) throw malformed('a declared table is missing');
}

/** nft indents all that is inside of a table: what begins a line is a table, its end or a comment of nft’s. */
function requireOnlyTables(text: string, tables: readonly string[]): void {
  const heads = new Set(tables.map((table) => `table ${table.replace('/', ' ')} {`));
  for (const line of text.split('\n')) {
    const known = /^(\s|#|\}|$)/.test(line) || heads.has(line.replace(/ *#.*$/, ''));
    if (!known) throw malformed('a line that is no declared table');
  }
}

function malformed(reason: string): FailureError {
  return new FailureError('malformed', { probe: 'firewall-reference', reason });
}
