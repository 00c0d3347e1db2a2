import {
  inputSchema,
  type Row,
  tableMarkdown,
  tableOf,
  tableText,
} from '../terminal/settings-table.ts';
import { environmentSettings, Settings } from '../wire/settings.ts';
import { variableOf } from './environment.ts';

/** The settings’ JSON Schema, as `config schema` prints it. */
export const settingsSchema = (): Record<string, unknown> => inputSchema(Settings);

export function settingsTable(): Row[] {
  const named = (field: string) => Object.hasOwn(environmentSettings, field);
  return tableOf(Settings, (field) => (named(field) ? variableOf(field) : null));
}

export const settingsMarkdown = (): string => tableMarkdown(settingsTable());
export const settingsText = (): string => tableText(settingsTable());
