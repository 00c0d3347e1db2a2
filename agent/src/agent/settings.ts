import { parseDocument, readText } from '../effects/document.ts';
import { type FieldIssue, fieldIssues, InputError } from '../wire/input.ts';
import { DEFAULT_CONFIG } from '../wire/paths.ts';
import { environmentSettings, fileSettings, Settings } from '../wire/settings.ts';
import { readEnvironment, variableOf } from './environment.ts';

export { DEFAULT_CONFIG };

export type Field = keyof Settings;

/** Where a value came from: `name` is the file's path or the variable's name. */
export type Origin =
  | { readonly source: 'file' | 'environment'; readonly name: string }
  | { readonly source: 'default' };
export type Origins = Readonly<Record<Field, Origin>>;

export type SettingsResult = {
  readonly origins: Origins;
  /** Fields and values as they were written, the environment over the file. */
  readonly written: Readonly<Record<string, unknown>>;
} & (
  | {
      readonly ok: true;
      readonly settings: Settings;
      /** The file’s text, empty where there is none; null where the environment gives settings too. */
      readonly text: string | null;
    }
  | { readonly ok: false; readonly issues: readonly FieldIssue[] }
);

/**
 * The settings of a file and of the environment, which wins; every wrong field with where it stands. `file` is one that
 * the user named and must exist; the default one may be missing.
 */
export async function readSettings({
  file,
  env,
}: {
  file?: string | undefined;
  env: NodeJS.ProcessEnv;
}): Promise<SettingsResult> {
  const path = file ?? DEFAULT_CONFIG;
  const issues: FieldIssue[] = [];
  const { text, fields: fromFile } = await readFields(path, file !== undefined).catch(
    (error: unknown) => {
      if (!(error instanceof InputError)) throw error;
      issues.push(...error.issues);
      return NOTHING;
    },
  );
  const environment = readEnvironment(env);
  issues.push(...environment.issues);

  const written = { ...fromFile, ...environment.values };
  const origins = Object.fromEntries(
    Object.keys({ ...environmentSettings, ...fileSettings }).map((field): [string, Origin] => {
      if (Object.hasOwn(environment.values, field))
        return [field, { source: 'environment', name: variableOf(field) }];
      const given = Object.hasOwn(fromFile, field);
      return [field, given ? { source: 'file', name: path } : { source: 'default' }];
    }),
  ) as Origins;

  const parsed = Settings.safeParse(written);
  if (parsed.success && issues.length === 0) {
    const alone = Object.keys(environment.values).length === 0;
    return { ok: true, settings: parsed.data, origins, written, text: alone ? text : null };
  }
  for (const issue of parsed.success ? [] : fieldIssues(parsed.error, written)) {
    const origin = origins[issue.field as Field];
    const fromEnvironment = origin?.source === 'environment';
    issues.push(fromEnvironment ? { ...issue, source: 'environment', field: origin.name } : issue);
  }
  return { ok: false, issues, origins, written };
}

type Written = { readonly text: string; readonly fields: Record<string, unknown> };
const NOTHING: Written = { text: '', fields: {} };

async function readFields(path: string, mustExist: boolean): Promise<Written> {
  try {
    const text = await readText(path);
    const document = (await parseDocument(text, path)) ?? {};
    if (typeof document === 'object' && !Array.isArray(document))
      return { text, fields: document as Record<string, unknown> };
  } catch (error) {
    if (!mustExist && isMissing(error)) return NOTHING;
    throw error;
  }
  throw new InputError(path, [
    { field: '', found: 'no mapping', expected: 'expected fields with values' },
  ]);
}

function isMissing(error: unknown): boolean {
  const cause = error instanceof InputError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
