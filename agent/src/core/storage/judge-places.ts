import type { Observation } from '../check.ts';
import { unseenObservation } from '../unseen.ts';
import type { EncryptionFacts } from './facts.ts';
import type { Protection } from './protection.ts';
import type { EncryptionSection } from './section.ts';

type Place = {
  readonly what: 'mount' | 'swap';
  readonly subject: string;
  readonly protection: Protection;
  readonly severity: 'high' | 'critical';
  /** Whether dm-crypt without a header counts: a swap whose key is random at each boot. */
  readonly plainCounts: boolean;
};

/** Findings about mounts: those declared, in the order of the baseline, then all others by device. */
export function judgeMounts(facts: EncryptionFacts, expected: EncryptionSection): Observation[] {
  const declared = facts.mounts.flatMap(({ target, fstype, protection }): Observation[] => {
    if (protection === null) return missing(target, facts.view);
    if (protection.state === 'memory') return [covered(target, fstype)];
    return judgePlace({
      what: 'mount',
      subject: target,
      protection,
      severity: 'critical',
      plainCounts: false,
    });
  });
  const others = facts.others.flatMap(({ device, protection }) =>
    judgePlace({
      what: 'mount',
      subject: device,
      protection,
      severity: 'high',
      plainCounts: false,
    }),
  );
  const partial = facts.view === 'self' && expected.undeclared_mounts === 'encrypted';
  return [...declared, ...others, ...(partial ? [OWN_VIEW] : [])];
}

/** Findings about active swap; a declared area that is not active holds nothing. */
export function judgeSwaps(facts: EncryptionFacts, expected: EncryptionSection): Observation[] {
  const found = facts.swaps.flatMap(({ device, declared, protection }): Observation[] => {
    const entry = expected.swaps.find((one) => one.device === declared);
    if (entry !== undefined) {
      const plainCounts = entry.random_key_allowed;
      return judgePlace({
        what: 'swap',
        subject: device,
        protection,
        severity: 'high',
        plainCounts,
      });
    }
    // It may be one of those declared by a name that could not be followed: unknown, not a pass.
    return facts.unresolved_swaps.length === 0 ? [] : [unmatched(device, facts.unresolved_swaps)];
  });
  return found;
}

function judgePlace({ what, subject, protection, severity, plainCounts }: Place): Observation[] {
  const about = { subject, expected: 'encrypted' };
  switch (protection.state) {
    case 'memory':
      return [];
    case 'not_encrypted':
      return [
        {
          ...about,
          rule: `${what}_not_encrypted`,
          verdict: 'drifted',
          severity,
          actual: { state: 'not_encrypted', devices: protection.devices },
          message: `The ${what} ${subject} lies on a device that is not encrypted.`,
        },
      ];
    case 'unseen': {
      const words = { rule: `${what}_not_seen`, what: `What lies beneath the ${what} ${subject}` };
      return [unseenObservation({ ...words, subject, unseen: protection.error })];
    }
    case 'encrypted':
      return judgeMethods({ what, subject, by: protection.by, plainCounts });
  }
}

function judgeMethods({
  what,
  subject,
  by,
  plainCounts,
}: Pick<Place, 'what' | 'subject' | 'plainCounts'> & {
  by: Extract<Protection, { state: 'encrypted' }>['by'];
}): Observation[] {
  const found: Observation[] = [];
  if (by.includes('luks1')) {
    found.push({
      rule: 'luks1',
      subject,
      verdict: 'drifted',
      severity: 'medium',
      expected: 'luks2',
      actual: 'luks1',
      message: `The ${what} ${subject} is encrypted with LUKS1; convert it to LUKS2.`,
    });
  }
  if (by.includes('plain') && !plainCounts) {
    found.push({
      rule: 'plain_dm_crypt',
      subject,
      verdict: what === 'swap' ? 'drifted' : 'unknown',
      severity: 'medium',
      expected: 'luks2',
      actual: 'plain',
      message: `The ${what} ${subject} is on dm-crypt without a header, so its key cannot be judged.`,
      unjudged: true,
    });
  }
  return found;
}

function missing(target: string, view: EncryptionFacts['view']): Observation[] {
  const about = { subject: target, expected: 'mounted', actual: null };
  if (view === 'self') {
    return [
      {
        ...about,
        rule: 'mount_not_seen',
        verdict: 'unknown',
        severity: 'medium',
        message: `No mount is seen at ${target}, but only this process’s own view could be read.`,
      },
    ];
  }
  return [
    {
      ...about,
      rule: 'mount_missing',
      verdict: 'drifted',
      severity: 'high',
      message: `Nothing is mounted at ${target}, so what is written there lies elsewhere.`,
    },
  ];
}

function covered(target: string, fstype: string | null): Observation {
  return {
    rule: 'mount_missing',
    subject: target,
    verdict: 'drifted',
    severity: 'high',
    expected: 'a disk',
    actual: fstype,
    message: `The declared disk is not mounted at ${target}; a file system in memory is.`,
  };
}

function unmatched(subject: string, unresolved: readonly string[]): Observation {
  return {
    rule: 'swap_not_seen',
    subject,
    verdict: 'unknown',
    severity: 'medium',
    expected: [...unresolved],
    actual: subject,
    message: `Whether the active swap ${subject} is one of those declared could not be seen.`,
  };
}

const OWN_VIEW: Observation = {
  rule: 'mounts_not_seen',
  subject: '/proc/1/mountinfo',
  verdict: 'unknown',
  severity: 'low',
  expected: 'pid1',
  actual: 'self',
  message: 'Only this process’s own view of mounts could be read; others may exist.',
};
