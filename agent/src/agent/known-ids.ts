import { CHECKS } from '../checks/index.ts';
import { PLANNED } from '../remedies/index.ts';
import type { FieldIssue } from '../wire/input.ts';
import { fileSettings } from '../wire/settings.ts';

/**
 * Checks and remedies that the settings name and nobody has. A misspelt id would otherwise set nothing, in silence.
 * `written` are the fields as they stand in the file; one that its schema refuses is named there.
 */
export function unknownIds({
  checks,
  remedies,
  orders_allow,
}: Readonly<Record<string, unknown>>): FieldIssue[] {
  const allowed = fileSettings.orders_allow.safeParse(orders_allow).data ?? [];
  return [
    ...Object.keys(fileSettings.checks.safeParse(checks).data ?? {})
      .filter((id) => !IDS.checks.includes(id))
      .map((id) => unknown(`checks.${id}`, 'an unknown check', IDS.checks)),
    ...Object.keys(fileSettings.remedies.safeParse(remedies).data ?? {})
      .filter((id) => !IDS.remedies.includes(id))
      .map((id) => unknown(`remedies.${id}`, 'an unknown remedy', IDS.remedies)),
    ...allowed.flatMap((id, index) =>
      IDS.remedies.includes(id)
        ? []
        : [unknown(`orders_allow.${index}`, JSON.stringify(id), IDS.remedies)],
    ),
  ];
}

const IDS = { checks: CHECKS.map(({ id }) => id), remedies: PLANNED.map(({ id }) => id) };

function unknown(field: string, found: string, known: readonly string[]): FieldIssue {
  return { field, found, expected: `expected one of ${known.join(', ')}` };
}
