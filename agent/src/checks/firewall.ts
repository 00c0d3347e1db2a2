import { defineCheck, type Observation } from '../core/check.ts';
import { cite, hipaa, nist80053r5 } from '../core/frameworks/index.ts';
import type { Host } from '../core/host.ts';
import { onceEach } from '../core/once-each.ts';
import { diffRulesets } from '../core/ruleset/diff.ts';
import { digestRuleset, tableName } from '../core/ruleset/document.ts';
import {
  FirewallFacts,
  MAX_DIFFERENCES,
  type ReferenceSeen,
  shortDifference,
  shorten,
  shortRule,
} from '../core/ruleset/facts.ts';
import { observeFirewall } from '../core/ruleset/findings.ts';
import { ReferenceListing, RulesetListing } from '../core/ruleset/listing-schema.ts';
import { FirewallSection, type ReadableSection } from '../core/ruleset/section.ts';
import { FailureError, toFailure } from '../wire/failure.ts';

const MAX_NAMES = 64;

// A probe that answers as before gives the very same object: parsing and digesting it are most of what a cycle takes.
const readListing = onceEach((data: unknown) => RulesetListing.safeParse(data));
const readReference = onceEach((data: unknown) => ReferenceListing.safeParse(data));
const digestOf = onceEach(digestRuleset);

/** The kernel’s own ruleset against the declared one as the same kernel understands it (DESIGN 4). */
export const firewall = defineCheck<FirewallSection, FirewallFacts>({
  id: 'firewall',
  title: 'The kernel holds the declared firewall ruleset',
  citations: [
    ...cite(hipaa, '164.312(a)(1)', '164.312(e)(1)'),
    ...cite(nist80053r5, 'SC-7', 'SC-7(5)', 'AC-4', 'CM-6(2)'),
  ],
  remedy: 'restore_firewall_baseline',
  timeout: 30,
  expectation: FirewallSection,
  facts: FirewallFacts,

  async probe({ host, expected }): Promise<FirewallFacts> {
    if (expected.backend === 'none') return { backend: 'none' };
    if (expected.backend === 'firewalld') {
      throw new FailureError('unsupported', { backend: 'firewalld' });
    }
    const [kernel, reference] = await Promise.all([
      askFor(host, 'firewall', readListing),
      lookAtReference(host, expected),
    ]);
    const digest = digestOf(kernel.document);
    const same = 'digest' in reference.seen && reference.seen.digest === digest;
    const differences =
      reference.document === null || same ? [] : diffRulesets(reference.document, kernel.document);
    return {
      backend: expected.backend,
      digest,
      reference: reference.seen,
      difference_count: differences.length,
      differences: differences.slice(0, MAX_DIFFERENCES).map(shortDifference),
      foreign_count: kernel.foreign.length,
      foreign: kernel.foreign.slice(0, MAX_NAMES).map(shorten),
      bypass_count: kernel.bypasses.length,
      bypasses: kernel.bypasses
        .slice(0, MAX_DIFFERENCES)
        .map((bypass) => ({ ...bypass, rule: shortRule(bypass.rule) })),
    };
  },

  judge({ facts }) {
    return { applicable: true, observations: judgeFacts(facts) };
  },
});

function judgeFacts(facts: FirewallFacts): Observation[] {
  if (facts.backend !== 'none') return observeFirewall(facts);
  return [
    {
      rule: 'firewall_disabled',
      subject: 'firewall',
      verdict: 'drifted',
      severity: 'high',
      expected: 'a declared firewall',
      actual: 'none',
      message: 'The host’s own configuration declares no firewall.',
    },
  ];
}

type Reference = { seen: ReferenceSeen; document: ReferenceListing['document'] | null };

/** A reference that cannot be had leaves the kernel’s digest in the facts, and the verdict unknown. */
async function lookAtReference(host: Host, section: ReadableSection): Promise<Reference> {
  if (section.reference === undefined) {
    return { seen: { digest: section.digest ?? '', missing: [] }, document: null };
  }
  try {
    const { document } = await askFor(host, 'firewall-reference', readReference);
    const seen = { digest: digestOf(document), missing: missingFrom(document, section) };
    return { seen, document };
  } catch (thrown) {
    return { seen: { unseen: toFailure(thrown, 'check.firewall.reference') }, document: null };
  }
}

/** What the baseline declares and the reference does not hold: against it nothing could ever be found missing. */
function missingFrom(document: ReferenceListing['document'], section: ReadableSection): string[] {
  if (section.backend === 'nftables') {
    const held = new Set(document.tables.map(tableName));
    return section.tables.filter((table) => !held.has(table));
  }
  const holdsChains = document.tables.some(({ chains }) =>
    chains.some(({ rules }) => rules.length > 0),
  );
  return holdsChains ? [] : [...section.chains];
}

async function askFor<T>(
  host: Host,
  name: 'firewall' | 'firewall-reference',
  read: (data: unknown) => { success: true; data: T } | { success: false },
): Promise<T> {
  const parsed = read(await host.probe(name));
  if (parsed.success) return parsed.data;
  throw new FailureError('malformed', { probe: name });
}
