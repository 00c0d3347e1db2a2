import type { PacketReport } from '../../../effects/packet/verify.ts';
import type { FolderReport } from '../../../effects/verify/verify.ts';

/** What verification says to people: a line for each fault, what was proved, and what could not be. */
export type Words = {
  readonly faults: readonly string[];
  readonly proved: readonly string[];
  readonly not_proved: readonly string[];
};

export function folderWords(report: FolderReport): Words {
  const { folderFaults, faults } = report;
  return {
    faults: [
      ...folderFaults.map(({ kind, name, message }) => `${kind}: ${name}: ${message}`),
      ...faults.map(
        ({ kind, chain_id, name, message }) =>
          `${kind}: ${name ?? `end of chain ${chain_id}`}: ${message}`,
      ),
    ],
    proved: proved(report),
    not_proved: notProved(report),
  };
}

function proved({ chains, bundles, pruned, receipts, backwards }: FolderReport): string[] {
  return [
    ...(bundles > 0 ? [`the signatures of ${bundles} bundles`] : []),
    ...chains.map(
      ({ chain_id, first, last, head }) =>
        `chain ${chain_id}: numbers ${first} to ${last}, but for what is named here; its head is ${head}`,
    ),
    ...pruned.map(
      ({ chain_id, first, last }) =>
        `chain ${chain_id}: numbers ${first} to ${last} were pruned, and a signed bundle says so`,
    ),
    ...(receipts.verified > 0
      ? [`a server had ${receipts.verified} bundles when its signed receipts say`]
      : []),
    ...(bundles > 0 && backwards.count === 0 ? ['no bundle ends before the one it follows'] : []),
  ];
}

function notProved(report: FolderReport): string[] {
  const { chains, bundles, folderFaults, receipts, backwards, before } = report;
  if (bundles === 0) return ['anything: no bundle here verifies with this key'];
  return [
    ...before.map(({ chain_id, message }) => `chain ${chain_id}: ${message}: this is an excerpt`),
    ...chains
      .slice(-1)
      .map(
        ({ chain_id, last }) =>
          `that nothing followed number ${last} of chain ${chain_id}: compare with the server’s signed head`,
      ),
    'that the times are right: the host’s own clock gave them; receipts say when a server had them',
    ...(backwards.count > 0
      ? [
          `the order of time: ${backwards.count} bundles end before the one they follow, first ${backwards.first}`,
        ]
      : []),
    ...(receipts.fits > 0
      ? [`who signed ${receipts.fits} receipts that fit their bundles: pin --receipt-key`]
      : []),
    ...(receipts.absent > 0 ? [`that a server had ${receipts.absent} bundles: no receipt`] : []),
    ...(folderFaults.length > 0 ? [`anything about the ${folderFaults.length} named folders`] : []),
  ];
}

export function packetWords(report: PacketReport, { pinned }: { pinned: boolean }): Words {
  const { fileFaults, hosts, statement, remade, made_by } = report;
  const own = hosts.map(({ host_id, report: one }) => ({ host_id, words: folderWords(one) }));
  const of = (kind: keyof Words) =>
    own.flatMap(({ host_id, words }) => words[kind].map((line) => `${host_id}: ${line}`));
  return {
    faults: [
      ...fileFaults.map(({ kind, name, message }) => `${kind}: ${name}: ${message}`),
      ...of('faults'),
    ],
    proved: [
      ...of('proved'),
      ...(fileFaults.length === 0 ? ['every file is listed, and as it was listed'] : []),
      ...(remade && fileFaults.length === 0
        ? ['the report and its exports say what these bundles say: made again, they are the same']
        : []),
      ...(statement === null ? [] : [`the host of key ${statement} signed the sums`]),
    ],
    not_proved: [
      ...(hosts.length === 0 ? ['anything: no host’s evidence is here'] : []),
      ...of('not_proved'),
      ...(pinned
        ? []
        : ['that the keys are the hosts’ own: they came with the packet; pin --public-key']),
      ...(remade
        ? ['the text of documented exceptions: the maker of the packet says it']
        : [`that the report follows from the bundles: ${whyNotRemade(report, made_by)}`]),
      ...(statement === null ? ['who made the packet: no statement of a host is in it'] : []),
    ],
  };
}

function whyNotRemade({ hosts }: PacketReport, madeBy: string | null): string {
  if (madeBy === null) return 'there is no report';
  return hosts.every(({ report }) => report.ok)
    ? `version ${madeBy} made it, and this is another`
    : 'not all of them hold';
}
