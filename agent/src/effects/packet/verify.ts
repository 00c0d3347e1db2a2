import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPlatformVerifier, keyIdOf, type Verifier } from '../../core/ed25519.ts';
import { decodeJson } from '../../core/json.ts';
import { parsePublicKey, publicKeyToPem } from '../../core/keys.ts';
import { derivedFiles, REPORT, STATEMENT, SUMS } from '../../core/report/derived.ts';
import { entryOf } from '../../core/report/entry.ts';
import { openStatement } from '../../core/report/exports/statement.ts';
import { type Control, ReportHead } from '../../core/report/parameters.ts';
import { FailureError } from '../../wire/failure.ts';
import { Identifier } from '../../wire/primitives.ts';
import { readLimited } from '../store/folders.ts';
import { type FolderReport, verifyFolder } from '../verify/verify.ts';
import { digestOf, linesOf, namesBelow, partsOf } from './files.ts';
import {
  type DigestScratch,
  type EntryScratch,
  openDigestScratch,
  openEntryScratch,
} from './scratch.ts';
import { sumsOf } from './write.ts';
import { unpackZip, type ZipFault } from './zip-read.ts';

const MAX_DERIVED_BYTES = 512 * 1024 * 1024;

/** A file of a packet that is not as it was made. */
export type FileFault = {
  readonly kind: 'altered' | 'missing' | 'unexpected' | 'not_derived' | 'extent' | 'container';
  readonly name: string;
  readonly message: string;
};

export type PacketReport = {
  readonly ok: boolean;
  readonly fileFaults: readonly FileFault[];
  readonly hosts: readonly { readonly host_id: string; readonly report: FolderReport }[];
  /** Key id of the host that signed the statement about the sums; null where there is none. */
  readonly statement: string | null;
  /** Whether the report was made again from the bundles and is the same. */
  readonly remade: boolean;
  readonly made_by: string | null;
};

export type PacketOptions = {
  readonly folder: string;
  /** What is wrong with the ZIP that it was unpacked from. */
  readonly container?: ZipFault | null;
  /** The hosts’ keys that the reader trusts; null to take the packet’s own, which proves less. */
  readonly publicKeys: readonly Uint8Array[] | null;
  readonly receiptKeys: readonly Verifier[] | null;
  readonly controls: readonly Control[];
  /** Reports of another version are not made again. */
  readonly version: string;
  readonly progress?: (step: { found?: number; done?: number }) => void;
};

