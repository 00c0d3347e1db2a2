import { defineCheck } from '../core/check.ts';
import { cite, hipaa, nist80053r5 } from '../core/frameworks/index.ts';
import { PatchingFacts } from '../core/patching/facts.ts';
import { judgeAge } from '../core/patching/judge-age.ts';
import { judgeGenerations } from '../core/patching/judge-generations.ts';
import { judgeReboot } from '../core/patching/judge-reboot.ts';
import { lookAtPatching } from '../core/patching/look.ts';
import { PatchingSection } from '../core/patching/section.ts';

/**
 * Patches and generations. Rules and severities:
 * - `running_not_accepted`, `profile_not_accepted`: high; critical where the system is not from the Nix store;
 * - `reboot_pending` of `profile` (what `nixos-rebuild boot` leaves) or of `kernel` (kernel, initrd or modules differ
 *   from the booted ones): low within `reboot_within_days`, then high; medium where it is not known since when;
 * - `patch_age`: medium beyond `max_age_days`, high beyond twice, critical beyond four times;
 * - unknown, medium: `accepted_not_known`, `accepted_not_seen`, `profile_not_seen`, `booted_not_seen`,
 *   `patch_age_unknown` (also of a date from the future).
 */
export const patching = defineCheck<PatchingSection, PatchingFacts>({
  id: 'patching',
  title: 'Patches and system generations',
  citations: [
    ...cite(hipaa, '164.308(a)(1)(ii)(B)', '164.308(a)(8)'),
    ...cite(nist80053r5, 'SI-2', 'CM-2', 'CM-3', 'CM-6'),
  ],
  remedy: 'update_to_baseline_generation',
  timeout: 30,
  expectation: PatchingSection,
  facts: PatchingFacts,
  probe: ({ host, expected }) => lookAtPatching({ host, expected }),
  judge({ facts, expected, now }) {
    const observations = [
      ...judgeGenerations(facts, { expected, now }),
      ...judgeReboot(facts, { expected, now }),
      ...judgeAge(facts, { expected, now }),
    ];
    return { applicable: true, observations };
  },
});
