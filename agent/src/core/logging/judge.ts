import type { Observation } from '../check.ts';
import { isUnseen, unseenObservation } from '../unseen.ts';
import type { LoggingFacts } from './facts.ts';
import type { LoggingSection } from './section.ts';

/** Whether the canary came through, and in time (AU-12). */
export function judgeCanary(
  { canary }: LoggingFacts,
  { canary_max_latency_ms: limit }: LoggingSection,
): Observation[] {
  const base = {
    subject: 'journal',
    expected: `found within ${limit} ms`,
    verdict: 'drifted' as const,
  };
  if (isUnseen(canary)) {
    const what = 'Whether a line reaches the journal';
    const { unseen } = canary;
    return [unseenObservation({ rule: 'canary_not_seen', subject: 'journal', what, unseen })];
  }
  const { written, latency_ms } = canary;
  if (latency_ms === null) {
    const actual = written ? 'lost' : 'refused';
    const message = `A line written to the journal was ${actual}.`;
    return [{ ...base, rule: 'canary_lost', severity: 'critical', actual, message }];
  }
  if (latency_ms <= limit) return [];
  const message = `A line reached the journal after ${latency_ms} ms, later than ${limit}.`;
  return [{ ...base, rule: 'canary_late', severity: 'medium', actual: latency_ms, message }];
}

/** Where the journal is kept and how much room is left (AU-5, AU-9). */
export function judgeStorage(
  { storage }: LoggingFacts,
  { persistent, min_free_bytes }: LoggingSection,
): Observation[] {
  const base = { subject: 'journal', verdict: 'drifted' as const, severity: 'high' as const };
  if (isUnseen(storage)) {
    const what = 'The storage of the journal';
    const { unseen } = storage;
    return [unseenObservation({ rule: 'storage_not_seen', subject: 'journal', what, unseen })];
  }
  const { kind, free_bytes } = storage;
  if (kind === 'none') {
    const message = 'The journal is kept nowhere.';
    return [{ ...base, rule: 'journal_missing', expected: 'kept', actual: kind, message }];
  }
  const found: Observation[] = [];
  if (persistent && kind !== 'persistent') {
    const message = 'The journal does not outlive a reboot.';
    found.push({
      ...base,
      rule: 'journal_volatile',
      expected: 'persistent',
      actual: kind,
      message,
    });
  }
  if (free_bytes !== null && free_bytes < min_free_bytes) {
    const message = 'There is too little room for the journal.';
    const expected = min_free_bytes;
    found.push({ ...base, rule: 'journal_space_low', expected, actual: free_bytes, message });
  }
  return found;
}
