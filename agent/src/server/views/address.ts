import * as z from 'zod';
import { Refusal } from '../refusal.ts';

/** What stands behind the `?` of an address, by a schema whose empty and missing fields are the same. */
export function parseQuery<T>(schema: z.ZodType<T>, query: unknown): T {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== '');
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const field = String(parsed.error.issues[0]?.path[0] ?? 'address');
  throw new Refusal(400, 'address_malformed', `The address has no such ${field}.`, field);
}

/** A path with those fields that are not null. */
export function address(
  path: string,
  fields: Readonly<Record<string, string | number | null>>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== null) query.set(name, String(value));
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

/** A choice out of some words; `none` where nothing is said. */
export const choice = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words).nullable().default(null);
