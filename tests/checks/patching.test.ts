import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { patching } from '../../agent/src/checks/patching.ts';
import type { PatchingFacts } from '../../agent/src/core/patching/facts.ts';
import type { PatchingSection } from '../../agent/src/core/patching/section.ts';
import { checkFixture, testFixtures } from '../support/fixture-check.ts';

testFixtures(patching, [
  ['compliant', 'compliant', []],
  ['compliant-container', 'compliant', []],
  ['declared-age', 'compliant', []],
  [
    'drifted',
    'drifted',
    ['running_not_accepted running', 'reboot_pending kernel', 'patch_age_unknown nixpkgs'],
  ],
  [
    'drifted-rolled-back',
    'drifted',
    ['running_not_accepted running', 'profile_not_accepted profile'],
  ],
  ['drifted-bare-profile', 'drifted', ['profile_not_accepted profile']],
  ['drifted-rogue-link', 'drifted', ['profile_not_accepted profile']],
  ['drifted-boot-pending', 'drifted', ['reboot_pending profile']],
  ['drifted-kernel', 'drifted', ['reboot_pending kernel']],
  ['drifted-old', 'drifted', ['patch_age nixpkgs']],
  [
    'declared-age-of-another',
    'drifted',
    ['running_not_accepted running', 'patch_age_unknown nixpkgs'],
  ],
  ['unknown-age', 'unknown', ['patch_age_unknown nixpkgs']],
  ['not-accepted', 'unknown', ['accepted_not_known accepted']],
  ['absent', 'unknown', ['absent']],
  [
    'unreadable',
    'unknown',
    ['accepted_not_seen accepted', 'booted_not_seen kernel', 'patch_age_unknown nixpkgs'],
  ],
]);

const now = new Date('2026-11-22T16:00:00.000Z');
const path = (digit: string) => `/nix/store/${digit.repeat(32)}-nixos-system-rig`;
const [one, two, three] = [path('1'), path('2'), path('3')];
const generation = (number: number, system: string, made_at = '2026-11-20T00:00:00.000Z') => ({
  generation: number,
  system,
  made_at,
});
const good: PatchingFacts = {
  running: two,
  booted: two,
  profile: generation(2, two),
  generations: [generation(2, two), generation(1, one)],
  accepted: { system: two, source: 'state' },
  nixpkgs: { date: '2026-11-15', revision: null, source: 'running' },
  boot: { kernel: 'same', initrd: 'same', kernel_modules: 'same' },
};
const denied = { unseen: { code: 'denied', params: { errno: 'EACCES' } } } as const;
const differs = { ...good.boot, initrd: 'differs', kernel_modules: 'differs' } as const;
const next = {
  profile: generation(3, three),
  generations: [generation(3, three), ...[good.generations].flat()],
} as Partial<PatchingFacts>;
const nextMade = (made_at: string) => ({ ...next, profile: generation(3, three, made_at) });
const aged = (date: string | null) => ({
  nixpkgs: { date, revision: null, source: 'running' as const },
});

const cases: [title: string, over: Partial<PatchingFacts>, found: string[]][] = [
  ['all as accepted', {}, []],
  ['another system of the store runs', { running: one }, ['high running_not_accepted']],
  [
    'a system from elsewhere runs',
    { running: 'not_a_store_path' },
    ['critical running_not_accepted'],
  ],
  [
    'the profile names an older generation',
    { profile: generation(1, one) },
    ['high profile_not_accepted'],
  ],
  [
    'the profile names what is not from the store',
    { profile: generation(3, 'not_a_store_path') },
    ['critical profile_not_accepted'],
  ],
  [
    'the profile is a bare link into the store, past every generation',
    { profile: { ...generation(3, three), generation: null } },
    ['high profile_not_accepted'],
  ],
  ['there is no profile', { profile: null }, ['high profile_not_accepted']],
  ['the profile cannot be seen', { profile: denied }, ['medium profile_not_seen']],
  ['a newer generation waits for a reboot', next, ['low reboot_pending']],
  [
    'it has waited for just seven days',
    nextMade('2026-11-15T16:00:00.000Z'),
    ['low reboot_pending'],
  ],
  ['it has waited for longer', nextMade('2026-11-15T15:59:59.999Z'), ['high reboot_pending']],
  [
    'a newer generation is named while something else runs',
    { ...next, running: one },
    ['high running_not_accepted', 'high profile_not_accepted'],
  ],
  [
    'a newer generation is named although the accepted one was never one',
    { ...next, generations: [generation(3, three), generation(1, one)] },
    ['high profile_not_accepted'],
  ],
  ['another initrd was booted', { boot: differs }, ['low reboot_pending']],
  [
    'another initrd was booted, nobody knows since when',
    { boot: differs, generations: [] },
    ['medium reboot_pending'],
  ],
  ['the booted system cannot be seen', { booted: denied }, ['medium booted_not_seen']],
  ['there is no booted system', { booted: null }, ['medium booted_not_seen']],
  ['nothing is accepted', { accepted: null }, ['medium accepted_not_known']],
  ['patches of just thirty days', aged('2026-10-23'), []],
  ['patches of thirty-one days', aged('2026-10-22'), ['medium patch_age']],
  ['patches beyond twice the age', aged('2026-09-22'), ['high patch_age']],
  ['patches beyond four times the age', aged('2026-07-24'), ['critical patch_age']],
  ['patches of no known age', aged(null), ['medium patch_age_unknown']],
  ['patches from the future', aged('2026-11-25'), ['medium patch_age_unknown']],
];
for (const [title, over, found] of cases) {
  test(`patching: ${title}`, () => {
    const expected = patching.expectation.parse({}) as PatchingSection;
    const facts = patching.facts.parse({ ...good, ...over });
    const judgement = patching.judge({ facts, expected, now });
    assert.ok(judgement.applicable);
    assert.equal(
      judgement.observations.map(({ severity, rule }) => `${severity} ${rule}`),
      found,
    );
  });
}

test('evidence says of a rogue link only that it does not lead into the store', async () => {
  const { facts, findings } = await checkFixture(patching, 'drifted');
  assert.is((facts as PatchingFacts).running, 'not_a_store_path');
  assert.not.ok(JSON.stringify([facts, findings]).includes('evil'));
});

test('the root-owned state wins over what the baseline declares accepted', async () => {
  const { findings } = await checkFixture(patching, 'drifted-rolled-back');
  assert.match(String(findings[0]?.expected), /25\.05\.3$/);
});

test.run();
