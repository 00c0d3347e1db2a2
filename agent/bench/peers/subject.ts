import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MIB = 2 ** 20;

/** What the peers look at: files in a folder, a process, a ruleset and a journal in namespaces. */
export type Subject = {
  readonly folder: string;
  /** What the policies’ `@NAME@` stand for. */
  readonly values: Readonly<Record<string, string>>;
};

/** The six like-for-like controls; `backup` is its age and its checksum. */
export const CONTROLS = ['service', 'binary', 'backup', 'ruleset', 'volume', 'canary'] as const;
export type Control = (typeof CONTROLS)[number];

/** Writes the files, and the two scripts that every peer starts for what none of them looks at by itself. */
export function writeSubject({
  folder,
  service,
  enter,
  mib: { binary, backup },
}: {
  folder: string;
  /** The program that the service runs. */
  service: string;
  /** Arguments that put a program into the namespaces of the ruleset and the journal. */
  enter: readonly string[];
  mib: { binary: number; backup: number };
}): Subject {
  const at = (name: string) => join(folder, name);
  writeFileSync(at('binary'), Buffer.alloc(binary * MIB, 'binary'));
  writeFileSync(at('backup'), Buffer.alloc(backup * MIB, 'backup'));
  writeFileSync(at('volume'), `CRYPT-LUKS2-${'0'.repeat(32)}-data\n`);
  const within = enter.join(' ');
  const list = `${within} nft --stateless list ruleset | sha256sum | cut -c1-64`;
  const ruleset = execFileSync('sh', ['-c', list], { encoding: 'utf8' }).trim();
  writeFileSync(at('ruleset.sh'), `test "$(${list})" = ${ruleset} && echo holds\n`);
  writeFileSync(at('canary.sh'), canaryScript(within));
  return {
    folder,
    values: {
      folder,
      service,
      yesterday: String(Math.floor(Date.now() / 1000) - 86_400),
      binary_sha256: digest('sha256', at('binary')),
      backup_sha256: digest('sha256', at('backup')),
      binary_sha1: digest('sha1', at('binary')),
      backup_sha1: digest('sha1', at('backup')),
      volume_sha1: digest('sha1', at('volume')),
    },
  };
}

const digest = (algorithm: string, file: string) =>
  createHash(algorithm).update(readFileSync(file)).digest('hex');

/** A line is written to the journal under a name of its own and read back. */
const canaryScript = (within: string) => `id=bench-canary-$$-$(date +%s%N)
echo canary | ${within} systemd-cat --identifier "$id"
for try in 1 2 3 4 5 6 7 8 9 10; do
  ${within} journalctl --quiet --identifier "$id" --lines 1 --output cat | grep -q canary && echo holds && exit
done
exit 1
`;
