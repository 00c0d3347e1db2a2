import type { FieldIssue } from '../wire/input.ts';
import { ENV_PREFIX } from '../wire/paths.ts';
import { environmentSettings } from '../wire/settings.ts';

type Field = keyof typeof environmentSettings;

/** Variables with our prefix that are no setting: `COMPLIANCE_AGENT_TRACE` prints stack traces to developers. */
const OTHERS = new Set(['TRACE']);

/** The environment variable of a setting. */
export function variableOf(field: string): string {
  return ENV_PREFIX + field.toUpperCase();
}

/**
 * The settings that environment variables give, as numbers and booleans where the schema wants them; what does not read
 * as one is left as text for the schema to name. An empty variable is not set. A variable with our prefix that is no
 * setting is an error: a misspelt one would be passed over unseen.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): {
  values: Partial<Record<Field, unknown>>;
  issues: FieldIssue[];
} {
  const values: Partial<Record<Field, unknown>> = {};
  const issues: FieldIssue[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(ENV_PREFIX) || text === undefined || text === '') continue;
    const field = name.slice(ENV_PREFIX.length).toLowerCase();
    if (Object.hasOwn(environmentSettings, field) && name === variableOf(field)) {
      values[field as Field] = typed(field as Field, text);
    } else if (!OTHERS.has(name.slice(ENV_PREFIX.length))) {
      issues.push({
        source: 'environment',
        field: name,
        found: 'an unknown variable',
        expected: 'expected one of the documented variables',
      });
    }
  }
  return { values, issues };
}

/** A setting's own default tells its type: those of number and boolean all have one. */
function typed(field: Field, text: string): unknown {
  const byDefault = environmentSettings[field].safeParse(undefined).data;
  if (typeof byDefault === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (typeof byDefault === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}
