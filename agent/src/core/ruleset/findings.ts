import { describeFailure } from '../../wire/failure.ts';
import type { Severity } from '../../wire/verdict.ts';
import type { Observation } from '../check.ts';
import type { Difference, DifferenceKind } from './diff.ts';
import type { ReadableFacts, ShortDifference } from './facts.ts';

/**
 * A table that is gone filters nothing: critical. What alters which packets pass is high. What has no effect by itself,
 * as a chain that nothing leads into, is medium.
 */
const SEVERITY: Record<DifferenceKind, Severity> = {
  table_missing: 'critical',
  table_added: 'medium',
  table_changed: 'high',
  chain_missing: 'high',
  chain_added: 'medium',
  chain_changed: 'high',
  policy: 'critical',
  rule_added: 'high',
  rule_removed: 'high',
  rule_changed: 'high',
  rule_moved: 'high',
  object_missing: 'high',
  object_added: 'medium',
  object_changed: 'high',
  set_elements: 'high',
};

const WORDS: Record<DifferenceKind, string> = {
  table_missing: 'is missing',
  table_added: 'is there and the reference has no such table',
  table_changed: 'has other properties',
  chain_missing: 'is missing',
  chain_added: 'is there and is not declared',
  chain_changed: 'has another type, hook or priority',
  policy: 'has another policy',
  rule_added: 'was added',
  rule_removed: 'is gone',
  rule_changed: 'was changed',
  rule_moved: 'was moved',
  object_missing: 'is missing',
  object_added: 'is there and is not declared',
  object_changed: 'has other properties',
  set_elements: 'has other elements',
};

/** What a firewall’s facts amount to, in the order of tables and chains. */
export function observeFirewall(facts: ReadableFacts): Observation[] {
  return [
    ...observeReference(facts),
    ...facts.differences.map((difference) => ({
      rule: difference.kind,
      subject: subject(difference),
      verdict: 'drifted' as const,
      severity: SEVERITY[difference.kind],
      expected: difference.expected,
      actual: difference.actual,
      message: describeDifference(difference),
    })),
    ...facts.bypasses.map(({ table, chain, position, rule }) => ({
      rule: 'rule_before_firewall',
      subject: `${table} ${chain}`.slice(0, 256),
      verdict: 'drifted' as const,
      severity: 'high' as const,
      expected: null,
      actual: rule,
      message: cut(
        `${table} ${chain}: rule ${position} accepts packets before the firewall sees them.`,
      ),
    })),
    ...(facts.difference_count > facts.differences.length ? [moreDifferences(facts)] : []),
  ];
}

function observeReference({ reference, digest, differences }: ReadableFacts): Observation[] {
  const about = { subject: 'reference', expected: 'the declared ruleset, loaded' };
  if ('unseen' in reference) {
    return [
      {
        ...about,
        rule: 'reference_not_loaded',
        verdict: 'unknown',
        severity: 'medium',
        actual: describeFailure(reference.unseen),
        message: cut(
          `The declared ruleset could not be loaded: ${describeFailure(reference.unseen)}.`,
        ),
      },
    ];
  }
  if (reference.missing.length > 0) {
    return [
      {
        ...about,
        rule: 'reference_incomplete',
        verdict: 'unknown',
        severity: 'medium',
        actual: reference.missing,
        message: cut(`The declared ruleset does not hold ${reference.missing.join(', ')}.`),
      },
    ];
  }
  if (reference.digest === digest || differences.length > 0) return [];
  return [
    {
      rule: 'digest_differs',
      subject: 'ruleset',
      verdict: 'drifted',
      severity: 'high',
      expected: reference.digest,
      actual: digest,
      message: 'The ruleset is not the declared one; without a reference its rules have no names.',
    },
  ];
}

function moreDifferences({ difference_count, differences }: ReadableFacts): Observation {
  return {
    rule: 'more_differences',
    subject: 'ruleset',
    verdict: 'drifted',
    severity: 'high',
    expected: 0,
    actual: difference_count,
    message: `${difference_count - differences.length} more differences are not listed.`,
  };
}

type Place = Pick<Difference, 'table' | 'chain' | 'subject'>;

function subject({ table, chain, subject }: Place): string {
  return [table, chain ?? subject]
    .filter((part) => part !== null)
    .join(' ')
    .slice(0, 256);
}

/** `inet/nixos-fw input: rule 4 was added.` */
export function describeDifference(difference: ShortDifference | Difference): string {
  const rule = difference.position === null ? '' : `: rule ${difference.position}`;
  return cut(`${subject(difference)}${rule} ${WORDS[difference.kind]}.`);
}

function cut(message: string): string {
  return message.length <= 512 ? message : `${message.slice(0, 511)}…`;
}
