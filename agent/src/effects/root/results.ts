import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalBytes } from '../../wire/canonical.ts';
import type { Json } from '../../wire/primitives.ts';
import { RemedyResult } from '../../wire/remedy.ts';
import { replaceDurably, syncFolder } from '../durable.ts';

/** Results that are kept; each is recorded as evidence within a cycle of the agent’s next start. */
const KEPT = 256;
const NAME = /^(\d{10})\.json$/;

export const resultsFolder = (root: string): string => join(root, 'results');
const fileOf = (number: number) => `${String(number).padStart(10, '0')}.json`;

/** Writes or replaces the result of its number, durably and readable by anybody. */
export function writeResult(root: string, result: RemedyResult): void {
  const folder = resultsFolder(root);
  if (!existsSync(folder)) {
    mkdirSync(folder, { mode: 0o755 });
    syncFolder(root);
  }
  const bytes = canonicalBytes(result as Json);
  replaceDurably(join(folder, fileOf(result.number)), bytes, 0o644);
  for (const name of names(root).slice(0, -KEPT)) rmSync(join(folder, name), { force: true });
}

/** All results above a number, in order. A file that is no result is left out: root alone could have put it there. */
export function readResults(root: string, above = 0): RemedyResult[] {
  return names(root)
    .filter((name) => numberOf(name) > above)
    .flatMap((name) => {
      const parsed = RemedyResult.safeParse(readJson(join(resultsFolder(root), name)));
      return parsed.success ? [parsed.data] : [];
    });
}

/** The highest number of any result file; 0 where there is none. */
export function highestResult(root: string): number {
  return numberOf(names(root).at(-1) ?? '');
}

function names(root: string): string[] {
  if (!existsSync(resultsFolder(root))) return [];
  return readdirSync(resultsFolder(root))
    .filter((name) => NAME.test(name))
    .sort();
}

const numberOf = (name: string) => Number(NAME.exec(name)?.[1] ?? 0);

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
