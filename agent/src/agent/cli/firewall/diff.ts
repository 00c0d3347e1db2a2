import { type Difference, diffRulesets } from '../../../core/ruleset/diff.ts';
import { canonicalText } from '../../../core/ruleset/document.ts';
import { describeDifference } from '../../../core/ruleset/findings.ts';
import { EXIT } from '../../../terminal/exit.ts';
import type { Json } from '../../../wire/primitives.ts';
import { readListingFile, type Selection } from './listing.ts';

export async function printDiff(a: string, b: string, selection: Selection): Promise<void> {
  const reference = await readListingFile(a, selection);
  const actual = await readListingFile(b, selection);
  const differences = diffRulesets(reference.document, actual.document);
  if (selection.json)
    console.log(JSON.stringify({ differences, foreign: actual.foreign }, null, 2));
  else for (const difference of differences) console.log(lines(difference).join('\n'));
  if (differences.length > 0) process.exitCode = EXIT.drift;
}

function lines(difference: Difference): string[] {
  const { expected, actual } = difference;
  return [
    describeDifference(difference),
    ...(expected === null ? [] : [`  - ${show(expected)}`]),
    ...(actual === null ? [] : [`  + ${show(actual)}`]),
  ];
}

function show(value: Json): string {
  return typeof value === 'string' ? value : canonicalText(value);
}
