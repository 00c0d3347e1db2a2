import { canonicalBytes, sha256Hex } from '../../wire/canonical.ts';
import type { Json } from '../../wire/primitives.ts';
import type { RulesetDocument } from './document-schema.ts';

export type { Chain, Elements, NamedObject, RulesetDocument, Table } from './document-schema.ts';

/** SHA-256 of the document’s canonical JSON (RFC 8785), lower-case hex. */
export function digestRuleset(document: RulesetDocument): string {
  return sha256Hex(canonicalBytes(document));
}

/** `inet/filter`, as options and findings name a table. */
export function tableName({ family, name }: { family: string; name: string }): string {
  return `${family}/${name}`;
}

/** The canonical text of a value: equal texts are equal values. */
export function canonicalText(value: Json): string {
  return canonicalBytes(value).toString('utf8');
}

/** Sorted by canonical text, for what has no order of its own. */
export function sortUnordered<T extends Json>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, key: canonicalText(value) }))
    .sort((a, b) => compareText(a.key, b.key))
    .map(({ value }) => value);
}

/** By UTF-16 code units, as RFC 8785 sorts keys; no locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
