import { FailureError } from '../../wire/failure.ts';
import type { Host } from '../host.ts';
import type { Protection } from './protection.ts';

/**
 * ZFS’s own encryption of data sets (zfsprops(7)): `off`, or a cipher suite as `aes-256-gcm`. What lies beneath a pool
 * cannot be seen, so a pool on LUKS is a finding that needs a documented exception.
 */
export async function readZfs({
  host,
  datasets,
}: {
  host: Host;
  datasets: readonly string[];
}): Promise<Map<string, Protection>> {
  const { stdout } = await host.run({
    tool: 'zfs',
    args: ['get', '-H', '-o', 'name,property,value', 'encryption,keystatus', ...datasets],
    name: 'zfs',
  });
  const rows = stdout.split('\n').filter((line) => line !== '');
  const suites = rows.flatMap((row): [string, Protection][] => {
    const [dataset, property, value] = row.split('\t');
    if (dataset === undefined || value === undefined)
      throw new FailureError('malformed', { tool: 'zfs' });
    return property === 'encryption' ? [[dataset, protectionOf(dataset, value)]] : [];
  });
  return new Map(suites);
}

/** The pool alone: the names of data sets may be those of people. */
export function poolOf(dataset: string): string {
  return dataset.split(/[/@]/)[0] ?? '';
}

function protectionOf(dataset: string, suite: string): Protection {
  const devices = [poolOf(dataset)];
  if (suite === 'off') return { state: 'not_encrypted', devices };
  if (/^aes-(128|192|256)-(ccm|gcm)$/.test(suite))
    return { state: 'encrypted', by: ['zfs'], devices };
  throw new FailureError('malformed', { tool: 'zfs' });
}
