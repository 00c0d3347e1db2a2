import { digestRuleset, tableName } from '../../../core/ruleset/document.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { readListingFile, type Selection } from './listing.ts';

export async function printDigest(file: string, selection: Selection): Promise<void> {
  const { document, foreign } = await readListingFile(file, selection);
  const tables = document.tables.map(tableName);
  const absent = (selection.tables ?? []).filter((table) => !tables.includes(table));
  if (absent.length > 0) throw new Exit(EXIT.failed, `not in the ruleset: ${absent.join(', ')}`);
  const digest = digestRuleset(document);
  if (selection.json) {
    console.log(JSON.stringify({ backend: document.backend, digest, tables, foreign }, null, 2));
  } else console.log(digest);
}
