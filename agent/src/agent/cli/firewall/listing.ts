import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { RulesetDocument } from '../../../core/ruleset/document.ts';
import { readIptablesRuleset } from '../../../core/ruleset/iptables.ts';
import { readNftRuleset } from '../../../core/ruleset/nftables.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { describeFailure, FailureError } from '../../../wire/failure.ts';
import { InputError } from '../../../wire/input.ts';

export type Selection = {
  readonly tables?: string[];
  readonly chains: string[];
  readonly backend?: string;
  readonly json?: boolean;
};

export type Listing = { readonly document: RulesetDocument; readonly foreign: readonly string[] };

/** Reads a listing of either backend; `InputError` where it is none, `Exit` where a table that was asked for is absent. */
export async function readListingFile(
  file: string,
  { tables, chains, backend }: Selection,
): Promise<Listing> {
  const name = file === '-' ? 'standard input' : file;
  const content = await readContent(file, name);
  switch (backend ?? detect(content)) {
    case 'nftables':
      return parsing(name, 'what nft -j list ruleset prints', () =>
        readNftRuleset(content, tables === undefined ? {} : { tables }),
      );
    case 'iptables':
      // One family a file; a digest of IPv6 rules is made from ip6tables-save’s own file.
      return parsing(name, 'what iptables-save prints', () =>
        selectTables(readIptablesRuleset({ v4: content, v6: '' }, { chains }), tables),
      );
    default:
      throw new Exit(EXIT.usage, `no backend ${backend}: expected nftables or iptables`);
  }
}

function selectTables<T extends Listing>(listing: T, tables: readonly string[] | undefined): T {
  if (tables === undefined) return listing;
  const kept = listing.document.tables.filter(({ family, name }) =>
    tables.includes(`${family}/${name}`),
  );
  return { ...listing, document: { ...listing.document, tables: kept } };
}

/** A listing of nft is a JSON object; none of iptables begins with a brace. */
function detect(content: string): 'nftables' | 'iptables' {
  return /^\s*[*#]/.test(content) ? 'iptables' : 'nftables';
}

async function readContent(file: string, name: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'an error';
    throw new InputError(name, [{ field: '', found: code, expected: 'expected a readable file' }], {
      cause,
    });
  }
}

function parsing<T>(file: string, expected: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof FailureError)) throw cause;
    const issue = {
      field: '',
      found: describeFailure(cause.failure),
      expected: `expected ${expected}`,
    };
    throw new InputError(file, [issue], { cause });
  }
}
