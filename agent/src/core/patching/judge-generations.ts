import type { Failure } from '../../wire/failure.ts';
import type { Observation } from '../check.ts';
import { isUnseen, unseenObservation } from '../unseen.ts';
import type { Generation, PatchingFacts, Profile } from './facts.ts';
import { rebootPending } from './judge-reboot.ts';
import type { PatchingSection } from './section.ts';

/** The running system and the profile, against the accepted generation (CM-2, CM-3). */
export function judgeGenerations(
  facts: PatchingFacts,
  { expected, now }: { expected: PatchingSection; now: Date },
): Observation[] {
  const { accepted } = facts;
  if (accepted === null) return [noneAccepted()];
  if (isUnseen(accepted)) {
    return [notSeen('accepted', 'The accepted generation', accepted.unseen)];
  }
  return [
    ...judgeRunning(facts, accepted.system),
    ...judgeProfile(facts, { accepted: accepted.system, expected, now }),
  ];
}

function judgeRunning({ running }: PatchingFacts, accepted: string): Observation[] {
  if (running === accepted) return [];
  const foreign = running === 'not_a_store_path';
  const message = foreign
    ? 'The running system is not from the Nix store.'
    : 'The running system is not the accepted generation.';
  const severity = foreign ? 'critical' : 'high';
  return [
    drift({
      rule: 'running_not_accepted',
      subject: 'running',
      severity,
      expected: accepted,
      actual: running,
      message,
    }),
  ];
}

function judgeProfile(
  { running, profile, generations }: PatchingFacts,
  { accepted, expected, now }: { accepted: string; expected: PatchingSection; now: Date },
): Observation[] {
  if (isUnseen(profile)) return [notSeen('profile', 'The system profile', profile.unseen)];
  if (profile?.system === accepted) return [];
  if (isUnseen(generations)) {
    return [notSeen('profile', 'The generations of the system profile', generations.unseen)];
  }
  if (profile !== null && running === accepted && isNewer(profile, { accepted, generations })) {
    // What `nixos-rebuild boot` leaves: the host runs what is accepted until it boots the next generation.
    const message = `Generation ${profile.generation} waits for a reboot.`;
    return [
      rebootPending({
        subject: 'profile',
        since: profile.made_at,
        accepted,
        actual: profile.system,
        message,
        expected,
        now,
      }),
    ];
  }
  const actual = profile?.system ?? 'absent';
  const severity = actual === 'not_a_store_path' ? 'critical' : 'high';
  const message = 'The system profile does not name the accepted generation.';
  return [
    drift({
      rule: 'profile_not_accepted',
      subject: 'profile',
      severity,
      expected: accepted,
      actual,
      message,
    }),
  ];
}

/** Later than every generation of the accepted system; what came from elsewhere, or by a bare link, is later than none. */
function isNewer(
  named: Profile,
  { accepted, generations }: { accepted: string; generations: readonly Generation[] },
): boolean {
  const last = generations.find(({ system }) => system === accepted);
  return (
    named.system !== 'not_a_store_path' &&
    named.generation !== null &&
    last !== undefined &&
    named.generation > last.generation
  );
}

function noneAccepted(): Observation {
  return {
    rule: 'accepted_not_known',
    subject: 'accepted',
    verdict: 'unknown',
    severity: 'medium',
    expected: 'an accepted generation',
    actual: 'none',
    message: 'No generation has been accepted, so there is nothing to compare the system with.',
  };
}

function notSeen(subject: string, what: string, unseen: Failure): Observation {
  return unseenObservation({ rule: `${subject}_not_seen`, subject, what, unseen });
}

function drift(found: Omit<Observation, 'verdict'>): Observation {
  return { ...found, verdict: 'drifted' };
}
