import { defineCheck } from '../core/check.ts';
import { cite, hipaa, nist80053r5 } from '../core/frameworks/index.ts';
import { EncryptionFacts } from '../core/storage/facts.ts';
import { judgeHeaders } from '../core/storage/judge-headers.ts';
import { judgeMounts, judgeSwaps } from '../core/storage/judge-places.ts';
import { lookAtStorage } from '../core/storage/look.ts';
import { EncryptionSection } from '../core/storage/section.ts';

/**
 * Encryption at rest. Rules and severities:
 * - critical: `mount_not_encrypted` of a declared mount; `header_missing`.
 * - high: `mount_not_encrypted` of any other disk; `mount_missing`; `swap_not_encrypted`; `weak_cipher`; `short_key`;
 *   `partly_encrypted`; `unexpected_key_slot`.
 * - medium: `luks1`; `key_slot_missing`; `plain_dm_crypt` (drift of a swap whose random key is not declared).
 * - unknown: `mount_not_seen`, `swap_not_seen`, `header_not_seen`, `mounts_not_seen`; `plain_dm_crypt` of a mount.
 * Out of scope: memory, kernel, network and FUSE file systems, the boot partition (core/storage/scope.ts), unless
 * declared. Not applicable where the baseline demands nothing.
 */
export const encryption = defineCheck<EncryptionSection, EncryptionFacts>({
  id: 'encryption',
  title: 'Encryption at rest',
  citations: [
    ...cite(hipaa, '164.312(a)(2)(iv)', '164.312(e)(2)(ii)'),
    ...cite(nist80053r5, 'SC-28', 'SC-28(1)', 'SC-12', 'SC-13'),
  ],
  remedy: 'enable_volume_encryption',
  timeout: 30,
  expectation: EncryptionSection,
  facts: EncryptionFacts,
  probe: ({ host, expected }) => lookAtStorage({ host, expected }),
  judge({ facts, expected }) {
    const { mounts, swaps, luks, undeclared_mounts } = expected;
    if (mounts.length + swaps.length + luks.length === 0 && undeclared_mounts === 'ignored') {
      return { applicable: false, reason: 'The baseline demands no encryption of this host.' };
    }
    const observations = [
      ...judgeMounts(facts, expected),
      ...judgeSwaps(facts, expected),
      ...judgeHeaders(facts, expected),
    ];
    return { applicable: true, observations };
  },
});
