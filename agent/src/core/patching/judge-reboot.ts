import type { Severity } from '../../wire/verdict.ts';
import type { Observation } from '../check.ts';
import { isUnseen, unseenObservation } from '../unseen.ts';
import type { PatchingFacts } from './facts.ts';
import type { PatchingSection } from './section.ts';

const DAY = 86_400_000;

/** Kernel, initrd and modules that the host booted, against those of the running system (SI-2). */
export function judgeReboot(
  { boot, booted, running, generations }: PatchingFacts,
  { expected, now }: { expected: PatchingSection; now: Date },
): Observation[] {
  const unseen = isUnseen(boot) ? boot.unseen : isUnseen(booted) ? booted.unseen : null;
  if (isUnseen(boot) || unseen !== null || booted === null) {
    const what = 'The booted system';
    const reason = unseen ?? ({ code: 'absent', params: {} } as const);
    return [
      unseenObservation({ rule: 'booted_not_seen', subject: 'kernel', what, unseen: reason }),
    ];
  }
  const differing = Object.entries(boot).flatMap(([part, found]) =>
    found === 'differs' ? [part] : [],
  );
  if (differing.length === 0) return [];
  const own = isUnseen(generations)
    ? undefined
    : generations.find(({ system }) => system === running);
  const message = `The host has booted another ${differing.join(', ')} than the running system has.`;
  return [
    rebootPending({
      subject: 'kernel',
      since: own?.made_at ?? null,
      accepted: 'same',
      actual: differing,
      message,
      expected,
      now,
    }),
  ];
}

/** Low within `reboot_within_days` of the generation that waits, then high; medium where its time is not known. */
export function rebootPending({
  since,
  accepted,
  expected,
  now,
  ...found
}: {
  subject: string;
  since: string | null;
  accepted: string;
  actual: string | string[];
  message: string;
  expected: PatchingSection;
  now: Date;
}): Observation {
  const days = since === null ? null : (now.getTime() - Date.parse(since)) / DAY;
  const severity: Severity =
    days === null ? 'medium' : days <= expected.reboot_within_days ? 'low' : 'high';
  return { ...found, rule: 'reboot_pending', verdict: 'drifted', severity, expected: accepted };
}
