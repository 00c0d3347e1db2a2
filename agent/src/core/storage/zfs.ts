import { FailureError } from '../../wire/failure.ts';
import type { Host } from '../host.ts';
import type { Protection } from './stack.ts';

/**
 * ZFS’s own encryption of a data set (zfsprops(7)): `off`, or a cipher suite as `aes-256-gcm`. What lies beneath the
 * pool cannot be seen, so a pool on LUKS needs a documented exception.
 */
export async function zfsProtection({
  host,
  dataset,
}: {
  host: Host;
  dataset: string;
}): Promise<Protection> {
  const { stdout } = await host.run({
    tool: 'zfs',
    args: ['get', '-H', '-o', 'property,value', 'encryption,keystatus', dataset],
    name: `zfs-${dataset.replaceAll('/', '-')}`,
  });
  const properties = new Map(
    stdout.split('\n').map((line): [string, string] => {
      const [property = '', value = ''] = line.split('\t');
      return [property, value];
    }),
  );
  const suite = properties.get('encryption');
  const pool = dataset.split('/')[0] ?? '';
  if (suite === 'off') return { state: 'not_encrypted', devices: [pool] };
  if (suite !== undefined && /^aes-(128|192|256)-(ccm|gcm)$/.test(suite)) {
    return { state: 'encrypted', by: ['zfs'], devices: [pool] };
  }
  throw new FailureError('malformed', { tool: 'zfs' });
}
