import type { Json } from '../../wire/primitives.ts';

/** What stands in evidence for a text that a person wrote into a rule. The digest covers the text itself. */
const WRITTEN = '(text)';

/** Where nftables keeps such a text (libnftables-json(5)): comments of anything, and the prefix of a log statement. */
const KEYS = ['comment', 'prefix'];

/** Where iptables does (iptables-extensions(8)). */
const OPTIONS =
  /(--(?:comment|log-prefix|nflog-prefix|ulog-prefix|string|hex-string) )(?:"(?:[^"\\]|\\.)*"|\S+)/g;

/** A rule, or any part of a ruleset, without free text: it may carry a person’s name (DESIGN promise 6). */
export function withoutFreeText(value: Json): Json {
  if (typeof value === 'string') return textWithoutFreeText(value);
  if (Array.isArray(value)) return value.map(withoutFreeText);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]): [string, Json] => [
      key,
      // `prefix` is a network too, which is no text
      KEYS.includes(key) && typeof inner === 'string' ? WRITTEN : withoutFreeText(inner),
    ]),
  );
}

/** As `withoutFreeText`, of an iptables rule. */
export function textWithoutFreeText(rule: string): string {
  return rule.replace(OPTIONS, `$1${WRITTEN}`);
}