/** Unpacks a packet ZIP into a private folder for the time of `work`. */
export async function withUnpacked<T>(
  zip: string,
  work: (unpacked: Pick<PacketOptions, 'folder' | 'container'>) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'packet-'));
  try {
    return await work({ folder, container: unpackZip(zip, folder) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Verifies an unpacked packet in five steps: files, keys, evidence, report, statement. */
export function verifyPacket(options: PacketOptions): PacketReport {
  const { folder, version, container = null } = options;
  const digests = openDigestScratch();
  const entries = openEntryScratch();
  try {
    const faults = judgeFiles(folder, digests);
    if (container !== null) add(faults, 'container', container.name, container.message);
    const keys = readKeys(folder, faults);
    const hosts = judgeEvidence(options, { keys, entries });
    const whole = hosts.every(({ report }) => report.ok);
    const head = ReportHead.safeParse(readJson(join(folder, REPORT))).data;
    if (head === undefined) add(faults, 'altered', REPORT, 'it is no report');
    const made_by = head?.parameters.made_by ?? null;
    if (head !== undefined) judgeExtents(head, { hosts, faults });
    const remade = head !== undefined && whole && made_by === version;
    if (remade) remake(head.parameters, { ...options, entries, digests, faults });
    const statement = judgeStatement(folder, { keys, digests, faults });
    return {
      ok: whole && hosts.length > 0 && faults.size === 0,
      fileFaults: [...faults.values()],
      hosts,
      statement,
      remade,
      made_by,
    };
  } finally {
    digests.close();
    entries.close();
  }
}

/** Faults by kind and name, each once. */
type Faults = Map<string, FileFault>;

function add(faults: Faults, kind: FileFault['kind'], name: string, message: string): void {
  const key = `${kind} ${name}`;
  if (!faults.has(key)) faults.set(key, { kind, name, message });
}

/** Every file against SHA256SUMS, both ways; its digest goes into `digests`. */
function judgeFiles(folder: string, digests: DigestScratch): Faults {
  const faults: Faults = new Map();
  const listed = openDigestScratch();
  const own = openDigestScratch();
  try {
    for (const name of namesBelow(folder)) {
      if (!statSync(join(folder, name), { throwIfNoEntry: false })?.isFile()) {
        add(faults, 'unexpected', name, 'it is no plain file');
        continue;
      }
      const digest = digestOf(partsOf(join(folder, name)));
      digests.add(name, digest);
      if (name !== SUMS && name !== STATEMENT) own.add(name, digest);
    }
    for (const line of linesOf(join(folder, SUMS))) {
      const [, digest = '', name = ''] = /^([0-9a-f]{64}) {2}([!-~]+)$/.exec(line) ?? [];
      if (name !== '') listed.add(name, digest);
    }
    for (const { name, digest } of listed.inOrder()) {
      const found = own.get(name);
      if (found === undefined) add(faults, 'missing', name, 'it is listed and not there');
      else if (found !== digest) add(faults, 'altered', name, 'its SHA-256 is not the listed one');
    }
    for (const { name } of own.inOrder())
      if (listed.get(name) === undefined)
        add(faults, 'unexpected', name, 'it is there and not listed');
    if (digests.get(SUMS) !== digestOf(sumsOf(own)))
      add(
        faults,
        'altered',
        SUMS,
        faults.size > 0
          ? 'it does not fit the named files: either it was altered, or they'
          : 'it is not as it was made',
      );
    return faults;
  } finally {
    listed.close();
    own.close();
  }
}

/** The public keys of each host; a file is named by its key’s id. */
function readKeys(folder: string, faults: Faults): Map<string, Uint8Array[]> {
  const keys = new Map<string, Uint8Array[]>();
  for (const host of namesIn(join(folder, 'keys'))) {
    const own: Uint8Array[] = [];
    for (const file of namesIn(join(folder, 'keys', host))) {
      const name = `keys/${host}/${file}`;
      try {
        const pem = readLimited(join(folder, name), 4096);
        const key = parsePublicKey(pem, name);
        if (file !== `${keyIdOf(key)}.pem` || publicKeyToPem(key) !== pem.toString('latin1'))
          throw new FailureError('malformed', { where: 'packet' });
        own.push(key);
      } catch {
        add(faults, 'altered', name, 'it is not the key whose id is its name');
      }
    }
    keys.set(host, own);
  }
  return keys;
}

function judgeEvidence(
  { folder, publicKeys, receiptKeys, progress }: PacketOptions,
  { keys, entries }: { keys: ReadonlyMap<string, Uint8Array[]>; entries: EntryScratch },
): PacketReport['hosts'] {
  return namesIn(join(folder, 'evidence')).map((host_id) => {
    let foreign = 0;
    const report = verifyFolder({
      evidence: join(folder, 'evidence', host_id),
      publicKeys: publicKeys ?? keys.get(host_id) ?? [],
      receiptKeys,
      excerpt: true,
      visit(bundle, { sha256, receipt }) {
        if (bundle.host_id !== host_id) foreign += 1;
        entries.add(entryOf(bundle, { sha256, received_at: receipt?.received_at ?? null }));
      },
      ...(progress && { progress }),
    });
    return { host_id, report: foreign === 0 ? report : { ...report, ok: false } };
  });
}

/** What the report says of each chain’s reach, against what is there. */
function judgeExtents(
  head: ReportHead,
  { hosts, faults }: { hosts: PacketReport['hosts']; faults: Faults },
): void {
  for (const { host_id, chains } of head.hosts) {
    const found = hosts.find((host) => host.host_id === host_id)?.report.chains ?? [];
    for (const { chain_id, first, last, head: digest } of chains) {
      const own = found.find((chain) => chain.chain_id === chain_id);
      if (own?.first === first && own.last === last && own.head === digest) continue;
      const there = own === undefined ? 'none' : `${own.first} to ${own.last}`;
      add(
        faults,
        'extent',
        `evidence/${host_id}`,
        `the report was made of numbers ${first} to ${last} of chain ${chain_id}; here are ${there}`,
      );
    }
  }
}

/** Makes every derived file again from the bundles: what is not the same does not follow from them. */
function remake(
  parameters: ReportHead['parameters'],
  {
    entries,
    controls,
    digests,
    faults,
  }: Pick<PacketOptions, 'controls'> & {
    entries: EntryScratch;
    digests: DigestScratch;
    faults: Faults;
  },
): void {
  for (const { name, parts } of derivedFiles({ entries, parameters, controls }).files)
    if (digests.get(name) !== digestOf(parts))
      add(faults, 'not_derived', name, 'it is not what these bundles give');
}

function judgeStatement(
  folder: string,
  {
    keys,
    digests,
    faults,
  }: {
    keys: ReadonlyMap<string, readonly Uint8Array[]>;
    digests: DigestScratch;
    faults: Faults;
  },
): string | null {
  if (digests.get(STATEMENT) === undefined) return null;
  const verifiers = [...keys.values()].flat().map(createPlatformVerifier);
  const opened = openStatement(readLimited(join(folder, STATEMENT), MAX_DERIVED_BYTES), verifiers);
  if (opened === null) {
    add(faults, 'altered', STATEMENT, 'it is signed by none of the packet’s keys');
    return null;
  }
  const { subject } = decodeJson(opened.statement) as {
    subject?: { name: string; digest: { sha256: string } }[];
  };
  const named = subject?.find(({ name }) => name === SUMS)?.digest.sha256;
  if (named !== digests.get(SUMS))
    add(faults, 'altered', SUMS, 'the host signed a statement about other sums');
  return opened.keyId;
}

function readJson(file: string): unknown {
  try {
    return decodeJson(readLimited(file, MAX_DERIVED_BYTES));
  } catch {
    return undefined;
  }
}

/** Names in a folder that may be those of a host, or of a key; none where there is no folder. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => Identifier.safeParse(name).success || name.endsWith('.pem'))
      .sort();
  } catch {
    return [];
  }
}
